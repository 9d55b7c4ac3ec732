//! What a desk costs (A1, C7): the offers that one workerd handles in a second, and its memory for each agent who is
//! connected but idle.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use hyper::Method;
use onecontact_tests::desktop::Answer;
use onecontact_tests::figures::Times;
use onecontact_tests::routing::proposal;
use onecontact_tests::service::{almighty, lasting_token, path};
use onecontact_tests::world::HOME;
use onecontact_tests::{Browser, Desktop, World};
use serde_json::{Value, json};

use crate::{agent, agents, alone, sized, tell};

const PATIENCE: Duration = Duration::from_secs(30);
/// After ten idle seconds, workerd evicts a desk's object and frees its memory; this is longer.
const IDLE: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_workerd_carries_offers_all_the_way() {
    let _alone = alone().await;
    let (count, lasting) = sized((50, Duration::from_secs(20)), (8, Duration::from_secs(2)));
    let world = agents(count).start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let desktops = opened(&world, count).await;
    let token = lasting_token();
    let since = Instant::now();
    let working = desktops.iter().enumerate().map(async |(number, desktop)| {
        let (routing, place) = (world.browser(), path(&acme, &agent(number)));
        let mut times = Times::default();
        does(desktop, json!("ready")).await;
        for round in 0.. {
            if since.elapsed() > lasting {
                break;
            }
            times.add(carry(&routing, &token, &place, desktop, &format!("{number}-{round}")).await);
        }
        times
    });
    let mut all = Times::default();
    join_all(working).await.into_iter().for_each(|times| all.extend(times));
    let rate = all.count() as u128 * 1000 / since.elapsed().as_millis();
    tell(&format!(
        "offered, accepted, ended and ready again: {rate} in a second by {count} agents; from the offer to its outcome {all}"
    ));
    assert!(desktops.iter().all(|desktop| desktop.seen().faults.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn agents_who_do_nothing_cost_little_memory() {
    let _alone = alone().await;
    let count = sized(2_000, 100);
    let world = agents(count).start().await;
    // What the first ones cost is the code's own memory.
    let _first = opened(&world, count / 20).await;
    let before = world.node().memory();
    let desktops = opened(&world, count).await;
    let connected = world.node().memory();
    tokio::time::sleep(IDLE).await;
    let idle = world.node().memory();
    let kilobytes = |now: Option<u64>| match (before, now) {
        (Some(before), Some(now)) => format!("{} kB", now.saturating_sub(before) / 1024 / count as u64),
        _ => "unknown here".to_owned(),
    };
    let [just, idle] = [connected, idle].map(kilobytes);
    tell(&format!(
        "memory for each of {count} agents: {just} just connected, {idle} after {} s of nothing",
        IDLE.as_secs()
    ));
    let asked = Instant::now();
    let answered = join_all(desktops.iter().take(100).map(|desktop| does(desktop, json!("ready"))));
    answered.await;
    tell(&format!("100 of them ready {} ms after that", asked.elapsed().as_millis()));
}

/// Signs so many agents in and connects them.
async fn opened(world: &World, count: usize) -> Vec<Desktop> {
    let opening = stream::iter(0..count).map(|number| async move {
        let browser = world.browser();
        crate::take(&browser, &agent(number)).await;
        let desktop = Desktop::open(browser, HOME, number as u64);
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
        desktop
    });
    opening.buffered(8).collect().await
}

async fn does(desktop: &Desktop, ask: Value) {
    let command = desktop.ask(ask);
    assert_eq!(desktop.answer(command, PATIENCE).await, Some(Answer::Done), "{:?}", desktop.seen());
}

/// Makes an offer and waits until the agent is ready again. Returns how long it took until routing had the outcome.
async fn carry(routing: &Browser, token: &str, place: &str, desktop: &Desktop, name: &str) -> Duration {
    let since = Instant::now();
    let (offer, offers) = (proposal(name, 20), format!("{place}/offers?wait=20"));
    let accepting = async {
        let id = offer["id"].clone();
        assert!(desktop.sees(PATIENCE, |seen| seen.state["offered"]["offer"] == id).await, "{:?}", desktop.seen());
        does(desktop, json!({ "accept": { "offer": id } })).await;
    };
    let (told, ()) = tokio::join!(post(routing, token, &offers, &offer), accepting);
    assert_eq!(told["outcome"], "accepted");
    let time = since.elapsed();
    post(routing, token, &format!("{place}/interactions/c-{name}/end"), &json!({})).await;
    does(desktop, json!("ready")).await;
    time
}

async fn post(routing: &Browser, token: &str, place: &str, body: &Value) -> Value {
    let ask = routing.ask(Method::POST, place).header("authorization", &format!("Bearer {token}"));
    let page = ask.header("content-type", "application/json").body(body.to_string()).send().await;
    assert_eq!(page.status, 200, "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}
