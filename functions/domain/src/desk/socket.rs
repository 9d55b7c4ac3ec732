//! What a desk and its page say to each other over their socket: JSON, a message each.

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
    /// To be ready; during an interaction, after it.
    Ready,
    /// To be not ready; during an interaction, after it.
    NotReady {
        /// Why, of the instance's list.
        reason: Option<ReasonCode>,
    },
    /// To stay signed in past the hard end.
    Stay,
    /// To take what is offered.
    Accept {
        /// The offer.
        offer: RoutingId,
    },
    /// Not to take it.
    Reject {
        /// The offer.
        offer: RoutingId,
    },
    /// To end the interaction.
    End {
        /// Which one.
        interaction: RoutingId,
    },
    /// No wish: how it stands with the microphone.
    Microphone(Microphone),
    /// To take calls on this extension; the same again where it could not be had.
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
        /// Which one; 0 where it could not be told.
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
    /// Not in this state.
    NotNow,
    /// Not by this install's policy.
    NotAllowed,
    /// No such command.
    NotUnderstood,
    /// Something that it needs is missing.
    Missing,
    /// The offer is not there any more.
    Gone,
}

/// A desk as its page sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// The time at the desk.
    pub now: Timestamp,
    /// The number of the last event.
    pub seq: u64,
    /// The number of the last command that was applied or refused.
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
    /// Since when.
    pub state_since: Timestamp,
    /// What they have chosen for after the interaction.
    pub next: Option<Next>,
    /// Since when the session holds the desk.
    pub since: Timestamp,
    /// When it is over at the latest.
    pub hard_end: Timestamp,
    /// Whether that waits for the end of an interaction.
    pub waits: bool,
    /// Minutes by which the agent may still move it.
    pub overtime: u32,
    /// How its connection is seen from the desk.
    pub connection: Connection,
    /// Seconds of silence after which the session is over.
    pub logged_out_seconds: u32,
    /// The extension of the session, where it has one.
    pub extension: Option<LineView>,
    /// The microphone.
    pub microphone: MicrophoneView,
    /// What keeps the agent from being ready.
    pub missing: Vec<Missing>,
    /// The screen recorder of the workstation; `None` where there is none.
    pub recorder: Option<RecorderView>,
}

/// What a desk says first of all: the desk as it stands, and the events that the page has missed, as they are kept. They
/// are JSON already, and reading them only to write them again would cost time, and the Worker 10 kB.
#[must_use]
pub fn welcome(view: &View, missed: &[String]) -> Option<String> {
    let view = serde_json::to_string(view).ok()?;
    let fields = view.strip_suffix('}')?;
    Some(format!("{{\"welcome\":{fields},\"events\":[{}]}}}}", missed.join(",")))
}
