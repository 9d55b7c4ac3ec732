//! A code: what it is good for, once, and what stops it.

use onecontact_tests::World;
use onecontact_tests::openid::{
    CALLBACK, ISSUER, VERIFIER, ask_for_tokens, code_in, crm, handed, hash, json, redeeming, refreshing, request,
    sign_in, text, userinfo,
};
use onecontact_tests::tokens::{parts, verified};
use onecontact_tests::world::now;
use serde_json::{Value, json};

use super::{code, reason, tokens, told, world};

#[tokio::test]
async fn an_agent_signs_in_once_and_the_application_learns_who_it_is() {
    let world = world().await;
    let browser = world.browser();
    let page = sign_in(&browser, &request(), "desk1").await;
    assert_eq!((handed(&page, "state").as_deref(), handed(&page, "iss").as_deref()), (Some("a state"), Some(ISSUER)));
    let answer = ask_for_tokens(&browser, &redeeming(&code_in(&browser, &page))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = json(&answer);
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(300)));
    assert_eq!(answer["scope"], "openid profile email");

    let published: Value = serde_json::from_str(&browser.get("/.well-known/jwks.json").await.body).unwrap();
    let id_token = verified(answer["id_token"].as_str().unwrap(), &published).expect("it verifies");
    let acme = world.instance("acme");
    let sub = format!("{acme}/desk1");
    assert_eq!((&id_token["iss"], &id_token["aud"], &id_token["azp"]), (&json!(ISSUER), &json!("crm"), &json!("crm")));
    assert_eq!((&id_token["sub"], &id_token["nonce"]), (&json!(sub), &json!("a nonce")));
    assert_eq!((&id_token["name"], &id_token["email"]), (&json!("desk1 Front"), &json!("desk1@acme.example")));
    assert_eq!((&id_token["amr"], &id_token["extension"]), (&json!(["pwd"]), &json!("1001")));
    assert!(now().0 - id_token["auth_time"].as_u64().unwrap() < 30);

    let access_token = answer["access_token"].as_str().unwrap();
    let stated = verified(access_token, &published).expect("it verifies");
    assert_eq!(parts(access_token).0["typ"], "at+jwt");
    assert_eq!((&stated["iss"], &stated["client_id"], &stated["sub"]), (&json!(ISSUER), &json!("crm"), &json!(sub)));
    assert_eq!(stated["aud"], format!("{ISSUER}/userinfo"));
    let told = userinfo(&browser, access_token).await;
    assert_eq!((text(&told, "sub"), text(&told, "preferred_username")), (sub, "desk1".to_owned()));
    assert_eq!(world.log().only("code_issued").await["detail"], "crm");
    assert_eq!(world.log().only("tokens_issued").await["agent"], "desk1");
}

#[tokio::test]
async fn a_code_that_is_shown_again_gives_nothing_and_ends_what_it_gave() {
    let world = world().await;
    let browser = world.browser();
    let code = code(&browser).await;
    let answer = json(&ask_for_tokens(&browser, &redeeming(&code)).await);
    let access_token = answer["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&browser, access_token).await.status, 200);
    let again = ask_for_tokens(&browser, &redeeming(&code)).await;
    assert_eq!((again.status, again.body.clone()), (400, told("invalid_grant", &again.id)));
    assert_eq!(reason(&world, "token_refused", &again).await, "reused_grant");
    assert_eq!(userinfo(&browser, access_token).await.status, 401, "its access token is over");
    let refreshed = ask_for_tokens(&browser, &refreshing(answer["refresh_token"].as_str().unwrap())).await;
    assert_eq!((refreshed.status, text(&refreshed, "error")), (400, "invalid_grant".to_owned()));
    // And no more than that: whoever is signed in stays so.
    assert_eq!(browser.get(&request().address()).await.status, 303);
}

#[tokio::test]
async fn each_thing_that_does_not_fit_a_code_is_enough_and_uses_it_up() {
    let world = world().await;
    let other = {
        let mut other = crm();
        other.id = kv_schema::names::ClientId::parse("other").unwrap();
        other
    };
    world.directory.declare(&other);
    let browser = world.browser();
    let good = redeeming(&code(&browser).await);
    assert_eq!(ask_for_tokens(&browser, &good).await.status, 200);
    let wrong_verifier = hash("another verifier");
    for (name, value, why) in [
        ("code_verifier", Some(wrong_verifier.as_str()), "wrong_verifier"),
        ("redirect_uri", Some("https://crm.test/signed-in/"), "other_redirect_uri"),
        ("redirect_uri", Some("https://crm.test/signed-iN"), "other_redirect_uri"),
        ("client_id", Some("other"), "other_client"),
    ] {
        let code = code_in(&browser, &browser.get(&request().address()).await);
        let form = redeeming(&code).with(name, value.unwrap());
        let page = ask_for_tokens(&browser, &form).await;
        assert_eq!((page.status, page.body.clone()), (400, told("invalid_grant", &page.id)), "{name}");
        assert_eq!(reason(&world, "token_refused", &page).await, why);
        let page = ask_for_tokens(&browser, &redeeming(&code)).await;
        assert_eq!((page.status, text(&page, "error")), (400, "invalid_grant".to_owned()), "{name}");
    }
    for (name, error) in [
        ("code_verifier", "invalid_request"),
        ("redirect_uri", "invalid_request"),
        ("code", "invalid_request"),
        ("grant_type", "invalid_request"),
    ] {
        let code = code_in(&browser, &browser.get(&request().address()).await);
        let page = ask_for_tokens(&browser, &redeeming(&code).without(name)).await;
        assert_eq!((page.status, text(&page, "error").as_str()), (400, error), "{name}");
    }
    for code in ["", "nonsense", &"A".repeat(86), &"A".repeat(5000)] {
        let page = ask_for_tokens(&browser, &redeeming(code)).await;
        assert_eq!(page.status, 400, "{code}: {}", page.body);
    }
    for (form, error) in [
        (good.clone().with("grant_type", "password"), "unsupported_grant_type"),
        (good.clone().and("code", "another"), "invalid_request"),
        (good.clone().with("code_verifier", "short"), "invalid_grant"),
        (good.with("grant_type", "refresh_token"), "invalid_request"),
    ] {
        let page = ask_for_tokens(&browser, &form).await;
        assert_eq!((page.status, text(&page, "error").as_str()), (400, error), "{}", form.encoded());
    }
}

#[tokio::test]
async fn a_code_is_of_no_use_when_the_agent_may_not_sign_in_any_more() {
    let world = world().await;
    let browser = world.browser();
    let code = code(&browser).await;
    let key = kv_schema::directory::Agent::key_of(&world.instance("acme"), &onecontact_tests::world::username("desk1"));
    let mut agent: Value = serde_json::from_str(&world.directory.text(&key).unwrap()).unwrap();
    agent["disabled"] = true.into();
    world.directory.declare_text(&key, &agent.to_string());
    let page = ask_for_tokens(&browser, &redeeming(&code)).await;
    assert_eq!((page.status, text(&page, "error")), (400, "invalid_grant".to_owned()));
    assert_eq!(reason(&world, "token_refused", &page).await, "agent_may_not_sign_in");
    let page = browser.get(&request().with("prompt", "none").address()).await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"), "the sign-in is over, too");
}

#[tokio::test]
async fn another_password_ends_a_sign_in_and_what_came_of_it() {
    let world = world().await;
    let browser = world.browser();
    let tokens = tokens(&browser).await;
    let key = kv_schema::directory::Agent::key_of(&world.instance("acme"), &onecontact_tests::world::username("desk1"));
    let mut agent: Value = serde_json::from_str(&world.directory.text(&key).unwrap()).unwrap();
    agent["password"]["set_at"] = now().0.into();
    world.directory.declare_text(&key, &agent.to_string());
    assert_eq!(userinfo(&browser, tokens["access_token"].as_str().unwrap()).await.status, 401);
    assert_eq!(browser.get(&request().address()).await.status, 200, "the login is asked for");
    let page = ask_for_tokens(&browser, &refreshing(tokens["refresh_token"].as_str().unwrap())).await;
    assert_eq!(page.status, 400);
}

#[tokio::test]
async fn a_key_set_without_a_key_for_others_says_so_and_spends_no_code() {
    let world = World::standard().start().await;
    onecontact_tests::openid::declare(&world.directory);
    let browser = world.browser();
    let code = code(&browser).await;
    let page = ask_for_tokens(&browser, &redeeming(&code)).await;
    assert_eq!((page.status, text(&page, "code")), (503, "misconfigured".to_owned()));
    assert!(VERIFIER.len() >= 43 && CALLBACK.starts_with("https://"));
}
