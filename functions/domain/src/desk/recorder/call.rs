//! What a gateway is asked: a request, without its token.

use kv_schema::Timestamp;
use kv_schema::directory::GatewayUrl;
use kv_schema::sessions::Session;
use serde::{Deserialize, Serialize};

use super::reply::{Reply, Told};
use crate::workstation::Workstation;

/// Seconds that a reply may take.
pub(super) const LIMIT: u32 = 5;
/// Seconds that a gateway may wait for news before it replies.
const WAIT: u32 = 10;
/// Seconds for which the token of a call is valid: as long as the reply may take, and some.
const TOKEN_LIFETIME: u64 = 60;

/// What is wanted from a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// To register the workstation.
    Register,
    /// To report how that is going.
    Follow,
    /// To keep it registered.
    Keep,
    /// To unregister it.
    Unregister,
}

/// A request to a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayCall {
    /// What is wanted.
    pub verb: Verb,
    /// The registration's id.
    pub registration: String,
    /// The request's number, the same for every attempt at it.
    pub(super) number: u32,
    /// The number of the last step known.
    pub(super) after: u32,
    /// The gateway, which is also the token's audience.
    pub gateway: GatewayUrl,
    /// The session it is for, which the token states.
    pub session: Session,
    /// The workstation, when it is to be registered.
    pub(super) workstation: Option<Workstation>,
}

impl GatewayCall {
    /// The request's method.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self.verb {
            Verb::Register => "PUT",
            Verb::Follow => "GET",
            Verb::Keep => "POST",
            Verb::Unregister => "DELETE",
        }
    }

    /// The request's URL.
    #[must_use]
    pub fn url(&self) -> String {
        let registration = [self.gateway.as_str(), "/registrations/", &self.registration].concat();
        match self.verb {
            Verb::Register | Verb::Unregister => registration,
            Verb::Follow => [&registration, "?after=", &self.after.to_string(), "&wait=", &WAIT.to_string()].concat(),
            Verb::Keep => registration + "/keep-alive",
        }
    }

    /// The request's body, which is JSON.
    #[must_use]
    pub fn body(&self) -> Option<String> {
        // A workstation's number is hexadecimal digits and needs no escaping.
        self.workstation.as_ref().map(|workstation| [r#"{"workstation":""#, workstation.as_str(), r#""}"#].concat())
    }

    /// The header `Idempotency-Key`, as a structured field (RFC 9651): the same for every attempt at one request.
    #[must_use]
    pub fn idempotency_key(&self) -> String {
        ["\"", &self.registration, "/", &self.number.to_string(), "\""].concat()
    }

    /// Whether an operator has to look at the reply: the gateway refuses to unregister a workstation.
    #[must_use]
    pub fn is_refused(&self, reply: &Reply) -> bool {
        let is_over = matches!(reply, Reply::Answer { status: 200..=204 | 404 | 410, .. });
        self.verb == Verb::Unregister && !is_over && !matches!(reply.told(), Told::Later(..))
    }

    /// Seconds after which nobody waits for the reply any more.
    #[must_use]
    pub const fn seconds(&self) -> u32 {
        if matches!(self.verb, Verb::Follow) { LIMIT + WAIT } else { LIMIT }
    }

    /// Seconds after which it is sent again, if nobody has reported what came of it.
    pub(super) const fn patience(&self) -> u64 {
        self.seconds() as u64 + 3
    }

    /// When the token expires. It may outlive a session that has just ended: unregistering comes afterwards.
    #[must_use]
    pub fn token_until(&self, now: Timestamp) -> Timestamp {
        now.plus(TOKEN_LIFETIME)
    }
}
