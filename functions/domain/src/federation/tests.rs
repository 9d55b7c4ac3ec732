//! One sign-in at a provider that would be believed, and each fault of it singly.

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
use crate::token::{Amr, ErrandClaims, KeySet};

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

/// An ID token that would be believed, but for what `change` does to its header and its claims.
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
    let mut expected = Expected { provider, nonce: "once", access_token: Some("at"), max_age: None, now: NOW };
    change(&mut expected);
    let keys = keys(&[ed25519("k1"), p256("k2")]).unwrap();
    let token = IdToken::read(token)?;
    let key = keys.of(&token)?;
    now(token.open(key, expected, verify))
}

fn why(change: impl FnOnce(&mut Value, &mut Value)) -> Option<Refusal> {
    opened(&token(change), &provider(), |_| ()).err()
}

#[test]
fn an_id_token_says_which_agent_it_is_when_and_how_they_signed_in() {
    let identity = opened(&token(|_, _| ()), &provider(), |_| ()).unwrap();
    let account = AccountName::Username(Username::parse("desk1").unwrap());
    assert_eq!(identity, Identity { account, auth_time: Timestamp(NOW.0 - 100), amr: vec![Amr::Pwd, Amr::Otp] });
    let silent = token(|_, claims| drop(claims.as_object_mut().unwrap().remove("auth_time")));
    assert_eq!(opened(&silent, &provider(), |_| ()).unwrap().auth_time, NOW);
}

#[test]
fn each_fault_of_an_id_tokens_header_is_enough_to_refuse_it() {
    use Refusal::*;
    for (name, value, refusal) in [
        ("alg", json!("none"), Algorithm),
        ("alg", json!("None"), Algorithm),
        ("alg", json!("HS256"), Algorithm),
        ("alg", json!("PS256"), Algorithm),
        ("alg", json!("RS256"), Algorithm),
        ("alg", json!("ES256"), Algorithm),
        ("alg", json!(null), Algorithm),
        ("kid", json!("k2"), Algorithm),
        ("kid", json!("k3"), KeyUnknown),
        ("kid", json!(1), IdTokenMalformed),
        ("typ", json!("at+jwt"), IdTokenMalformed),
        ("typ", json!("logout+jwt"), IdTokenMalformed),
        ("crit", json!(["exp"]), IdTokenMalformed),
    ] {
        let told = format!("{name} {value}");
        assert_eq!(why(|header, _| header[name] = value), Some(refusal), "{told}");
    }
    assert_eq!(why(|header, _| drop(header.as_object_mut().unwrap().remove("typ"))), None);
    assert_eq!(why(|header, _| drop(header.as_object_mut().unwrap().remove("kid"))), None, "there is one of its kind");
    assert_eq!(why(|header, _| header["alg"] = "Ed25519".into()), None);
}

#[test]
fn each_fault_of_an_id_tokens_claims_is_enough_to_refuse_it() {
    use Refusal::*;
    for (name, value, refusal) in [
        ("iss", json!("https://id.example/realms/other"), Some(Issuer)),
        ("iss", json!([ISSUER, "https://evil.example"]), Some(Issuer)),
        ("aud", json!("other"), Some(Audience)),
        ("aud", json!([]), Some(Audience)),
        ("aud", json!(["other"]), Some(Audience)),
        ("aud", json!(["desk"]), None),
        ("aud", json!(["desk", "other"]), Some(AuthorizedParty)),
        ("azp", json!("other"), Some(AuthorizedParty)),
        ("azp", json!(7), Some(AuthorizedParty)),
        ("azp", json!("desk"), None),
        ("exp", json!(NOW.0 - 30), Some(Expired)),
        ("exp", json!(NOW.0 - 29), Some(Expired)),
        ("exp", json!("later"), Some(Expired)),
        ("iat", json!(NOW.0 + 31), Some(FromTheFuture)),
        ("iat", json!(NOW.0 + 30), None),
        ("nbf", json!(NOW.0 + 31), Some(FromTheFuture)),
        ("nbf", json!("x"), Some(FromTheFuture)),
        ("auth_time", json!(NOW.0 + 31), Some(FromTheFuture)),
        ("nonce", json!("twice"), Some(Nonce)),
        ("at_hash", json!("AAAA"), Some(AccessTokenHash)),
        ("at_hash", json!(null), Some(AccessTokenHash)),
        ("at_hash", json!(text(&Sha256::digest("at")[..16])), Some(AccessTokenHash)),
        ("at_hash", json!(text(&Sha512::digest("at")[..32])), None),
        ("preferred_username", json!(""), Some(AccountClaim)),
        ("preferred_username", json!(["desk1"]), Some(AccountClaim)),
        ("preferred_username", json!("a:b"), Some(AccountClaim)),
    ] {
        let told = format!("{name} {value}");
        assert_eq!(why(|_, claims| claims[name] = value), refusal, "{told}");
    }
    for (name, refusal) in [
        ("iss", Issuer),
        ("aud", Audience),
        ("exp", Expired),
        ("iat", FromTheFuture),
        ("nonce", Nonce),
        ("preferred_username", AccountClaim),
    ] {
        let without = |_: &mut Value, claims: &mut Value| drop(claims.as_object_mut().unwrap().remove(name));
        assert_eq!(why(without), Some(refusal), "{name}");
    }
    let both = |_: &mut Value, claims: &mut Value| claims["aud"] = json!(["other", "desk"]);
    let ours = |header: &mut Value, claims: &mut Value| {
        both(header, claims);
        claims["azp"] = "desk".into();
    };
    assert_eq!(why(ours), None);
}

#[test]
fn a_token_is_over_after_its_time_and_the_clocks_difference() {
    let made = |exp: u64| token(|_, claims| (claims["iat"], claims["exp"]) = (json!(NOW.0 - 300), json!(exp)));
    assert!(opened(&made(NOW.0 - 29), &provider(), |_| ()).is_ok());
    assert_eq!(opened(&made(NOW.0 - 30), &provider(), |_| ()).err(), Some(Refusal::Expired));
}

#[test]
fn an_id_token_that_was_changed_after_signing_is_refused_and_nonsense_is_none() {
    let good = token(|_, _| ());
    let (input, signature) = good.rsplit_once('.').unwrap();
    let other = token(|_, claims| claims["preferred_username"] = "desk2".into());
    let (other, _) = other.rsplit_once('.').unwrap();
    for forged in [format!("{other}.{signature}"), format!("{input}."), format!("{input}.{}", "A".repeat(86))] {
        assert_eq!(opened(&forged, &provider(), |_| ()).err(), Some(Refusal::Signature), "{forged}");
    }
    for nonsense in ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", &format!("{good}.x"), &"A".repeat(33_000)] {
        assert_eq!(opened(nonsense, &provider(), |_| ()).err(), Some(Refusal::IdTokenMalformed), "{nonsense}");
    }
}

#[test]
fn who_has_to_have_signed_in_lately_has_to_have() {
    let with = |max_age, token: &str| opened(token, &provider(), |expected| expected.max_age = Some(max_age)).err();
    let good = token(|_, _| ());
    assert_eq!((with(70, &good), with(69, &good)), (None, Some(Refusal::SignedInTooLongAgo)));
    assert_eq!(with(u64::MAX, &good), None);
    let silent = token(|_, claims| drop(claims.as_object_mut().unwrap().remove("auth_time")));
    assert_eq!(with(1000, &silent), Some(Refusal::SignedInTooLongAgo), "it does not say when");
}

#[test]
fn an_access_token_that_was_promised_has_to_come() {
    let token = token(|_, claims| claims["at_hash"] = text(&Sha512::digest("at")[..32]).into());
    let opened = |access_token| opened(&token, &provider(), |expected| expected.access_token = access_token).err();
    assert_eq!((opened(Some("at")), opened(Some("other"))), (None, Some(Refusal::AccessTokenHash)));
    assert_eq!(opened(None), Some(Refusal::AccessTokenHash));
}

#[test]
fn an_email_address_counts_where_it_was_verified_and_a_claim_counts_as_what_it_was_declared() {
    let claims = |verified: Value| {
        token(move |_, claims| (claims["email"], claims["email_verified"]) = (json!("Desk1@Acme.example"), verified))
    };
    let email = Word::parse("email").unwrap();
    let by_email = Provider { account_claim: AccountClaim::Email(email.clone()), ..provider() };
    let identity = opened(&claims(json!(true)), &by_email, |_| ()).unwrap();
    assert_eq!(identity.account, AccountName::Email(EmailAddress::parse("desk1@acme.example").unwrap()));
    for verified in [json!(false), json!("true"), json!(1), json!(null)] {
        assert_eq!(opened(&claims(verified), &by_email, |_| ()).err(), Some(Refusal::EmailUnverified));
    }
    let as_username = Provider { account_claim: AccountClaim::Username(email), ..provider() };
    assert_eq!(opened(&claims(json!(false)), &as_username, |_| ()).err(), Some(Refusal::EmailUnverified));
    let upn = Provider { account_claim: AccountClaim::Email(Word::parse("upn").unwrap()), ..provider() };
    let token = token(|_, claims| claims["upn"] = "desk1@acme.example".into());
    assert!(matches!(opened(&token, &upn, |_| ()).unwrap().account, AccountName::Email(_)));
}

#[test]
fn keys_count_that_are_strong_and_for_verifying() {
    let strong = [0x80; 256];
    let with = |mut key: Value, name: &str, value: &str| {
        key[name] = value.into();
        key
    };
    for (key, counts) in [
        (rsa("r", &strong, &[1, 0, 1]), true),
        (rsa("r", &[&[0], &strong[..]].concat(), &[1, 0, 1]), true),
        (rsa("r", &[0x7f; 256], &[1, 0, 1]), false),
        (rsa("r", &[0xff; 128], &[1, 0, 1]), false),
        (rsa("r", &[0xff; 1025], &[1, 0, 1]), false),
        (rsa("r", &[&[0; 200], &[0xff; 100][..]].concat(), &[1, 0, 1]), false),
        (rsa("r", &strong, &[1]), false),
        (rsa("r", &strong, &[0, 0, 1]), false),
        (rsa("r", &strong, &[2]), false),
        (rsa("r", &strong, &[]), false),
        (rsa("r", &strong, &[3]), true),
        (p256("e"), true),
        (with(p256("e"), "crv", "P-384"), false),
        (with(p256("e"), "x", "AAAA"), false),
        (with(p256("e"), "y", "\",\"d\":\"x"), false),
        (ed25519("o"), true),
        (with(ed25519("o"), "crv", "X25519"), false),
        (with(ed25519("o"), "use", "sig"), true),
        (with(ed25519("o"), "use", "enc"), false),
        (with(ed25519("o"), "alg", "EdDSA"), true),
        (with(ed25519("o"), "alg", "ES256"), false),
        (with(rsa("r", &strong, &[3]), "alg", "PS256"), false),
        (with(rsa("r", &strong, &[3]), "alg", "RSA-OAEP"), false),
        (json!({ "kty": "oct", "kid": "s", "k": "AAAA" }), false),
        (json!({}), false),
    ] {
        assert_eq!(keys(std::slice::from_ref(&key)).is_ok(), counts, "{key}");
    }
    for text in ["", "{}", "[]", r#"{"keys":{}}"#, r#"{"keys":[]}"#, r#"{"keys":[1]}"#, "<html>"] {
        assert_eq!(PublicKeys::read(text).err(), Some(Refusal::KeysMalformed), "{text}");
    }
}

#[test]
fn a_token_that_names_no_key_or_one_of_two_is_nobodys() {
    let nameless = token(|header, _| drop(header.as_object_mut().unwrap().remove("kid")));
    let of = |set: &[Value], token: &str| keys(set).unwrap().of(&IdToken::read(token).unwrap()).err();
    assert_eq!(of(&[ed25519("a"), p256("b")], &nameless), None);
    assert_eq!(of(&[ed25519("a"), ed25519("b")], &nameless), Some(Refusal::KeyUnknown));
    assert_eq!(of(&[p256("b")], &nameless), Some(Refusal::KeyUnknown));
    assert_eq!(of(&[ed25519("k1"), ed25519("k1")], &token(|_, _| ())), Some(Refusal::KeyUnknown));
}

#[test]
fn a_discovery_document_is_the_issuers_own_and_offers_what_is_needed() {
    use Refusal::*;
    let good = discovered(|_| ()).unwrap();
    assert_eq!(good.token.as_str(), "https://id.example/token");
    assert!(good.names_itself && !good.takes_secret_in_body && good.end_session.is_some());
    for (name, value, refusal) in [
        ("issuer", json!("https://id.example/realms/acme/"), DiscoveryOfAnother),
        ("issuer", json!("https://evil.example"), DiscoveryOfAnother),
        ("issuer", json!(null), DiscoveryMalformed),
        ("authorization_endpoint", json!("http://id.example/authorize"), EndPoint),
        ("authorization_endpoint", json!("javascript:alert(1)"), EndPoint),
        ("authorization_endpoint", json!("http://127.0.0.1/authorize"), EndPoint),
        ("token_endpoint", json!(null), EndPoint),
        ("jwks_uri", json!("/keys"), EndPoint),
        ("response_types_supported", json!(["id_token"]), Unsuited),
        ("code_challenge_methods_supported", json!(["plain"]), Unsuited),
        ("id_token_signing_alg_values_supported", json!(["HS256", "none"]), Unsuited),
        ("id_token_signing_alg_values_supported", json!(7), Unsuited),
    ] {
        let told = format!("{name} {value}");
        assert_eq!(discovered(|document| document[name] = value).err(), Some(refusal), "{told}");
    }
    let without = |name: &str| discovered(|document| drop(document.as_object_mut().unwrap().remove(name)));
    for name in ["code_challenge_methods_supported", "id_token_signing_alg_values_supported", "end_session_endpoint"] {
        assert!(without(name).is_ok(), "{name}");
    }
    for text in ["", "[]", "<html>", r#"{"issuer":"#] {
        assert_eq!(Discovered::read(text, &provider().issuer).err(), Some(DiscoveryMalformed), "{text}");
    }
    let posts = |methods: Value| discovered(|document| document["token_endpoint_auth_methods_supported"] = methods);
    assert!(posts(json!(["client_secret_post"])).unwrap().takes_secret_in_body);
    assert!(!posts(json!(["client_secret_post", "client_secret_basic"])).unwrap().takes_secret_in_body);
}

fn our_keys(kid: &str, status: &str, other: Option<&str>) -> KeySet {
    let key = |kid: &str, status: &str| json!({ "kty": "oct", "alg": "HS256", "kid": kid, "k": text(format!("{kid:0>32}").as_bytes()), "status": status });
    let mut keys = vec![key(kid, status)];
    keys.extend(other.map(|other| key(other, "active")));
    KeySet::parse(&json!({ "keys": keys }).to_string()).unwrap()
}

fn errand() -> ErrandClaims {
    ErrandClaims {
        id: "0".repeat(32),
        instance: fixture::id(1),
        install: fixture::spelling().name(),
        browser: "b".repeat(32),
        next: String::new(),
        slot: 3,
        failed: false,
    }
}

#[test]
fn the_secrets_of_a_flow_are_its_own_and_outlive_a_rotation() {
    let (keys, provider) = (our_keys("k1", "active", None), provider());
    let secrets = errand().secrets(&keys, &provider, NOW).unwrap();
    for secret in [&secrets.nonce, &secrets.verifier] {
        assert_eq!(secret.len(), 43, "as long as a verifier has to be");
    }
    assert!(secrets.state.starts_with('3') && secrets.state.len() == 44);
    assert!(secrets.state[1..] != secrets.nonce && secrets.nonce != secrets.verifier);
    let rotated = our_keys("k1", "next", Some("k2"));
    assert!(errand().recognised(&rotated, &provider, &secrets.state, NOW) == Some(secrets.clone()));
    let other = ErrandClaims { id: "1".repeat(32), ..errand() };
    let elsewhere = ErrandClaims { instance: fixture::id(2), ..errand() };
    let failed = ErrandClaims { failed: true, ..errand() };
    for errand in [other, elsewhere, failed] {
        assert!(errand.recognised(&keys, &provider, &secrets.state, NOW).is_none());
    }
    for state in ["", "3", &secrets.nonce, &secrets.verifier, &secrets.state[1..], &format!("2{}", &secrets.state[1..])]
    {
        assert!(errand().recognised(&keys, &provider, state, NOW).is_none(), "{state}");
    }
    let moved = Provider { issuer: Issuer::parse("https://id.example/realms/other").unwrap(), ..provider.clone() };
    let renamed = Provider { client_id: Word::parse("other").unwrap(), ..provider };
    for provider in [moved, renamed] {
        assert!(errand().recognised(&keys, &provider, &secrets.state, NOW).is_none(), "declared meanwhile");
    }
}

#[test]
fn the_agent_is_sent_there_with_what_the_answer_will_be_held_against() {
    let provider = provider();
    let secrets = errand().secrets(&our_keys("k1", "active", None), &provider, NOW).unwrap();
    let client = Client { provider: &provider, redirect_uri: BACK };
    let wishes = Wishes {
        login_hint: Some("a&b".into()),
        max_age: Some(0),
        prompt: Some("login"),
        language: Some(Language::Pt),
    };
    let address = authorization(&discovered(|_| ()).unwrap(), client, &secrets, &wishes);
    let (before, query) = address.split_once("?tenant=acme&").unwrap();
    assert_eq!(before, "https://id.example/authorize");
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let challenge = text(&Sha256::digest(&secrets.verifier));
    let wanted = [
        ("response_type", "code"),
        ("client_id", "desk"),
        ("redirect_uri", BACK),
        ("scope", "openid profile"),
        ("state", &secrets.state),
        ("nonce", &secrets.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("login_hint", "a&b"),
        ("max_age", "0"),
        ("prompt", "login"),
        ("ui_locales", "pt"),
    ];
    let read: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(read, wanted);
    assert!(!address.contains(&secrets.verifier));
}

#[test]
fn an_answer_is_read_once_and_is_the_providers_that_was_asked() {
    use Refusal::*;
    let read = |query: &str| {
        let callback = Callback::parse(query)?;
        callback.state()?;
        callback.is_of(&provider().issuer, &discovered(|_| ())?)?;
        callback.code().map(str::to_owned)
    };
    let iss = "iss=https%3A%2F%2Fid.example%2Frealms%2Facme";
    assert_eq!(read(&format!("state=s&code=c&{iss}&session_state=x")).as_deref(), Ok("c"));
    for (query, refusal) in [
        (format!("code=c&{iss}"), StateMissing),
        (format!("state=&code=c&{iss}"), StateMissing),
        ("state=s&code=c".to_owned(), AnswerOfNobody),
        ("state=s&code=c&iss=https%3A%2F%2Fevil.example".to_owned(), AnswerOfAnother),
        (format!("state=s&code=c&{iss}&{iss}"), AnswerMalformed),
        (format!("state=s&code=c&code=d&{iss}"), AnswerMalformed),
        (format!("state=s&state=s&code=c&{iss}"), AnswerMalformed),
        (format!("state=s&code=&{iss}"), AnswerMalformed),
        (format!("state=s&{iss}"), AnswerMalformed),
        (format!("state=s&code=c&error=e&{iss}"), AnswerMalformed),
        (format!("state=s&code={}&{iss}", "c".repeat(4097)), AnswerMalformed),
        (format!("state=s&error=access_denied&{iss}"), ProviderError),
    ] {
        assert_eq!(read(&query), Err(refusal), "{query}");
    }
    let quiet =
        discovered(|document| document["authorization_response_iss_parameter_supported"] = false.into()).unwrap();
    let without = Callback::parse("state=s&code=c").unwrap();
    assert_eq!(without.is_of(&provider().issuer, &quiet), Ok(()));
    let mixed_up = Callback::parse("state=s&code=c&iss=https%3A%2F%2Fevil.example").unwrap();
    assert_eq!(mixed_up.is_of(&provider().issuer, &quiet), Err(AnswerOfAnother), "also where nobody asked for it");
    assert!(Callback::parse("").unwrap().is_bare() && !without.is_bare());
    let told = |error: &str| Callback::parse(&format!("error={error}")).unwrap().error().map(str::to_owned);
    assert_eq!(told("access_denied").as_deref(), Some("access_denied"));
    assert_eq!((told("hunter2%20"), told(&"a".repeat(61))), (None, None), "what may be anything stays out of the log");
}

#[test]
fn the_code_is_redeemed_with_what_the_client_has() {
    let provider = Provider { client_id: Word::parse("desk:1").unwrap(), ..provider() };
    let client = Client { provider: &provider, redirect_uri: BACK };
    let basic = TokenRequest::with_secret(&discovered(|_| ()).unwrap(), client, "p&ss w", "c+1", "v");
    let wanted = base64ct::Base64::encode_string(b"desk%3A1:p%26ss+w");
    assert_eq!(basic.authorization, Some(format!("Basic {wanted}")));
    let back = "https%3A%2F%2Flogin.example%2FOneContactLogin%2Fcallback";
    let body = format!("grant_type=authorization_code&code=c%2B1&redirect_uri={back}&code_verifier=v");
    assert_eq!(basic.body, body);
    let posts =
        |document: &mut Value| document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
    let posted = TokenRequest::with_secret(&discovered(posts).unwrap(), client, "p&ss w", "c+1", "v");
    let request =
        TokenRequest { authorization: None, body: format!("{body}&client_id=desk%3A1&client_secret=p%26ss+w") };
    assert_eq!(posted, request);
    let asserted = TokenRequest::with_assertion(client, "a.b.c", "c", "v");
    assert!(asserted.authorization.is_none() && asserted.body.ends_with("%3Ajwt-bearer&client_assertion=a.b.c"));
}

#[test]
fn a_client_that_has_a_key_shows_itself_to_its_provider_alone() {
    let ed25519 = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "e", "status": "active",
        "x": text(secret().verifying_key().as_bytes()), "d": text(secret().as_bytes()),
    });
    let ours = json!({ "kty": "oct", "alg": "HS256", "kid": "h", "k": text(&[7; 32]), "status": "active" });
    let set = |keys: Value| KeySet::parse(&json!({ "keys": keys }).to_string()).unwrap();
    let provider = provider();
    let client = Client { provider: &provider, redirect_uri: BACK };
    assert!(assertion(&set(json!([ours])), client, 5, NOW).is_none());
    let keys = set(json!([ours, ed25519]));
    let unsigned = assertion(&keys, client, 5, NOW).unwrap();
    let signature = SigningKey::from_bytes(unsigned.key().secret()).sign(unsigned.input());
    let token = unsigned.signed(&signature.to_bytes());
    let decoded = |part: &str| serde_json::from_slice::<Value>(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(decoded(parts[0]), json!({ "alg": "EdDSA", "typ": "JWT", "kid": "e" }));
    let wanted = json!({
        "iss": "desk", "sub": "desk", "aud": ISSUER, "iat": NOW, "exp": NOW.plus(60),
        "jti": "00000000000000000000000000000005",
    });
    assert_eq!(decoded(parts[1]), wanted);
    let input = token.rsplit_once('.').unwrap().0;
    assert!(secret().verifying_key().verify_strict(input.as_bytes(), &signature).is_ok());
}

#[test]
fn the_answer_to_a_code_is_tokens_or_a_reason() {
    use Refusal::*;
    let tokens = Answered::read(200, r#"{"id_token":"i","access_token":"a","token_type":"Bearer"}"#).unwrap();
    assert_eq!((tokens.id_token.as_str(), tokens.access_token.as_deref()), ("i", Some("a")));
    assert_eq!(Answered::read(200, r#"{"id_token":"i"}"#).unwrap().access_token, None);
    for (status, text, refusal) in [
        (400, r#"{"error":"invalid_grant"}"#, CodeRefused),
        (401, "", CodeRefused),
        (500, "", Unreachable),
        (503, "<html>", Unreachable),
        (200, "<html>", TokensMalformed),
        (200, "{}", TokensMalformed),
        (200, r#"{"id_token":7}"#, TokensMalformed),
        (201, r#"{"id_token":"i"}"#, CodeRefused),
    ] {
        assert_eq!(Answered::read(status, text), Err(refusal), "{status} {text}");
    }
    assert_eq!(Answered::error(r#"{"error":"invalid_grant"}"#).as_deref(), Some("invalid_grant"));
    assert_eq!(Answered::error(r#"{"error":"No, hunter2"}"#), None);
}

#[test]
fn signing_out_there_leads_back() {
    let away = end_session(&discovered(|_| ()).unwrap(), &provider(), "https://login.example/OneContactLogin");
    let wanted =
        "https://id.example/bye?client_id=desk&post_logout_redirect_uri=https%3A%2F%2Flogin.example%2FOneContactLogin";
    assert_eq!(away.as_deref(), Some(wanted));
    let without = discovered(|document| drop(document.as_object_mut().unwrap().remove("end_session_endpoint")));
    assert_eq!(end_session(&without.unwrap(), &provider(), "https://login.example"), None);
}
