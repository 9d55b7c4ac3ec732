//! What happens at a desk, numbered: a page that was away catches up from the number of the last event it saw.

use kv_schema::Timestamp;
use serde::Serialize;

use super::{LineView, MicrophoneView, Missing, Next, RecorderView, Rejection, RoutingId, State, Verdict};
use crate::browser::Browser;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Its number; each desk counts its own, without gaps.
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
        /// Who changed it, if neither the agent nor the desk.
        by: Option<String>,
    },
    /// The agent's choice for afterwards.
    Next {
        /// `None` if the choice was taken back.
        next: Option<Next>,
    },
    /// A delivered offer has its outcome.
    Offer {
        /// Which one.
        offer: RoutingId,
        /// What came of it.
        outcome: Verdict,
        /// Why, if it was rejected.
        reason: Option<Rejection>,
    },
    /// Everything that keeps the agent from being ready.
    Missing(Vec<Missing>),
    /// The screen recorder as it now stands.
    Recorder(RecorderView),
    /// How the desk now sees the page's connection.
    Connection(Connection),
    /// The extension: a different one, or now held, or no longer held.
    Extension(Option<LineView>),
    /// The microphone as its page finds it, or whether one is needed.
    Microphone(MicrophoneView),
    /// The hard end was moved.
    HardEnd {
        /// When it is now.
        hard_end: Timestamp,
        /// Whether it waits for an interaction to end.
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
    /// Routing: an interaction was offered, or has ended.
    Routing,
    /// The connection: lost, or back.
    Connection,
    /// A time limit that has passed.
    Limit,
    /// The screen recorder.
    Recorder,
    /// The extension.
    Extension,
    /// The microphone.
    Microphone,
    /// A service, on the agent's behalf.
    Service,
}

/// How the desk sees the page's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Not heard from yet.
    Awaited,
    /// Heard from recently.
    Open,
    /// Silent for suspiciously long.
    Suspect,
    /// Silent for so long that the agent is not ready.
    Lost,
}
