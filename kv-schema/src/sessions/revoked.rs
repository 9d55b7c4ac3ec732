//! `revoked:<sid>`

use serde::{Deserialize, Serialize};

use super::{Session, ttl_until};
use crate::Timestamp;
use crate::names::{InstanceId, SessionId, Username};
use crate::record::{Namespace, Record, Version};

/// The tombstone of a session that ended early. Its presence is what counts, even if it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Revoked {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The session's id.
    pub sid: SessionId,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
    /// Why it ended.
    pub reason: EndReason,
    /// Who ended it, if neither the agent nor the desk did: a service, by its declared name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it ended.
    pub at: Timestamp,
    /// When it would have ended anyway: no token of it is valid for longer, so the tombstone need not last longer
    /// either.
    pub hard_end: Timestamp,
}

/// Why a session ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The agent signed out.
    SignedOut,
    /// The agent signed in elsewhere and took over.
    TakenOver,
    /// The agent signed in again in the same browser.
    Replaced,
    /// Another agent signed in with the same browser.
    AnotherAgent,
    /// The desktop was silent for too long.
    ConnectionLost,
    /// It reached its hard end.
    HardEnd,
    /// An operator, or a service, ended it.
    Forced,
    /// The account was disabled.
    Disabled,
    /// The agent's password was replaced through their mailbox, or by an operator.
    PasswordChanged,
}

impl EndReason {
    /// Every reason.
    pub const ALL: [Self; 9] = [
        Self::SignedOut,
        Self::TakenOver,
        Self::Replaced,
        Self::AnotherAgent,
        Self::ConnectionLost,
        Self::HardEnd,
        Self::Forced,
        Self::Disabled,
        Self::PasswordChanged,
    ];

    /// Its name in records, addresses and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::TakenOver => "taken_over",
            Self::Replaced => "replaced",
            Self::AnotherAgent => "another_agent",
            Self::ConnectionLost => "connection_lost",
            Self::HardEnd => "hard_end",
            Self::Forced => "forced",
            Self::Disabled => "disabled",
            Self::PasswordChanged => "password_changed",
        }
    }

    /// The reason called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

impl Revoked {
    /// The prefix of all tombstones' keys.
    pub const PREFIX: &str = "revoked:";

    /// The key of the tombstone of session `sid`.
    #[must_use]
    pub fn key_of(sid: &SessionId) -> String {
        format!("revoked:{sid}")
    }

    /// The key of the session's own record.
    #[must_use]
    pub fn session_key(&self) -> String {
        Session::key_of(&self.instance, &self.agent, &self.sid)
    }

    /// Seconds to keep the tombstone, from `now`: until the session's hard end.
    #[must_use]
    pub const fn ttl(&self, now: Timestamp) -> u64 {
        ttl_until(self.hard_end, now)
    }
}

impl Record for Revoked {
    const NAME: &'static str = "revoked";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Sessions;

    fn key(&self) -> String {
        Self::key_of(&self.sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_called_the_same_in_records_and_elsewhere() {
        for reason in EndReason::ALL {
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{}\"", reason.name()));
            assert_eq!(EndReason::from_name(reason.name()), Some(reason));
        }
    }
}
