//! Ed25519 keys as JWKs (RFC 8037): drawing one, taking it apart, and signing a service's token with it; and drawing
//! P-256 keys (RFC 7518, section 6.2).

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jwt_compact::alg::Ed25519;
use jwt_compact::{AlgorithmExt, Claims, Header};
use kv_schema::Timestamp;
use kv_schema::names::ServiceName;
use onecontact_domain::token::service::{AUDIENCE, ServiceClaims, TYPE};
use p256::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// Seconds that one of our tokens is valid for: one call.
const TOKEN_LIFE: u64 = 60;

/// A new key.
pub(crate) fn draw() -> SigningKey {
    SigningKey::generate(&mut OsRng)
}

/// `x` and `d` of a key's JWK.
pub(crate) fn halves(key: &SigningKey) -> [String; 2] {
    [key.verifying_key().to_bytes(), key.to_bytes()].map(|bytes| Base64UrlUnpadded::encode_string(&bytes))
}

/// The `x` that belongs to a `d`.
pub(crate) fn public_half(d: &str) -> Option<String> {
    let [x, _] = halves(&SigningKey::from_bytes(&bytes(d)?));
    Some(x)
}

/// `x`, `y` and `d` of a new P-256 key.
pub(crate) fn draw_p256() -> [String; 3] {
    let key = p256::SecretKey::random(&mut OsRng);
    let [x, y] = numbers(&key);
    [x, y, Base64UrlUnpadded::encode_string(&Zeroizing::new(key.to_bytes()))]
}

/// The `x` and `y` that belong to a `d` on P-256.
pub(crate) fn public_p256(d: &str) -> Option<[String; 2]> {
    let d = Zeroizing::new(bytes(d)?);
    Some(numbers(&p256::SecretKey::from_slice(&*d).ok()?))
}

fn numbers(key: &p256::SecretKey) -> [String; 2] {
    let point = key.public_key().to_encoded_point(false);
    // A public key is never the point at infinity, so it has both.
    [point.x(), point.y()].map(|number| Base64UrlUnpadded::encode_string(number.map_or(&[], |number| number)))
}

/// Whether `x` and `y` are a public key on P-256.
pub(crate) fn is_public_p256(x: &str, y: &str) -> bool {
    let (Some(x), Some(y)) = (bytes(x), bytes(y)) else { return false };
    let point = p256::EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
    bool::from(p256::PublicKey::from_encoded_point(&point).is_some())
}

/// Whether `x` is a public key that can be used for verification.
pub(crate) fn is_public_half(x: &str) -> bool {
    let key = bytes(x).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    // A weak key verifies signatures that nobody made.
    key.is_some_and(|key| !key.is_weak())
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    let bytes = Zeroizing::new(Base64UrlUnpadded::decode_vec(text).ok()?);
    bytes.as_slice().try_into().ok()
}

/// A service's private key, as its file holds it.
#[derive(Serialize, Deserialize)]
pub(crate) struct ServiceJwk {
    kty: String,
    crv: String,
    alg: String,
    pub(crate) kid: String,
    pub(crate) x: String,
    d: Zeroizing<String>,
}

impl ServiceJwk {
    pub(crate) fn new() -> Self {
        let [x, d] = halves(&draw());
        let [kty, crv, alg] = ["OKP", "Ed25519", "EdDSA"].map(str::to_owned);
        Self { kty, crv, alg, kid: Ulid::generate().to_string(), x, d: Zeroizing::new(d) }
    }

    /// The key file's content.
    #[expect(clippy::expect_used, reason = "texts alone, so it becomes JSON")]
    pub(crate) fn json(&self) -> Zeroizing<String> {
        Zeroizing::new(serde_json::to_string(self).expect("a key becomes JSON"))
    }

    /// Reads a private key. No message repeats any of it.
    pub(crate) fn parse(json: &str) -> Result<Self, Failure> {
        let unusable = || {
            let message = "the key file has no private Ed25519 key as a JWK; `onecontact service new` makes one";
            Failure::Refused(message.to_owned())
        };
        let jwk: Self = serde_json::from_str(json).map_err(|_| unusable())?;
        let is_sound = jwk.kty == "OKP" && jwk.crv == "Ed25519" && public_half(&jwk.d).as_ref() == Some(&jwk.x);
        if is_sound { Ok(jwk) } else { Err(unusable()) }
    }

    /// A token by which `service` proves who it is (RFC 7523, section 3).
    pub(crate) fn token(&self, service: &ServiceName, now: Timestamp) -> Result<Zeroizing<String>, Failure> {
        let unusable = || Failure::failed("the key cannot sign");
        let key = SigningKey::from_bytes(&bytes(&self.d).ok_or_else(unusable)?);
        let header = Header::empty().with_key_id(&self.kid).with_token_type(TYPE);
        let claims = ServiceClaims {
            iss: service.clone(),
            sub: service.clone(),
            aud: AUDIENCE.to_owned(),
            iat: now,
            nbf: None,
            exp: now.plus(TOKEN_LIFE),
            jti: Ulid::generate().to_string(),
        };
        Ed25519.token(&header, &Claims::new(claims), &key).map(Zeroizing::new).map_err(|_| unusable())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Signature;
    use kv_schema::directory::{Reach, Service, ServiceKey};
    use kv_schema::names::ServiceId;
    use kv_schema::record::Version;
    use onecontact_domain::token::Rejection;
    use onecontact_domain::token::service::{Genuine, Presented};
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn the_worker_takes_a_token_of_ours_for_as_long_as_it_is_good() {
        let (jwk, now) = (ServiceJwk::new(), Timestamp(1_800_000_000));
        let name = ServiceName::parse("supervisor").unwrap();
        let token = jwk.token(&name, now).unwrap();
        let service = Rc::new(Service {
            v: Version,
            name: name.clone(),
            id: ServiceId::parse("01KAS7Q0V4SVC0000000000001").unwrap(),
            keys: vec![ServiceKey { kid: jwk.kid.clone(), x: jwk.x.clone() }],
            scopes: vec![],
            instances: Reach::All,
        });
        let verify = async |key: &[u8; 32], message: &[u8], signature: &[u8]| {
            let signature = Signature::from_slice(signature).unwrap();
            VerifyingKey::from_bytes(key).unwrap().verify_strict(message, &signature).is_ok()
        };
        let genuine = Genuine::default();
        let opened = |now| {
            let presented = Presented::read(&token, &genuine).unwrap();
            let mut opening = pin!(presented.open(Rc::clone(&service), &genuine, now, verify));
            let Poll::Ready(opened) = opening.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
                panic!("nothing here waits");
            };
            opened.map(|caller| caller.service().name.clone())
        };
        assert_eq!(opened(now), Ok(name.clone()));
        assert_eq!(opened(now.plus(TOKEN_LIFE + 5)), Err(Rejection::Expired));
    }

    #[test]
    fn a_key_file_is_read_back_and_a_broken_one_is_refused_without_a_word_of_it() {
        let jwk = ServiceJwk::new();
        let json = jwk.json();
        assert_eq!(ServiceJwk::parse(&json).unwrap().kid, jwk.kid);
        let other = ServiceJwk::new();
        for broken in [json.replace(&*jwk.x, &other.x), json.replace("Ed25519", "Ed448"), "{}".to_owned()] {
            let failure = ServiceJwk::parse(&broken).err().unwrap().to_string();
            assert!(failure.contains("service new") && !failure.contains(&*jwk.d), "{failure}");
        }
    }

    #[test]
    fn a_public_half_is_a_point_and_no_weak_one() {
        assert!(is_public_half(&ServiceJwk::new().x));
        assert!(!is_public_half(&Base64UrlUnpadded::encode_string(&[0; 32])), "of small order");
        assert!(!is_public_half(&Base64UrlUnpadded::encode_string(&[2; 32])), "on no curve");
        assert!(!is_public_half("c2hvcnQ"));
    }
}
