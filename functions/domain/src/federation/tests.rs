//! One sign-in at a provider that would be believed, and each fault in it separately.

mod created;
mod documents;
mod flow;
mod id_token;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kv_schema::directory::{AccountClaim, ClientProof, Issuer, Provider, Word};
use kv_schema::names::{EmailAddress, Username};
use kv_schema::{Language, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};

use super::*;
use crate::fixture;
use crate::token::{Amr, ErrandClaims, Hint, KeySet};

const NOW: Timestamp = Timestamp(1_800_000_000);
const ISSUER: &str = "https://id.example/realms/acme";
const BACK: &str = "https://login.example/OneContactLogin/callback";

fn provider() -> Provider {
    Provider {
        name: "Acme ID".into(),
        issuer: Issuer::parse(ISSUER).unwrap(),
        client_id: Word::parse("desk").unwrap(),
        proof: ClientProof::Key,
        scopes: vec![Word::parse("profile").unwrap(), Word::parse("openid").unwrap()],
        account_claim: AccountClaim::Username(Word::parse("preferred_username").unwrap()),
        outlives_sign_out: false,
        creates: None,
    }
}

fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/authorize?tenant=acme",
        "token_endpoint": "https://id.example/token",
        "jwks_uri": "https://id.example/keys",
        "end_session_endpoint": "https://id.example/bye",
        "response_types_supported": ["code", "id_token"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn discovered(change: impl FnOnce(&mut Value)) -> Result<Discovered, Refusal> {
    let mut document = document();
    change(&mut document);
    Discovered::read(&document.to_string(), &provider().issuer)
}

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn secret() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn ed25519(kid: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": text(secret().verifying_key().as_bytes()) })
}

fn p256(kid: &str) -> Value {
    json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": text(&[1; 32]), "y": text(&[2; 32]) })
}

fn rsa(kid: &str, modulus: &[u8], exponent: &[u8]) -> Value {
    json!({ "kty": "RSA", "kid": kid, "n": text(modulus), "e": text(exponent) })
}

fn keys(keys: &[Value]) -> Result<PublicKeys, Refusal> {
    PublicKeys::read(&json!({ "keys": keys }).to_string())
}

/// An ID token that would be believed, except for what `change` does to its header and its claims.
fn token(change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let mut header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "k1" });
    let mut claims = json!({
        "iss": ISSUER, "aud": "desk", "sub": "4711", "iat": NOW, "exp": NOW.plus(300), "nonce": "once",
        "preferred_username": "Desk1", "amr": ["pwd", "otp", "face"], "auth_time": NOW.0 - 100,
    });
    change(&mut header, &mut claims);
    let part = |value: &Value| text(value.to_string().as_bytes());
    let input = [part(&header), part(&claims)].join(".");
    let signature = secret().sign(input.as_bytes());
    [input, text(&signature.to_bytes())].join(".")
}

fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

async fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let jwk: Value = serde_json::from_str(key.jwk()).unwrap();
    let mut x = [0; 32];
    Base64UrlUnpadded::decode(jwk["x"].as_str().unwrap(), &mut x).unwrap();
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    VerifyingKey::from_bytes(&x).unwrap().verify_strict(message, &signature).is_ok()
}

fn opened(token: &str, provider: &Provider, change: impl FnOnce(&mut Expected<'_>)) -> Result<Identity, Refusal> {
    let mut expected =
        Expected { provider, nonce: "once", access_token: Some("at"), max_age: None, has_to_say_when: true, now: NOW };
    change(&mut expected);
    let keys = keys(&[ed25519("k1"), p256("k2")]).unwrap();
    let token = IdToken::read(token)?;
    let key = keys.of(&token)?;
    now(token.open(key, expected, verify))
}

fn why(change: impl FnOnce(&mut Value, &mut Value)) -> Option<Refusal> {
    opened(&token(change), &provider(), |_| ()).err()
}
