//! Several nodes, one after the other and side by side: no session belongs to any of them.

use std::time::Instant;

use kv_schema::Timestamp;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::node::Node;
use onecontact_tests::world::{HOME, PASSWORD, now};
use onecontact_tests::{Browser, World, tokens};

use crate::{DESKTOP, PLAIN, SESSION, SIGN_OUT, tell};

#[tokio::test]
async fn a_signed_in_browser_goes_on_when_its_node_was_killed_and_another_one_started() {
    let mut world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let before = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    for _ in 0..2 {
        world.restart(|_| {}).await;
        for path in [DESKTOP, PLAIN, "/OneAgentWeb_Lisbon/desktop/parts/profile"] {
            assert_eq!(browser.get(path).await.status, 200, "{path}");
        }
        assert_eq!(browser.get(HOME).await.location(), DESKTOP);
    }
    assert_eq!(tokens::session_claims(&browser.cookie(SESSION).unwrap()), before);
    assert_eq!(world.log().events("login").len(), 0, "nobody signed in again");
    let again = world.browser_of("desk1").await;
    let lease = tokens::session_claims(&again.cookie(SESSION).unwrap()).lease;
    assert_eq!(lease, before.lease + 1, "the desk has kept its count");
}

#[tokio::test]
async fn any_node_goes_on_with_a_session_that_another_one_opened() {
    let world = World::standard().start().await;
    let elsewhere = world.another_node().await;
    let browser = world.browser_of("desk1").await.moved_to(&elsewhere);
    for down in [false, true] {
        if down {
            world.sessions.go_down().await;
        }
        assert_eq!(browser.get(DESKTOP).await.status, 200, "SESSIONS down: {down}");
        let page = browser.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await;
        assert_eq!(page.status, 200, "SESSIONS down: {down}");
    }
    assert!(elsewhere.log().events("login").is_empty());
}

#[tokio::test]
async fn a_cold_node_takes_a_session_while_its_tombstone_cannot_be_looked_for() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    world.sessions.go_down().await;
    let elsewhere = world.another_node().await;
    let browser = browser.moved_to(&elsewhere);
    assert_eq!(browser.get(DESKTOP).await.status, 200);
}

#[tokio::test]
async fn a_cold_node_goes_on_with_a_session_by_its_token_alone() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    world.sessions.go_down().await;
    world.directory.go_down().await;
    let elsewhere = world.another_node().await;
    let browser = browser.moved_to(&elsewhere);
    for path in [DESKTOP, PLAIN, "/OneAgentWeb_Lisbon/desktop/parts/session"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    assert_eq!(browser.get("/oneagentweb_lisbon").await.location(), HOME, "the token knows the canonical spelling");
    assert_eq!(browser.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await.status, 503, "this needs the directory");
    let stranger = world.browser().moved_to(&elsewhere);
    assert_eq!(stranger.get(HOME).await.status, 503);
    stranger.plant(SESSION, &tokens::unsigned(&browser.cookie(SESSION).unwrap(), "none"));
    assert_eq!(stranger.get(DESKTOP).await.status, 503, "a bad token knows nothing");
}

#[tokio::test]
async fn a_node_with_other_keys_takes_no_session_of_ours() {
    let mut world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let other = tokens::key_set().replace(&tokens::key(), "b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgMzI");
    world.restart(|setup| setup.token_keys = Some(other)).await;
    let page = browser.get(DESKTOP).await;
    assert_eq!((page.status, page.removes(SESSION)), (303, true));
    assert_eq!(world.log().only("token_rejected").await["reason"], "bad_signature");
}

#[tokio::test]
async fn a_session_outlives_the_rotation_of_the_key_that_signed_it() {
    let mut world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let session = browser.cookie(SESSION).unwrap();
    world.restart(|setup| setup.token_keys = Some(tokens::rotated_key_set(now()))).await;
    assert_eq!(browser.get(DESKTOP).await.status, 200, "the old key still verifies");
    let claims = tokens::session_claims(&session);
    browser.plant(SESSION, &tokens::sealed(&claims, Timestamp(now().0 - 10 * 60)));
    let renewed = browser.get(DESKTOP).await.set_cookie(SESSION).expect("a fresh token").value;
    assert_eq!(tokens::parts(&renewed).0["kid"], "wire-2", "the new key signs");
    assert_eq!(tokens::session_claims(&renewed), claims);
    assert_eq!(browser.get(DESKTOP).await.status, 200);
}

#[tokio::test]
async fn two_nodes_share_what_operators_declare_and_what_agents_open() {
    let world = World::standard().start().await;
    let elsewhere = world.another_node().await;
    let browser = Browser::new(elsewhere.address(), "agent.wire.test", world.secrets().clone());
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.status, 303);
    let browser = browser.moved_to(world.node());
    assert_eq!(browser.get(DESKTOP).await.status, 200);
    browser.ask(hyper::Method::POST, SIGN_OUT).send().await;
    assert_eq!(world.sessions.keys().len(), 1, "the tombstone: {:?}", world.sessions.keys());
}

/// Bar 2: reported, not asserted. The speed of a machine says nothing about the Worker.
#[tokio::test]
async fn a_cold_node_answers() {
    let world = World::standard().start().await;
    world.sessions.fail("revoked:", On::Reads, Fault::Status(500));
    let mut told = Vec::new();
    for _ in 0..5 {
        let setup =
            onecontact_tests::node::Setup { objects: world.setup().objects.join("cold"), ..world.setup().clone() };
        let started = Instant::now();
        let node = Node::start(&setup, 0, world.secrets()).await;
        let listening = started.elapsed();
        let browser = Browser::new(node.address(), "agent.wire.test", world.secrets().clone());
        assert_eq!(browser.get(HOME).await.status, 200);
        let first = started.elapsed();
        let second = Instant::now();
        assert_eq!(browser.get(HOME).await.status, 200);
        told.push(format!(
            "{:.0}/{:.0}/{:.1}",
            listening.as_secs_f64() * 1e3,
            first.as_secs_f64() * 1e3,
            second.elapsed().as_secs_f64() * 1e3
        ));
    }
    tell(&format!(
        "cold node, ms from its start to listening / to the first answer / second answer: {}",
        told.join(", ")
    ));
}
