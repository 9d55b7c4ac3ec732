//! Offers while nodes die and answers are lost (A1, A2): each has exactly one outcome, which everybody is told.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use fastrand::Rng;
use futures_util::future::join_all;
use hyper::Method;
use kv_schema::names::InstanceId;
use onecontact_tests::cluster::Edge;
use onecontact_tests::desktop::Answer;
use onecontact_tests::routing::proposal;
use onecontact_tests::service::{almighty, path, token};
use onecontact_tests::world::HOME;
use onecontact_tests::{Browser, Cluster, Desktop};
use serde_json::{Value, json};

use crate::{agent, agents, alone, signed_in, sized, tell};

/// The longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);
/// Seconds that an agent has to answer. Longer than a page needs to come back, so that either may happen.
const SECONDS: u32 = 4;

/// What somebody does about an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Accept,
    Reject,
    /// Routing takes it back.
    Cancel,
    /// Nobody does anything.
    Nothing,
}

const DEEDS: [Deed; 4] = [Deed::Accept, Deed::Reject, Deed::Cancel, Deed::Nothing];

/// An agent, and routing's view of them.
struct Subject {
    agent: String,
    desktop: Desktop,
    /// The agent's path in the API.
    path: String,
    /// The client that routing asks with.
    routing: Browser,
}

/// What became of the offers.
#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<String, usize>,
    /// Answers that were lost on the way, and asked for again.
    lost: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_offer_has_one_outcome_though_nodes_die_between_offer_and_answer() {
    let _alone = alone().await;
    let (count, rounds) = sized((40, 20), (16, 4));
    let mut cluster = agents(count).start_cluster().await;
    let acme = cluster.instance("acme");
    cluster.directory.declare(&almighty(acme.clone()));
    let browsers = signed_in(&cluster, count).await;
    let subjects: Vec<Subject> = browsers
        .into_iter()
        .enumerate()
        .map(|(number, browser)| Subject::new(&cluster, &acme, number, browser))
        .collect();
    let mut tally = Tally::default();
    for round in 0..rounds {
        let victim = Edge::ALL[round % 2];
        let mut at_random = Rng::with_seed(round as u64);
        let offers = subjects.iter().enumerate().map(|(number, subject)| {
            let deed = DEEDS[(number + round) % DEEDS.len()];
            subject.be_offered(format!("{}-{round}", subject.agent), deed, at_random.fork())
        });
        let offers = join_all(offers);
        let kill = async {
            tokio::time::sleep(Duration::from_millis(250)).await;
            cluster.kill_node(victim);
        };
        let (told, ()) = tokio::join!(offers, kill);
        for (outcome, lost) in told {
            *tally.outcomes.entry(outcome).or_default() += 1;
            tally.lost += lost;
        }
        tell(&format!("round {} of {rounds}: {victim:?} killed, {count} offers, one outcome each", round + 1));
        cluster.start_node(victim).await;
    }
    tell(&format!("{} offers: {:?}; {} answers were lost", rounds * count, tally.outcomes, tally.lost));
    for outcome in ["accepted", "rejected by agent", "cancelled", "timed_out"] {
        assert!(tally.outcomes.contains_key(outcome), "no offer was {outcome}: {:?}", tally.outcomes);
    }
    assert!(tally.lost > 0, "no node was killed before an answer");
    for subject in &subjects {
        subject.check_outcomes(rounds).await;
    }
}

impl Subject {
    fn new(cluster: &Cluster, acme: &InstanceId, number: usize, browser: Browser) -> Self {
        let agent = agent(number);
        let path = path(acme, &agent);
        Self { desktop: Desktop::open(browser, HOME, number as u64), agent, path, routing: cluster.browser() }
    }

    /// Becomes ready and is offered a call, which is sent twice at once; something is done about it. Returns the
    /// outcome that everybody is told, and how many answers were lost on the way.
    async fn be_offered(&self, name: String, deed: Deed, mut pause: Rng) -> (String, usize) {
        self.does(json!("ready")).await;
        tokio::time::sleep(Duration::from_millis(pause.u64(0..400))).await;
        let (place, id) = (format!("{}/offers?wait=30", self.path), format!("o-{name}"));
        let offer = proposal(&name, SECONDS);
        let ((one, some), (other, more), ()) =
            tokio::join!(self.post(&place, &offer), self.post(&place, &offer), self.act(&id, deed, pause.u64(0..400)));
        let (found, lost) = self.get(&format!("{}/offers/{id}", self.path)).await;
        for told in [&one, &other] {
            assert_eq!(told, &found, "{name}: who asked, and who asks afterwards");
        }
        if found["outcome"] == "accepted" {
            let (_, _) = self.post(&format!("{}/interactions/c-{name}/end", self.path), &json!({})).await;
        }
        let reason = found["reason"].as_str().map_or_else(String::new, |reason| format!(" by {reason}"));
        (format!("{}{reason}", found["outcome"].as_str().unwrap_or("none")), some + more + lost)
    }

    /// Waits until the desktop has seen the offer, then acts; that may be too late.
    async fn act(&self, id: &str, deed: Deed, pause: u64) {
        let is_there = self
            .desktop
            .sees(PATIENCE, |seen| {
                seen.events.iter().any(|event| {
                    event.what["state"]["state"]["offered"]["offer"] == id || event.what["offer"]["offer"] == id
                })
            })
            .await;
        assert!(is_there, "{id} is never seen: {:?}", self.desktop.seen());
        tokio::time::sleep(Duration::from_millis(pause)).await;
        match deed {
            Deed::Accept => drop(self.answers(json!({ "accept": { "offer": id } })).await),
            Deed::Reject => drop(self.answers(json!({ "reject": { "offer": id } })).await),
            Deed::Cancel => drop(self.post(&format!("{}/offers/{id}/cancel", self.path), &json!({})).await),
            Deed::Nothing => {}
        }
    }

    async fn does(&self, ask: Value) {
        assert_eq!(
            self.answers(ask.clone()).await,
            Some(Answer::Done),
            "{}, {ask}: {:?}",
            self.agent,
            self.desktop.seen()
        );
    }

    async fn answers(&self, ask: Value) -> Option<Answer> {
        let command = self.desktop.ask(ask);
        self.desktop.answer(command, PATIENCE).await
    }

    async fn post(&self, place: &str, body: &Value) -> (Value, usize) {
        self.ask(Method::POST, place, body.to_string()).await
    }

    async fn get(&self, place: &str) -> (Value, usize) {
        self.ask(Method::GET, place, String::new()).await
    }

    /// Asks until there is an answer, as routing does when one is lost. Returns the answer and how many were lost.
    async fn ask(&self, method: Method, place: &str, body: String) -> (Value, usize) {
        let since = Instant::now();
        for lost in 0.. {
            let ask = self.routing.ask(method.clone(), place).header("authorization", &format!("Bearer {}", token()));
            let ask = ask.header("content-type", "application/json").body(body.clone());
            match ask.try_send().await {
                Ok(page) if page.status == 200 => return (serde_json::from_str(&page.body).unwrap(), lost),
                Ok(page) => panic!("{place}: {} {}", page.status, page.body),
                Err(why) => assert!(since.elapsed() < PATIENCE, "{place}: {why}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        unreachable!("it is asked until there is an answer")
    }

    /// The page was told exactly one outcome of each offer that it was shown, the same as routing.
    async fn check_outcomes(&self, rounds: usize) {
        let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for event in &self.desktop.seen().events {
            if let Some(offer) = event.what.get("offer") {
                told.entry(offer["offer"].as_str().unwrap().to_owned()).or_default().push(offer.clone());
            }
        }
        assert_eq!(told.len(), rounds, "{}: {told:?}", self.agent);
        for (id, outcomes) in told {
            let (found, _) = self.get(&format!("{}/offers/{id}", self.path)).await;
            let [only] = &outcomes[..] else { panic!("{id}: {outcomes:?}") };
            assert_eq!([&only["outcome"], &only["reason"]], [&found["outcome"], &found["reason"]], "{id}");
        }
        assert!(self.desktop.seen().faults.is_empty(), "{}: {:?}", self.agent, self.desktop.seen().faults);
    }
}
