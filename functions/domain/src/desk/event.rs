//! What happens at a desk, numbered: a page that was away catches up by the number of the last event it has seen.

use kv_schema::Timestamp;
use serde::Serialize;

use super::{LineView, MicrophoneView, Missing, Next, RecorderView, Rejection, RoutingId, State, Verdict};
use crate::browser::Browser;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its number; each desk counts its own, one by one.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A session took the desk.
    SignedIn {
        /// Its browser.
        browser: Browser,
        /// The number of its lease.
        lease: u64,
    },
    /// The agent's state changed.
    State {
        /// What it is now.
        state: State,
        /// What changed it.
        cause: Cause,
        /// The name of whoever did, where it was neither the agent nor the desk.
        by: Option<String>,
    },
    /// What the agent has chosen for afterwards.
    Next {
        /// `None` where the choice was taken back.
        next: Option<Next>,
    },
    /// An offer that was delivered has its outcome.
    Offer {
        /// Which one.
        offer: RoutingId,
        /// What came of it.
        outcome: Verdict,
        /// Why, where it was rejected.
        reason: Option<Rejection>,
    },
    /// What keeps the agent from being ready, all of it.
    Missing(Vec<Missing>),
    /// The screen recorder, as it stands.
    Recorder(RecorderView),
    /// How the page's connection is seen from here.
    Connection(Connection),
    /// The extension: another one, or held or not held any more.
    Extension(Option<LineView>),
    /// The microphone, as its page has found it; or whether one is needed.
    Microphone(MicrophoneView),
    /// The hard end was moved.
    HardEnd {
        /// When it is now.
        hard_end: Timestamp,
        /// Whether it waits for the end of an interaction.
        waits: bool,
        /// Minutes by which the agent may still move it.
        overtime: u32,
    },
}

/// What changed a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The agent, at the desktop.
    Agent,
    /// Routing: an interaction is offered, or has ended.
    Routing,
    /// The connection: lost, or back.
    Connection,
    /// A time that was over.
    Limit,
    /// The screen recorder.
    Recorder,
    /// The extension.
    Extension,
    /// The microphone.
    Microphone,
    /// A service, in the agent's place.
    Service,
}

/// How the page's connection is seen from the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Not heard yet.
    Awaited,
    /// Heard lately.
    Open,
    /// Silent for suspiciously long.
    Suspect,
    /// Silent for so long that the agent is not ready.
    Lost,
}
