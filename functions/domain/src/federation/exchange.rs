//! Redeeming the code (RFC 6749, section 4.1.3): what the provider is sent, and what it answers.

use base64ct::{Base64, Encoding};
use kv_schema::Timestamp;
use kv_schema::directory::Provider;
use kv_schema::json::Object;
use url::form_urlencoded::{self, Serializer};

use super::begin::Client;
use super::callback::is_error_code;
use super::{Discovered, Refusal};
use crate::members::{Member, object};
use crate::token::{Hint, KeySet, Unsigned};

/// Seconds for which a token by which we show who we are is valid.
const ASSERTION_LIFE: u64 = 60;

/// A token that proves who `client` is to its provider (RFC 7523, section 2.2), and to no other: it is for the issuer,
/// whichever endpoint it is sent to. `random` makes its id. `None` if the key set has no key to sign it with.
#[must_use]
pub fn assertion<'k>(keys: &'k KeySet, client: Client<'_>, random: u128, now: Timestamp) -> Option<Unsigned<'k>> {
    let key = keys.signing()?;
    let id = Member::Text(client.provider.client_id.as_str());
    let (jti, expires_at) = (format!("{random:032x}"), now.plus(ASSERTION_LIFE));
    let claims = object(&[
        ("iss", id),
        ("sub", id),
        ("aud", Member::Text(client.provider.issuer.as_str())),
        ("jti", Member::Text(&jti)),
        ("iat", Member::Number(now.0)),
        ("exp", Member::Number(expires_at.0)),
    ]);
    Some(Unsigned::new(key, "JWT", &claims, expires_at))
}

/// What the token endpoint is sent.
#[derive(Debug, PartialEq, Eq)]
pub struct TokenRequest {
    /// The `authorization` header, if the client proves there who it is.
    pub authorization: Option<String>,
    /// The form.
    pub body: String,
}

/// What a client shows.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Secret(&'a str),
    Assertion(&'a str),
}

impl TokenRequest {
    /// The request of a client that has a secret (RFC 6749, section 2.3.1).
    #[must_use]
    pub fn with_secret(discovered: &Discovered, client: Client<'_>, secret: &str, code: &str, verifier: &str) -> Self {
        if discovered.takes_secret_in_body {
            return Self { authorization: None, body: form(client, Some(Shown::Secret(secret)), code, verifier) };
        }
        let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = [&*encoded(client.provider.client_id.as_str()), ":", &encoded(secret)].concat();
        let authorization = Some(["Basic ", &Base64::encode_string(pair.as_bytes())].concat());
        Self { authorization, body: form(client, None, code, verifier) }
    }

    /// The request of a client that has a key (RFC 7523, section 2.2).
    #[must_use]
    pub fn with_assertion(client: Client<'_>, assertion: &str, code: &str, verifier: &str) -> Self {
        Self { authorization: None, body: form(client, Some(Shown::Assertion(assertion)), code, verifier) }
    }
}

fn form(client: Client<'_>, shown: Option<Shown<'_>>, code: &str, verifier: &str) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code");
    form.append_pair("code", code);
    form.append_pair("redirect_uri", client.redirect_uri);
    form.append_pair("code_verifier", verifier);
    if shown.is_some() {
        form.append_pair("client_id", client.provider.client_id.as_str());
    }
    match shown {
        Some(Shown::Secret(secret)) => {
            form.append_pair("client_secret", secret);
        }
        Some(Shown::Assertion(assertion)) => {
            form.append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            form.append_pair("client_assertion", assertion);
        }
        None => {}
    }
    form.finish()
}

/// The provider's answer to the code.
#[derive(PartialEq, Eq)]
pub struct Answered {
    /// Who the agent is, yet to be verified.
    pub id_token: String,
    /// What its `at_hash` is checked against. It is used for nothing else, and stored nowhere.
    pub access_token: Option<String>,
}

/// Reveals none of the tokens.
impl std::fmt::Debug for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answered")
    }
}

impl Answered {
    /// Reads the answer (`OpenID` Connect Core, section 3.1.3.3).
    pub fn read(status: u16, text: &str) -> Result<Self, Refusal> {
        if status != 200 {
            return Err(if status >= 500 { Refusal::Unreachable } else { Refusal::CodeRefused });
        }
        let answer = Object::parse(text).ok_or(Refusal::TokensMalformed)?;
        let id_token = answer.text("id_token").ok_or(Refusal::TokensMalformed)?.to_owned();
        Ok(Self { id_token, access_token: answer.text("access_token").map(str::to_owned) })
    }

    /// What to show `provider` when the agent signs out; `None` if its session is to be left alone.
    #[must_use]
    pub fn hint(&self, provider: &Provider) -> Option<Hint> {
        (!provider.outlives_sign_out).then(|| Hint::of(&self.id_token))
    }

    /// The error that an answer names, fit for the log.
    #[must_use]
    pub fn error(text: &str) -> Option<String> {
        let answer = Object::parse(text)?;
        answer.text("error").filter(|error| is_error_code(error)).map(str::to_owned)
    }
}
