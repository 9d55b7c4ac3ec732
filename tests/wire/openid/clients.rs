//! Who is accepted as an application at the token end point.

use base64ct::{Base64, Encoding};
use hyper::Method;
use kv_schema::directory::{ClientAuth, ClientKey};
use onecontact_tests::openid::{
    ISSUER, Pairs, SECRET, TOKEN, ask_for_tokens, code_in, crm, hash, json, redeeming, request, text,
};
use onecontact_tests::service::{secret, signed};
use onecontact_tests::world::now;
use onecontact_tests::{Browser, Page, World};
use serde_json::{Value, json};

use super::{code, reason, told, world};

const BY_TOKEN: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A code for the agent signed in in this browser.
async fn another_code(browser: &Browser) -> String {
    code_in(browser, &browser.get(&request().address()).await)
}

async fn with_basic(browser: &Browser, form: &Pairs, id: &str, secret: &str) -> Page {
    let header = format!("Basic {}", Base64::encode_string(format!("{id}:{secret}").as_bytes()));
    let ask = browser.ask(Method::POST, TOKEN).header("content-type", "application/x-www-form-urlencoded");
    ask.header("authorization", &header).body(form.encoded()).send().await
}

#[tokio::test]
async fn an_application_shows_its_secret_in_one_of_two_ways_and_nothing_else_will_do() {
    let world = world().await;
    world.secrets().add(SECRET);
    let browser = world.browser();
    let form = redeeming(&code(&browser).await).without("client_id").without("client_secret");
    assert_eq!(with_basic(&browser, &form, "crm", SECRET).await.status, 200);
    for (id, secret, why) in [
        ("crm", "wrong", "wrong_secret"),
        ("crm", "", "wrong_secret"),
        ("nobody", SECRET, "unknown_client"),
        ("", "", "unknown_client"),
    ] {
        let code = another_code(&browser).await;
        let form = redeeming(&code).without("client_id").without("client_secret");
        let page = with_basic(&browser, &form, id, secret).await;
        assert_eq!((page.status, page.body.clone()), (401, told("invalid_client", &page.id)), "{id}");
        assert_eq!(page.header("www-authenticate"), Some("Basic"));
        assert_eq!(reason(&world, "token_refused", &page).await, why);
        assert_eq!(ask_for_tokens(&browser, &redeeming(&code)).await.status, 200, "and the code is not used up");
    }
    let code = another_code(&browser).await;
    for form in [redeeming(&code).without("client_secret"), redeeming(&code).with("client_secret", "wrong")] {
        assert_eq!(ask_for_tokens(&browser, &form).await.status, 401);
    }
    let both = with_basic(&browser, &redeeming(&code), "crm", SECRET).await;
    assert_eq!((both.status, text(&both, "error")), (400, "invalid_request".to_owned()), "one proof is enough");
}

#[tokio::test]
async fn the_log_names_the_known_application_whose_proof_is_wrong() {
    let world = world().await;
    let browser = world.browser();
    let form = redeeming(&code(&browser).await).without("client_id").without("client_secret");
    for id in ["nobody", "crm"] {
        with_basic(&browser, &form, id, "wrong").await;
    }
    let named =
        world.log().wait_for("token_refused", 2).await.iter().map(|event| event["detail"].clone()).collect::<Vec<_>>();
    assert_eq!(named, [Value::Null, json!("crm")]);
}

#[tokio::test]
async fn an_application_that_can_keep_no_secret_has_its_verifier_alone() {
    let world = world().await;
    let mut client = crm();
    client.auth = ClientAuth::None;
    client.refreshes = false;
    world.directory.declare(&client);
    let browser = world.browser();
    let page = ask_for_tokens(&browser, &redeeming(&code(&browser).await).without("client_secret")).await;
    assert_eq!((page.status, page.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(json(&page)["refresh_token"], Value::Null, "and gets no refresh token where none is declared");
    let form = redeeming(&another_code(&browser).await);
    assert_eq!(ask_for_tokens(&browser, &form).await.status, 401, "a secret that it does not have is none");
}

/// A world whose `crm` signs tokens with a key of its own.
async fn world_with_keys() -> World {
    let world = world().await;
    let mut client = crm();
    let x = base64ct::Base64UrlUnpadded::encode_string(&secret(1).verifying_key().to_bytes());
    client.auth = ClientAuth::Keys(vec![ClientKey { kid: "k1".into(), x, y: None }]);
    world.directory.declare(&client);
    world
}

fn claims(id: &str) -> Value {
    json!({ "iss": "crm", "sub": "crm", "aud": ISSUER, "iat": now(), "exp": now().plus(60), "jti": id })
}

fn with_token(code: &str, token: &str) -> Pairs {
    redeeming(code).without("client_secret").with("client_assertion", token).with("client_assertion_type", BY_TOKEN)
}

#[tokio::test]
async fn an_application_signs_that_it_is_itself_and_each_token_of_it_counts_once() {
    let world = world_with_keys().await;
    let browser = world.browser();
    let header = json!({ "alg": "EdDSA", "kid": "k1" });
    let token = signed(&header, &claims("1"), &secret(1));
    let page = ask_for_tokens(&browser, &with_token(&code(&browser).await, &token)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let page = ask_for_tokens(&browser, &with_token(&another_code(&browser).await, &token)).await;
    assert_eq!((page.status, reason(&world, "token_refused", &page).await.as_str()), (401, "assertion_shown_before"));

    let mut late = claims("2");
    late["exp"] = (now().0 - 30).into();
    let mut lasting = claims("3");
    lasting["exp"] = now().plus(3600).0.into();
    let mut for_others = claims("4");
    for_others["aud"] = "https://other.test".into();
    let mut of_others = claims("5");
    of_others["iss"] = "other".into();
    let none = json!({ "alg": "none", "kid": "k1" });
    for (header, claims, key, why) in [
        (&header, late, 1, "expired_assertion"),
        (&header, lasting, 1, "assertion_lasts_too_long"),
        (&header, for_others, 1, "assertion_for_others"),
        (&header, of_others, 1, "assertion_of_other_client"),
        (&header, claims("6"), 2, "bad_assertion_signature"),
        (&none, claims("7"), 1, "bad_assertion_signature"),
        (&json!({ "alg": "EdDSA", "kid": "k9" }), claims("8"), 1, "unknown_assertion_key"),
    ] {
        let code = another_code(&browser).await;
        let page = ask_for_tokens(&browser, &with_token(&code, &signed(header, &claims, &secret(key)))).await;
        assert_eq!((page.status, page.body.clone()), (401, told("invalid_client", &page.id)), "{why}");
        assert_eq!(reason(&world, "token_refused", &page).await, why);
    }
    let token_end =
        json!({ "iss": "crm", "sub": "crm", "aud": [format!("{ISSUER}/token")], "exp": now().plus(60), "jti": "9" });
    let form = with_token(&another_code(&browser).await, &signed(&header, &token_end, &secret(1)));
    assert_eq!(ask_for_tokens(&browser, &form).await.status, 200);
    let form = redeeming(&another_code(&browser).await);
    assert_eq!(ask_for_tokens(&browser, &form).await.status, 401, "a secret is none of its proofs");
    assert_eq!(hash("").len(), 43);
}

#[tokio::test]
async fn what_is_no_form_is_not_read() {
    let world = world().await;
    let browser = world.browser();
    let page = browser.ask(Method::POST, TOKEN).header("content-type", "application/json").body("{}").send().await;
    assert_eq!((page.status, page.body.clone()), (400, told("invalid_request", &page.id)));
    let page = browser.get(TOKEN).await;
    assert_eq!((page.status, page.header("allow")), (405, Some("POST, OPTIONS")));
}
