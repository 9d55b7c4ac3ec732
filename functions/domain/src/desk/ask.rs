//! Questions to a desk from outside, and its answers, as they travel to its object and back.

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
    /// Where is the session that holds it, and that an agent may take over from?
    Where,
    /// May this session go on?
    Stand(Visitor),
    /// What became of this session?
    Recall {
        /// The session.
        sid: SessionId,
    },
    /// The agent signs out.
    Leave {
        /// The session.
        sid: SessionId,
    },
    /// This session is over: either KV has a tombstone for it, since it was ended while the desk could not be reached;
    /// or another agent has signed in with its browser.
    Heed {
        /// The session.
        sid: SessionId,
        /// How it was ended.
        ending: Ending,
    },
    /// Somebody else ends whatever session holds the desk.
    End(Ending),
    /// An extension's lease asks whether the session that holds the desk has it, or is about to.
    Keeps {
        /// The extension.
        extension: Extension,
    },
    /// An extension that the agent wanted is free.
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
        /// The service that makes the offer.
        by: String,
        /// Whether the agent is known to be declared. Only looked up if nobody is signed in.
        is_declared: bool,
    },
    /// How does this offer stand?
    Find {
        /// The offer.
        offer: RoutingId,
        /// The most seconds that the caller waits for its outcome; the waiting is up to the desk's host.
        wait: u32,
    },
    /// Routing takes an offer back.
    Cancel {
        /// The offer.
        offer: RoutingId,
        /// The service that does so.
        by: String,
    },
    /// The interaction is over.
    Finish {
        /// Which one.
        interaction: RoutingId,
        /// The service that says so.
        by: String,
    },
    /// A service chooses a state on the agent's behalf.
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
    /// The new session has the desk.
    Taken {
        /// The number of its lease.
        lease: u64,
        /// Its extension.
        extension: Option<Extension>,
    },
    /// Another session holds it: the agent has to say whether to take over.
    Occupied(Occupant),
    /// The session that the agent agreed to take over is no longer there.
    Stale,
    /// The session goes on.
    Stands(Standing),
    /// The session does not go on; why, if the desk still knows.
    Over(Option<Ended>),
    /// The session that has been ended, if one was there to end.
    Ended(Option<SessionId>),
    /// Who holds the desk. It is passed on as written, behind [`SEEN`], and so is never parsed.
    #[serde(skip_deserializing)]
    Seen(Option<Box<View>>),
    /// How long the desk keeps the extension.
    Keeps {
        /// The latest time it keeps it, as things stand; `None` if it does not have it.
        until: Option<Timestamp>,
        /// Whether that is because the desktop is silent.
        is_silent: bool,
    },
    /// It is so now, or already was.
    Done,
    /// An offer as it stands. It is passed on as written, behind [`OFFER`], and so is never parsed.
    #[serde(skip_deserializing)]
    Offer(Box<Offer>),
    /// The offer was made before, with other content or by another service.
    Differs,
    /// No such offer was made recently.
    Unknown,
    /// The desk remembers as many offers as it can.
    Full,
    /// Nobody is signed in.
    Nobody,
    /// The desk will not do it.
    Refused(Refusal),
}

/// What precedes the offer in the JSON of [`Answer::Offer`]; one closing brace follows it.
pub const OFFER: &str = r#"{"offer":"#;

/// What precedes the view in the JSON of [`Answer::Seen`]; one closing brace follows it.
pub const SEEN: &str = r#"{"seen":"#;

/// The session that holds the desk, as shown when asking whether to take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupant {
    /// The number of its lease: this one is taken over, and no later one.
    pub lease: u64,
    /// Browser and system.
    pub browser: Browser,
    /// When it took the desk.
    pub since: Timestamp,
    /// What the agent is doing there.
    pub state: State,
    /// When its page was last heard from, if that is suspiciously long ago.
    pub silent_since: Option<Timestamp>,
}

impl Occupant {
    /// Whether the agent is there, in an interaction.
    #[must_use]
    pub const fn is_in_interaction(&self) -> bool {
        self.silent_since.is_none() && self.state.is_in_interaction()
    }
}

/// What a session that goes on is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The session's extension as it is now.
    #[serde(default)]
    pub extension: Option<Extension>,
    /// When the session is over at the latest, as things stand.
    pub hard_end: Timestamp,
    /// Whether the hard end waits for an interaction to end.
    pub waits: bool,
    /// Minutes by which the agent may still move it.
    pub overtime_minutes: u32,
}
