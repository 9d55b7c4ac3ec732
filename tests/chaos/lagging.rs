//! KV is late or down altogether: the session goes on by its token and its desk.

use std::time::{Duration, Instant};

use onecontact_tests::cluster::Edge;
use onecontact_tests::desktop::Answer;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::world::{HOME, PASSWORD, now};
use onecontact_tests::{Browser, Cluster, Desktop, routing, tokens};

use crate::{DESKTOP, SESSION, SESSION_PART, agents, beside_others, sized, tell};

/// How late KV is.
const LATE: Duration = Duration::from_mins(1);
/// The longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);
/// Seconds after which a token is past half its life.
const DUE: u64 = 10 * 60;

#[tokio::test]
async fn a_token_of_one_node_is_honoured_on_the_other_while_kv_hides_its_session() {
    let _shared = beside_others().await;
    let cluster = agents(1).start_cluster().await;
    cluster.sessions.be_late_by(LATE);
    cluster.sessions.remember_misses_for(LATE);
    let browser = signed_in_at(&cluster, Edge::A).await;
    let signed_in = Instant::now();
    let elsewhere = browser.copy_at(cluster.node(Edge::B).address());
    let desktop = Desktop::open(elsewhere.copy_at(cluster.node(Edge::B).address()), HOME, 1);
    assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
    let mut times = 0;
    while signed_in.elapsed() < sized(LATE, Duration::from_secs(3)) {
        check_goes_on(&elsewhere, &desktop).await;
        times += 1;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    tell(&format!("honoured and renewed {times} times in {} s of hidden KV", signed_in.elapsed().as_secs()));
    assert!(desktop.seen().faults.is_empty() && desktop.seen().lost.is_empty(), "{:?}", desktop.seen());
}

#[tokio::test]
async fn a_token_of_one_node_is_honoured_on_the_other_while_kv_is_down() {
    let _shared = beside_others().await;
    let mut cluster = agents(1).start_cluster().await;
    cluster.lead_to(&[Edge::A]);
    let browser = cluster.browser_of("desk0").await;
    cluster.sessions.go_down().await;
    cluster.directory.go_down().await;
    let mut desktop = None;
    // Each is a node that has never seen KV, and in the end the only one.
    for edge in [Edge::B, Edge::A] {
        if cluster.runs(edge) {
            cluster.kill_node(edge);
        }
        cluster.start_node(edge).await;
        cluster.kill_node(edge.other());
        let elsewhere = browser.copy_at(cluster.router.address());
        let desktop = desktop.get_or_insert_with(|| Desktop::open(browser.copy_at(cluster.router.address()), HOME, 2));
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{edge:?}: {:?}", desktop.seen());
        check_goes_on(&elsewhere, desktop).await;
        assert!(desktop.seen().faults.is_empty(), "{:?}", desktop.seen());
    }
}

#[tokio::test]
async fn a_session_goes_on_while_kv_hangs() {
    let _shared = beside_others().await;
    let mut cluster = agents(1).start_cluster().await;
    cluster.lead_to(&[Edge::A]);
    let browser = cluster.browser_of("desk0").await;
    let desktop = Desktop::open(browser.copy(), HOME, 3);
    assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
    for namespace in [&cluster.sessions, &cluster.directory] {
        namespace.fail("", On::Both, Fault::Slow(LATE));
    }
    cluster.kill_node(Edge::B);
    cluster.start_node(Edge::B).await; // a node that has never seen KV
    let killed = Instant::now();
    cluster.kill_node(Edge::A);
    assert!(desktop.sees(PATIENCE, |seen| seen.welcomed.len() == 2).await, "{:?}", desktop.seen());
    tell(&format!("KV hangs: restored {} ms after the kill", killed.elapsed().as_millis()));
    check_goes_on(&browser, &desktop).await;
    assert!(desktop.seen().faults.is_empty(), "{:?}", desktop.seen());
}

async fn signed_in_at(cluster: &Cluster, edge: Edge) -> Browser {
    let browser = cluster.browser_at(edge);
    let page = browser.sign_in(HOME, "desk0", PASSWORD).await;
    assert_eq!(page.status, 303, "{}", page.body);
    browser
}

/// The page renders, the token is renewed, commands are obeyed.
async fn check_goes_on(browser: &Browser, desktop: &Desktop) {
    assert_eq!(browser.get(DESKTOP).await.status, 200);
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    browser.plant(SESSION, &tokens::sealed(&claims, kv_schema::Timestamp(now().0 - DUE)));
    let part = browser.get(SESSION_PART).await;
    assert_eq!(part.status, 200, "{}", part.body);
    let renewed = part.set_cookie(SESSION).expect("a fresh token").value;
    assert_eq!(tokens::session_claims(&renewed), claims);
    for ask in ["ready".into(), routing::not_ready()] {
        let command = desktop.ask(ask.clone());
        assert_eq!(desktop.answer(command, PATIENCE).await, Some(Answer::Done), "{ask}: {:?}", desktop.seen());
    }
}
