//! The API that other systems ask: what they may ask for, and what keeps them from it.
//!
//! Who asks is found out in [`crate::token::service`]; whatever is not allowed there and here is refused.

use kv_schema::directory::Scope;
use kv_schema::names::{InstanceId, ServiceName, Username};
use kv_schema::sessions::EndReason;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::desk::Ending;
use crate::token::service::Caller;

/// Bytes of the largest body that is read.
pub const LARGEST_BODY: usize = 1024;

/// Something about one agent: `/api/v1/instances/<instance id>/agents/<username>…`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
    /// What is asked.
    pub what: What,
}

/// What is asked about an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// GET: who is signed in and in which state.
    Look,
    /// POST `…/end-session`: to end what session there is.
    EndSession,
}

impl Call {
    /// Reads what stands behind `/api/` in a path.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let mut segments = path.split('/');
        let mut is_next = |wanted: &str| segments.next() == Some(wanted);
        if !(is_next("v1") && is_next("instances")) {
            return None;
        }
        let instance = InstanceId::parse(segments.next()?).ok()?;
        (segments.next()? == "agents").then_some(())?;
        let agent = percent_decode_str(segments.next()?).decode_utf8().ok()?;
        let agent = Username::parse(&agent).ok()?;
        let what = match (segments.next(), segments.next()) {
            (None, None) => What::Look,
            (Some("end-session"), None) => What::EndSession,
            _ => return None,
        };
        Some(Self { instance, agent, what })
    }

    /// Whether `caller` may ask this.
    ///
    /// # Errors
    /// Without the scope [`Refusal::InsufficientScope`], whatever it is about. Of an instance that is none of its business
    /// a caller learns nothing: neither whether it is there nor whether the agent is.
    pub fn admits(&self, caller: &Caller) -> Result<(), Refusal> {
        let scope = match self.what {
            What::Look => Scope::AgentsRead,
            What::EndSession => Scope::SessionsEnd,
        };
        if !caller.may(scope) {
            Err(Refusal::InsufficientScope)
        } else if caller.reaches(&self.instance) {
            Ok(())
        } else {
            Err(Refusal::UnknownAgent)
        }
    }
}

/// Why something is not done for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No token, or one that is not accepted. Which of the two, and why, stands in the log alone.
    NotAuthenticated,
    /// The service was not given the scope.
    InsufficientScope,
    /// No such agent, or none of the service's business.
    UnknownAgent,
    /// The address means nothing.
    UnknownAddress,
    /// The address has another method.
    MethodNotAllowed {
        /// The value of `Allow` (RFC 9110, section 10.2.1).
        allow: &'static str,
    },
    /// The body is not what the address takes.
    BadBody,
}

impl Refusal {
    /// The status of the answer (RFC 9110, section 15).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NotAuthenticated => 401,
            Self::InsufficientScope => 403,
            Self::UnknownAgent | Self::UnknownAddress => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::BadBody => 400,
        }
    }

    /// A stable name for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAuthenticated => "not_authenticated",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnknownAgent => "unknown_agent",
            Self::UnknownAddress => "unknown_address",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::BadBody => "bad_body",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NotAuthenticated => "This needs a service's token, signed with its own key, in its time.",
            Self::InsufficientScope => "This service was not given the scope for this.",
            Self::UnknownAgent => "There is no such agent.",
            Self::UnknownAddress => "There is nothing at this address.",
            Self::MethodNotAllowed { .. } => "This address has another method.",
            Self::BadBody => "The body has to be JSON: {\"reason\":\"forced\"} or {\"reason\":\"disabled\"}.",
        }
    }
}

#[derive(Deserialize)]
struct EndSession {
    reason: Reason,
}

/// The reasons that a service can have.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reason {
    Forced,
    Disabled,
}

/// How the session is to be ended that the body of `…/end-session` asks to end: in the name of `by`.
pub fn ending(body: &[u8], by: &ServiceName) -> Result<Ending, Refusal> {
    let body = std::str::from_utf8(body).map_err(|_| Refusal::BadBody)?;
    let EndSession { reason } = kv_schema::json::from_str(body).map_err(|_| Refusal::BadBody)?;
    let reason = match reason {
        Reason::Forced => EndReason::Forced,
        Reason::Disabled => EndReason::Disabled,
    };
    Ok(Ending { reason, by: Some(by.as_str().to_owned()), browser: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_call_names_an_agent_and_what_is_asked() {
        let (instance, agent) = (fixture::id(1), Username::parse("desk.élan").unwrap());
        let call = |what| Some(Call { instance: instance.clone(), agent: agent.clone(), what });
        let path = format!("v1/instances/{instance}/agents/Desk.%C3%A9lan");
        assert_eq!(Call::parse(&path), call(What::Look));
        assert_eq!(Call::parse(&format!("{path}/end-session")), call(What::EndSession));
    }

    #[test]
    fn whatever_is_no_call_is_none() {
        let id = fixture::id(1);
        for path in [
            "",
            "v1",
            "v2/instances/{id}/agents/a",
            "v1/instances/{id}",
            "v1/instances/{id}/agents",
            "v1/instances/{id}/agents/",
            "v1/instances/{id}/agents/%FF",
            "v1/instances/{id}/agents/a%3Ab",
            "v1/instances/acme/agents/a",
            "v1/instances/{id}/agents/a/",
            "v1/instances/{id}/agents/a/end-session/",
            "v1/instances/{id}/agents/a/start",
        ] {
            assert_eq!(Call::parse(&path.replace("{id}", id.as_str())), None, "{path}");
        }
    }

    #[test]
    fn a_session_is_ended_in_the_services_name_for_a_reason_that_a_service_can_have() {
        let by = ServiceName::parse("supervisor").unwrap();
        for (text, reason) in [("forced", EndReason::Forced), ("disabled", EndReason::Disabled)] {
            let ending = ending(format!(r#"{{"reason":"{text}"}}"#).as_bytes(), &by);
            assert_eq!(ending, Ok(Ending { reason, by: Some("supervisor".into()), browser: None }));
        }
        for body in ["", "{}", r#"{"reason":"taken_over"}"#, r#"{"reason":1}"#, r#"["forced"]"#, "reason=forced"] {
            assert_eq!(ending(body.as_bytes(), &by), Err(Refusal::BadBody), "{body}");
        }
    }
}
