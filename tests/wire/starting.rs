//! S1: the one address to remember.

use hyper::Method;
use onecontact_tests::World;
use onecontact_tests::world::HOME;

use crate::{DESKTOP, PLAIN, SIGN_OUT};

/// An address as pages spell it.
const ADDRESS: &str = "https://<server>/OneAgentWeb_<install>";

#[tokio::test]
async fn the_address_shows_the_login_page() {
    let world = World::standard().start().await;
    let page = world.browser().get(HOME).await;
    assert_eq!((page.status, page.heading().as_str()), (200, "Login"));
    assert_eq!(page.form().action, HOME);
}

#[tokio::test]
async fn the_address_shows_the_desktop_where_a_session_stands() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let page = browser.get(HOME).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP));
    assert_eq!(browser.follow(&page).await.status, 200);
}

#[tokio::test]
async fn letter_case_does_not_matter_and_leads_to_the_canonical_spelling() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for (typed, canonical) in [
        ("/oneagentweb_lisbon", HOME),
        ("/ONEAGENTWEB_LISBON", HOME),
        ("/OneAgentWeb%5FLisbon", HOME),
        ("/OneAgentWeb_Lisbon/", HOME),
        ("/OneAgentWeb_lisbon/Desktop", DESKTOP),
        ("/oneAgentWeb_LisBon/desktop/PLAIN/", PLAIN),
        ("/oneagentweb_lisbon?next=/desktop/plain&a=%2F%2Fb", "/OneAgentWeb_Lisbon?next=/desktop/plain&a=%2F%2Fb"),
    ] {
        let page = browser.get(typed).await;
        assert_eq!((page.status, page.location()), (302, canonical), "{typed}");
    }
}

#[tokio::test]
async fn the_root_leads_to_the_install_where_the_host_has_just_one() {
    let world = World::builder()
        .install("Lisbon")
        .install("Porto")
        .instance("acme", &["Lisbon"])
        .instance("both", &["Lisbon", "Porto"])
        .host("acme.wire.test", "acme")
        .host("both.wire.test", "both")
        .start()
        .await;
    let page = world.browser().at("acme.wire.test").get("/").await;
    assert_eq!((page.status, page.location()), (302, HOME));
    for host in ["both.wire.test", "nobody.wire.test"] {
        let page = world.browser().at(host).get("/").await;
        assert_eq!(page.status, 404, "{host}");
        assert!(page.says(ADDRESS), "the page says what the address looks like: {}", page.body);
    }
}

#[tokio::test]
async fn an_unknown_install_gets_a_helpful_page() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for path in ["/OneAgentWeb_Nowhere", "/OneAgentWeb_", "/OneAgentWeb_a%20b", "/OneAgentWeb_Nowhere/desktop"] {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.heading().as_str()), (404, "Install not found"), "{path}");
        assert!(page.says(ADDRESS), "the page says what the address looks like: {}", page.body);
        assert!(page.body.contains(&page.id), "the page names the request: {}", page.body);
    }
    assert!(world.log().events("problem").is_empty(), "a mistyped address is nothing for the log");
}

#[tokio::test]
async fn an_install_without_instances_is_an_operators_error_and_said_so_in_the_log() {
    let world = World::builder().install("Lisbon").start().await;
    let page = world.browser().get(HOME).await;
    assert_eq!((page.status, page.heading().as_str()), (404, "This install is not ready yet"));
    let event = world.log().only("problem").await;
    assert_eq!(event["reason"], "install_without_instances");
    assert!(event["detail"].as_str().unwrap().contains("no instance names the install lisbon"), "{event}");
    assert_eq!(event["request"], page.id.as_str());
}

#[tokio::test]
async fn what_is_not_there_is_a_page_of_its_own() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for path in ["/nothing", "/OneAgentWeb_Lisbon/nothing", "/OneAgentWeb_Lisbon/desktop/parts/nothing", "/favicon.ico"]
    {
        let page = browser.get(path).await;
        assert_eq!((page.status, page.heading().as_str()), (404, "Page not found"), "{path}");
    }
}

#[tokio::test]
async fn a_method_that_a_page_does_not_know_is_answered_with_those_it_does() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for (method, path, allowed) in [
        (Method::PUT, HOME, "GET, HEAD, POST"),
        (Method::DELETE, "/", "GET, HEAD"),
        (Method::POST, DESKTOP, "GET, HEAD"),
        (Method::POST, "/OneAgentWeb_Lisbon/cookies", "GET, HEAD"),
        (Method::PUT, SIGN_OUT, "GET, HEAD, POST"),
        (Method::OPTIONS, "/OneAgentWeb_Lisbon/desktop/parts/profile", "GET, HEAD"),
    ] {
        let page = browser.ask(method.clone(), path).send().await;
        assert_eq!((page.status, page.header("allow")), (405, Some(allowed)), "{method} {path}");
    }
}

#[tokio::test]
async fn head_is_answered_like_get_but_for_the_body() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let page = browser.ask(Method::HEAD, HOME).send().await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let page = browser.ask(Method::HEAD, "/oneagentweb_lisbon").send().await;
    assert_eq!((page.status, page.location()), (302, HOME));
}

#[tokio::test]
async fn health_asks_no_store() {
    let world = World::standard().start().await;
    world.directory.go_down().await;
    world.sessions.go_down().await;
    let page = world.browser().get("/health").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("application/json")));
    let json: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(json["status"], "ok");
}

#[tokio::test]
async fn a_deployment_without_its_secret_says_so_to_its_operator_alone() {
    let world = World::standard().without_token_keys().start().await;
    let page = world.browser().get(HOME).await;
    assert_eq!(page.status, 503);
    assert!(!page.body.contains("TOKEN_KEYS"), "agents can do nothing about it: {}", page.body);
    let event = world.log().only("problem").await;
    assert_eq!(event["reason"], "misconfigured");
    assert!(event["detail"].as_str().unwrap().contains("TOKEN_KEYS"), "{event}");
}

#[tokio::test]
async fn a_deployment_without_its_secret_answers_programs_as_ever_with_no_page() {
    let world = World::standard().without_token_keys().start().await;
    for path in [
        "/health",
        "/.well-known/jwks.json",
        "/api/v1/instances/01KAS4V9T2XN8Q4M6W3Y5Z7B00/sessions",
        "/OneContactLogin/.well-known/openid-configuration",
        "/OneContactLogin/token",
        "/OneAgentWeb_Lisbon/desktop/parts/session",
    ] {
        let page = world.browser().get(path).await;
        assert_eq!((page.status, page.header("content-type")), (503, Some("application/problem+json")), "{path}");
        let json: serde_json::Value = serde_json::from_str(&page.body).unwrap();
        assert_eq!(json["code"], "misconfigured", "{path}");
    }
}
