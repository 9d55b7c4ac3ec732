//! Agents race for extensions (D7): each belongs to one agent at a time, and a crash keeps nobody from one for longer
//! than presence allows.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kv_schema::directory::Presence;
use onecontact_tests::cluster::Edge;
use onecontact_tests::desktop::{Event, Seen};
use onecontact_tests::figures::Times;
use onecontact_tests::world::HOME;
use onecontact_tests::{Browser, Cluster, Desktop, World};
use serde_json::{Value, json};

use crate::{agent, alone, sized, take, tell};

/// The install's limits, in seconds: short, because each crash is waited for.
const PRESENCE: Presence = Presence { suspect_seconds: 4, not_ready_seconds: 6, logged_out_seconds: 10 };
/// How often these pages ping.
const PING: Duration = Duration::from_secs(2);
/// How late an alarm may be on a busy machine, and how long the news of it may take.
const LATE: Duration = Duration::from_secs(3);
/// The longest wait for what has no reason to take long.
const PATIENCE: Duration = Duration::from_secs(20);

/// An agent at a desktop, who holds an extension of their own.
struct Racer {
    agent: String,
    own: String,
    browser: Browser,
    /// The address of the node that it asks.
    node: SocketAddr,
    desktop: Option<Desktop>,
    /// What its crashed pages had seen, page by page.
    seen: Vec<Vec<Event>>,
}

/// That somebody held an extension, in seconds since 1970.
#[derive(Debug)]
struct Held {
    number: String,
    by: String,
    from: u64,
    /// `None` where the page did not see the end.
    until: Option<u64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_agents_who_want_one_extension_one_has_it_and_the_other_once_it_is_free() {
    let _alone = alone().await;
    let (extensions, rounds) = sized((100, 5), (20, 2));
    let cluster = cluster(extensions).await;
    let mut lefts = racers(&cluster, Edge::A, 0..extensions).await;
    let mut rights = racers(&cluster, Edge::B, extensions..2 * extensions).await;
    tell(&format!("{} agents are there, each with an extension of their own", 2 * extensions));
    let (mut given, mut lost) = (Times::default(), Times::default());
    for round in 0..rounds {
        // Everybody meets somebody else each time.
        rights.rotate_left(1);
        let pairs = lefts.iter_mut().zip(&mut rights).enumerate();
        let races = pairs.map(|(index, (left, right))| async move {
            let crashes = (index + round).is_multiple_of(2);
            (crashes, race(left, right, &wanted(index), crashes).await)
        });
        for (crashes, time) in join_all(races).await {
            if crashes { lost.add(time) } else { given.add(time) }
        }
        tell(&format!("round {} of {rounds}: {extensions} pairs, one holder each", round + 1));
    }
    tell(&format!("{} pairs raced for {extensions} extensions", rounds * extensions));
    tell(&format!("whoever waited had it after the other gave it back: {given}"));
    tell(&format!("whoever waited had it after the other crashed: {lost}"));
    check_one_holder(&cluster, lefts.iter().chain(&rights));
    let allowed = Duration::from_secs(PRESENCE.logged_out_seconds.into()) + LATE;
    assert!(lost.max() <= allowed && given.max() <= PATIENCE, "given back {given}; crashed {lost}");
}

fn wanted(index: usize) -> String {
    format!("{}", 5000 + index)
}

async fn cluster(extensions: usize) -> Cluster {
    let world = World::builder().install_with("Lisbon", |install| install.presence = PRESENCE);
    let world = world.instance("acme", &["Lisbon"]);
    let world = (0..2 * extensions).fold(world, |world, number| world.agent("acme", &agent(number)));
    (0..extensions).fold(world, |world, index| world.extension("acme", &wanted(index))).start_cluster().await
}

async fn racers(cluster: &Cluster, edge: Edge, numbers: std::ops::Range<usize>) -> Vec<Racer> {
    let mut racers = Vec::new();
    for numbers in numbers.collect::<Vec<_>>().chunks(8) {
        racers.extend(join_all(numbers.iter().map(|number| Racer::begin(cluster, edge, *number))).await);
    }
    racers
}

/// Both want it at once and one has it; that one gives it back or crashes, and the other has it. Returns how long the
/// change took.
async fn race(left: &mut Racer, right: &mut Racer, number: &str, crashes: bool) -> Duration {
    let (at_left, at_right) = tokio::join!(left.wants(number), right.wants(number));
    assert!(at_left != at_right, "{number}: {at_left} at {}, {at_right} at {}", left.agent, right.agent);
    let (winner, loser) = if at_left { (left, right) } else { (right, left) };
    let since = Instant::now();
    if crashes {
        winner.crash();
        loser.comes_by(number).await;
    } else {
        let (gave_back, ()) = tokio::join!(winner.wants(&winner.own), loser.comes_by(number));
        assert!(gave_back, "{} has their own again", winner.agent);
    }
    let time = since.elapsed();
    assert!(loser.wants(&loser.own).await, "{} has their own again", loser.agent);
    if crashes {
        winner.come_back().await;
    }
    time
}

impl Racer {
    async fn begin(cluster: &Cluster, edge: Edge, number: usize) -> Self {
        let (browser, node) = (cluster.browser_at(edge), cluster.node(edge).address());
        let (agent, own) = (agent(number), format!("{}", 1001 + number));
        let mut racer = Self { agent, own, browser, node, desktop: None, seen: Vec::new() };
        racer.come_back().await;
        racer
    }

    /// Signs in, where need be after the crashed session, and opens the desktop.
    async fn come_back(&mut self) {
        // The crashed session is over; the node learns of that from KV's tombstone.
        let since = Instant::now();
        while self.browser.get(HOME).await.status == 303 {
            assert!(since.elapsed() < PATIENCE, "{}: no login page", self.agent);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        take(&self.browser, &self.agent).await;
        let browser = self.browser.copy_at(self.node);
        self.desktop = Some(Desktop::open_pinging(browser, HOME, 7, PING));
        self.comes_by(&self.own).await;
    }

    fn desktop(&self) -> &Desktop {
        self.desktop.as_ref().expect("the page is open")
    }

    /// Closes the page without a word. Its session ends when presence says so.
    fn crash(&mut self) {
        if let Some(desktop) = self.desktop.take() {
            self.seen.push(desktop.seen().events.clone());
        }
    }

    /// Asks for an extension. Returns whether it is held here; otherwise it is another agent's.
    async fn wants(&self, number: &str) -> bool {
        self.desktop().ask(json!({ "extension": { "number": number } }));
        let is_told = |seen: &Seen| seen.holds(number) || waits_for(seen, number);
        assert!(self.desktop().sees(PATIENCE, is_told).await, "{}: {:?}", self.agent, self.desktop().seen());
        self.desktop().seen().holds(number)
    }

    async fn comes_by(&self, number: &str) {
        let has_it = self.desktop().sees(PATIENCE, |seen| seen.holds(number)).await;
        assert!(has_it, "{} never has {number}: {:?}", self.agent, self.desktop().seen().extension);
    }

    /// What this agent held, page by page.
    fn held(&self, ends: &[(String, u64)]) -> Vec<Held> {
        let last = self.desktop().seen().events.clone();
        let pages = self.seen.iter().chain([&last]);
        pages.flat_map(|events| held(&self.agent, events, ends)).collect()
    }
}

fn waits_for(seen: &Seen, number: &str) -> bool {
    seen.extension.as_ref().is_some_and(|extension| {
        let asked = &extension["asked"];
        asked["number"] == number && asked["lacks"]["why"] == "held"
    })
}

/// What a page held. A page that crashed held its last extension until its session was over.
fn held(agent: &str, events: &[Event], ends: &[(String, u64)]) -> Vec<Held> {
    let of_extension = |event: &&Event| event.what.get("extension").is_some();
    let told: Vec<&Event> = events.iter().filter(of_extension).collect();
    let over = |from: u64| ends.iter().find(|(ended, at)| ended == agent && *at >= from).map(|(_, at)| *at);
    let spans = told.iter().enumerate().filter(|(_, event)| event.what["extension"]["held"] == true);
    let spans = spans.map(|(index, event)| Held {
        number: event.what["extension"]["number"].as_str().unwrap_or_default().to_owned(),
        by: agent.to_owned(),
        from: event.at,
        until: told.get(index + 1).map(|next| next.at).or_else(|| over(event.at)),
    });
    spans.collect()
}

/// Asserts that nobody had an extension before its last holder let it go. Times are whole seconds, from one clock.
fn check_one_holder<'a>(cluster: &Cluster, racers: impl Iterator<Item = &'a Racer>) {
    let ended = cluster.events("session_ended");
    let end = |event: &Value| Some((event["agent"].as_str()?.to_owned(), event["at"].as_u64()?));
    let ends: Vec<(String, u64)> = ended.iter().filter_map(end).collect();
    let mut held: Vec<Held> = racers.flat_map(|racer| racer.held(&ends)).collect();
    // Of two within one second, the one that had let it go by then was first.
    held.sort_by_key(|held| (held.number.clone(), held.from, held.until.unwrap_or(u64::MAX)));
    for pair in held.windows(2) {
        let [one, other] = pair else { continue };
        let is_over = one.until.is_some_and(|until| until <= other.from);
        assert!(one.number != other.number || one.by == other.by || is_over, "{one:?} and {other:?}");
    }
    tell(&format!("held {} times, never by two", held.len()));
}
