//! The token between two steps of a login: what the first has proved, for the second. It is bound to the browser's mark
//! and to its place in the flow, so that no step can be skipped, repeated elsewhere or made up.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstallName, InstanceId, Username};
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::guard::Replaced;

/// The password was right, but it was given to the agent or is too old; a new one has to be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPasswordClaims {
    /// The agent.
    #[serde(rename = "sub")]
    pub agent: Username,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The install that the agent is signing in through.
    pub install: InstallName,
    /// The mark of the browser that the password was typed in.
    pub browser: String,
    /// The extension that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// The password that was right: only that one is replaced.
    pub replaced: Replaced,
}

impl Kind for NewPasswordClaims {
    const TYPE: &'static str = "oneagent-new-password+jwt";
    const AUDIENCE: &'static str = "oneagent-new-password";
    /// Long enough to think of a password.
    const LIFETIME: u64 = 10 * 60;
}

/// The password was right, but another session holds the desk: the agent has to say whether to take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOverClaims {
    /// The agent.
    #[serde(rename = "sub")]
    pub agent: Username,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The install that the agent is signing in through.
    pub install: InstallName,
    /// The mark of the browser that the password was typed in.
    pub browser: String,
    /// The extension that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// The lease that the agent was told of: what is taken over is this one, and no later one. Each login raises it, so
    /// that a step counts once.
    pub over: u64,
    /// When the password was right. Being asked again does not make it any later.
    pub auth_time: Timestamp,
}

impl Kind for TakeOverClaims {
    const TYPE: &'static str = "oneagent-take-over+jwt";
    const AUDIENCE: &'static str = "oneagent-take-over";
    /// Long enough to ask a neighbour.
    const LIFETIME: u64 = 5 * 60;

    fn expires_at(&self, _now: Timestamp) -> Timestamp {
        self.auth_time.plus(Self::LIFETIME)
    }
}

/// A token between two steps: what it is bound to.
pub trait Step: Kind {
    /// The mark of the browser that the step before was taken in.
    fn browser(&self) -> &str;
    /// The install that the agent is signing in through.
    fn install(&self) -> &InstallName;
    /// The agent's instance.
    fn instance(&self) -> &InstanceId;
}

impl Step for NewPasswordClaims {
    fn browser(&self) -> &str {
        &self.browser
    }

    fn install(&self) -> &InstallName {
        &self.install
    }

    fn instance(&self) -> &InstanceId {
        &self.instance
    }
}

impl Step for TakeOverClaims {
    fn browser(&self) -> &str {
        &self.browser
    }

    fn install(&self) -> &InstallName {
        &self.install
    }

    fn instance(&self) -> &InstanceId {
        &self.instance
    }
}
