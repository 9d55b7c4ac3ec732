//! `session:<instance>:<agent>:<sid>`

use serde::{Deserialize, Serialize};

use super::ttl_until;
use crate::Timestamp;
use crate::names::{Extension, InstallName, InstanceId, SessionId, Username};
use crate::record::{Namespace, Record, Version};

/// A session, for listing and for the desktop. The token carries what a node needs to continue without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Session {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
    /// The session's id.
    pub sid: SessionId,
    /// The install that the agent signed in through.
    pub install: InstallName,
    /// The extension of this session, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// When the agent proved who they are.
    pub auth_time: Timestamp,
    /// How they proved it (RFC 8176).
    pub amr: Vec<String>,
    /// Browser and system in words, for the question whether to take over.
    pub browser: String,
    /// When the session is over at the latest.
    pub hard_end: Timestamp,
}

impl Session {
    /// The key of a session.
    #[must_use]
    pub fn key_of(instance: &InstanceId, agent: &Username, sid: &SessionId) -> String {
        format!("session:{instance}:{agent}:{sid}")
    }

    /// The prefix of the keys of all sessions, of one instance's, or of one of its agents'.
    #[must_use]
    pub fn prefix_of(instance: Option<&InstanceId>, agent: Option<&Username>) -> String {
        match (instance, agent) {
            (Some(instance), Some(agent)) => format!("session:{instance}:{agent}:"),
            (Some(instance), None) => format!("session:{instance}:"),
            (None, _) => "session:".to_owned(),
        }
    }

    /// Seconds to keep the record, from `now`: until the hard end.
    #[must_use]
    pub const fn ttl(&self, now: Timestamp) -> u64 {
        ttl_until(self.hard_end, now)
    }
}

impl Record for Session {
    const NAME: &'static str = "session";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Sessions;

    fn key(&self) -> String {
        Self::key_of(&self.instance, &self.agent, &self.sid)
    }
}
