//! What is asked of a desk from outside, and its answers, as they go to its object and back.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, SessionId};
use serde::{Deserialize, Serialize};

use super::offer::{Offer, Proposal};
use super::visitor::{Arrival, Visitor};
use super::{Ended, Ending, Next, Refusal, RoutingId, State, View};
use crate::browser::Browser;

/// A question to a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// A new session wants the desk.
    Take(Arrival),
    /// Where is the session that holds it, which an agent may take over from?
    Where,
    /// May this session go on?
    Stand(Visitor),
    /// What has become of this session?
    Recall {
        /// The session.
        sid: SessionId,
    },
    /// The agent signs out.
    Leave {
        /// Of this session.
        sid: SessionId,
    },
    /// This session is over: KV has a tombstone of it, as it was ended while the desk could not be reached; or another agent
    /// has signed in with its browser.
    Heed {
        /// The session.
        sid: SessionId,
        /// How it was ended.
        ending: Ending,
    },
    /// Somebody else ends whatever session holds the desk.
    End(Ending),
    /// An extension's lease wants to know whether the session that holds the desk still has it, or is about to.
    Keeps {
        /// The extension.
        extension: Extension,
    },
    /// An extension is free that the agent has wanted.
    Free {
        /// The extension.
        extension: Extension,
    },
    /// Who holds it, and what is the agent doing?
    Look,
    /// Routing offers an interaction.
    Offer {
        /// What it offers.
        proposal: Proposal,
        /// The service that does.
        by: String,
        /// Whether the agent is known to be declared. Only asked where nobody is signed in.
        is_declared: bool,
    },
    /// How does this offer stand?
    Find {
        /// The offer.
        offer: RoutingId,
        /// For how many seconds at most whoever asks waits for its outcome: the affair of whoever carries the desk.
        wait: u32,
    },
    /// Routing takes an offer back.
    Cancel {
        /// The offer.
        offer: RoutingId,
        /// The service that does.
        by: String,
    },
    /// The interaction is over.
    Finish {
        /// Which one.
        interaction: RoutingId,
        /// The service that says so.
        by: String,
    },
    /// A service chooses a state in the agent's place.
    Choose {
        /// The state.
        next: Next,
        /// The service.
        by: String,
    },
}

impl Ask {
    /// The offer that is asked about.
    #[must_use]
    pub const fn offer(&self) -> Option<&RoutingId> {
        match self {
            Self::Offer { proposal, .. } => Some(&proposal.id),
            Self::Find { offer, .. } | Self::Cancel { offer, .. } => Some(offer),
            _ => None,
        }
    }
}

/// A desk's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The desk is the new session's.
    Taken {
        /// The number of its lease.
        lease: u64,
        /// Its extension.
        extension: Option<Extension>,
    },
    /// Another session holds it: the agent has to say whether to take over.
    Occupied(Occupant),
    /// What the agent has said to take over is not there any more.
    Stale,
    /// The session goes on.
    Stands(Standing),
    /// The session does not go on; why, where the desk still knows.
    Over(Option<Ended>),
    /// The session that has been ended, if one was there to end.
    Ended(Option<SessionId>),
    /// Who holds the desk. It is handed on as it is written, behind [`SEEN`], and so never read.
    #[serde(skip_deserializing)]
    Seen(Option<Box<View>>),
    /// How long it has the extension.
    Keeps {
        /// Until when at the latest, as it looks now; `None` where it does not have it.
        until: Option<Timestamp>,
        /// Whether that is because the desktop is not heard.
        is_silent: bool,
    },
    /// It is so now, or was already.
    Done,
    /// An offer as it stands. It is handed on as it is written, behind [`OFFER`], and so never read.
    #[serde(skip_deserializing)]
    Offer(Box<Offer>),
    /// The offer was made before, with another content or by another service.
    Differs,
    /// No such offer was made of late.
    Unknown,
    /// The desk remembers as many offers as it can.
    Full,
    /// Nobody is signed in.
    Nobody,
    /// It is not done.
    Refused(Refusal),
}

/// What stands before the offer in the JSON of [`Answer::Offer`]; one brace stands behind it.
pub const OFFER: &str = r#"{"offer":"#;

/// What stands before the view in the JSON of [`Answer::Seen`]; one brace stands behind it.
pub const SEEN: &str = r#"{"seen":"#;

/// The session that holds the desk, for the question whether to take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupant {
    /// The number of its lease: what is taken over is this one, and no later one.
    pub lease: u64,
    /// Browser and system.
    pub browser: Browser,
    /// Since when it holds the desk.
    pub since: Timestamp,
    /// What the agent is doing there.
    pub state: State,
    /// When its page was last heard from, where that is suspiciously long ago.
    pub silent_since: Option<Timestamp>,
}

impl Occupant {
    /// Whether the agent is there, in an interaction.
    #[must_use]
    pub const fn is_in_interaction(&self) -> bool {
        self.silent_since.is_none() && matches!(self.state, State::InInteraction { .. })
    }
}

/// What a session that goes on is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The session's extension, as it is now.
    #[serde(default)]
    pub extension: Option<Extension>,
    /// When it is over at the latest, as it stands now.
    pub hard_end: Timestamp,
    /// Whether the hard end waits for the end of an interaction.
    pub waits: bool,
    /// Minutes by which the agent may still move it.
    pub overtime_minutes: u32,
}
