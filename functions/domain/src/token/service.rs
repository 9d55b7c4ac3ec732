//! The token by which a service shows who it is: a JWT that it signs itself, with a key of its own (RFC 7523,
//! section 3, known as `private_key_jwt`).
//!
//! The signature is verified elsewhere, just as that of an access token is made elsewhere; what counts as accepted is
//! decided here: only [`Presented::open`] makes a [`Caller`].

use std::cell::RefCell;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::UntrustedToken;
use kv_schema::Timestamp;
use kv_schema::directory::{Scope, Service};
use kv_schema::names::{InstanceId, ServiceName};
use serde::Serialize;

use super::keys::decoded;
use super::remembered::Remembered;
use super::signed::Stated as Claims;
use super::{LEEWAY, LONGEST, Rejection, claims_of, has_critical};

/// The header's `typ` (RFC 8725, section 3.11).
pub const TYPE: &str = "oneagent-service+jwt";

/// The claim `aud`: fixed, so that it never comes from a request.
pub const AUDIENCE: &str = "oneagent-api";

/// The longest that a service's token may still be valid, in seconds.
pub const LONGEST_LIFE: u64 = 5 * 60;

/// What a service's token states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceClaims {
    /// The service, which issues its own tokens.
    pub iss: ServiceName,
    /// The service again.
    pub sub: ServiceName,
    /// [`AUDIENCE`].
    pub aud: String,
    /// When it was made.
    pub iat: Timestamp,
    /// The time before which it is not valid, if it states one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<Timestamp>,
    /// When it expires: at most [`LONGEST_LIFE`] ahead.
    pub exp: Timestamp,
    /// The token's own id.
    pub jti: String,
}

/// A token that states all it has to. Who signed it is yet to be verified.
#[derive(Debug)]
pub struct Presented<'t> {
    input: &'t str,
    signature: &'t str,
    stated: Rc<Stated>,
    /// The key that it is known to be signed with.
    signed_with: Option<[u8; 32]>,
}

/// What matters of a token's claims.
#[derive(Debug)]
struct Stated {
    kid: String,
    service: ServiceName,
    is_for_us: bool,
    issued_at: Timestamp,
    starts_at: Timestamp,
    expires_at: Timestamp,
}

/// A service that has shown who it is.
#[derive(Debug)]
pub struct Caller {
    service: Rc<Service>,
    issued_at: Timestamp,
}

/// Service tokens found to be genuine: a service shows the same one with many calls, and verifying it again takes
/// longer than the rest of a call that asks no desk. Each with what it states, and the key that signed it.
#[derive(Debug, Default)]
pub struct Genuine {
    tokens: RefCell<Remembered<(Rc<Stated>, [u8; 32])>>,
}

impl Stated {
    fn read(token: &str) -> Result<Self, Rejection> {
        let untrusted = UntrustedToken::new(token).map_err(|_| Rejection::Malformed)?;
        if has_critical(token) {
            return Err(Rejection::Malformed);
        }
        if untrusted.header().token_type.as_deref() != Some(TYPE) {
            return Err(Rejection::WrongKind);
        }
        // All keys of services are of this one algorithm, which RFC 9864 names after its curve; the header's is only
        // compared with it.
        if !["EdDSA", "Ed25519"].contains(&untrusted.algorithm()) {
            return Err(Rejection::BadSignature);
        }
        let kid = untrusted.header().key_id.clone().ok_or(Rejection::UnknownKey)?;
        let claims: Claims = claims_of(token).ok_or(Rejection::Malformed)?;
        let (Some(issued_at), Some(_)) = (claims.iat, &claims.jti) else { return Err(Rejection::Malformed) };
        if claims.iss.is_empty() || claims.sub.is_empty() || claims.aud.is_empty() {
            return Err(Rejection::Malformed);
        }
        if claims.iss != claims.sub {
            return Err(Rejection::WrongKind);
        }
        // It must be for nobody else besides: they could show it here.
        let is_for_us = claims.aud == [AUDIENCE];
        let service = ServiceName::parse(&claims.iss).map_err(|_| Rejection::WrongKind)?;
        let starts_at = claims.nbf.unwrap_or_default().max(issued_at);
        Ok(Self { kid, service, is_for_us, issued_at, starts_at, expires_at: claims.exp })
    }

    fn is_good(&self, now: Timestamp) -> Result<(), Rejection> {
        if !self.is_for_us {
            Err(Rejection::WrongAudience)
        } else if self.starts_at > now.plus(LEEWAY) {
            Err(Rejection::FromTheFuture)
        } else if now >= self.expires_at.plus(LEEWAY) {
            Err(Rejection::Expired)
        } else if self.expires_at > now.plus(LONGEST_LIFE + LEEWAY) {
            Err(Rejection::LastsTooLong)
        } else {
            Ok(())
        }
    }
}

impl<'t> Presented<'t> {
    /// Reads a token and checks all but its signature, its audience and its times. A `genuine` one is not read again.
    pub fn read(token: &'t str, genuine: &Genuine) -> Result<Self, Rejection> {
        let (input, signature) =
            token.rsplit_once('.').filter(|_| token.len() <= LONGEST).ok_or(Rejection::Malformed)?;
        let found = genuine.tokens.borrow().find(input, signature).map(|(stated, key)| (Rc::clone(stated), *key));
        let (stated, signed_with) = match found {
            Some((stated, key)) => (stated, Some(key)),
            None => (Rc::new(Stated::read(token)?), None),
        };
        Ok(Self { input, signature, stated, signed_with })
    }

    /// The service that it claims to be from, whose record is to be looked up.
    #[must_use]
    pub fn service(&self) -> &ServiceName {
        &self.stated.service
    }

    /// Opens it with the service's record. `verify` is given a public key, what was signed and the signature, and says
    /// whether they belong together (Ed25519, RFC 8032); it is not asked about what is known to be `genuine`. Its
    /// audience and its times are checked last, so that the log can name the service that gets them wrong.
    pub async fn open(
        self,
        service: Rc<Service>,
        genuine: &Genuine,
        now: Timestamp,
        verify: impl AsyncFnOnce(&[u8; 32], &[u8], &[u8]) -> bool,
    ) -> Result<Caller, Rejection> {
        if service.name != self.stated.service {
            return Err(Rejection::WrongKind);
        }
        let key = service.keys.iter().find(|key| key.kid == self.stated.kid).and_then(|key| decoded(&key.x));
        let key = key.ok_or(Rejection::UnknownKey)?;
        if self.signed_with != Some(key) {
            let signature = Base64UrlUnpadded::decode_vec(self.signature).map_err(|_| Rejection::Malformed)?;
            if !verify(&key, self.input.as_bytes(), &signature).await {
                return Err(Rejection::BadSignature);
            }
            let found = (Rc::clone(&self.stated), key);
            genuine.tokens.borrow_mut().keep(self.input, self.signature, found);
        }
        self.stated.is_good(now)?;
        Ok(Caller { service, issued_at: self.stated.issued_at })
    }
}

impl Caller {
    /// The service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The time of the call by the caller's own clock, which is within [`LONGEST_LIFE`] of ours. Operators'
    /// declarations go by that clock, too.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Whether it may do what `scope` names.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.service.may(scope)
    }

    /// Whether it may deal with `instance` at all.
    #[must_use]
    pub fn reaches(&self, instance: &InstanceId) -> bool {
        self.service.reaches(instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::token::remembered::MOST;
    use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
    use kv_schema::directory::{Reach, ServiceKey};
    use kv_schema::names::ServiceId;
    use kv_schema::record::Version;
    use serde_json::{Value, json};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn secret(number: u8) -> SigningKey {
        SigningKey::from_bytes(&[number; 32])
    }

    fn key(kid: &str, secret: &SigningKey) -> ServiceKey {
        ServiceKey { kid: kid.into(), x: Base64UrlUnpadded::encode_string(secret.verifying_key().as_bytes()) }
    }

    fn service() -> Service {
        Service {
            v: Version,
            name: ServiceName::parse("routing").unwrap(),
            id: ServiceId::parse("01KAS7Q0V4SVC0000000000001").unwrap(),
            keys: vec![key("k2", &secret(2)), key("k1", &secret(1))],
            scopes: vec!["sessions:end".into(), "added:later".into()],
            instances: Reach::Only(vec![fixture::id(1)]),
        }
    }

    /// A token that would be accepted, except for what `change` does to its header and its claims.
    fn token(change: impl FnOnce(&mut Value, &mut Value)) -> String {
        let mut header = json!({ "alg": "EdDSA", "typ": TYPE, "kid": "k1" });
        let mut claims = json!({
            "iss": "routing", "sub": "routing", "aud": AUDIENCE, "iat": NOW, "exp": NOW.plus(60), "jti": "1",
        });
        change(&mut header, &mut claims);
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let input = format!("{}.{}", part(&header), part(&claims));
        let signature = secret(1).sign(input.as_bytes());
        format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature.to_bytes()))
    }

    async fn verify(key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }

    fn opened(token: &str, service: Service) -> Result<Caller, Rejection> {
        opened_by(token, service, &Genuine::default(), NOW, verify)
    }

    fn opened_by(
        token: &str,
        service: Service,
        genuine: &Genuine,
        now: Timestamp,
        verify: impl AsyncFnOnce(&[u8; 32], &[u8], &[u8]) -> bool,
    ) -> Result<Caller, Rejection> {
        let presented = Presented::read(token, genuine)?;
        let mut opening = pin!(presented.open(Rc::new(service), genuine, now, verify));
        match opening.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(opened) => opened,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    fn why(change: impl FnOnce(&mut Value, &mut Value)) -> Option<Rejection> {
        opened(&token(change), service()).err()
    }

    #[test]
    fn a_service_is_taken_for_itself_and_has_what_was_declared_for_it() {
        let caller = opened(&token(|_, _| ()), service()).unwrap();
        assert_eq!(caller.service().name.as_str(), "routing");
        assert!(caller.may(Scope::SessionsEnd) && !caller.may(Scope::AgentsRead));
        assert!(caller.reaches(&fixture::id(1)) && !caller.reaches(&fixture::id(2)));
        let everywhere = Service { instances: Reach::All, ..service() };
        assert!(opened(&token(|_, _| ()), everywhere).unwrap().reaches(&fixture::id(2)));
    }

    #[test]
    fn each_fault_of_a_service_token_is_enough_to_refuse_it() {
        use Rejection::*;
        assert_eq!(why(|_, _| ()), None);
        assert_eq!(why(|header, _| header["typ"] = "JWT".into()), Some(WrongKind));
        assert_eq!(why(|header, _| header["alg"] = "HS256".into()), Some(BadSignature));
        assert_eq!(why(|header, _| header["alg"] = "none".into()), Some(BadSignature));
        assert_eq!(why(|header, _| header["alg"] = "Ed25519".into()), None, "RFC 9864");
        assert_eq!(why(|header, _| header["crit"] = json!(["b64"])), Some(Malformed));
        assert_eq!(why(|header, _| header["kid"] = "nobody's".into()), Some(UnknownKey));
        assert_eq!(why(|header, _| header["kid"] = "k2".into()), Some(BadSignature));
        assert_eq!(why(|_, claims| claims["sub"] = "other".into()), Some(WrongKind));
        assert_eq!(why(|_, claims| claims["aud"] = "https://agents.example.com".into()), Some(WrongAudience));
        assert_eq!(why(|_, claims| claims["aud"] = json!([AUDIENCE])), None);
        assert_eq!(why(|_, claims| claims["aud"] = json!([AUDIENCE, "other"])), Some(WrongAudience));
        assert_eq!(why(|_, claims| claims["exp"] = json!(1_800_000_060.75)), None, "RFC 7519, section 2");
        assert_eq!(why(|_, claims| claims["iat"] = json!(1_800_000_006.25)), Some(FromTheFuture));
        assert_eq!(why(|_, claims| claims["iat"] = json!(-1)), Some(Malformed));
        assert_eq!(why(|_, claims| claims["exp"] = (NOW.0 - 5).into()), Some(Expired));
        assert_eq!(why(|_, claims| claims["exp"] = (NOW.0 + 306).into()), Some(LastsTooLong));
        assert_eq!(why(|_, claims| claims["exp"] = (NOW.0 + 305).into()), None);
        assert_eq!(why(|_, claims| claims["iat"] = (NOW.0 + 6).into()), Some(FromTheFuture));
        assert_eq!(why(|_, claims| claims["nbf"] = (NOW.0 + 6).into()), Some(FromTheFuture));
        assert_eq!(why(|_, claims| claims["nbf"] = (NOW.0 + 5).into()), None);
        assert_eq!(why(|_, claims| claims["nbf"] = "now".into()), Some(Malformed));
        for name in ["iss", "sub", "aud", "iat", "exp", "jti"] {
            let without = |_: &mut Value, claims: &mut Value| {
                claims.as_object_mut().unwrap().remove(name);
            };
            assert_eq!(why(without), Some(Malformed), "{name}");
        }
    }

    #[test]
    fn a_token_that_was_changed_after_signing_is_refused() {
        let good = token(|_, _| ());
        let (input, signature) = good.rsplit_once('.').unwrap();
        let other = token(|_, claims| claims["jti"] = "2".into());
        let (other, _) = other.rsplit_once('.').unwrap();
        for forged in [format!("{other}.{signature}"), format!("{input}."), format!("{input}.{}", "A".repeat(86))] {
            assert_eq!(opened(&forged, service()).err(), Some(Rejection::BadSignature), "{forged}");
        }
        for nonsense in ["", "a", "a.b", "a.b.c", "..", &"A".repeat(5000)] {
            assert_eq!(opened(nonsense, service()).err(), Some(Rejection::Malformed), "{nonsense}");
        }
    }

    #[test]
    fn a_token_is_not_opened_with_the_record_of_another_service() {
        let other = Service { name: ServiceName::parse("other").unwrap(), ..service() };
        assert_eq!(opened(&token(|_, _| ()), other).err(), Some(Rejection::WrongKind));
    }
    #[test]
    fn a_token_is_verified_once_and_then_known_by_its_key_and_signature() {
        let (genuine, good) = (Genuine::default(), token(|_, _| ()));
        let unasked = async |_: &[u8; 32], _: &[u8], _: &[u8]| panic!("it is known");
        opened_by(&good, service(), &genuine, NOW, verify).unwrap();
        opened_by(&good, service(), &genuine, NOW, unasked).unwrap();
        // The same claims with another signature, or signed by another key with that id, are checked again.
        let (input, _) = good.rsplit_once('.').unwrap();
        let forged = format!("{input}.{}", "A".repeat(86));
        assert_eq!(opened_by(&forged, service(), &genuine, NOW, verify).err(), Some(Rejection::BadSignature));
        let rekeyed = Service { keys: vec![key("k1", &secret(2))], ..service() };
        assert_eq!(opened_by(&good, rekeyed, &genuine, NOW, verify).err(), Some(Rejection::BadSignature));
        let without = Service { keys: vec![key("k2", &secret(1))], ..service() };
        assert_eq!(opened_by(&good, without, &genuine, NOW, unasked).err(), Some(Rejection::UnknownKey));
        opened_by(&good, service(), &genuine, NOW, unasked).unwrap();
        let over = opened_by(&good, service(), &genuine, NOW.plus(65), unasked);
        assert_eq!(over.err(), Some(Rejection::Expired), "known, and over");
    }

    #[test]
    fn what_was_refused_is_not_remembered_and_what_is_remembered_is_bounded() {
        let genuine = Genuine::default();
        for number in 0..=MOST {
            let token = token(|_, claims| claims["jti"] = number.to_string().into());
            opened_by(&token, service(), &genuine, NOW, async |_, _, _| number % 2 == 0).ok();
        }
        assert_eq!(genuine.tokens.borrow().len(), MOST / 2 + 1);
        for number in 0..MOST {
            let token = token(|_, claims| claims["jti"] = format!("more {number}").into());
            opened_by(&token, service(), &genuine, NOW, async |_, _, _| true).unwrap();
        }
        assert!(genuine.tokens.borrow().len() <= MOST);
    }
}
