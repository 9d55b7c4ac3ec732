//! Nothing stays registered after a session, however it ends.

use hyper::Method;
use kv_schema::directory::{Agent, Presence};
use kv_schema::names::SessionId;
use kv_schema::{Record, Timestamp};
use onecontact_domain::token::SessionClaims;
use onecontact_tests::tokens;
use onecontact_tests::world::{now, username};

use super::*;
use crate::{SESSION, SIGN_OUT};

/// Signs in, and takes over where the agent is already signed in.
async fn taking_over(world: &World) -> Browser {
    let browser = world.browser();
    let asked = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert!(asked.asks_to_take_over());
    assert_eq!(browser.take_over(asked).await.location(), DESKTOP);
    browser
}

async fn ended(desktop: &Desktop, reason: &str) {
    assert!(desktop.sees(PATIENCE, |seen| seen.ended.is_some()).await, "{reason}");
    assert_eq!(desktop.seen().ended.as_ref().unwrap()["reason"], reason);
}

#[tokio::test]
async fn signing_out_unregisters() {
    let gateway = RecorderGateway::start();
    let world = required(&gateway).await;
    let desktop = registered(&world).await;
    desktop.browser().ask(Method::POST, SIGN_OUT).send().await;
    ended(&desktop, "signed_out").await;
    nothing_stands(&gateway).await;
    let asked = gateway.asked().await;
    assert_eq!(asked.iter().filter(|asked| asked["method"] == "DELETE").count(), 1, "once: {asked:?}");
}

#[tokio::test]
async fn signing_out_while_it_registers_unregisters() {
    let gateway = RecorderGateway::start();
    gateway.tell(&json!({ "ways": { "takes": 60_000 } })).await;
    let world = required(&gateway).await;
    let desktop = desktop(&world).await;
    assert!(desktop.sees(PATIENCE, |seen| seen.notes().contains(&"accepted")).await);
    desktop.browser().ask(Method::POST, SIGN_OUT).send().await;
    ended(&desktop, "signed_out").await;
    nothing_stands(&gateway).await;
}

#[tokio::test]
async fn an_agent_who_is_disabled_is_unregistered() {
    let gateway = RecorderGateway::start();
    let world = required(&gateway).await;
    let desktop = registered(&world).await;
    let key = Agent::key_of(&world.instance("acme"), &username("desk1"));
    let agent = Agent::read(&key, &world.directory.text(&key).unwrap()).unwrap();
    world.directory.declare(&Agent { disabled: true, ..agent });
    desktop.browser().get("/OneAgentWeb_Lisbon/desktop/parts/session").await;
    ended(&desktop, "disabled").await;
    nothing_stands(&gateway).await;
}

#[tokio::test]
async fn a_take_over_registers_the_new_workstation_and_unregisters_the_old_one() {
    let gateway = RecorderGateway::start();
    let world = required(&gateway).await;
    let first = registered(&world).await;
    let before = gateway.standing().await[0]["workstation"].clone();
    let browser = taking_over(&world).await;
    ended(&first, "taken_over").await;
    nothing_stands(&gateway).await;
    let second = Desktop::open(browser, HOME, 2);
    assert!(comes_to(&second, "registered").await);
    let standing = gateway.standing().await;
    assert_eq!((standing.len(), gateway.most_at_once().await), (1, 1));
    assert_ne!(standing[0]["workstation"], before);
    assert_eq!(standing[0]["sid"], second.seen().welcome["sid"]);
}

#[tokio::test]
async fn signing_in_again_at_the_same_workstation_goes_on_with_what_is_registered() {
    let gateway = RecorderGateway::start();
    let world = required(&gateway).await;
    let browser = world.browser();
    let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
    assert_eq!(browser.submit(&form).await.status, 303);
    let first = Desktop::open(browser, HOME, 1);
    assert!(comes_to(&first, "registered").await);
    let standing = gateway.standing().await;
    assert_eq!(first.browser().submit(&form).await.status, 303);
    ended(&first, "replaced").await;
    let again = Desktop::open(first.browser().copy(), HOME, 2);
    assert!(again.sees(PATIENCE, |seen| seen.connected).await);
    assert_eq!((&again.seen().recorder["status"], states(&again.seen()).len()), (&json!("registered"), 0));
    assert_eq!(gateway.standing().await[0]["id"], standing[0]["id"]);
    again.browser().ask(Method::POST, SIGN_OUT).send().await;
    nothing_stands(&gateway).await;
}

#[tokio::test]
async fn a_desktop_that_is_gone_for_too_long_is_unregistered() {
    let gateway = RecorderGateway::start();
    let presence = Presence { suspect_seconds: 2, not_ready_seconds: 3, logged_out_seconds: 5 };
    let world = World::builder()
        .install_with("Lisbon", |install| install.presence = presence)
        .recorder(Recorder::Required(gateway.declared(20)))
        .instance("acme", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let desktop = Desktop::open_pinging(world.browser_of("desk1").await, HOME, 1, Duration::from_secs(1));
    assert!(comes_to(&desktop, "registered").await);
    drop(desktop);
    assert_eq!(world.log().only("session_ended").await["reason"], "connection_lost");
    nothing_stands(&gateway).await;
}

#[tokio::test]
async fn a_shift_that_is_over_is_unregistered_with_a_token_that_is_still_good() {
    let gateway = RecorderGateway::start();
    let world = required(&gateway).await;
    let browser = world.browser_of("desk1").await;
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    // A desk accepts a session with a newer lease on its token's word, its hard end included.
    let (lease, hard_end) = (claims.lease + 1, now().plus(8));
    let short = SessionClaims { sid: SessionId::from_bits(77), lease, hard_end, ..claims };
    browser.plant(SESSION, &tokens::sealed(&short, Timestamp(now().0)));
    let desktop = Desktop::open(browser, HOME, 1);
    assert!(comes_to(&desktop, "registered").await);
    ended(&desktop, "hard_end").await;
    nothing_stands(&gateway).await;
    let asked = gateway.asked().await;
    let delete = asked.iter().rfind(|asked| asked["method"] == "DELETE").unwrap();
    assert_eq!((&delete["status"], &delete["claims"]["sid"]), (&json!(204), &json!(short.sid)));
}

#[tokio::test]
async fn a_gateway_that_is_down_when_the_session_ends_is_told_when_it_comes_back() {
    let mut gateway = RecorderGateway::start();
    let mut world = required(&gateway).await;
    let desktop = registered(&world).await;
    gateway.kill();
    desktop.browser().ask(Method::POST, SIGN_OUT).send().await;
    ended(&desktop, "signed_out").await;
    // Nor does it matter that the node goes down as well, and that nothing but its alarm wakes this desk again.
    world.restart(|_| {}).await;
    world.browser_of("desk1").await;
    gateway.come_back();
    assert_eq!(gateway.standing().await.len(), 1, "it has kept what it had");
    nothing_stands(&gateway).await;
}

#[tokio::test]
async fn a_gateway_that_refuses_to_unregister_is_an_operators_to_look_at() {
    let gateway = RecorderGateway::start();
    let world = required(&gateway).await;
    let desktop = registered(&world).await;
    gateway.fail("DELETE", json!({ "status": 403 })).await;
    desktop.browser().ask(Method::POST, SIGN_OUT).send().await;
    let logged = world.log().only("problem").await;
    assert_eq!(logged["reason"], "unavailable");
    assert!(logged["detail"].as_str().unwrap().contains("unregister"), "{logged}");
}
