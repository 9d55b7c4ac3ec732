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
use crate::token::Rejection;
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
    /// Each of them.
    pub const ALL: [Self; 7] = [
        Self::Unlock,
        Self::Reset,
        Self::Disable,
        Self::Enable,
        Self::RequireSecondStep,
        Self::WaiveSecondStep,
        Self::ResetSecondStep,
    ];

    /// How an address has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Reset => "reset",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::RequireSecondStep => "require-second-step",
            Self::WaiveSecondStep => "waive-second-step",
            Self::ResetSecondStep => "reset-second-step",
        }
    }

    fn parse(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == segment)
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
    /// No token, or one that is not accepted.
    NotAuthenticated {
        /// What is wrong with the token, as far as whoever made it is told; nothing where there is none.
        why: Option<&'static str>,
    },
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
    /// The body is said not to be JSON.
    NotJson,
    /// The body is not what the address takes.
    BadBody {
        /// The field that is missing or wrong; empty where it is the body as a whole.
        field: &'static str,
        /// What it has to be.
        rule: &'static str,
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
            Self::NotAuthenticated { .. } => (401, "not_authenticated"),
            Self::InsufficientScope => (403, "insufficient_scope"),
            Self::UnknownAgent => (404, "unknown_agent"),
            Self::UnknownAddress => (404, "unknown_address"),
            Self::MethodNotAllowed { .. } => (405, "method_not_allowed"),
            Self::NotJson => (415, "not_json"),
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
            Self::NotAuthenticated { .. } => "This needs a service's token, signed with its own key, in its time.",
            Self::InsufficientScope => "This service was not given the scope for this.",
            Self::UnknownAgent => "There is no such agent.",
            Self::UnknownAddress => "There is nothing at this address.",
            Self::MethodNotAllowed { .. } => "This address has another method.",
            Self::NotJson => "The body has to be JSON, and to say so: `content-type: application/json`.",
            Self::BadBody { .. } => "The body is not what this address takes.",
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

    /// What a person reads of this one time, to find out what to mend (RFC 9457, section 3.1.4). Nothing of what was sent
    /// stands in it.
    #[must_use]
    pub fn detail(self) -> Option<String> {
        match self {
            Self::NotAuthenticated { why } => why.map(str::to_owned),
            Self::BadBody { field: "", rule } => Some(rule.to_owned()),
            Self::BadBody { field, rule } => Some(["`", field, "` is missing or wrong: ", rule, "."].concat()),
            _ => None,
        }
    }

    /// The value of `WWW-Authenticate`, which this status has to have (RFC 9110, section 15.5.2; RFC 6750, section 3).
    #[must_use]
    pub fn challenge(self) -> Option<String> {
        match self {
            Self::NotAuthenticated { why: None } => Some("Bearer".to_owned()),
            Self::NotAuthenticated { why: Some(why) } => {
                Some(["Bearer error=\"invalid_token\", error_description=\"", why, "\""].concat())
            }
            _ => None,
        }
    }

    /// That a service's token is not accepted, and what of that helps whoever makes such tokens. Which keys and which
    /// services there are, nobody learns by trying: that is one answer.
    #[must_use]
    pub const fn of_token(rejection: Rejection) -> Self {
        let why = match rejection {
            Rejection::Expired => "The token has expired: now is later than its exp.",
            Rejection::FromTheFuture => "The token is not valid yet: its iat is later than now.",
            Rejection::LastsTooLong => "The token lasts too long: its exp is more than five minutes ahead.",
            Rejection::WrongAudience => "The token is for another audience: its aud has to be oneagent-api.",
            Rejection::WrongKind => {
                "The token is of another kind: its typ has to be oneagent-service+jwt, its iss and its sub both the service."
            }
            Rejection::Malformed => "The token is no JWT with iss, sub, aud, iat, exp and jti.",
            _ => "The token is not signed with a key that is declared for its service.",
        };
        Self::NotAuthenticated { why: Some(why) }
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

/// What the fields of a body have to be, by their names.
type Rules = &'static [(&'static str, &'static str)];

/// What a body is read as.
fn read<'b, B: Deserialize<'b>>(body: &'b [u8], rules: Rules) -> Result<B, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| bad(rules, ""))?;
    kv_schema::json::read(text).map_err(|field| bad(rules, field))
}

/// That this field is missing or wrong; the body as a whole, where it is empty.
fn bad(rules: Rules, field: &'static str) -> Refusal {
    let rule = rules.iter().find(|(name, _)| *name == field).map(|(_, rule)| *rule);
    Refusal::BadBody { field, rule: rule.unwrap_or("It has to be one JSON object.") }
}

const OFFER: Rules = &[
    ("id", "1 to 64 letters, digits and ._~:@+=-, the first a letter or a digit"),
    ("interaction", "an object with id, kind, service, from and since"),
    ("kind", "call, email or chat"),
    ("service", "one line of 1 to 80 characters"),
    ("from", "one line of 1 to 80 characters, or null"),
    ("since", "a whole number of seconds since 1970"),
    ("seconds", "a whole number from 1 to 300"),
];

/// The offer that the body of `…/offers` makes.
pub fn proposal(body: &[u8]) -> Result<Proposal, Refusal> {
    let proposal: Proposal = read(body, OFFER)?;
    if !(1..=MOST_SECONDS).contains(&proposal.seconds) {
        Err(bad(OFFER, "seconds"))
    } else if proposal.interaction.since > LATEST {
        Err(bad(OFFER, "since"))
    } else {
        Ok(proposal)
    }
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
    const STATE: Rules = &[
        ("state", "\"ready\", or {\"not_ready\": {\"reason\": …}}"),
        ("reason", "a code of the instance's reasons for being not ready, or null"),
    ];
    read(body, STATE).map(|ChooseState { state }| state)
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
            const RESET: Rules = &[("password_hash", "a PHC string of Argon2id with m >= 19456, t >= 2 and p = 1")];
            let ResetAccount { password_hash: phc } = read(body, RESET)?;
            if password::is_strong_enough(&phc) != Ok(true) {
                return Err(bad(RESET, "password_hash"));
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
    let EndSession { reason } = read(body, &[("reason", "forced or disabled")])?;
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

    #[test]
    fn a_bad_body_is_told_by_its_field_with_what_that_has_to_be_and_nothing_of_its_content() {
        let offer = |change: &str, to: &str| {
            let sound =
                r#"{"id":"o-1","interaction":{"id":"c-1","kind":"call","service":"Sales","since":1},"seconds":20}"#;
            let body = sound.replace(change, to);
            proposal(body.as_bytes()).map_err(|refusal| refusal.detail().unwrap())
        };
        assert!(offer("", "").is_ok());
        for (change, to, field) in [
            ("o-1", "hush hush", "id"),
            ("\"id\":\"o-1\",", "", "id"),
            ("\"kind\":\"call\"", "\"kind\":\"hush\"", "kind"),
            ("Sales", "", "service"),
            ("\"since\":1", "\"since\":253402300800", "since"),
            ("\"seconds\":20", "\"seconds\":301", "seconds"),
            ("\"seconds\":20", "\"seconds\":\"hush\"", "seconds"),
            ("\"interaction\":{", "\"other\":{", "interaction"),
        ] {
            let detail = offer(change, to).unwrap_err();
            assert!(detail.starts_with(&format!("`{field}` is missing or wrong: ")), "{to}: {detail}");
            assert!(!detail.contains("hush"), "{detail}");
            assert!(OFFER.iter().any(|(name, rule)| *name == field && detail.contains(rule)), "{detail}");
        }
        for whole in [&b"hush"[..], b"[]", b"null", b"{", b"\xFF", b""] {
            let detail = proposal(whole).unwrap_err().detail();
            assert_eq!(detail.as_deref(), Some("It has to be one JSON object."), "{whole:?}");
        }
        let told = |body: &str| state(body.as_bytes()).unwrap_err().detail().unwrap();
        assert!(told(r#"{"state":"asleep"}"#).starts_with("`state` is"));
        assert!(told(r#"{"state":{"not_ready":{"reason":"A B"}}}"#).starts_with("`reason` is"));
        let reset = |body: &str| operation(AccountAction::Reset, body.as_bytes(), Timestamp(1)).unwrap_err();
        for body in ["{}", r#"{"password_hash":"hush"}"#] {
            let detail = reset(body).detail().unwrap();
            assert!(detail.starts_with("`password_hash` is") && !detail.contains("hush\""), "{detail}");
        }
    }

    #[test]
    fn a_token_is_refused_with_what_helps_its_maker_and_no_word_on_which_keys_there_are() {
        use Rejection::*;
        let challenge = |rejection| Refusal::of_token(rejection).challenge().unwrap();
        let apart = [Expired, FromTheFuture, LastsTooLong, WrongAudience, WrongKind, Malformed, UnknownKey];
        let told: std::collections::HashSet<String> = apart.into_iter().map(challenge).collect();
        assert_eq!(told.len(), apart.len());
        assert_eq!(challenge(UnknownKey), challenge(BadSignature));
        for challenge in told {
            let description = challenge.strip_prefix("Bearer error=\"invalid_token\", error_description=\"").unwrap();
            let description = description.strip_suffix('"').unwrap();
            // RFC 6750, section 3.
            assert!(
                description.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E)),
                "{description}"
            );
        }
        assert_eq!(Refusal::NotAuthenticated { why: None }.challenge().as_deref(), Some("Bearer"));
    }
}
