//! Who is accepted as a client, and who is not.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64ct::Base64UrlUnpadded;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde_json::{Value, json};

use super::super::fixture::client;
use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000);
const ISSUER: &str = "https://a/OneContactLogin";
const TOKEN: &str = "https://a/OneContactLogin/token";
const SECRET: &str = "s3cret/+ =";

fn with_secret() -> Client {
    Client { auth: ClientAuth::Secret(vec![hash(b"another"), hash(SECRET.as_bytes())]), ..client() }
}

fn secret_key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn with_keys() -> Client {
    let key = |kid: &str, number| {
        let x = Base64UrlUnpadded::encode_string(secret_key(number).verifying_key().as_bytes());
        ClientKey { kid: kid.into(), x, y: None }
    };
    Client { auth: ClientAuth::Keys(vec![key("k1", 1), key("k2", 2)]), ..client() }
}

async fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    let (PublicKey::Ed25519(key), Ok(signature)) = (key, Signature::from_slice(signature)) else { return false };
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// What a request with this header and form comes to, checked against `client`.
fn shown(client: &Client, authorization: Option<&str>, form: &str) -> Result<Known, Fault> {
    let credentials = Credentials::read(authorization, &Params::parse(form.as_bytes()))?;
    let mut checking = pin!(credentials.check(client, [ISSUER, TOKEN], NOW, verify));
    match checking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(checked) => checked,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn reason(checked: Result<Known, Fault>) -> Option<&'static str> {
    checked.err().map(|fault| fault.reason)
}

fn basic_of(text: &str) -> String {
    format!("Basic {}", Base64::encode_string(text.as_bytes()))
}

#[test]
fn a_secret_is_taken_from_the_header_or_from_the_form_and_from_one_of_them() {
    let header = basic_of("crm:s3cret%2F%2B+%3D");
    assert_eq!(reason(shown(&with_secret(), Some(&header), "")), None);
    assert_eq!(reason(shown(&with_secret(), Some(&header), "client_id=crm")), None);
    let form = "client_id=crm&client_secret=s3cret%2F%2B+%3D";
    assert_eq!(reason(shown(&with_secret(), None, form)), None);
    assert_eq!(reason(shown(&with_secret(), Some(&header), form)), Some("several_proofs"));
    assert_eq!(reason(shown(&with_secret(), Some(&header), "client_id=other")), Some("two_clients"));
}

#[test]
fn whoever_does_not_have_the_secret_is_not_the_client() {
    for (header, form, wanted) in [
        (Some(basic_of("crm:wrong")), "", "wrong_secret"),
        (Some(basic_of("crm:")), "", "wrong_secret"),
        (Some(basic_of("crm")), "", "bad_authorization"),
        (Some(basic_of("crm:a&b")), "", "bad_authorization"),
        (Some("Basic ***".to_owned()), "", "bad_authorization"),
        (Some("Bearer abc".to_owned()), "", "bad_authorization"),
        (Some("Basic".to_owned()), "", "bad_authorization"),
        (None, "client_id=crm", "no_proof"),
        (None, "client_id=crm&client_secret=wrong", "wrong_secret"),
        (None, "client_secret=s3cret%2F%2B+%3D", "missing_client_id"),
        (None, "client_id=a+b", "unknown_client"),
        (None, "", "missing_client_id"),
    ] {
        assert_eq!(reason(shown(&with_secret(), header.as_deref(), form)), Some(wanted), "{header:?} {form}");
    }
    let other = Credentials { client: ClientId::parse("other").unwrap(), proof: Proof::Nothing };
    let record = client();
    let mut checking = pin!(other.check(&record, [ISSUER, TOKEN], NOW, verify));
    let Poll::Ready(checked) = checking.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
    assert_eq!(reason(checked), Some("unknown_client"), "the record of another client");
}

#[test]
fn a_client_is_held_to_the_kind_of_proof_that_was_declared() {
    assert_eq!(reason(shown(&client(), None, "client_id=crm")), None);
    assert_eq!(reason(shown(&client(), None, "client_id=crm&client_secret=x")), Some("other_kind_of_proof"));
    assert_eq!(reason(shown(&with_keys(), None, "client_id=crm&client_secret=x")), Some("other_kind_of_proof"));
    assert_eq!(reason(shown(&with_keys(), None, "client_id=crm")), Some("no_proof"));
    assert_eq!(reason(shown(&with_secret(), None, &form_of(&token(|_, _| ())))), Some("other_kind_of_proof"));
}

/// A token that would be accepted, except for what `change` does to its header and its claims.
fn token(change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let mut header = json!({ "alg": "EdDSA", "kid": "k1" });
    let mut claims = json!({ "iss": "crm", "sub": "crm", "aud": ISSUER, "iat": NOW, "exp": NOW.plus(60), "jti": "1" });
    change(&mut header, &mut claims);
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    let input = format!("{}.{}", part(&header), part(&claims));
    let signature = secret_key(1).sign(input.as_bytes());
    format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature.to_bytes()))
}

fn form_of(token: &str) -> String {
    format!(
        "client_assertion={token}&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
    )
}

fn why(change: impl FnOnce(&mut Value, &mut Value)) -> Option<&'static str> {
    reason(shown(&with_keys(), None, &form_of(&token(change))))
}

#[test]
fn a_token_is_taken_that_the_client_has_signed_for_us_and_known_by_its_id_from_then_on() {
    let known = shown(&with_keys(), None, &form_of(&token(|_, _| ()))).unwrap();
    assert_eq!(known.once, Some((hash(b"1"), NOW.plus(65))));
    assert_eq!(why(|_, claims| claims["aud"] = json!([TOKEN])), None);
    assert_eq!(why(|header, _| header["alg"] = "Ed25519".into()), None);
    assert_eq!(why(|_, claims| drop(claims.as_object_mut().unwrap().remove("iat"))), None);
    let one_key =
        Client { auth: ClientAuth::Keys(vec![ClientKey { kid: "any".into(), ..keys_of(with_keys()) }]), ..client() };
    let nameless = token(|header, _| drop(header.as_object_mut().unwrap().remove("kid")));
    assert_eq!(reason(shown(&one_key, None, &form_of(&nameless))), None);
}

fn keys_of(client: Client) -> ClientKey {
    match client.auth {
        ClientAuth::Keys(mut keys) => keys.remove(0),
        _ => panic!("it has keys"),
    }
}

#[test]
fn each_fault_of_a_clients_token_is_enough_to_refuse_it() {
    assert_eq!(why(|header, _| header["alg"] = "none".into()), Some("bad_assertion_signature"));
    assert_eq!(why(|header, _| header["alg"] = "ES256".into()), Some("bad_assertion_signature"));
    assert_eq!(why(|header, _| header["alg"] = "HS256".into()), Some("bad_assertion_signature"));
    assert_eq!(why(|header, _| header["kid"] = "k2".into()), Some("bad_assertion_signature"));
    assert_eq!(why(|header, _| header["kid"] = "k3".into()), Some("unknown_assertion_key"));
    assert_eq!(why(|header, _| drop(header.as_object_mut().unwrap().remove("kid"))), Some("unknown_assertion_key"));
    assert_eq!(why(|_, claims| claims["iss"] = "other".into()), Some("assertion_of_other_client"));
    assert_eq!(why(|_, claims| claims["aud"] = "https://other".into()), Some("assertion_for_others"));
    assert_eq!(why(|_, claims| claims["aud"] = json!([ISSUER, "https://other"])), Some("assertion_for_others"));
    assert_eq!(why(|_, claims| drop(claims.as_object_mut().unwrap().remove("aud"))), Some("assertion_for_others"));
    assert_eq!(why(|_, claims| claims["exp"] = (NOW.0 - 5).into()), Some("expired_assertion"));
    assert_eq!(why(|_, claims| claims["exp"] = (NOW.0 + 306).into()), Some("assertion_lasts_too_long"));
    assert_eq!(why(|_, claims| claims["iat"] = (NOW.0 + 6).into()), Some("assertion_from_the_future"));
    assert_eq!(why(|_, claims| claims["nbf"] = (NOW.0 + 6).into()), Some("assertion_from_the_future"));
    assert_eq!(why(|_, claims| claims["nbf"] = (NOW.0 + 5).into()), None);
    assert_eq!(why(|_, claims| drop(claims.as_object_mut().unwrap().remove("jti"))), Some("assertion_without_id"));
    assert_eq!(why(|_, claims| drop(claims.as_object_mut().unwrap().remove("exp"))), Some("malformed_assertion"));
    assert_eq!(why(|header, _| header["crit"] = json!(["b64"])), Some("malformed_assertion"));
    let form = form_of("a.b.c");
    assert_eq!(reason(shown(&with_keys(), None, &form)), Some("malformed_assertion"));
    let (good, other) = (token(|_, _| ()), token(|_, claims| claims["jti"] = "2".into()));
    let swapped = format!("{}.{}", other.rsplit_once('.').unwrap().0, good.rsplit_once('.').unwrap().1);
    assert_eq!(reason(shown(&with_keys(), None, &form_of(&swapped))), Some("bad_assertion_signature"));
    let typeless = format!("client_assertion={good}");
    assert_eq!(reason(shown(&with_keys(), None, &typeless)), Some("bad_assertion_type"));
}
