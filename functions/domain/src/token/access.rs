//! The access token: shows another application who an agent is. It is verified there, with `/.well-known/jwks.json`;
//! nothing here opens one.
//!
//! Signing is not done here: the platform signs faster, in code that the Worker need not carry. [`prepare`] makes what
//! is to be signed, [`Unsigned::signed`] puts the signature to it. `jwt-compact` signs while it writes, and cannot wait
//! for a signature, so that the two parts are put together here (JWS Compact Serialization, RFC 7515, section 7.1).

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstanceId, SessionId, Username};
use kv_schema::sessions::Session;
use serde::Serialize;

use super::{ISSUER, KeySet, SessionClaims, SigningKey};

/// Seconds that an access token is good for.
pub const LIFETIME: u64 = 5 * 60;

/// Whom a token is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    instance: &'a InstanceId,
    agent: &'a Username,
    install: &'a str,
    sid: &'a SessionId,
    auth_time: Timestamp,
    extension: Option<&'a Extension>,
}

impl<'a> From<&'a SessionClaims> for Subject<'a> {
    fn from(claims: &'a SessionClaims) -> Self {
        let SessionClaims { instance, agent, install, sid, auth_time, extension, .. } = claims;
        Self { instance, agent, install: install.as_str(), sid, auth_time: *auth_time, extension: extension.as_ref() }
    }
}

impl<'a> From<&'a Session> for Subject<'a> {
    fn from(session: &'a Session) -> Self {
        let Session { instance, agent, install, sid, auth_time, extension, .. } = session;
        Self { instance, agent, install: install.as_str(), sid, auth_time: *auth_time, extension: extension.as_ref() }
    }
}

/// RFC 7515, section 4.1.
#[derive(Serialize)]
struct Head<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// What an access token states (RFC 9068, section 2.2).
#[derive(Serialize)]
struct AccessClaims<'a> {
    iss: &'static str,
    iat: Timestamp,
    exp: Timestamp,
    /// Unique among everybody here, as RFC 7519, section 4.1.2 wants it: a user name is so in its instance only.
    sub: String,
    aud: &'a str,
    /// The install whose desktop asked for it.
    client_id: &'a str,
    jti: String,
    instance: &'a str,
    /// `OpenID` Connect Core, section 5.1.
    preferred_username: &'a str,
    sid: &'a str,
    auth_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<&'a str>,
}

/// An access token that lacks its signature.
#[derive(Debug)]
pub struct Unsigned<'k> {
    key: &'k SigningKey,
    input: String,
    expires_at: Timestamp,
}

impl Unsigned<'_> {
    /// The key to sign with.
    #[must_use]
    pub const fn key(&self) -> &SigningKey {
        self.key
    }

    /// What is to be signed (JWS Signing Input, RFC 7515, section 2).
    #[must_use]
    pub const fn input(&self) -> &[u8] {
        self.input.as_bytes()
    }

    /// When the token will be over.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The token.
    #[must_use]
    pub fn signed(mut self, signature: &[u8]) -> String {
        self.input.push('.');
        self.input.push_str(&Base64UrlUnpadded::encode_string(signature));
        self.input
    }
}

/// An access token about `subject` for `audience`. `random` makes its id and comes from a cryptographic source. The token
/// is good until `until`, but never for longer than [`LIFETIME`].
///
/// `None` where the key set has no key to sign it with.
#[must_use]
pub fn prepare<'k>(
    keys: &'k KeySet,
    subject: Subject<'_>,
    audience: &str,
    random: u128,
    now: Timestamp,
    until: Timestamp,
) -> Option<Unsigned<'k>> {
    let key = keys.signing()?;
    let expires_at = now.plus(LIFETIME).min(until);
    let head = Head { alg: "EdDSA", typ: "at+jwt", kid: key.id() };
    let claims = AccessClaims {
        iss: ISSUER,
        iat: now,
        exp: expires_at,
        sub: [subject.instance.as_str(), "/", subject.agent.as_str()].concat(),
        aud: audience,
        client_id: subject.install,
        jti: format!("{random:032x}"),
        instance: subject.instance.as_str(),
        preferred_username: subject.agent.as_str(),
        sid: subject.sid.as_str(),
        auth_time: subject.auth_time,
        extension: subject.extension.map(Extension::as_str),
    };
    let input = [part(&head), part(&claims)].join(".");
    Some(Unsigned { key, input, expires_at })
}

/// Values of these forms can always be written.
fn part(value: &impl Serialize) -> String {
    Base64UrlUnpadded::encode_string(&serde_json::to_vec(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::token::Amr;
    use ed25519_dalek::{Signer, Verifier};
    use kv_schema::names::{SessionId, Username};
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn keys(secret: &ed25519_dalek::SigningKey) -> KeySet {
        let text = |bytes: &[u8; 32]| Base64UrlUnpadded::encode_string(bytes);
        let (x, d) = (text(secret.verifying_key().as_bytes()), text(secret.as_bytes()));
        let keys = json!([
            { "kty": "oct", "alg": "HS256", "kid": "h", "k": text(&[7; 32]), "status": "active" },
            { "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "e", "x": x, "d": d, "status": "active" },
        ]);
        KeySet::parse(&json!({ "keys": keys }).to_string()).unwrap()
    }

    fn session() -> SessionClaims {
        SessionClaims {
            agent: Username::parse("desk1").unwrap(),
            instance: fixture::id(1),
            install: fixture::spelling(),
            sid: SessionId::from_bits(7),
            lease: 3,
            extension: Extension::parse("1001").ok(),
            extension_typed: false,
            language: None,
            auth_time: Timestamp(NOW.0 - 60),
            amr: vec![Amr::Pwd],
            hard_end: NOW.plus(3600),
        }
    }

    fn decoded(part: &str) -> Value {
        serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap()
    }

    #[test]
    fn an_access_token_says_who_for_whom_and_how_long_and_verifies() {
        let secret = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
        let keys = keys(&secret);
        let unsigned = prepare(&keys, (&session()).into(), "routing", 5, NOW, NOW.plus(3600)).unwrap();
        let private = ed25519_dalek::SigningKey::from_bytes(unsigned.key().secret());
        let signature = private.sign(unsigned.input());
        let token = unsigned.signed(&signature.to_bytes());
        let parts: Vec<&str> = token.split('.').collect();
        let [head, claims, end] = parts[..] else { panic!("{token}") };
        assert_eq!(decoded(head), json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "e" }));
        let instance = fixture::id(1);
        let wanted = json!({
            "iss": "oneagent", "iat": NOW, "exp": NOW.plus(300), "sub": format!("{instance}/desk1"), "aud": "routing",
            "client_id": "Lisbon", "jti": "00000000000000000000000000000005", "instance": instance,
            "preferred_username": "desk1", "sid": SessionId::from_bits(7), "auth_time": NOW.0 - 60,
            "extension": "1001",
        });
        assert_eq!(decoded(claims), wanted);
        let bytes = Base64UrlUnpadded::decode_vec(end).unwrap();
        let signature = ed25519_dalek::Signature::from_slice(&bytes).unwrap();
        let message = token.rsplit_once('.').unwrap().0;
        assert!(secret.verifying_key().verify(message.as_bytes(), &signature).is_ok());
    }

    #[test]
    fn an_access_token_is_over_when_it_is_said_to_and_after_five_minutes_at_most() {
        let keys = keys(&ed25519_dalek::SigningKey::from_bytes(&[3; 32]));
        for (until, over) in [(10, 10), (300, 300), (3600, 300)] {
            let unsigned = prepare(&keys, (&session()).into(), "routing", 5, NOW, NOW.plus(until)).unwrap();
            assert_eq!(unsigned.expires_at(), NOW.plus(over));
        }
    }

    #[test]
    fn no_access_token_is_made_without_a_key_for_it() {
        let ours =
            json!({ "alg": "HS256", "kid": "h", "k": Base64UrlUnpadded::encode_string(&[7; 32]), "status": "active" });
        let keys = KeySet::parse(&json!({ "keys": [ours] }).to_string()).unwrap();
        assert!(prepare(&keys, (&session()).into(), "routing", 5, NOW, NOW.plus(60)).is_none());
    }
}
