//! Nodes are killed under connected agents.

use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::join_all;
use onecontact_tests::cluster::{Door, Edge};
use onecontact_tests::desktop::{Answer, Event, Seen};
use onecontact_tests::figures::Times;
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Browser, Cluster, Desktop, routing};
use serde_json::Value;

use crate::{agent, agents, alone, beside_others, signed_in, sized, tell};

/// From the kill to the welcome, for 99 of 100 agents.
const RESTORED: Duration = Duration::from_secs(2);
/// The same where the machine may be busy with something else: this one only tells slow from stuck.
const RESTORED_EVEN_SO: Duration = Duration::from_secs(10);
/// The longest wait for what must happen. Whoever takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(30);
/// One agent in so many is busy while a node dies.
const BUSY: usize = 4;
/// What [`work`] leads to: ready, offered, in an interaction, not ready chosen for afterwards, not ready.
const EVENTS_OF_WORK: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connected_agents_go_on_when_their_node_is_killed() {
    let _alone = alone().await;
    let (count, rounds) = sized((200, 20), (60, 4));
    let mut cluster = agents(count).start_cluster().await;
    let browsers = signed_in(&cluster, count).await;
    // All of them are at the node that dies first; from then on, they are at the only one that survived.
    cluster.lead_to(&[Edge::A]);
    let desktops = opened(browsers).await;
    cluster.lead_to(&Edge::ALL);
    let mut all = Times::default();
    for round in 0..rounds {
        let victim = Edge::ALL[round % 2];
        let (times, lost) = survive(&mut cluster, &desktops, victim, round).await;
        tell(&format!(
            "round {} of {rounds}: {victim:?} killed, {} of {count} go on, {times}",
            round + 1,
            count - lost
        ));
        assert_eq!(lost, 0, "round {round}: {}", told(&desktops));
        all.extend(times);
        cluster.start_node(victim).await;
    }
    tell(&format!("from the kill to restored, {rounds} kills under {count} agents: {all}"));
    check_whole(&cluster, &desktops).await;
    let busy = |number: usize| (0..rounds).filter(|round| is_busy(number, *round)).count();
    for (number, desktop) in desktops.iter().enumerate() {
        let is_of_work = |event: &&Event| event.what.get("state").or(event.what.get("next")).is_some();
        let of_work = desktop.seen().events.iter().filter(is_of_work).count();
        assert_eq!(of_work, EVENTS_OF_WORK * busy(number), "{}: each command applied once", agent(number));
    }
    assert!(all.percentile(99) <= sized(RESTORED, RESTORED_EVEN_SO), "{all}");
}

#[tokio::test]
async fn five_quick_failures_of_the_only_node_cost_nobody_a_session() {
    let _shared = beside_others().await;
    let mut cluster = agents(10).start_cluster().await;
    let desktops = opened(signed_in(&cluster, 10).await).await;
    cluster.kill_node(Edge::B);
    for _ in 0..5 {
        cluster.kill_node(Edge::A);
        tokio::time::sleep(Duration::from_millis(200)).await;
        cluster.start_node(Edge::A).await;
    }
    let failed = Instant::now();
    for desktop in &desktops {
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
        done(desktop, "ready").await;
    }
    tell(&format!("five quick failures: all restored {} ms after the last", failed.elapsed().as_millis()));
    check_whole(&cluster, &desktops).await;
}

#[tokio::test]
async fn a_node_that_hangs_is_left_for_another_one_when_it_has_been_silent() {
    let _shared = beside_others().await;
    let cluster = agents(5).start_cluster().await;
    let browsers = signed_in(&cluster, 5).await;
    cluster.lead_to(&[Edge::A]);
    let desktops = opened(browsers).await;
    let hung = Instant::now();
    cluster.freeze_node(Edge::A);
    for desktop in &desktops {
        assert!(desktop.sees(PATIENCE, |seen| seen.welcomed.len() == 2).await, "{:?}", desktop.seen());
    }
    tell(&format!("a node that hangs: left by all {} s after", hung.elapsed().as_secs()));
    cluster.thaw_node(Edge::A);
    check_whole(&cluster, &desktops).await;
}

#[tokio::test]
async fn objects_that_hang_are_given_up_after_ten_seconds_and_the_same_form_works_afterwards() {
    let _shared = beside_others().await;
    let cluster = agents(1).start_cluster().await;
    let browser = cluster.browser();
    let form = browser.get(HOME).await.form().with("username", "desk0").with("password", PASSWORD);
    cluster.host().freeze();
    let asked = Instant::now();
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 503, "{}", page.body);
    assert!((10..15).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    cluster.host().thaw();
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn the_objects_of_agents_may_move_while_they_work() {
    let _shared = beside_others().await;
    let mut cluster = agents(10).start_cluster().await;
    let desktops = opened(signed_in(&cluster, 10).await).await;
    for desktop in &desktops {
        done(desktop, "ready").await;
    }
    let moved = Instant::now();
    cluster.move_objects().await;
    for desktop in &desktops {
        assert!(desktop.sees(PATIENCE, |seen| seen.welcomed.len() > 1 && seen.connected).await, "{:?}", desktop.seen());
        assert_eq!(desktop.seen().state, "ready");
        done(desktop, routing::not_ready()).await;
    }
    tell(&format!("objects moved: all restored after {} ms", moved.elapsed().as_millis()));
    check_whole(&cluster, &desktops).await;
}

async fn opened(browsers: Vec<Browser>) -> Vec<Desktop> {
    let open = |(number, browser)| Desktop::open(browser, HOME, number);
    let desktops: Vec<Desktop> = (0..).zip(browsers).map(open).collect();
    for desktop in &desktops {
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "no welcome: {:?}", desktop.seen());
    }
    desktops
}

/// Kills a node while agents are at work. Returns how long each took to be restored, and how many were lost.
async fn survive(cluster: &mut Cluster, desktops: &[Desktop], victim: Edge, round: usize) -> (Times, usize) {
    let door = cluster.door();
    let mut at_random = Rng::with_seed(round as u64);
    let busy = desktops.iter().enumerate().filter(|(number, _)| is_busy(*number, round));
    let work = join_all(busy.map(|(number, desktop)| work(&door, desktop, agent(number), round, at_random.fork())));
    let kill = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let killed = Instant::now();
        cluster.kill_node(victim);
        killed
    };
    let (_, killed) = tokio::join!(work, kill);
    let restored = |seen: &Seen| seen.connected && seen.welcomed.iter().any(|at| *at > killed);
    let mut times = Times::default();
    let mut lost = 0;
    for desktop in desktops {
        if desktop.sees(PATIENCE.saturating_sub(killed.elapsed()), restored).await {
            let seen = desktop.seen();
            times.extend(seen.welcomed.iter().find(|at| **at > killed).map(|at| *at - killed));
        } else {
            lost += 1;
        }
    }
    (times, lost)
}

fn is_busy(number: usize, round: usize) -> bool {
    number % BUSY == round % BUSY
}

/// An agent takes an interaction and finishes it, with pauses, so that a kill falls anywhere.
async fn work(door: &Door, desktop: &Desktop, agent: String, round: usize, mut pause: Rng) {
    let mut pause = async || tokio::time::sleep(Duration::from_millis(pause.u64(0..300))).await;
    let interaction = format!("{agent}-{round}");
    pause().await;
    done(desktop, "ready").await;
    routing::connect(door, desktop, &agent, &interaction).await;
    pause().await;
    done(desktop, routing::not_ready()).await; // for afterwards
    pause().await;
    routing::finish(door, &agent, &interaction).await;
    assert!(desktop.sees(PATIENCE, |seen| seen.is_not_ready_because("chosen")).await, "{agent}: {:?}", desktop.seen());
}

async fn done(desktop: &Desktop, ask: impl Into<Value>) {
    let ask = ask.into();
    let command = desktop.ask(ask.clone());
    assert_eq!(desktop.answer(command, PATIENCE).await, Some(Answer::Done), "{ask}: {:?}", desktop.seen());
}

/// Nobody signed in again or was refused; nothing was lost or doubled, neither on the way nor in what a reloaded page
/// is told.
async fn check_whole(cluster: &Cluster, desktops: &[Desktop]) {
    assert_eq!(cluster.events("login").len(), desktops.len(), "each agent signed in once");
    for (number, desktop) in desktops.iter().enumerate() {
        let seen = desktop.seen();
        assert!(seen.faults.is_empty() && seen.ended.is_none(), "{}: {seen:?}", agent(number));
    }
    let anew = desktops.iter().map(|desktop| desktop.browser().copy_at(cluster.router.address())).collect();
    for (number, (anew, before)) in opened(anew).await.iter().zip(desktops).enumerate() {
        assert_eq!(anew.seen().events, before.seen().events, "{}", agent(number));
        assert!(before.sees(PATIENCE, |seen| seen.closed.contains(&4000)).await, "the page before makes way");
    }
    let events: usize = desktops.iter().map(|desktop| desktop.seen().events.len()).sum();
    tell(&format!("{events} events, none lost or doubled"));
}

fn told(desktops: &[Desktop]) -> String {
    let lost = desktops.iter().filter(|desktop| !desktop.seen().connected);
    lost.map(|desktop| format!("{:?}", desktop.seen())).collect::<Vec<_>>().join("\n")
}
