//! Refresh tokens: each works once, and using one again ends everything that came of its code.

use std::time::Duration;

use hyper::Method;
use onecontact_tests::Desktop;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::openid::{SIGN_IN, ask_for_tokens, crm, json, redeeming, refreshing, request, sign_in, userinfo};
use onecontact_tests::service::{almighty, path, token};
use onecontact_tests::tokens::parts;
use onecontact_tests::world::{HOME, PASSWORD};

use super::{code, reason, tokens, told, world};

#[tokio::test]
async fn a_refresh_token_is_replaced_by_each_use_and_one_that_comes_again_ends_its_family() {
    let world = world().await;
    let browser = world.browser();
    let first = tokens(&browser).await;
    let old = first["refresh_token"].as_str().unwrap();
    let second = json(&ask_for_tokens(&browser, &refreshing(old)).await);
    let (before, after) = (parts(first["id_token"].as_str().unwrap()).1, parts(second["id_token"].as_str().unwrap()).1);
    assert_eq!(
        (&before["sub"], &before["auth_time"], &before["sid"]),
        (&after["sub"], &after["auth_time"], &after["sid"])
    );
    assert!(after["nonce"].is_null() && second["refresh_token"] != first["refresh_token"]);
    let third = json(&ask_for_tokens(&browser, &refreshing(second["refresh_token"].as_str().unwrap())).await);
    let access_token = third["access_token"].as_str().unwrap();
    assert_eq!(userinfo(&browser, access_token).await.status, 200);

    let stolen = ask_for_tokens(&browser, &refreshing(old)).await;
    assert_eq!((stolen.status, stolen.body.clone()), (400, told("invalid_grant", &stolen.id)));
    assert_eq!(reason(&world, "token_refused", &stolen).await, "reused_grant");
    let last = ask_for_tokens(&browser, &refreshing(third["refresh_token"].as_str().unwrap())).await;
    assert_eq!(last.status, 400, "whoever has the newest has nothing either");
    assert_eq!(userinfo(&browser, access_token).await.status, 401);
}

#[tokio::test]
async fn an_outage_costs_an_application_no_refresh_token() {
    let mut world = world().await;
    let first = tokens(&world.browser()).await;
    let token = first["refresh_token"].as_str().unwrap();
    world.restart(|_| {}).await; // which has nothing in its memory
    world.directory.fail("agent:", On::Reads, Fault::Status(500));
    let page = ask_for_tokens(&world.browser(), &refreshing(token)).await;
    assert_eq!(page.status, 503, "{}", page.body);
    world.directory.heal();
    let page = ask_for_tokens(&world.browser(), &refreshing(token)).await;
    assert_eq!(page.status, 200, "as it was told to try again: {}", page.body);
}

#[tokio::test]
async fn whose_refresh_token_has_come_twice_is_in_the_log() {
    let world = world().await;
    let browser = world.browser();
    let first = tokens(&browser).await;
    let old = first["refresh_token"].as_str().unwrap();
    for _ in 0..2 {
        ask_for_tokens(&browser, &refreshing(old)).await;
    }
    let noted = world.log().only("token_refused").await;
    let (instance, agent) = (world.instance("acme"), "desk1");
    assert_eq!((&noted["instance"], &noted["agent"]), (&serde_json::json!(instance.as_str()), &agent.into()));
    assert_eq!((&noted["detail"], &noted["reason"]), (&"crm".into(), &"reused_grant".into()));
}

#[tokio::test]
async fn a_refresh_token_is_its_clients_and_no_code_and_a_code_is_no_refresh_token() {
    let world = world().await;
    let mut other = crm();
    other.id = kv_schema::names::ClientId::parse("other").unwrap();
    world.directory.declare(&other);
    let browser = world.browser();
    let first = tokens(&browser).await;
    let token = first["refresh_token"].as_str().unwrap();
    let page = ask_for_tokens(&browser, &refreshing(token).with("client_id", "other")).await;
    assert_eq!((page.status, reason(&world, "token_refused", &page).await.as_str()), (400, "other_client"));
    let page = sign_in(&world.browser(), &request(), "desk1").await;
    let code = onecontact_tests::openid::code_in(&browser, &page);
    assert_eq!(ask_for_tokens(&browser, &refreshing(&code)).await.status, 400);
    let other = world.browser();
    let tokens = tokens(&other).await;
    let page = ask_for_tokens(&browser, &redeeming(tokens["refresh_token"].as_str().unwrap())).await;
    assert_eq!(page.status, 400);
}

#[tokio::test]
async fn signing_out_ends_refresh_tokens_and_access_tokens_at_once() {
    let world = world().await;
    let browser = world.browser();
    let tokens = tokens(&browser).await;
    let path = format!("/OneContactLogin/sign-out?id_token_hint={}", tokens["id_token"].as_str().unwrap());
    let page = browser.get(&path).await;
    assert!(page.removes(SIGN_IN), "{} {}", page.status, page.body);
    assert_eq!(ask_for_tokens(&browser, &refreshing(tokens["refresh_token"].as_str().unwrap())).await.status, 400);
    assert_eq!(userinfo(&browser, tokens["access_token"].as_str().unwrap()).await.status, 401);
    assert!(!code(&browser).await.is_empty(), "and the agent can sign in again");
}

#[tokio::test]
async fn signing_out_also_ends_what_was_given_before_the_agent_proved_anew_who_they_are() {
    let world = world().await;
    let browser = world.browser();
    let first = tokens(&browser).await;
    let page = sign_in(&browser, &request().with("prompt", "login"), "desk1").await;
    let code = onecontact_tests::openid::code_in(&browser, &page);
    let second = json(&ask_for_tokens(&browser, &redeeming(&code)).await);
    assert_ne!(
        parts(first["id_token"].as_str().unwrap()).1["sid"],
        parts(second["id_token"].as_str().unwrap()).1["sid"]
    );
    let first = json(&ask_for_tokens(&browser, &refreshing(first["refresh_token"].as_str().unwrap())).await);
    let path = format!("/OneContactLogin/sign-out?id_token_hint={}", second["id_token"].as_str().unwrap());
    assert!(browser.get(&path).await.removes(SIGN_IN));
    assert_eq!(ask_for_tokens(&browser, &refreshing(first["refresh_token"].as_str().unwrap())).await.status, 400);
}

#[tokio::test]
async fn an_operator_who_ends_a_session_and_an_agent_who_takes_one_over_end_sign_ins_elsewhere_too() {
    let world = world().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let browser = world.browser();
    let first = tokens(&browser).await;
    let path = format!("{}/end-session", path(&acme, "desk1"));
    let ask = browser.ask(Method::POST, &path).header("authorization", &format!("Bearer {}", token()));
    let ended = ask.header("content-type", "application/json").body(r#"{"reason":"forced"}"#).send().await;
    assert_eq!(ended.status, 200, "{}", ended.body);
    assert_eq!(userinfo(&browser, first["access_token"].as_str().unwrap()).await.status, 401);

    tokio::time::sleep(Duration::from_secs(1)).await; // whoever was ended in this second proves nothing in it
    let second = tokens(&browser).await;
    let desktop = Desktop::open(world.browser_of("desk1").await, HOME, 1);
    assert!(desktop.sees(Duration::from_secs(20), |seen| seen.connected).await);
    let elsewhere = world.browser();
    let led = elsewhere.sign_in(HOME, "desk1", PASSWORD).await;
    let page = elsewhere.question(&led).await;
    assert_eq!(userinfo(&browser, second["access_token"].as_str().unwrap()).await.status, 200);
    assert_eq!(elsewhere.submit(&page.form()).await.location(), format!("{HOME}/desktop"));
    assert_eq!(userinfo(&browser, second["access_token"].as_str().unwrap()).await.status, 401);
}
