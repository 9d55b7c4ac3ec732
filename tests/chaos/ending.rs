//! The hard end of a session while a node dies: it ends an idle session, but waits for an interaction and for wrap-up.

use std::time::Duration;

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use onecontact_tests::cluster::Edge;
use onecontact_tests::desktop::{Answer, Seen};
use onecontact_tests::world::{HOME, now};
use onecontact_tests::{Cluster, Desktop, routing, tokens};
use serde_json::Value;

use crate::{SESSION, SESSION_PART, agent, agents, beside_others, is_full, tell};

/// Seconds until the hard end of these sessions.
const LEFT: u64 = 8;
/// Seconds left once what the hard end waited for is over.
const AFTERWARDS: u64 = 60;
/// The longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);
/// How late an alarm may be on a busy machine.
const LATE: u64 = 3;

#[tokio::test]
async fn a_hard_end_waits_for_the_end_of_an_interaction_and_for_nothing_else() {
    let _shared = beside_others().await;
    let mut cluster = agents(3).start_cluster().await;
    let (idle, engaged, wrapping_up) =
        (ending(&cluster, 0).await, ending(&cluster, 1).await, ending(&cluster, 2).await);
    for (number, (desktop, _)) in [(1, &engaged), (2, &wrapping_up)] {
        done(desktop, "ready").await;
        routing::connect(&cluster.door(), desktop, &agent(number), "1").await;
    }
    routing::finish(&cluster.door(), &agent(2), "1").await;
    for (desktop, _) in [&engaged, &wrapping_up] {
        assert!(desktop.sees(PATIENCE, |seen| last_hard_end(seen).1).await, "{:?}", desktop.seen());
        // Like a page that is told of another hard end: its token reaches no further than the previous one.
        let part = desktop.browser().get(SESSION_PART).await;
        assert!(part.status == 200 && part.set_cookie(SESSION).is_some(), "{}", part.body);
    }
    for edge in Edge::ALL {
        cluster.kill_node(edge);
        cluster.start_node(edge).await;
    }
    let (desktop, hard_end) = idle;
    assert!(desktop.sees(PATIENCE, |seen| seen.ended.is_some()).await, "{:?}", desktop.seen());
    assert_eq!(desktop.seen().ended.as_ref().unwrap()["reason"], "hard_end");
    let late = now().since(hard_end);
    assert!(now() >= hard_end && late <= LATE, "ended {late} s after its hard end");
    tell(&format!("hard end in idle: ended {late} s after"));
    let waiting = [(1, engaged, "in_interaction"), (2, wrapping_up, "wrap_up")];
    for (number, (desktop, hard_end), state) in waiting {
        wait_until(Timestamp(hard_end.0 + LATE)).await;
        assert!(desktop.sees(PATIENCE, |seen| seen.connected && seen.state.get(state).is_some()).await);
        let (moved, waits) = last_hard_end(&desktop.seen());
        assert!(waits && moved > hard_end.0, "{state}: {:?}", desktop.seen());
        assert_eq!(desktop.browser().get(SESSION_PART).await.status, 200, "{state}");
        routing::finish(&cluster.door(), &agent(number), "1").await;
        done(&desktop, routing::not_ready()).await;
        let until = now().0 + AFTERWARDS;
        assert!(desktop.sees(PATIENCE, |seen| !last_hard_end(seen).1).await, "{state}: {:?}", desktop.seen());
        let (moved, _) = last_hard_end(&desktop.seen());
        assert!(moved.abs_diff(until) <= LATE, "{state}: ends at {moved}, not at {until}");
        if is_full() {
            wait_until(Timestamp(moved + LATE)).await;
            assert_eq!(desktop.seen().ended.as_ref().map(|ended| ended["reason"].clone()), Some("hard_end".into()));
        }
        assert!(desktop.seen().faults.is_empty(), "{:?}", desktop.seen());
        tell(&format!("hard end in {state}: waited, and left {AFTERWARDS} s afterwards"));
    }
}

/// A desktop whose session ends soon, and when. No shift is that short, but a desk accepts a session with a newer lease
/// than it knows on its token's word.
async fn ending(cluster: &Cluster, number: usize) -> (Desktop, Timestamp) {
    let browser = cluster.browser_of(&agent(number)).await;
    let mut claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    claims.sid = SessionId::from_bits(number as u128 + 1);
    claims.lease += 100;
    claims.hard_end = now().plus(LEFT);
    browser.plant(SESSION, &tokens::sealed(&claims, now()));
    let desktop = Desktop::open(browser, HOME, 11);
    assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
    (desktop, claims.hard_end)
}

async fn done(desktop: &Desktop, ask: impl Into<Value>) {
    let ask = ask.into();
    let command = desktop.ask(ask.clone());
    assert_eq!(desktop.answer(command, PATIENCE).await, Some(Answer::Done), "{ask}: {:?}", desktop.seen());
}

/// The hard end that the page was last told, and whether it waits.
fn last_hard_end(seen: &Seen) -> (u64, bool) {
    let told = seen.events.iter().rev().find_map(|event| event.what.get("hard_end")).unwrap_or(&seen.welcome);
    (told["hard_end"].as_u64().unwrap_or_default(), told["waits"] == Value::Bool(true))
}

async fn wait_until(time: Timestamp) {
    tokio::time::sleep(Duration::from_secs(time.since(now()))).await;
}
