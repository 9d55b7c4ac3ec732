//! The access token, which shows another application who an agent is. It is verified there, with
//! `/.well-known/jwks.json`; the only place here that opens one is the provider's userinfo endpoint.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstanceId, SessionId, Username};
use kv_schema::sessions::Session;

use super::{ISSUER, KeySet, SessionClaims, Unsigned};
use crate::guard::{Grant, SignIn};
use crate::members::{Member, object};

/// Seconds for which an access token is valid.
pub const LIFETIME: u64 = 5 * 60;

/// The header's `typ` (RFC 9068, section 2.1).
pub const TYPE: &str = "at+jwt";

/// Whom a token is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    issuer: &'a str,
    instance: &'a InstanceId,
    agent: &'a Username,
    client: &'a str,
    sid: &'a SessionId,
    auth_time: Timestamp,
    extension: Option<&'a Extension>,
    /// The scopes and the family of what an application was granted.
    granted: Option<(&'a str, &'a str)>,
}

impl<'a> From<&'a SessionClaims> for Subject<'a> {
    fn from(claims: &'a SessionClaims) -> Self {
        let SessionClaims { instance, agent, install, sid, auth_time, extension, .. } = claims;
        let (client, auth_time, extension) = (install.as_str(), *auth_time, extension.as_ref());
        Self { issuer: ISSUER, instance, agent, client, sid, auth_time, extension, granted: None }
    }
}

impl<'a> From<&'a Session> for Subject<'a> {
    fn from(session: &'a Session) -> Self {
        let Session { instance, agent, install, sid, auth_time, extension, .. } = session;
        let (client, auth_time, extension) = (install.as_str(), *auth_time, extension.as_ref());
        Self { issuer: ISSUER, instance, agent, client, sid, auth_time, extension, granted: None }
    }
}

impl<'a> Subject<'a> {
    /// The agent of a grant, as the provider `issuer` describes them to the application it was made for.
    #[must_use]
    pub fn of_grant(issuer: &'a str, grant: &'a Grant, sign_in: &'a SignIn) -> Self {
        Self {
            issuer,
            instance: &grant.instance,
            agent: &grant.agent,
            client: &grant.client,
            sid: &sign_in.id,
            auth_time: sign_in.auth_time,
            extension: grant.extension.as_ref(),
            granted: Some((&grant.scope, &grant.family)),
        }
    }
}

/// An agent's name to others: unique among everybody here, as RFC 7519, section 4.1.2 requires. A username is unique
/// only within its instance.
#[must_use]
pub fn sub(instance: &InstanceId, agent: &Username) -> String {
    [instance.as_str(), "/", agent.as_str()].concat()
}

/// Prepares an access token about `subject` for `audience`. `random` makes its id and comes from a cryptographic
/// source. The token is valid until `until`, but never for longer than [`LIFETIME`].
///
/// `None` if the key set has no key to sign it with.
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
    let (sub, jti) = (sub(subject.instance, subject.agent), format!("{random:032x}"));
    // RFC 9068, section 2.2; `preferred_username` as in OpenID Connect Core, section 5.1.
    let claims = object(&[
        ("iss", Member::Text(subject.issuer)),
        ("iat", Member::Number(now.0)),
        ("exp", Member::Number(expires_at.0)),
        ("sub", Member::Text(&sub)),
        ("aud", Member::Text(audience)),
        // The install whose desktop asked for it, or the application.
        ("client_id", Member::Text(subject.client)),
        ("jti", Member::Text(&jti)),
        ("instance", Member::Text(subject.instance.as_str())),
        ("preferred_username", Member::Text(subject.agent.as_str())),
        ("sid", Member::Text(subject.sid.as_str())),
        ("auth_time", Member::Number(subject.auth_time.0)),
        ("extension", subject.extension.map(Extension::as_str).into()),
        ("scope", subject.granted.map(|(scope, _)| scope).into()),
        ("gid", subject.granted.map(|(_, family)| family).into()),
    ]);
    Some(Unsigned::new(key, TYPE, &claims, expires_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::token::Amr;
    use base64ct::{Base64UrlUnpadded, Encoding};
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
            sign_in: None,
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
