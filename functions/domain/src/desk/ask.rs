//! What is asked of a desk from outside, and its answers: the bodies of a request to the object.

use kv_schema::Timestamp;
use kv_schema::directory::{Agent, Install, Instance, Presence, Recorder as Declared};
use kv_schema::names::{Extension, ReasonCode, SessionId};
use kv_schema::record::Version;
use kv_schema::sessions::Session;
use serde::{Deserialize, Serialize};

use super::offer::{Offer, Proposal};
use super::{
    Desk, Due, Ended, Ending, Happened, Holder, Link, Microphone, Next, Reason, Refusal, RoutingId, State, View, What,
};
use crate::browser::Browser;
use crate::token::SessionClaims;
use crate::workstation::Workstation;

/// A question to a desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// A new session wants the desk.
    Take(Arrival),
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
    /// KV has a tombstone of this session: it was ended while the desk could not be reached.
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

/// A session that comes to a desk: its record, and what else its token, its browser and its install say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The session's record.
    pub session: Session,
    /// The number of its lease; 0 for a session that does not have one yet.
    pub lease: u64,
    /// Browser and system.
    pub browser: Browser,
    /// What the install has set.
    pub policy: Policy,
    /// The number of the workstation, where its browser has one.
    #[serde(default)]
    pub workstation: Option<Workstation>,
}

impl Visitor {
    /// The session that `claims` stand for, in `browser`.
    #[must_use]
    pub fn of(claims: &SessionClaims, browser: Browser, policy: Policy) -> Self {
        let session = Session {
            v: Version,
            instance: claims.instance.clone(),
            agent: claims.agent.clone(),
            sid: claims.sid.clone(),
            install: claims.install.name(),
            extension: claims.extension.clone(),
            auth_time: claims.auth_time,
            amr: claims.amr.iter().map(|amr| amr.value().to_owned()).collect(),
            browser: browser.to_string(),
            hard_end: claims.hard_end,
        };
        Self { session, lease: claims.lease, browser, policy, workstation: None }
    }

    /// Where there is a screen recorder, the workstation's number, for its browser to keep: `fresh` where it has none.
    pub fn number_workstation(&mut self, fresh: impl FnOnce() -> Workstation) -> Option<&Workstation> {
        if self.policy.recorder == Declared::Off { None } else { Some(self.workstation.get_or_insert_with(fresh)) }
    }
}

/// A page of a session that wants a socket. It stands in the header [`CONNECT`] of a request to the object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connect {
    /// The session.
    pub visitor: Visitor,
    /// The number of the last event that the page has seen; 0 where it has seen none.
    pub after: u64,
}

/// The header of a request to the object that asks for a socket.
pub const CONNECT: &str = "x-connect";

/// What an install and an instance have set for the sessions that begin there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What silence means.
    pub presence: Presence,
    /// Minutes by which the hard end may be moved once.
    pub overtime_minutes: u32,
    /// Whether its agents may take another extension than their default one.
    #[serde(default)]
    pub allow_extension: bool,
    /// Whether the agent is only ready with an extension.
    #[serde(default)]
    pub needs_extension: bool,
    /// Whether an agent is told who holds the extension that they want.
    #[serde(default)]
    pub tells_holder: bool,
    /// Seconds that a wrap-up lasts at most; `None` where that is the agent's own affair.
    #[serde(default)]
    pub wrap_up_seconds: Option<u32>,
    /// The reasons that an agent may name for being not ready.
    #[serde(default)]
    pub reasons: Vec<ReasonCode>,
    /// The screen recorder.
    #[serde(default)]
    pub recorder: Declared,
}

impl Policy {
    /// What holds for a session that begins at `install`; the usual where a record cannot be read.
    #[must_use]
    pub fn of(install: Option<&Install>, instance: Option<&Instance>, agent: Option<&Agent>) -> Self {
        Self {
            presence: install.map(|install| install.presence).unwrap_or_default(),
            overtime_minutes: install.map(|install| install.overtime_minutes).unwrap_or_default(),
            allow_extension: install.is_some_and(|install| install.allow_extension_configuration),
            needs_extension: agent
                .and_then(|agent| agent.requires_extension)
                .or(instance.map(|instance| instance.requires_extension))
                .unwrap_or_default(),
            tells_holder: instance.is_some_and(|instance| instance.tells_extension_holder),
            wrap_up_seconds: instance.and_then(|instance| instance.wrap_up_seconds),
            reasons: instance.map(Instance::reason_codes).unwrap_or_default(),
            recorder: instance
                .and_then(|instance| instance.recorder.clone())
                .or_else(|| install?.recorder.clone())
                .unwrap_or_default(),
        }
    }
}

/// A session that wants the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The session.
    pub visitor: Visitor,
    /// The lease that the agent has said to take over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<u64>,
    /// The session that the same browser had before, where it goes on in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<SessionId>,
    /// Whether the agent has typed the extension.
    #[serde(default)]
    pub is_typed: bool,
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

/// Seconds for which a session that follows upon one that ran out goes on in its state.
pub(super) const STATE_KEPT: u64 = 15 * 60;

impl Desk {
    pub(super) fn take(&mut self, now: Timestamp, arrival: Arrival, happened: &mut Happened) -> Answer {
        let Arrival { mut visitor, over, here, is_typed } = arrival;
        let is_stale = over.is_some_and(|over| over != self.lease);
        if let Some(holder) = &self.holder {
            let is_here = here.as_ref().is_some_and(|here| holder.is(here));
            let is_told_to = over.is_some() || is_here || matches!(holder.link, Link::Never { .. });
            if is_stale || !is_told_to {
                return Answer::Occupied(holder.occupant(self.lease));
            }
        } else if is_stale {
            return Answer::Stale;
        }
        let state = self.state_to_go_on_in(now, here.as_ref());
        if let Some(holder) = self.holder.as_ref().filter(|holder| holder.state.is_engaged() && !is_typed) {
            // A call stays on the telephone that it is on.
            visitor.session.extension.clone_from(&holder.visitor.session.extension);
        }
        let extension = visitor.session.extension.clone();
        // It goes on ringing where the agent now is.
        let offer = self.holder.as_mut().and_then(|holder| holder.offer.take());
        let recorder = self.recorder_for(&mut visitor, now);
        let ending = if self.holder.as_ref().is_some_and(|holder| here.as_ref() == Some(&holder.visitor.session.sid)) {
            Ending::replaced()
        } else {
            Ending::taken_over(visitor.browser)
        };
        self.end(now, ending, happened);
        self.lease += 1;
        self.seat(now, visitor, state, happened);
        if let Some(holder) = &mut self.holder {
            holder.offer = offer;
            holder.recorder = recorder;
        }
        Answer::Taken { lease: self.lease, extension }
    }

    /// What the agent goes on doing: a session that takes over goes on where the other one was; one that follows in the
    /// same browser upon one that ran out goes on as well.
    fn state_to_go_on_in(&self, now: Timestamp, here: Option<&SessionId>) -> State {
        let at_first = State::NotReady { reason: Reason::SignedIn };
        if let Some(holder) = &self.holder {
            return holder.meant_state();
        }
        let before = self.over.iter().rev().find(|over| Some(&over.ended.sid) == here);
        match before.and_then(|over| over.state_at(now)) {
            Some(state) if !state.is_engaged() => state,
            _ => at_first,
        }
    }

    /// Gives the desk to a session.
    fn seat(&mut self, now: Timestamp, visitor: Visitor, meant: State, happened: &mut Happened) {
        // Nobody is ready whose desktop has not been heard. An interaction goes on meanwhile, under presence's eyes.
        let (state, link) = if meant.is_engaged() {
            (meant, Link::Open { heard: now })
        } else {
            (State::NotReady { reason: Reason::SignedIn }, Link::Never { meant })
        };
        let (browser, lease) = (visitor.browser, self.lease);
        self.note(now, What::SignedIn { browser, lease }, happened);
        self.holder = Some(Holder {
            first_event: self.last_event,
            since: now,
            state,
            state_since: now,
            next: None,
            offer: None,
            recorder: None,
            afterwards: None,
            link,
            overtime_minutes: visitor.policy.overtime_minutes,
            last_command: 0,
            refused: Vec::new(),
            due_end: None,
            on_its_word: false,
            line: None,
            asked: None,
            microphone: Microphone::default(),
            unwritten: Some(Due::since(now)),
            visitor,
        });
        self.claim_first(now);
    }

    /// Lets a session that claims to hold the desk go on. One that is newer than any that the desk knows is right: the desk
    /// has lost what it knew.
    pub(super) fn admit(
        &mut self,
        now: Timestamp,
        mut visitor: Visitor,
        happened: &mut Happened,
    ) -> Result<(), Option<Ended>> {
        if self.holder.as_ref().is_some_and(|holder| holder.is(&visitor.session.sid)) {
            return Ok(());
        }
        if visitor.lease <= self.lease {
            return Err(self.recall(&visitor.session.sid));
        }
        let recorder = self.recorder_for(&mut visitor, now);
        self.end(now, Ending::taken_over(visitor.browser), happened);
        self.lease = visitor.lease;
        self.seat(now, visitor, State::NotReady { reason: Reason::SignedIn }, happened);
        if let Some(holder) = &mut self.holder {
            holder.on_its_word = true;
            holder.recorder = recorder;
        }
        Ok(())
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        self.holder.as_ref().map(|holder| Standing {
            extension: holder.visitor.session.extension.clone(),
            hard_end: holder.visitor.session.hard_end,
            waits: holder.due_end.is_some(),
            overtime_minutes: holder.overtime_minutes,
        })
    }
}
