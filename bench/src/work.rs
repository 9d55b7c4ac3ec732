//! The works that are compared, who does each, and what is asked of them.

use std::time::Duration;

use serde::Serialize;

use crate::contestant::Contestant;

/// A work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Work {
    /// A constant answer, through the real router.
    Constant,
    /// The login page, for a browser that has been here before.
    Login,
    /// A page that needs a session, with a valid token.
    Session,
    /// The same with a forged token.
    Forged,
    /// The same with a token past half its life, which is renewed. For `OpenAuth`: its token endpoint.
    Renewal,
    /// The verification of a bearer's own `EdDSA`-signed token. Ours is a service's, which lacks the scope for what it
    /// asks, so that no desk is asked; the service is told so.
    Bearer,
    /// An access token for another application, signed with `EdDSA`, for a page with a valid session.
    AccessToken,
    /// The keys with which others verify access tokens.
    Jwks,
    /// An offer, from routing's request until its agent is ready again. No peer has anything like it.
    Offer,
    /// Signing in, with next to nothing in place of the password hash.
    SignIn,
    /// The same with an extension, whose lease is requested after the answer. No peer has anything like it.
    SignInExtension,
    /// Signing in.
    SignInHashed,
}

impl Work {
    pub(crate) const ALL: [Self; 12] = [
        Self::Constant,
        Self::Login,
        Self::Session,
        Self::Forged,
        Self::Renewal,
        Self::Bearer,
        Self::AccessToken,
        Self::Jwks,
        Self::Offer,
        Self::SignIn,
        Self::SignInExtension,
        Self::SignInHashed,
    ];

    /// Its name for `--only`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Login => "login",
            Self::Session => "session",
            Self::Forged => "forged",
            Self::Renewal => "renewal",
            Self::Bearer => "bearer",
            Self::AccessToken => "access-token",
            Self::Jwks => "jwks",
            Self::Offer => "offer",
            Self::SignIn => "sign-in",
            Self::SignInExtension => "sign-in-extension",
            Self::SignInHashed => "sign-in-hashed",
        }
    }

    /// Its title in tables and plots.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Constant => "Constant answer",
            Self::Login => "Login page",
            Self::Session => "Page with a valid session",
            Self::Forged => "Page with a forged token",
            Self::Renewal => "Renewal of a session",
            Self::Bearer => "Bearer token verified (EdDSA)",
            Self::AccessToken => "Access token issued (EdDSA)",
            Self::Jwks => "Key set (JWKS)",
            Self::Offer => "Offer accepted, over",
            Self::SignIn => "Sign-in without the hash",
            Self::SignInExtension => "Sign-in with an extension, without the hash",
            Self::SignInHashed => "Sign-in",
        }
    }

    /// Who does it, the floor first.
    pub(crate) const fn contestants(self) -> &'static [Contestant] {
        use Contestant::{
            BetterAuth, Floor, FloorWithHeaders, FloorWithObjects, Hono, Jose, OneContact, OneContactUnhashed, OpenAuth,
        };
        match self {
            Self::Constant => &[Floor, FloorWithHeaders, OneContact, Hono],
            Self::Login => &[Floor, FloorWithHeaders, OneContact, Hono, OpenAuth],
            Self::Session => &[Floor, FloorWithHeaders, OneContact, Hono, Jose, BetterAuth],
            Self::Forged => &[Floor, OneContact, Hono, Jose, BetterAuth],
            Self::Renewal => &[Floor, OneContact, Hono, Jose, OpenAuth],
            Self::Bearer | Self::AccessToken => &[Floor, OneContact, Jose],
            Self::Jwks => &[Floor, OneContact, OpenAuth],
            Self::Offer => &[Floor, OneContact],
            Self::SignInExtension => &[Floor, OneContactUnhashed],
            Self::SignIn => &[Floor, FloorWithObjects, OneContactUnhashed, OpenAuth, BetterAuth],
            Self::SignInHashed => &[Floor, OneContact, OpenAuth, BetterAuth],
        }
    }

    /// How long each is under load in a round. A hash is slow, and a mean needs a few; where an answer takes next to
    /// nothing, V8 collects garbage once in some 25,000 of them, for a tenth of a second.
    pub(crate) const fn slice(self) -> Duration {
        match self {
            Self::SignInHashed => Duration::from_millis(2500),
            Self::Constant | Self::Login | Self::Session | Self::Forged => Duration::from_millis(1500),
            _ => Duration::from_secs(1),
        }
    }
}
