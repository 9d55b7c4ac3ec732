//! What keeps a service from what it asks for, and what it is told about that.

use crate::desk::Answer;
use crate::token::Rejection;

/// Why something is not done for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No token, or one that is not accepted.
    NotAuthenticated {
        /// What is wrong with the token, as far as its maker is told; `None` if there is no token.
        why: Option<&'static str>,
    },
    /// The service was not given the scope.
    InsufficientScope,
    /// No such agent, or none of the service's business.
    UnknownAgent,
    /// No such instance, or none of the service's business.
    UnknownInstance,
    /// The address means nothing.
    UnknownAddress,
    /// The address takes another method.
    MethodNotAllowed {
        /// The value of `Allow` (RFC 9110, section 10.2.1).
        allow: &'static str,
    },
    /// The body is declared not to be JSON.
    NotJson,
    /// Nothing states the length of the body.
    LengthRequired,
    /// The body is longer than [`super::LARGEST_BODY`].
    TooLarge,
    /// The body is not what the address takes.
    BadBody {
        /// The field that is missing or wrong; empty if it is the body as a whole.
        field: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
    /// The query is not what the address takes.
    BadQuery {
        /// What it has to be.
        rule: &'static str,
    },
    /// The instance has no such reason for not being ready.
    UnknownReason,
    /// No such offer was made to this agent recently.
    UnknownOffer,
    /// A different offer was already made with this id.
    OfferDiffers,
    /// Too many offers were made to this agent recently.
    TooManyOffers,
    /// Nobody is signed in.
    NobodySignedIn,
    /// This is not possible in the agent's current state.
    NotNow,
    /// The agent lacks something needed to be ready.
    Missing,
}

impl Refusal {
    /// The status of the response (RFC 9110, section 15), and a stable name for programs.
    const fn told(self) -> (u16, &'static str) {
        match self {
            Self::NotAuthenticated { .. } => (401, "not_authenticated"),
            Self::InsufficientScope => (403, "insufficient_scope"),
            Self::UnknownAgent => (404, "unknown_agent"),
            Self::UnknownInstance => (404, "unknown_instance"),
            Self::UnknownAddress => (404, "unknown_address"),
            Self::MethodNotAllowed { .. } => (405, "method_not_allowed"),
            Self::NotJson => (415, "not_json"),
            Self::LengthRequired => (411, "length_required"),
            Self::TooLarge => (413, "too_large"),
            Self::BadBody { .. } => (400, "bad_body"),
            Self::BadQuery { .. } => (400, "bad_query"),
            Self::UnknownReason => (400, "unknown_reason"),
            Self::UnknownOffer => (404, "unknown_offer"),
            Self::OfferDiffers => (409, "offer_differs"),
            Self::TooManyOffers => (429, "too_many_offers"),
            Self::NobodySignedIn => (409, "nobody_signed_in"),
            Self::NotNow => (409, "not_now"),
            Self::Missing => (409, "missing"),
        }
    }

    /// The status of the response (RFC 9110, section 15).
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
            Self::NotAuthenticated { .. } => "This needs a valid token, signed by a service with its own key.",
            Self::InsufficientScope => "This service does not have the scope for this.",
            Self::UnknownAgent => "No such agent.",
            Self::UnknownInstance => "No such instance.",
            Self::UnknownAddress => "There is nothing at this address.",
            Self::MethodNotAllowed { .. } => "This address does not support this method.",
            Self::NotJson => "The body must be JSON, sent with `content-type: application/json`.",
            Self::LengthRequired => "The body must have a length: `content-length`.",
            Self::TooLarge => "The body is longer than 4096 bytes.",
            Self::BadBody { .. } => "The body does not match what this address expects.",
            Self::BadQuery { rule } => rule,
            Self::UnknownReason => "The instance has no such reason for being not ready.",
            Self::UnknownOffer => "No such offer was made to this agent in the last day.",
            Self::OfferDiffers => "A different offer was already made with this id.",
            Self::TooManyOffers => "Too many offers were made to this agent in the last day.",
            Self::NobodySignedIn => "The agent is not signed in.",
            Self::NotNow => "This is not possible in the agent's current state.",
            Self::Missing => "The agent lacks something needed to be ready.",
        }
    }

    /// What a person reads about this one occasion, to find out what to mend (RFC 9457, section 3.1.4). It contains
    /// nothing of what was sent.
    #[must_use]
    pub fn detail(self) -> Option<String> {
        match self {
            Self::NotAuthenticated { why } => why.map(str::to_owned),
            Self::BadBody { field: "", rule } => Some(rule.to_owned()),
            Self::BadBody { field, rule } => Some(["`", field, "` is missing or wrong: ", rule, "."].concat()),
            _ => None,
        }
    }

    /// The value of `WWW-Authenticate`, which a 401 must have (RFC 9110, section 15.5.2; RFC 6750, section 3).
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

    /// The refusal of a service's token, with what helps those who make such tokens. Nobody learns by trying which keys
    /// and which services exist: those share one answer.
    #[must_use]
    pub const fn of_token(rejection: Rejection) -> Self {
        let why = match rejection {
            Rejection::Expired => "The token has expired: now is later than its exp.",
            Rejection::FromTheFuture => "The token is not valid yet: its iat, or its nbf, is later than now.",
            Rejection::LastsTooLong => "The token lasts too long: its exp is more than five minutes ahead.",
            Rejection::WrongAudience => "The token is for another audience: its aud must be oneagent-api.",
            Rejection::WrongKind => {
                "The token is of another kind: its typ must be oneagent-service+jwt, and its iss and sub both the service."
            }
            Rejection::Malformed => {
                "The token is not a JWT with iss, sub, aud, iat, exp and jti, or its header has crit."
            }
            _ => "The token is not signed with a key declared for its service.",
        };
        Self::NotAuthenticated { why: Some(why) }
    }

    /// What a desk's answer means, if it is none of those hoped for; `None` if it is something else.
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
