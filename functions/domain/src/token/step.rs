//! The token between two steps of a login: what the first has proved, for the second. It is bound to the browser's mark
//! and to its place in the flow, so that no step can be skipped, repeated elsewhere or made up.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstallName, InstanceId, Username};
use serde::{Deserialize, Serialize};

use super::{Amr, Kind, Proved};
use crate::guard::{Due, Replaced};
use crate::second_step::{LIFE, Place, Secret, flow_expiry, unknown_codes};

/// The password was right, and something else follows: the second step, or another password.
///
/// One kind for all of it, which names its place in the flow: each kind costs the Worker as much as a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepClaims {
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
    /// What is to be done.
    pub at: Place,
    /// The flow by which tries are counted ([`crate::second_step::new_flow`]).
    pub flow: String,
    /// [`crate::second_step::Facts::generation`] at that time.
    pub generation: u64,
    /// [`crate::second_step::Facts::has_app`] at that time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_app: bool,
    /// [`crate::second_step::Facts::has_passkey`] at that time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_passkey: bool,
    /// [`crate::second_step::Facts::codes_left`] at that time.
    #[serde(default = "unknown_codes")]
    pub codes_left: u8,
    /// The password that was right: no other is replaced, and nothing is done once it is no longer in force.
    pub replaced: Replaced,
    /// Why it has to be replaced, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Whether an authenticator app or a passkey is set up after the second step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sets_up: bool,
    /// What an app that is being set up was given. The page shows it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// The seed of its recovery codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Secret>,
    /// What was used as the second step, besides the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<Amr>,
}

impl Kind for StepClaims {
    const TYPE: &'static str = "oneagent-step+jwt";
    const AUDIENCE: &'static str = "oneagent-step";
    /// Long enough to think of a password, or to set up an app.
    const LIFETIME: u64 = LIFE;

    /// Another token of the same flow lives no longer than the first: by then its tries are no longer counted.
    fn expires_at(&self, _now: Timestamp) -> Timestamp {
        flow_expiry(&self.flow)
    }
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
    /// The lease that the agent was told of: this one is taken over, and no later one. Each login raises it, so a step
    /// counts once.
    pub over: u64,
    /// Whether the agent was told of an interaction there.
    #[serde(default)]
    pub in_interaction: bool,
    /// Where the agent wanted to go, as forms carry it.
    pub next: String,
    /// When the agent arrived with that proof. Being asked again does not make it any later.
    pub came_at: Timestamp,
    /// How they proved who they are.
    pub proof: Proved,
}

impl Kind for TakeOverClaims {
    const TYPE: &'static str = "oneagent-take-over+jwt";
    const AUDIENCE: &'static str = "oneagent-take-over";
    /// Long enough to ask a neighbour.
    const LIFETIME: u64 = 5 * 60;

    fn expires_at(&self, _now: Timestamp) -> Timestamp {
        self.came_at.plus(Self::LIFETIME)
    }
}

/// What a token between two steps is bound to.
pub trait Step: Kind {
    /// The mark of the browser in which the previous step was taken.
    fn browser(&self) -> &str;
    /// The install that the agent is signing in through.
    fn install(&self) -> &InstallName;
    /// The agent's instance.
    fn instance(&self) -> &InstanceId;
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

impl Step for StepClaims {
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
