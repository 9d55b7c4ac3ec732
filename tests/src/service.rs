//! A service that calls the API, as the tests play it: its record, its key, and the tokens that it signs (A1).

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use kv_schema::directory::{Reach, Scope, Service, ServiceKey};
use kv_schema::names::{InstanceId, ServiceId, ServiceName};
use kv_schema::record::Version;
use onecontact_domain::token::service::{AUDIENCE, TYPE};
use serde_json::{Value, json};

use crate::world::now;

/// The key with this number.
#[must_use]
pub fn secret(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// The service `supervisor`, which may look at the agents of `acme` and end their sessions, and whose key is the first.
#[must_use]
pub fn supervisor(acme: InstanceId) -> Service {
    let x = Base64UrlUnpadded::encode_string(&secret(1).verifying_key().to_bytes());
    Service {
        v: Version,
        name: ServiceName::parse("supervisor").unwrap(),
        id: ServiceId::parse("01KAS7Q0V4SVC0000000000001").unwrap(),
        keys: vec![ServiceKey { kid: "k1".into(), x }],
        scopes: vec!["agents:read".into(), "sessions:end".into()],
        instances: Reach::Only(vec![acme]),
    }
}

/// The header of a good token.
#[must_use]
pub fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": TYPE, "kid": "k1" })
}

/// The claims of a good token, which is valid for a minute.
#[must_use]
pub fn claims() -> Value {
    let now = now();
    json!({
        "iss": "supervisor", "sub": "supervisor", "aud": AUDIENCE, "iat": now, "exp": now.plus(60), "jti": "1",
    })
}

/// A token with this header and these claims, signed with this key.
#[must_use]
pub fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let input = format!("{}.{}", part(header), part(claims));
    let signature = Base64UrlUnpadded::encode_string(&key.sign(input.as_bytes()).to_bytes());
    format!("{input}.{signature}")
}

/// A good token of the service.
#[must_use]
pub fn token() -> String {
    signed(&header(), &claims(), &secret(1))
}

/// The same, valid for as long as a service's token can be.
#[must_use]
pub fn lasting_token() -> String {
    let mut claims = claims();
    claims["exp"] = json!(now().plus(290));
    signed(&header(), &claims, &secret(1))
}

/// An agent's path in the API.
#[must_use]
pub fn path(instance: &InstanceId, agent: &str) -> String {
    format!("/api/v1/instances/{instance}/agents/{agent}")
}

/// The service `supervisor` with every scope there is.
#[must_use]
pub fn almighty(acme: InstanceId) -> Service {
    let scopes = Scope::ALL.map(|scope| scope.name().to_owned()).to_vec();
    Service { scopes, ..supervisor(acme) }
}
