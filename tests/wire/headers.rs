//! The headers of every kind of answer. [`onecontact_tests::Page`] checks the rest, for every answer of every test.

use hyper::Method;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Page, World};

use crate::{DESKTOP, PLAIN, WRONG};

const ALWAYS: [(&str, &str); 4] = [
    ("cache-control", "no-store"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Headers of pages and of redirects to them; data has none of them.
const OF_DOCUMENTS: [(&str, &str); 5] = [
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
];

/// One answer of every kind, with its name.
async fn one_of_each(world: &World) -> Vec<(&'static str, Page)> {
    let (stranger, agent) = (world.browser(), world.browser_of("desk1").await);
    let mut pages = vec![
        ("login page", stranger.get(HOME).await),
        ("canonical spelling", stranger.get("/oneagentweb_lisbon").await),
        ("language", stranger.get("/OneAgentWeb_Lisbon?lang=pt").await),
        ("cookies page", stranger.get("/OneAgentWeb_Lisbon/cookies").await),
        ("to the login page", stranger.get(DESKTOP).await),
        ("no session", stranger.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await),
        ("unknown install", stranger.get("/OneAgentWeb_Nowhere").await),
        ("unknown page", stranger.get("/nothing").await),
        ("method", stranger.ask(Method::PUT, HOME).send().await),
        ("health", stranger.get("/health").await),
        ("desktop", agent.get(DESKTOP).await),
        ("plain desktop", agent.get(PLAIN).await),
        ("part", agent.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await),
        ("refusal", world.browser().sign_in(HOME, "desk1", WRONG).await),
        ("faulty form", world.browser().sign_in(HOME, "desk1", "").await),
        ("no cookies", world.browser().without_cookies().sign_in(HOME, "desk1", PASSWORD).await),
        ("too many attempts", world.browser().always("cf-connecting-ip", "192.0.2.1").sign_in(HOME, "", "").await),
        ("login", world.browser().always("cf-connecting-ip", "192.0.2.2").sign_in(HOME, "desk1", PASSWORD).await),
    ];
    world.directory.fail("agent:", On::Both, Fault::Status(500));
    pages.push(("failed part", agent.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await));
    pages.push((
        "outage",
        world.browser().always("cf-connecting-ip", "192.0.2.3").sign_in(HOME, "desk1", PASSWORD).await,
    ));
    pages
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_headers_that_protect_it() {
    let world = World::standard().start().await;
    for (name, page) in one_of_each(&world).await {
        let is_data = page.header("content-type").is_some_and(|kind| kind.contains("json"));
        let always = ALWAYS.map(|(header, value)| (header, Some(value)));
        let of_documents = OF_DOCUMENTS.map(|(header, value)| (header, Some(value).filter(|_| !is_data)));
        for (header, value) in always.into_iter().chain(of_documents) {
            assert_eq!(page.header(header), value, "{name}: {header}");
        }
        let is_page = page.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let policy = page.header("content-security-policy").unwrap();
        let directives: Vec<&str> = policy.split("; ").collect();
        let needed: &[&str] = if is_page {
            &["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"]
        } else {
            &["default-src 'none'", "frame-ancestors 'none'"]
        };
        assert!(needed.iter().all(|needed| directives.contains(needed)), "{name}: {policy}");
        let sources = directives.iter().flat_map(|directive| directive.split(' ').skip(1));
        // `desk` is a trusted-types policy: it makes the address of the desktop's own Worker.
        let is_narrow =
            |source: &str| matches!(source, "'none'" | "'self'" | "'script'" | "desk") || source.starts_with("'nonce-");
        assert!(sources.into_iter().all(is_narrow), "{name}: {policy}");
    }
}

#[tokio::test]
async fn no_two_pages_share_a_nonce() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let mut policies = Vec::new();
    for _ in 0..300 {
        policies.push(
            browser.get("/OneAgentWeb_Lisbon/cookies").await.header("content-security-policy").unwrap().to_owned(),
        );
    }
    policies.sort_unstable();
    policies.dedup();
    assert_eq!(policies.len(), 300, "more than one pool of randomness was used up");
}
