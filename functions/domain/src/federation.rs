//! Signing in at an instance's own `OpenID` provider, as its client (`OpenID` Connect Core, section 3.1; OAuth 2.0
//! Security Best Current Practice, RFC 9700).
//!
//! In scope: what the provider is asked, and whether its answers are to be believed. Out of scope: asking it, and the
//! mathematics of signatures, which the edge has the platform do.
//!
//! Whatever a provider states is checked against what the operator has declared. Each refusal has a name for the log;
//! people only learn that signing in did not work.

mod begin;
mod callback;
mod created;
mod discovery;
mod exchange;
mod id_token;
mod keys;

#[cfg(test)]
mod tests;

pub use begin::{Client, Parting, Wishes, authorization, end_session};
pub use callback::Callback;
pub use created::{Profile, Vouched, agent_of, vouched};
pub use discovery::Discovered;
pub use exchange::{Answered, TokenRequest, assertion};
pub use id_token::{AccountName, Expected, IdToken, Identity};
pub use keys::{Algorithm, PublicKey, PublicKeys};

use crate::token::Rejection;

/// The longest document that a provider may answer with, in bytes.
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// Why a provider's answer does not sign an agent in. For the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The browser was not sent there, or too long ago, or it was another one: the errand's token is not valid.
    Flow(Rejection),
    /// The browser has no token of such an errand.
    FlowMissing,
    /// The errand of another browser.
    OtherBrowser,
    /// The errand of another front, or of an instance that is not served there.
    OtherPlace,
    /// The answer has no state.
    StateMissing,
    /// The answer has a state that is not this errand's.
    StateForeign,
    /// A parameter of the answer is repeated or too long, or there is neither a code nor an error.
    AnswerMalformed,
    /// The answer comes from a provider other than the one asked (RFC 9207).
    AnswerOfAnother,
    /// The answer does not name its issuer, although the provider states that its answers do.
    AnswerOfNobody,
    /// The provider answered with an error.
    ProviderError,
    /// The discovery document is not valid.
    DiscoveryMalformed,
    /// The discovery document belongs to another issuer.
    DiscoveryOfAnother,
    /// An endpoint in the discovery document is missing, or must not be called.
    EndPoint,
    /// The provider lacks something needed: the code flow, PKCE with S256, or a known signing algorithm.
    Unsuited,
    /// The provider's keys are not valid.
    KeysMalformed,
    /// The secret or the key by which this deployment authenticates is missing.
    NoProof,
    /// The provider refuses the code.
    CodeRefused,
    /// The provider's answer to the code is not valid.
    TokensMalformed,
    /// The provider does not answer, or says that it cannot.
    Unreachable,
    /// The provider answers with a redirect.
    Redirected,
    /// The provider's answer is too long, or not text.
    TooLong,
    /// The ID token is not a JWT.
    IdTokenMalformed,
    /// Its algorithm is not one of the three accepted, or not that of its key.
    Algorithm,
    /// It is signed with a key that the provider does not publish.
    KeyUnknown,
    /// Its signature is not the key's.
    Signature,
    /// It was issued by somebody else.
    Issuer,
    /// It is for another client.
    Audience,
    /// It was requested by another client.
    AuthorizedParty,
    /// It has expired, or had when it was issued.
    Expired,
    /// It is dated in the future.
    FromTheFuture,
    /// It is the answer to another request.
    Nonce,
    /// It belongs to a different access token.
    AccessTokenHash,
    /// The agent signed in there longer ago than the request allows.
    SignedInTooLongAgo,
    /// An application wants to know when the agent signed in, and the provider does not say.
    AuthTimeMissing,
    /// The claim that says which agent it is, is missing or not valid.
    AccountClaim,
    /// The provider does not state that the e-mail address was verified.
    EmailUnverified,
    /// There is no such agent in the instance.
    UnknownAccount,
    /// The agent may not sign in.
    Disabled,
    /// The provider does not state about an undeclared person what would make them an agent.
    RequiredClaim,
    /// The name is that of an agent whom the provider has vouched for as somebody else.
    OtherSubject,
    /// The provider has nowhere to sign out.
    NoSignOut,
}

impl Refusal {
    /// Whether outdated keys may be the cause: the provider may have added one since, or replaced one that has no id or
    /// the same id.
    #[must_use]
    pub const fn may_come_of_older_keys(self) -> bool {
        matches!(self, Self::KeyUnknown | Self::Algorithm | Self::Signature)
    }

    /// A stable name for logs and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Flow(Rejection::Expired) => "flow_expired",
            Self::Flow(_) => "flow_refused",
            Self::FlowMissing => "flow_missing",
            Self::OtherBrowser => "flow_of_other_browser",
            Self::OtherPlace => "flow_of_other_place",
            Self::StateMissing => "state_missing",
            Self::StateForeign => "state_foreign",
            Self::AnswerMalformed => "answer_malformed",
            Self::AnswerOfAnother => "answer_of_another_issuer",
            Self::AnswerOfNobody => "answer_without_issuer",
            Self::ProviderError => "provider_error",
            Self::DiscoveryMalformed => "discovery_malformed",
            Self::DiscoveryOfAnother => "discovery_of_another_issuer",
            Self::EndPoint => "discovery_end_point",
            Self::Unsuited => "provider_unsuited",
            Self::KeysMalformed => "keys_malformed",
            Self::NoProof => "no_client_proof",
            Self::CodeRefused => "code_refused",
            Self::TokensMalformed => "tokens_malformed",
            Self::Unreachable => "provider_unreachable",
            Self::Redirected => "provider_redirects",
            Self::TooLong => "answer_too_long",
            Self::IdTokenMalformed => "id_token_malformed",
            Self::Algorithm => "id_token_algorithm",
            Self::KeyUnknown => "id_token_key_unknown",
            Self::Signature => "id_token_signature",
            Self::Issuer => "id_token_issuer",
            Self::Audience => "id_token_audience",
            Self::AuthorizedParty => "id_token_authorized_party",
            Self::Expired => "id_token_expired",
            Self::FromTheFuture => "id_token_from_the_future",
            Self::Nonce => "id_token_nonce",
            Self::AccessTokenHash => "id_token_access_token_hash",
            Self::SignedInTooLongAgo => "signed_in_too_long_ago",
            Self::AuthTimeMissing => "auth_time_missing",
            Self::AccountClaim => "account_claim",
            Self::EmailUnverified => "email_unverified",
            Self::UnknownAccount => "unknown_account",
            Self::Disabled => "disabled",
            Self::RequiredClaim => "required_claim",
            Self::OtherSubject => "other_subject",
            Self::NoSignOut => "no_end_session_endpoint",
        }
    }

    /// Whether the provider is only unavailable at the moment, so that trying again later may help.
    #[must_use]
    pub const fn is_outage(self) -> bool {
        matches!(self, Self::Unreachable)
    }

    /// Whether an operator, here or at the provider, has to do something about it.
    #[must_use]
    pub const fn is_for_the_operator(self) -> bool {
        matches!(
            self,
            Self::DiscoveryMalformed
                | Self::DiscoveryOfAnother
                | Self::EndPoint
                | Self::Unsuited
                | Self::KeysMalformed
                | Self::NoProof
                | Self::TokensMalformed
                | Self::Unreachable
                | Self::Redirected
                | Self::TooLong
        )
    }
}
