//! What a desk and its page say to each other over their socket: one JSON message each.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstallName, ReasonCode, SessionId};
use serde::{Deserialize, Serialize};

use super::{
    Connection, Ended, Event, LineView, Microphone, MicrophoneView, Missing, Next, RecorderView, RoutingId, State,
};
use crate::browser::Browser;

/// What a page wants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Command {
    /// Its number: each session counts its own from 1.
    pub id: u64,
    /// The wish.
    pub ask: Wish,
}

/// What an agent can wish for at the desktop.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// To be ready; during an interaction, once it is over.
    Ready,
    /// To be not ready; during an interaction, once it is over.
    NotReady {
        /// Why, from the instance's list.
        reason: Option<ReasonCode>,
    },
    /// To stay signed in past the hard end.
    Stay,
    /// To accept the offer.
    Accept {
        /// The offer.
        offer: RoutingId,
    },
    /// To reject it.
    Reject {
        /// The offer.
        offer: RoutingId,
    },
    /// To end the interaction.
    End {
        /// Which one.
        interaction: RoutingId,
    },
    /// Not a wish: the state of the microphone.
    Microphone(Microphone),
    /// To take calls on this extension, or to try again for one that was not available.
    Extension {
        /// Its number.
        number: Extension,
    },
    /// To try again to register with the screen recorder.
    Register,
}

/// What a desk says to its page, after its [`welcome`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Something happened.
    Event(Event),
    /// A command was applied, now or before.
    Done {
        /// Which one.
        id: u64,
    },
    /// A command was not applied.
    Refused {
        /// Which one; 0 if that could not be read.
        id: u64,
        /// Why not.
        why: Refusal,
    },
    /// The session is over. Nothing follows.
    Ended(Ended),
}

/// Why a command was not applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It is not possible in this state.
    NotNow,
    /// The install's policy does not allow it.
    NotAllowed,
    /// There is no such command.
    NotUnderstood,
    /// Something that it needs is missing.
    Missing,
    /// The offer is no longer there.
    Gone,
}

/// A desk as its page sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// The time at the desk.
    pub now: Timestamp,
    /// The number of the last event.
    pub seq: u64,
    /// The number of the last command applied or refused.
    pub applied: u64,
    /// The number of the session's lease.
    pub lease: u64,
    /// The session.
    pub sid: SessionId,
    /// The install that it began in.
    pub install: InstallName,
    /// Its browser.
    pub browser: Browser,
    /// What the agent is doing.
    pub state: State,
    /// When that began.
    pub state_since: Timestamp,
    /// What they have chosen to do after the interaction.
    pub next: Option<Next>,
    /// When the session took the desk.
    pub since: Timestamp,
    /// When it is over at the latest.
    pub hard_end: Timestamp,
    /// Whether the hard end waits for an interaction to end.
    pub waits: bool,
    /// Minutes by which the agent may still move it.
    pub overtime: u32,
    /// How the desk sees its connection.
    pub connection: Connection,
    /// Seconds of silence after which the session is over.
    pub logged_out_seconds: u32,
    /// The extension of the session, if it has one.
    pub extension: Option<LineView>,
    /// The microphone.
    pub microphone: MicrophoneView,
    /// What keeps the agent from being ready.
    pub missing: Vec<Missing>,
    /// The screen recorder of the workstation; `None` if there is none.
    pub recorder: Option<RecorderView>,
}

/// The first thing a desk says: itself as it stands, and the events that the page has missed, as stored. They are JSON
/// already; parsing them only to write them again would cost time, and 10 kB of the Worker.
#[must_use]
pub fn welcome(view: &View, missed: &[String]) -> Option<String> {
    let view = serde_json::to_string(view).ok()?;
    let fields = view.strip_suffix('}')?;
    Some(format!("{{\"welcome\":{fields},\"events\":[{}]}}}}", missed.join(",")))
}
