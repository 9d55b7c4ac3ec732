//! A session that comes to a desk, either for the desk itself or for a socket; and what its install and instance
//! declare.

use kv_schema::Timestamp;
use kv_schema::directory::{Agent, Install, Instance, Presence, Recorder as Declared};
use kv_schema::names::{ReasonCode, SessionId};
use kv_schema::record::Version;
use kv_schema::sessions::Session;
use serde::{Deserialize, Serialize};

use crate::browser::Browser;
use crate::token::SessionClaims;
use crate::workstation::Workstation;

/// A session that comes to a desk: its record, and what else its token, its browser and its install say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The session's record.
    pub session: Session,
    /// The number of its lease; 0 if it has none yet.
    pub lease: u64,
    /// Browser and system.
    pub browser: Browser,
    /// What the install and the instance have set.
    pub policy: Policy,
    /// The workstation's number, if its browser has one.
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

    /// The workstation's number, for its browser to keep, if there is a screen recorder: `fresh` if it has none yet.
    pub fn number_workstation(&mut self, fresh: impl FnOnce() -> Workstation) -> Option<&Workstation> {
        if self.policy.recorder == Declared::Off { None } else { Some(self.workstation.get_or_insert_with(fresh)) }
    }
}

/// A page of a session that asks for a socket. It is sent in the header [`CONNECT`] of a request to the object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connect {
    /// The session.
    pub visitor: Visitor,
    /// The number of the last event that the page has seen; 0 if none.
    pub after: u64,
}

/// The header of a request to the object that carries a [`Connect`].
pub const CONNECT: &str = "x-connect";

/// What an install and an instance have set for the sessions that begin there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What silence means.
    pub presence: Presence,
    /// Minutes by which the hard end may be moved once.
    pub overtime_minutes: u32,
    /// Whether agents may take an extension other than their default one.
    #[serde(default)]
    pub allow_extension: bool,
    /// Whether the agent is only ready with an extension.
    #[serde(default)]
    pub needs_extension: bool,
    /// Whether an agent is told who holds the extension that they want.
    #[serde(default)]
    pub tells_holder: bool,
    /// The longest that a wrap-up lasts, in seconds; `None` if that is up to the agent.
    #[serde(default)]
    pub wrap_up_seconds: Option<u32>,
    /// The reasons that an agent may give for not being ready.
    #[serde(default)]
    pub reasons: Vec<ReasonCode>,
    /// The screen recorder.
    #[serde(default)]
    pub recorder: Declared,
}

impl Policy {
    /// The policy for a session that begins at `install`; the defaults if a record cannot be read.
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

/// An agent's leave to take over from another of their sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The lease that is taken over, and no later one.
    pub over: u64,
    /// Whether they were told of an interaction there.
    pub in_interaction: bool,
    /// When they had proved who they are, before they were asked.
    pub proved_at: Timestamp,
}

/// A session that wants the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// The session.
    pub visitor: Visitor,
    /// What the agent has agreed to, if they were asked whether to take over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// The former session of the same browser, if this one continues it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<SessionId>,
    /// Whether the agent typed the extension.
    #[serde(default)]
    pub is_typed: bool,
}
