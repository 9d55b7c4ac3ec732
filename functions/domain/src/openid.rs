//! `OneContactLogin` as an `OpenID` provider: what applications may ask of it, and what it answers.
//!
//! In scope: reading their requests, deciding on them, and the texts that they are given. Out of scope: what a code or
//! a refresh token is good for, which is exact and so for the guard ([`crate::guard`]); signatures, which the platform
//! makes ([`crate::token`]); pages.
//!
//! Each refusal has a reason, for the log. A page shows none of it, and an application only what RFC 6749 lets it know.

mod answer;
mod claims;
mod client_auth;
mod decision;
mod discovery;
#[cfg(test)]
mod fixture;
mod grant;
mod params;
mod request;
mod sign_out;

use kv_schema::directory::Client;
use kv_schema::names::ClientId;

pub use answer::{error_description, token_answer, token_error};
pub use claims::{About, id_token, userinfo};
pub use client_auth::{Credentials, Known, Proof};
pub use decision::{Decision, Meant, MeantAgent, decide};
pub use discovery::discovery;
pub use grant::{Texts, challenge_of};
pub use params::{Params, query, with_query};
pub use request::{Prompt, Refused, Request};
pub use sign_out::{Leaving, SignOut, is_certain};

/// The longest query that is read, in bytes: it goes along with every form of a login.
const LONGEST_QUERY: usize = 4096;
/// The scope without which a request does not belong to `OpenID` Connect.
const OPENID: &str = "openid";
/// The scopes that grant something (`OpenID` Connect Core, section 5.4). Any other is ignored.
const SCOPES: [&str; 3] = [OPENID, "profile", "email"];

/// What an ID token states as `acr` if the agent has proved one thing.
pub const ACR_ONE: &str = "urn:onecontact:acr:one-step";
/// What it states if they have proved two.
pub const ACR_TWO: &str = "urn:onecontact:acr:two-steps";

/// Why a request for tokens is refused: what the client is told (RFC 6749, section 5.2), and what the log says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The code that the client is told.
    pub error: &'static str,
    /// The reason, for the log.
    pub reason: &'static str,
}

impl Fault {
    /// The request is not what it has to be.
    #[must_use]
    pub const fn request(reason: &'static str) -> Self {
        Self { error: "invalid_request", reason }
    }

    /// The client has not proved who it is.
    #[must_use]
    pub const fn client(reason: &'static str) -> Self {
        Self { error: "invalid_client", reason }
    }

    /// The code or the refresh token yields nothing.
    #[must_use]
    pub const fn grant(reason: &'static str) -> Self {
        Self { error: "invalid_grant", reason }
    }

    /// The status of the response.
    #[must_use]
    pub fn status(self) -> u16 {
        if self.error == "invalid_client" { 401 } else { 400 }
    }
}

/// The parameters of an authorization request, and the client that it is from, which has to be looked up before
/// anything else in the request is read.
///
/// # Errors
/// The reason, for the log: it can only be shown on a page, as nobody knows whom else to tell.
pub fn asked(query: &str) -> Result<(Params, ClientId), &'static str> {
    if query.len() > LONGEST_QUERY {
        return Err("request_too_long");
    }
    let params = Params::parse(query.as_bytes());
    if params.is_repeated("client_id") {
        return Err("repeated_client_id");
    }
    let id = params.get("client_id").ok_or("missing_client_id")?;
    let id = ClientId::parse(id).map_err(|_| "unknown_client")?;
    Ok((params, id))
}

/// Whether the key set holds all that this client's tokens need.
#[must_use]
pub fn can_sign(client: &Client, keys: &crate::token::KeySet) -> bool {
    keys.signing().is_some() && keys.signing_by(client.id_token_alg).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_nobody_in_particular_is_told_on_a_page() {
        assert_eq!(asked("client_id=crm&x=y").unwrap().1.as_str(), "crm");
        assert_eq!(asked("").unwrap_err(), "missing_client_id");
        assert_eq!(asked("client_id=").unwrap_err(), "missing_client_id");
        assert_eq!(asked("client_id=a+b").unwrap_err(), "unknown_client");
        assert_eq!(asked("client_id=crm&client_id=crm").unwrap_err(), "repeated_client_id");
        assert_eq!(asked(&format!("client_id=crm&x={}", "y".repeat(4096))).unwrap_err(), "request_too_long");
    }
}
