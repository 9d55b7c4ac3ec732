//! D1: the things that the desktop loads, each separately.

use kv_schema::names::SessionId;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::world::now;
use onecontact_tests::{Browser, World, tokens};
use serde_json::{Value, json};

use crate::{PLAIN, SESSION, SIGN_OUT};

const PARTS: [&str; 4] = ["profile", "instance", "extension", "session"];

async fn part(browser: &Browser, name: &str) -> (u16, Value) {
    let page = browser.get(&format!("/OneAgentWeb_Lisbon/desktop/parts/{name}")).await;
    let kind = if page.status == 200 { "application/json" } else { "application/problem+json" };
    assert_eq!(page.header("content-type"), Some(kind), "{name}");
    (page.status, serde_json::from_str(&page.body).unwrap_or_else(|error| panic!("{name}: {error}: {}", page.body)))
}

#[tokio::test]
async fn each_part_tells_what_it_stands_for() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    let (_, profile) = part(&browser, "profile").await;
    assert_eq!(profile, json!({ "part": "profile", "username": "desk1", "display_name": "desk1 Front" }));
    let (_, instance) = part(&browser, "instance").await;
    assert_eq!(
        instance,
        json!({ "part": "instance", "name": "acme", "display_name": "acme Support", "not_ready_reasons": [] })
    );
    let (_, extension) = part(&browser, "extension").await;
    assert_eq!(extension, json!({ "part": "extension", "extension": "1001", "default": true }));
    let (_, session) = part(&browser, "session").await;
    assert_eq!(
        session,
        json!({
            "part": "session",
            "sid": claims.sid,
            "install": "Lisbon",
            "since": claims.auth_time,
            "hard_end": claims.hard_end,
            "waits": false,
            "overtime": 0,
            "browser": { "family": "Chrome", "system": "Windows" },
        })
    );
}

#[tokio::test]
async fn a_typed_extension_is_told_apart_from_the_default() {
    let world = World::standard().agent_with("acme", "desk2", |agent| agent.default_extension = None).start().await;
    let browser = world.browser();
    let form = browser.get("/OneAgentWeb_Lisbon").await.form().with("username", "desk1");
    let form = form.with("password", onecontact_tests::world::PASSWORD).with("extension", "2002");
    assert_eq!(browser.submit(&form).await.status, 303);
    let (_, extension) = part(&browser, "extension").await;
    assert_eq!((&extension["extension"], &extension["default"]), (&json!("2002"), &json!(false)));
    let (_, extension) = part(&world.browser_of("desk2").await, "extension").await;
    assert_eq!(extension["extension"], Value::Null);
}

#[tokio::test]
async fn an_extension_that_nobody_chose_is_not_called_chosen_when_the_default_changes() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let key = format!("agent:{}:desk1", world.instance("acme"));
    world.directory.declare_text(&key, &world.directory.text(&key).unwrap().replace("1001", "4242"));
    let (_, extension) = part(&browser, "extension").await;
    assert_eq!((&extension["extension"], &extension["default"]), (&json!("1001"), &json!(true)));
}

#[tokio::test]
async fn a_part_that_fails_says_so_and_takes_no_other_with_it() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    world.directory.fail("agent:", On::Reads, Fault::Status(500));
    for (name, status) in PARTS.into_iter().zip([503, 200, 503, 200]) {
        let (found, json) = part(&browser, name).await;
        assert_eq!(found, status, "{name}");
        if found != 200 {
            assert_eq!((&json["status"], &json["code"]), (&json!(503), &json!("unavailable")), "{name}");
            assert!(json["title"].is_string() && json["request"].is_string(), "{json}");
        }
    }
    let event = &world.log().wait_for("problem", 2).await[0];
    assert!(event["detail"].as_str().unwrap().starts_with("DIRECTORY"), "{event}");
    world.directory.heal();
    assert_eq!(part(&browser, "profile").await.0, 200, "a retry mends it");
}

#[tokio::test]
async fn without_a_session_a_part_says_that_it_is_over() {
    let world = World::standard().start().await;
    let (status, json) = part(&world.browser(), "profile").await;
    assert_eq!((status, &json["status"]), (401, &json!(401)));
}

#[tokio::test]
async fn the_desktop_shows_who_and_where_the_agent_is_without_script_too() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let page = browser.get(PLAIN).await;
    assert_eq!((page.status, page.heading().as_str()), (200, "desk1 Front"));
    for shown in ["acme Support", "1001", "Lisbon", "Chrome", "Windows"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(page.links().contains(&SIGN_OUT.to_owned()), "{:?}", page.links());
}

#[tokio::test]
async fn the_plain_desktop_shows_what_failed_beside_its_name() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    world.directory.fail("agent:", On::Reads, Fault::Status(500));
    let page = browser.get(PLAIN).await;
    assert_eq!((page.status, page.heading().as_str()), (200, "desk1"), "the name is in the token");
    assert!(page.notice().is_some(), "{}", page.body);
    assert!(page.body.contains("acme Support"), "what did not fail is there: {}", page.body);
    assert!(page.links().contains(&PLAIN.to_owned()), "a retry is at hand");
}

#[tokio::test]
async fn names_are_shown_as_text_whatever_they_hold() {
    let world = World::standard()
        .agent_with("acme", "desk2", |agent| agent.display_name = "<script>alert(1)</script>\"'&".to_owned())
        .start()
        .await;
    let browser = world.browser_of("desk2").await;
    let page = browser.get(PLAIN).await;
    assert_eq!(page.heading(), "<script>alert(1)</script>\"'&");
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
}

#[tokio::test]
async fn an_agent_whose_record_is_gone_keeps_the_session_and_is_told_which_part_failed() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    let other = tokens::sealed(
        &onecontact_domain::token::SessionClaims {
            agent: onecontact_tests::world::username("gone"),
            sid: SessionId::from_bits(7),
            ..claims
        },
        now(),
    );
    browser.plant(SESSION, &other);
    assert_eq!(part(&browser, "profile").await.0, 503);
    assert_eq!(part(&browser, "session").await.0, 200);
}
