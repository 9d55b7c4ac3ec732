//! Tokens: good ones for any time, and every kind of bad one.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use jwt_compact::alg::{Hs256, Hs256Key, Hs384, Hs384Key, Hs512, Hs512Key};
use jwt_compact::{Algorithm, AlgorithmSignature};
use kv_schema::Timestamp;
use onecontact_domain::token::{self, KeySet, Kind, SessionClaims, StepClaims};
use serde_json::{Value, json};

use crate::world::now;

/// The id of the key that nodes here sign with.
const KEY_ID: &str = "wire-1";

/// The key's bytes. Only tests sign with it.
const KEY: [u8; 32] = *b"a key of tests and of tests only";

/// The bytes of the key for access tokens.
const OTHERS_KEY: [u8; 32] = *b"a key for others, in tests alone";

/// The key as base64url: a secret that no log may contain.
#[must_use]
pub fn key() -> String {
    Base64UrlUnpadded::encode_string(&KEY)
}

/// `TOKEN_KEYS` of every node that is not given another set.
#[must_use]
pub fn key_set() -> String {
    let retired = Base64UrlUnpadded::encode_string(&[7; 32]);
    json!({ "keys": [
        { "kty": "oct", "alg": "HS256", "use": "sig", "kid": KEY_ID, "k": key(), "status": "active" },
        { "kty": "oct", "alg": "HS256", "use": "sig", "kid": "wire-0", "k": retired, "status": "retired", "exp": 1 },
    ] })
    .to_string()
}

/// The same with a key for access tokens, which others verify with what a node publishes.
#[must_use]
pub fn key_set_for_others() -> String {
    let secret = SigningKey::from_bytes(&OTHERS_KEY);
    let text = |bytes: &[u8; 32]| Base64UrlUnpadded::encode_string(bytes);
    let mut set: Value = serde_json::from_str(&key_set()).unwrap();
    set["keys"].as_array_mut().unwrap().push(json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "wire-ed",
        "x": text(secret.verifying_key().as_bytes()), "d": text(secret.as_bytes()), "status": "active",
    }));
    set.to_string()
}

/// The same with an additional P-256 key, for applications that do not support Ed25519.
#[must_use]
pub fn key_set_with_p256() -> String {
    let mut set: Value = serde_json::from_str(&key_set_for_others()).unwrap();
    set["keys"].as_array_mut().unwrap().push(json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "wire-p256", "status": "active",
        "x": "q9biRx8QJAmRJdMW9WDpCwQo0P6FdOEsdzit2_98tIc", "y": "hrfZvFhVBYz1CAMCUxxuHvjZf4-Jh4LwK7I9Xs5TNsc",
        "d": P256_SECRET,
    }));
    set.to_string()
}

/// The private half of that key. Only tests sign with it.
pub const P256_SECRET: &str = "G-qpBTMQmKTz9iY7_F8XFfTOZ1NbyEYddRIElJ5MjQE";

/// The private half of the Ed25519 key, as base64url: a secret that no log may contain.
#[must_use]
pub fn key_for_others() -> String {
    Base64UrlUnpadded::encode_string(&OTHERS_KEY)
}

/// `TOKEN_KEYS` after a rotation at this moment: a new key signs, ours still verifies for an hour.
#[must_use]
pub fn rotated_key_set(now: Timestamp) -> String {
    let new = Base64UrlUnpadded::encode_string(&[8; 32]);
    json!({ "keys": [
        { "kty": "oct", "alg": "HS256", "use": "sig", "kid": "wire-2", "k": new, "status": "active" },
        { "kty": "oct", "alg": "HS256", "use": "sig", "kid": KEY_ID, "k": key(), "status": "retired",
          "exp": now.plus(3600) },
    ] })
    .to_string()
}

/// The same session's token as if the same key, which is one of `key_set`, had made it at `at`.
#[must_use]
pub fn resealed_by_its_key(token: &str, key_set: &str, at: Timestamp) -> String {
    let id = &parts(token).0["kid"];
    let set: Value = serde_json::from_str(key_set).unwrap();
    let mut key =
        set["keys"].as_array().unwrap().iter().find(|key| key["kid"] == *id).expect("a key of the set").clone();
    key["status"] = "active".into();
    let set = json!({ "keys": [key] });
    token::seal(&KeySet::parse(&set.to_string()).unwrap(), &session_claims(token), at).unwrap()
}

/// What an access token states, if it verifies with a key of a published set. This knows nothing of the Worker's code.
#[must_use]
pub fn verified(token: &str, published: &Value) -> Option<Value> {
    let (header, claims) = parts(token);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let key = published["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"])?;
    let bytes = |text: &str| Base64UrlUnpadded::decode_vec(text).unwrap();
    let public: [u8; 32] = bytes(key["x"].as_str().unwrap()).try_into().unwrap();
    let signature = Signature::from_slice(&bytes(signature)).unwrap();
    VerifyingKey::from_bytes(&public).unwrap().verify_strict(message.as_bytes(), &signature).ok().map(|()| claims)
}

/// A token that a node with our keys would have made at `at`.
#[must_use]
pub fn sealed<T: Kind>(claims: &T, at: Timestamp) -> String {
    token::seal(&KeySet::parse(&key_set()).unwrap(), claims, at).unwrap()
}

/// The token of a step with its claims changed, as a node with our keys would make it.
#[must_use]
pub fn resealed_step(token: &str, change: impl FnOnce(&mut StepClaims)) -> String {
    let mut claims = serde_json::from_value(parts(token).1).expect("the token states a step");
    change(&mut claims);
    sealed(&claims, now())
}

/// What a session token states. The signature is not checked.
#[must_use]
pub fn session_claims(token: &str) -> SessionClaims {
    serde_json::from_value(parts(token).1).expect("the token states a session")
}

/// A token's header and claims.
#[must_use]
pub fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| Base64UrlUnpadded::decode_vec(part).expect("base64url"));
    let mut json = || serde_json::from_slice(&parts.next().expect("a part")).expect("JSON");
    (json(), json())
}

/// A token with this header and these claims, signed by `sign` over the first two parts.
fn signed(header: &Value, claims: &Value, sign: impl FnOnce(&str) -> Vec<u8>) -> String {
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let head = format!("{}.{}", part(header), part(claims));
    let signature = Base64UrlUnpadded::encode_string(&sign(&head));
    format!("{head}.{signature}")
}

fn signature<A: Algorithm>(algorithm: &A, key: &A::SigningKey, head: &str) -> Vec<u8> {
    algorithm.sign(key, head.as_bytes()).as_bytes().into_owned()
}

/// The same token with other claims or another header and a matching signature, with our own key and HS256.
#[must_use]
pub fn resigned(token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let (mut header, mut claims) = parts(token);
    change(&mut header, &mut claims);
    signed(&header, &claims, |head| signature(&Hs256, &Hs256Key::new(KEY), head))
}

/// The same token with the signature unchanged.
#[must_use]
pub fn forged(token: &str, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let (mut header, mut claims) = parts(token);
    change(&mut header, &mut claims);
    let signature = token.rsplit('.').next().unwrap();
    let whole = signed(&header, &claims, |_| Vec::new());
    format!("{whole}{signature}")
}

/// The same token, stating that it needs no signature.
#[must_use]
pub fn unsigned(token: &str, name_of_none: &str) -> String {
    let (mut header, claims) = parts(token);
    header["alg"] = name_of_none.into();
    signed(&header, &claims, |_| Vec::new())
}

/// The same claims, correctly signed with our key's bytes, with HS384 and HS512.
#[must_use]
pub fn by_other_algorithms(token: &str) -> [String; 2] {
    let (mut header, claims) = parts(token);
    header["alg"] = "HS384".into();
    let hs384 = signed(&header, &claims, |head| signature(&Hs384, &Hs384Key::new(KEY), head));
    header["alg"] = "HS512".into();
    let hs512 = signed(&header, &claims, |head| signature(&Hs512, &Hs512Key::new(KEY), head));
    [hs384, hs512]
}
