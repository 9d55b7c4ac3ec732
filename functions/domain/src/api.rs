//! The API that other systems ask: what they may ask for, and what keeps them from it.
//!
//! Who asks is found out in [`crate::token::service`]; whatever is not allowed there and here is refused.

use kv_schema::Timestamp;
use kv_schema::directory::Scope;
use kv_schema::names::{InstanceId, ServiceName, Username};
use kv_schema::sessions::EndReason;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::address::query_value;
use crate::desk::{Answer, Ending, MOST_SECONDS, Next, Proposal, RoutingId};
use crate::guard::Operation;
use crate::password;
use crate::token::service::Caller;

/// Bytes of the largest body that is read.
pub const LARGEST_BODY: usize = 4096;

/// The latest time that is taken for one: the end of the year 9999.
const LATEST: Timestamp = Timestamp(253_402_300_799);

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// GET: who is signed in and in which state.
    Look,
    /// POST `…/state`: to change the state.
    ChooseState,
    /// POST `…/end-session`: to end what session there is.
    EndSession,
    /// POST `…/offers`: to offer an interaction.
    Offer,
    /// GET `…/offers/<id>`: how an offer stands.
    FindOffer(RoutingId),
    /// POST `…/offers/<id>/cancel`: to take an offer back.
    CancelOffer(RoutingId),
    /// POST `…/interactions/<id>/end`: to end an interaction.
    EndInteraction(RoutingId),
    /// POST `…/account/<action>`: to change the account itself.
    Account(AccountAction),
}

/// What is done to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountAction {
    /// `unlock`: ends a lock.
    Unlock,
    /// `reset`: gives the agent another password.
    Reset,
    /// `disable`: keeps the agent out.
    Disable,
    /// `enable`: lets the agent in again.
    Enable,
    /// `require-second-step`: wants more than a password of the agent.
    RequireSecondStep,
    /// `waive-second-step`: wants it only where that is declared.
    WaiveSecondStep,
    /// `reset-second-step`: forgets the agent's authenticator app, passkeys, recovery codes and devices.
    ResetSecondStep,
}

impl AccountAction {
    fn parse(segment: &str) -> Option<Self> {
        Some(match segment {
            "unlock" => Self::Unlock,
            "reset" => Self::Reset,
            "disable" => Self::Disable,
            "enable" => Self::Enable,
            "require-second-step" => Self::RequireSecondStep,
            "waive-second-step" => Self::WaiveSecondStep,
            "reset-second-step" => Self::ResetSecondStep,
            _ => return None,
        })
    }
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
        let what = match (segments.next(), segments.next(), segments.next()) {
            (None, None, None) => What::Look,
            (Some("state"), None, None) => What::ChooseState,
            (Some("end-session"), None, None) => What::EndSession,
            (Some("offers"), None, None) => What::Offer,
            (Some("offers"), Some(id), None) => What::FindOffer(routing_id(id)?),
            (Some("offers"), Some(id), Some("cancel")) => What::CancelOffer(routing_id(id)?),
            (Some("account"), Some(action), None) => What::Account(AccountAction::parse(action)?),
            (Some("interactions"), Some(id), Some("end")) => What::EndInteraction(routing_id(id)?),
            _ => return None,
        };
        segments.next().is_none().then_some(Self { instance, agent, what })
    }

    /// Whether `caller` may ask this.
    ///
    /// # Errors
    /// Without the scope [`Refusal::InsufficientScope`], whatever it is about. Of an instance that is none of its business
    /// a caller learns nothing: neither whether it is there nor whether the agent is.
    pub fn admits(&self, caller: &Caller) -> Result<(), Refusal> {
        let scope = match self.what {
            What::Look => Scope::AgentsRead,
            What::ChooseState => Scope::AgentsState,
            What::EndSession => Scope::SessionsEnd,
            What::Offer => Scope::OffersMake,
            What::FindOffer(_) => Scope::OffersRead,
            What::CancelOffer(_) => Scope::OffersCancel,
            What::EndInteraction(_) => Scope::InteractionsEnd,
            What::Account(_) => Scope::AccountsManage,
        };
        if !caller.may(scope) {
            Err(Refusal::InsufficientScope)
        } else if caller.reaches(&self.instance) {
            Ok(())
        } else {
            Err(Refusal::UnknownAgent)
        }
    }

    /// The value of `Allow` (RFC 9110, section 10.2.1).
    #[must_use]
    pub const fn allow(&self) -> &'static str {
        match self.what {
            What::Look | What::FindOffer(_) => "GET, HEAD",
            _ => "POST",
        }
    }
}

fn routing_id(segment: &str) -> Option<RoutingId> {
    let id = percent_decode_str(segment).decode_utf8().ok()?;
    RoutingId::try_from(id.into_owned()).ok()
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
    BadBody {
        /// What it takes, for a person.
        takes: &'static str,
    },
    /// The query is not what the address takes.
    BadQuery,
    /// The instance has no such reason for being not ready.
    UnknownReason,
    /// No such offer was made to this agent of late.
    UnknownOffer,
    /// An offer with this id was made before, and was another one.
    OfferDiffers,
    /// Too many offers were made to this agent of late.
    TooManyOffers,
    /// Nobody is signed in.
    NobodySignedIn,
    /// Not in the state that the agent is in.
    NotNow,
    /// The agent lacks something that being ready needs.
    Missing,
}

impl Refusal {
    /// The status of the answer (RFC 9110, section 15), and a stable name for programs.
    const fn told(self) -> (u16, &'static str) {
        match self {
            Self::NotAuthenticated => (401, "not_authenticated"),
            Self::InsufficientScope => (403, "insufficient_scope"),
            Self::UnknownAgent => (404, "unknown_agent"),
            Self::UnknownAddress => (404, "unknown_address"),
            Self::MethodNotAllowed { .. } => (405, "method_not_allowed"),
            Self::BadBody { .. } => (400, "bad_body"),
            Self::BadQuery => (400, "bad_query"),
            Self::UnknownReason => (400, "unknown_reason"),
            Self::UnknownOffer => (404, "unknown_offer"),
            Self::OfferDiffers => (409, "offer_differs"),
            Self::TooManyOffers => (429, "too_many_offers"),
            Self::NobodySignedIn => (409, "nobody_signed_in"),
            Self::NotNow => (409, "not_now"),
            Self::Missing => (409, "missing"),
        }
    }

    /// The status of the answer (RFC 9110, section 15).
    #[must_use]
    pub const fn status(self) -> u16 {
        self.told().0
    }

    /// A stable name for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.told().1
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
            Self::BadBody { takes } => takes,
            Self::BadQuery => "`wait` is a number of seconds from 0 to 300.",
            Self::UnknownReason => "The instance has no such reason for being not ready.",
            Self::UnknownOffer => "No such offer was made to this agent within a day.",
            Self::OfferDiffers => "An offer with this id was made before, and was another one.",
            Self::TooManyOffers => "Too many offers were made to this agent within a day.",
            Self::NobodySignedIn => "The agent is not signed in.",
            Self::NotNow => "Not in the state that the agent is in.",
            Self::Missing => "The agent lacks something that being ready needs.",
        }
    }

    /// What a desk's answer means that is none of those that were hoped for; `None` where it answers something else.
    #[must_use]
    pub const fn of(answer: &Answer) -> Option<Self> {
        use crate::desk::Refusal as Refused;
        Some(match answer {
            Answer::Differs => Self::OfferDiffers,
            Answer::Unknown => Self::UnknownOffer,
            Answer::Full => Self::TooManyOffers,
            Answer::Nobody => Self::NobodySignedIn,
            Answer::Refused(Refused::NotAllowed) => Self::UnknownReason,
            Answer::Refused(Refused::Missing) => Self::Missing,
            Answer::Refused(_) => Self::NotNow,
            _ => return None,
        })
    }
}

/// What a body is read as; `takes` says what it should have been.
fn read<'b, B: Deserialize<'b>>(body: &'b [u8], takes: &'static str) -> Result<B, Refusal> {
    let text = std::str::from_utf8(body).ok();
    text.and_then(|text| kv_schema::json::from_str(text).ok()).ok_or(Refusal::BadBody { takes })
}

const TAKES_OFFER: &str = "The body has to be JSON: {\"id\", \"interaction\": {\"id\", \"kind\", \"service\", \"from\", \"since\"}, \
     \"seconds\"}, each within its bounds.";

/// The offer that the body of `…/offers` makes.
pub fn proposal(body: &[u8]) -> Result<Proposal, Refusal> {
    let proposal: Proposal = read(body, TAKES_OFFER)?;
    let is_sound = (1..=MOST_SECONDS).contains(&proposal.seconds) && proposal.interaction.since <= LATEST;
    if is_sound { Ok(proposal) } else { Err(Refusal::BadBody { takes: TAKES_OFFER }) }
}

/// For how many seconds at most the caller waits for an outcome, as the query says; 0 where it says nothing.
pub fn wait(query: &str) -> Result<u32, Refusal> {
    let Some(wait) = query_value(query, "wait") else { return Ok(0) };
    wait.parse().ok().filter(|wait| *wait <= MOST_SECONDS).ok_or(Refusal::BadQuery)
}

#[derive(Deserialize)]
struct ChooseState {
    state: Next,
}

/// The state that the body of `…/state` chooses.
pub fn state(body: &[u8]) -> Result<Next, Refusal> {
    let takes = "The body has to be JSON: {\"state\":\"ready\"} or {\"state\":{\"not_ready\":{\"reason\":\"…\"}}}.";
    read(body, takes).map(|ChooseState { state }| state)
}

#[derive(Deserialize)]
struct ResetAccount {
    password_hash: String,
}

/// What `…/account/<action>` does, called at `at` by the clock of who declares.
pub fn operation(action: AccountAction, body: &[u8], at: Timestamp) -> Result<Operation, Refusal> {
    Ok(match action {
        AccountAction::Unlock => Operation::Unlock,
        AccountAction::Disable => Operation::Disable,
        AccountAction::Enable => Operation::Enable,
        AccountAction::RequireSecondStep => Operation::RequireSecondStep,
        AccountAction::WaiveSecondStep => Operation::WaiveSecondStep,
        AccountAction::ResetSecondStep => Operation::ResetSecondStep,
        AccountAction::Reset => {
            let takes = "The body has to be JSON: {\"password_hash\":\"…\"}, a PHC string of Argon2id with m >= 19456, t >= 2, p = 1.";
            let ResetAccount { password_hash: phc } = read(body, takes)?;
            if password::is_strong_enough(&phc) != Ok(true) {
                return Err(Refusal::BadBody { takes });
            }
            Operation::Reset { phc, at }
        }
    })
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
    let takes = "The body has to be JSON: {\"reason\":\"forced\"} or {\"reason\":\"disabled\"}.";
    let EndSession { reason } = read(body, takes)?;
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
        let unlock = What::Account(AccountAction::Unlock);
        assert_eq!(Call::parse(&format!("{path}/account/unlock")), call(unlock));
        assert_eq!(Call::parse(&format!("{path}/account/open")), None);
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
            assert_eq!(ending(body.as_bytes(), &by).map_err(Refusal::code), Err("bad_body"), "{body}");
        }
    }
}
