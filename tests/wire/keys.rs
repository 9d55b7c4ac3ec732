//! Access tokens, the keys that others verify them with, and what a rotation does to both (C7, A3).

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::SigningKey;
use hyper::Method;
use kv_schema::Timestamp;
use onecontact_tests::browser::Page;
use onecontact_tests::world::{Builder, HOME, now};
use onecontact_tests::{Browser, World, tokens};
use serde_json::{Value, json};

use crate::{DESKTOP, SESSION};

const ACCESS_TOKEN: &str = "/OneAgentWeb_Lisbon/access-token?audience=routing";
const JWKS: &str = "/.well-known/jwks.json";

fn secret(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

/// An Ed25519 key of a key set, called `ed-<number>`.
fn key(number: u8, status: &str, until: Option<Timestamp>) -> Value {
    let (secret, text) = (secret(number), |bytes: [u8; 32]| Base64UrlUnpadded::encode_string(&bytes));
    let (x, d) = (text(secret.verifying_key().to_bytes()), text(secret.to_bytes()));
    let mut key = json!({
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": format!("ed-{number}"), "x": x, "d": d,
        "status": status,
    });
    if let Some(until) = until {
        key["exp"] = until.0.into();
    }
    key
}

/// The usual key set, with these Ed25519 keys added.
fn key_set(keys: &[Value]) -> String {
    let mut set: Value = serde_json::from_str(&tokens::key_set()).unwrap();
    set["keys"].as_array_mut().unwrap().extend_from_slice(keys);
    set.to_string()
}

/// A world whose install may have tokens for `routing`, with these Ed25519 keys.
fn issuing(keys: &[Value]) -> Builder {
    let world = World::builder().install_with("Lisbon", |install| install.audiences = vec!["routing".into()]);
    world.instance("acme", &["Lisbon"]).agent("acme", "desk1").token_keys(&key_set(keys))
}

async fn started(keys: &[Value]) -> World {
    let world = issuing(keys).start().await;
    for key in keys {
        world.secrets().add(key["d"].as_str().unwrap());
    }
    world
}

fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{} {}", page.status, page.body))
}

async fn access_token(browser: &Browser) -> String {
    let page = browser.get(ACCESS_TOKEN).await;
    assert_eq!(page.status, 200, "{}", page.body);
    json(&page)["access_token"].as_str().unwrap().to_owned()
}

/// The ids of the published keys.
fn ids(set: &Value) -> Vec<&str> {
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect()
}

async fn published(browser: &Browser) -> Value {
    let page = browser.get(JWKS).await;
    assert_eq!(page.status, 200);
    json(&page)
}

#[tokio::test]
async fn an_access_token_says_who_the_agent_is_and_verifies_with_the_published_keys() {
    let world = started(&[key(1, "active", None), key(2, "next", None)]).await;
    let browser = world.browser_of("desk1").await;
    let session = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    let page = browser.get(ACCESS_TOKEN).await;
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
    let issued = json(&page);
    assert_eq!((&issued["token_type"], &issued["expires_in"]), (&json!("Bearer"), &json!(300)));
    let token = issued["access_token"].as_str().unwrap();
    assert_eq!(tokens::parts(token).0, json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "ed-1" }));
    let claims = tokens::verified(token, &published(&world.browser()).await).expect("it verifies");
    let instance = world.instance("acme");
    for (claim, value) in [
        ("iss", json!("oneagent")),
        ("aud", json!("routing")),
        ("sub", json!(format!("{instance}/desk1"))),
        ("client_id", json!("Lisbon")),
        ("instance", json!(instance)),
        ("preferred_username", json!("desk1")),
        ("sid", json!(session.sid)),
        ("auth_time", json!(session.auth_time)),
        ("extension", json!("1001")),
    ] {
        assert_eq!(claims[claim], value, "{claim}");
    }
    let (issued, over) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
    assert!(over - issued == 300 && now().0.abs_diff(issued) <= 2, "{claims}");
    let other = access_token(&browser).await;
    assert_ne!(tokens::parts(&other).1["jti"], claims["jti"]);
}

#[tokio::test]
async fn the_published_keys_are_public_halves_alone_and_may_be_kept_for_five_minutes() {
    let keys = [key(1, "active", None), key(2, "next", None), key(3, "retired", Some(Timestamp(1)))];
    let world = started(&keys).await;
    let page = world.browser().get(JWKS).await;
    assert_eq!(page.header("content-type"), Some("application/jwk-set+json"));
    assert_eq!(page.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(ids(&json(&page)), ["ed-1", "ed-2"]);
    for key in &keys {
        assert!(!page.body.contains(key["d"].as_str().unwrap()), "{}", page.body);
    }
    assert!(!page.body.contains(&tokens::key()), "nor is any of the keys that only our nodes know");
    let refused = world.browser().ask(Method::POST, JWKS).send().await;
    assert_eq!((refused.status, refused.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn a_rotation_breaks_no_token_that_lives() {
    let mut world = started(&[key(1, "active", None), key(2, "next", None)]).await;
    let browser = world.browser_of("desk1").await;
    let (before, known) = (access_token(&browser).await, published(&browser).await);
    let retired = key(1, "retired", Some(now().plus(3600)));
    let keys = key_set(&[retired, key(2, "active", None), key(3, "next", None)]);
    world.restart(|setup| setup.token_keys = Some(keys)).await;
    let after = access_token(&browser).await;
    assert_eq!(tokens::parts(&after).0["kid"], "ed-2", "a retired key signs nothing");
    let set = published(&browser).await;
    assert!(tokens::verified(&before, &set).is_some(), "whoever asks now verifies what was signed before");
    assert!(tokens::verified(&after, &known).is_some(), "whoever asked before verifies what is signed now");
    assert_eq!(browser.get(DESKTOP).await.status, 200, "the session goes on");
}

#[tokio::test]
async fn a_retired_key_is_published_until_its_date_and_not_a_second_longer() {
    let until = now().plus(4);
    let world = started(&[key(1, "retired", Some(until)), key(2, "active", None)]).await;
    let browser = world.browser();
    assert_eq!(ids(&published(&browser).await), ["ed-1", "ed-2"]);
    while now() < until {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(ids(&published(&browser).await), ["ed-2"]);
}

#[tokio::test]
async fn a_key_set_of_an_earlier_version_serves_and_says_that_it_issues_no_access_tokens() {
    let world = issuing(&[]).start().await;
    let browser = world.browser_of("desk1").await;
    assert_eq!(browser.get(DESKTOP).await.status, 200);
    let page = browser.get(ACCESS_TOKEN).await;
    assert_eq!((page.status, &json(&page)["code"]), (503, &json!("no_access_tokens")));
    assert_eq!(published(&browser).await, json!({ "keys": [] }));
}

#[tokio::test]
async fn an_access_token_is_for_a_session_that_stands_and_an_audience_that_was_declared() {
    let world = started(&[key(1, "active", None)]).await;
    let refused = |page: &Page| (page.status, json(page)["code"].as_str().unwrap().to_owned());
    let stranger = world.browser().get(ACCESS_TOKEN).await;
    assert_eq!(refused(&stranger), (401, "no_session".into()));
    let browser = world.browser_of("desk1").await;
    for query in ["", "?audience=", "?audience=recorder", "?audience=ROUTING", "?audience=oneagent-session"] {
        let page = browser.get(&format!("/OneAgentWeb_Lisbon/access-token{query}")).await;
        assert_eq!(refused(&page), (400, "unknown_audience".into()), "{query}");
    }
    let posted = browser.ask(Method::POST, ACCESS_TOKEN).send().await;
    assert_eq!(posted.status, 405);
    let left = browser.cookie(SESSION).unwrap();
    let form = browser.get("/OneAgentWeb_Lisbon/desktop/plain").await.form_to(crate::SIGN_OUT);
    assert_eq!(browser.submit(&form).await.status, 303);
    browser.plant(SESSION, &left);
    assert_eq!(refused(&browser.get(ACCESS_TOKEN).await), (401, "no_session".into()), "the session is over");
}

#[tokio::test]
async fn an_access_token_is_no_session() {
    let world = started(&[key(1, "active", None)]).await;
    let token = access_token(&world.browser_of("desk1").await).await;
    let thief = world.browser();
    thief.plant(SESSION, &token);
    let page = thief.get(DESKTOP).await;
    assert!(page.status == 303 && page.location().starts_with(HOME), "{} {}", page.status, page.location());
}
