//! The token of a sign-in at `OneContactLogin`, by which a browser is known there while the sign-in stands. The
//! account's guard is asked whether it does before anything is given for it.

use kv_schema::Timestamp;
use kv_schema::names::{InstanceId, SessionId, Username};
use serde::{Deserialize, Serialize};

use super::{Amr, Kind};

/// Who is signed in at `OneContactLogin` in this browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInClaims {
    /// The agent.
    #[serde(rename = "sub")]
    pub agent: Username,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The sign-in.
    pub sid: SessionId,
    /// When the agent proved who they are.
    pub auth_time: Timestamp,
    /// Whether that is only when their provider's token was issued, as it does not say when the agent proved it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auth_time_missing: bool,
    /// How they proved it.
    pub amr: Vec<Amr>,
    /// When it expires.
    pub until: Timestamp,
}

impl Kind for SignInClaims {
    const TYPE: &'static str = "oneagent-login+jwt";
    const AUDIENCE: &'static str = "oneagent-login";
    /// A week: the most that may be declared.
    const LIFETIME: u64 = 7 * 24 * 60 * 60;

    fn expires_at(&self, now: Timestamp) -> Timestamp {
        now.plus(Self::LIFETIME).min(self.until)
    }
}
