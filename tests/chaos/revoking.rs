//! Sessions are ended: from then on nothing of theirs is accepted anywhere, whatever KV still shows.
//!
//! Accepted here means what an ended session could do harm with: a renewed token, a socket, a command. A page that
//! still renders until a tombstone arrives does no harm.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use hyper::Method;
use onecontact_tests::browser::Form;
use onecontact_tests::cluster::Edge;
use onecontact_tests::figures::Times;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::socket::Frame;
use onecontact_tests::world::{HOME, PASSWORD, now};
use onecontact_tests::{Browser, Cluster, Socket, routing, tokens};
use serde_json::{Value, json};

use kv_schema::names::SessionId;
use kv_schema::sessions::Revoked;

use crate::{DESK, DESKTOP, SESSION, SESSION_PART, agent, agents, alone, sized, take, tell};

/// The latest that anything may be accepted after the session's end was asked for.
const BAR: Duration = Duration::from_secs(5);
/// When a node is asked again, in milliseconds after the end was asked for: often at first, and at last past the bar.
const ASKED: [u64; 10] = [0, 25, 50, 100, 200, 500, 1_000, 2_000, 4_000, 5_200];
/// The latest that KV shows a tombstone, once it accepts writes.
const TOLD: Duration = Duration::from_secs(30);
/// Trials at a time, each with its own agent.
const AT_ONCE: usize = 25;
/// Seconds after which a token is past half its life.
const DUE: u64 = 10 * 60;

/// How a session is ended.
#[derive(Debug, Clone, Copy)]
enum How {
    SignOut,
    TakeOver,
    End,
}

/// One trial.
#[derive(Debug, Clone, Copy)]
struct Trial {
    agent: usize,
    how: How,
    with_socket: bool,
    /// The node where the session begins and is ended.
    at: Edge,
}

impl Trial {
    fn of(number: usize) -> Self {
        Self {
            agent: number % AT_ONCE,
            how: [How::SignOut, How::TakeOver, How::End][number % 3],
            with_socket: (number / 3).is_multiple_of(2),
            at: Edge::ALL[number / 6 % 2],
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_accepted_of_a_session_five_seconds_after_it_was_ended() {
    let _alone = alone().await;
    let trials = sized(500, 50);
    let cluster = agents(AT_ONCE).start_cluster().await;
    let (mut latest, mut too_late) = (Times::default(), 0);
    let mut first = 0;
    let mut ended = Vec::new();
    for (kv, share) in [("KV well", trials * 2 / 5), ("KV late", trials * 2 / 5), ("KV refusing", trials / 5)] {
        match kv {
            "KV late" => {
                cluster.sessions.be_late_by(Duration::from_mins(1));
                cluster.sessions.remember_misses_for(Duration::from_mins(1));
            }
            "KV refusing" => cluster.sessions.fail("", On::Writes, Fault::Status(429)),
            _ => {}
        }
        for batch in (first..first + share).collect::<Vec<_>>().chunks(AT_ONCE) {
            let running = stream::iter(batch).map(|number| run(&cluster, Trial::of(*number)));
            for outcome in running.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
                ended.push(outcome.sid);
                latest.add(outcome.latest);
                too_late += outcome.too_late;
            }
            tell(&format!("{} of {trials} trials, {kv}: accepted until {latest} after an ending", latest.count()));
        }
        first += share;
    }
    tell(&format!("the last answer that accepted something, after an ending was asked for: {latest}"));
    tell(&format!("accepted of what was asked for after the ending was acknowledged: {too_late}"));
    assert!(latest.max() <= BAR && too_late == 0, "{latest}; {too_late} too late");
    cluster.sessions.heal();
    tell(&format!(
        "KV takes writes again: {} tombstones stand after {:.1} s",
        ended.len(),
        told(&cluster, &ended).await
    ));
}

/// Waits until KV holds the tombstone of each session and no longer its record. Returns how many seconds that took.
async fn told(cluster: &Cluster, ended: &[SessionId]) -> f64 {
    let started = Instant::now();
    let is_told = |sid: &&SessionId| cluster.sessions.text(&Revoked::key_of(sid)).is_some();
    while !ended.iter().all(|sid| is_told(&sid)) {
        let missing: Vec<_> = ended.iter().filter(|sid| !is_told(sid)).collect();
        assert!(started.elapsed() < TOLD, "no tombstone: {missing:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let stands = |key: &&String| ended.iter().any(|sid| key.starts_with("session:") && key.ends_with(sid.as_str()));
    while let Some(key) = cluster.sessions.keys().iter().find(stands) {
        assert!(started.elapsed() < TOLD, "a session that is over is still listed: {key}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    started.elapsed().as_secs_f64()
}

/// Something accepted of a session whose end was asked for, in times after that request.
struct Acceptance {
    asked: Duration,
    answered: Duration,
}

/// What became of a trial.
struct Outcome {
    sid: SessionId,
    /// When the last accepted thing was answered; zero if there was none.
    latest: Duration,
    /// Things that were accepted though asked for after the end was acknowledged.
    too_late: usize,
}

/// Ends a session, and observes for how long anything of it is accepted.
async fn run(cluster: &Cluster, trial: Trial) -> Outcome {
    let (session, socket) = begin(cluster, trial).await;
    let successor = Successor::prepare(cluster, trial).await;
    let started = Instant::now();
    let ending = end(cluster, trial, &session, successor);
    let [a, b] = Edge::ALL.map(|edge| probe(session.copy_at(cluster.node(edge).address()), started));
    let ending = async { (ending.await, started.elapsed()) };
    let ((is_ended, acknowledged), a, b, commands) = tokio::join!(ending, a, b, command(socket, started));
    assert!(is_ended, "{trial:?}");
    let accepted: Vec<Acceptance> = [a, b, commands].into_iter().flatten().collect();
    Outcome {
        sid: tokens::session_claims(&session.cookie(SESSION).unwrap()).sid,
        latest: accepted.iter().map(|accepted| accepted.answered).max().unwrap_or_default(),
        too_late: accepted.iter().filter(|accepted| accepted.asked > acknowledged).count(),
    }
}

/// A session with a token due for renewal, whose desktop has connected. Its socket is kept or closed.
async fn begin(cluster: &Cluster, trial: Trial) -> (Browser, Option<Socket>) {
    let browser = cluster.browser_at(trial.at);
    take(&browser, &agent(trial.agent)).await;
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    browser.plant(SESSION, &tokens::sealed(&claims, kv_schema::Timestamp(now().0 - DUE)));
    let elsewhere = browser.copy_at(cluster.node(trial.at.other()).address());
    let mut socket = elsewhere.socket(DESK).await.expect("a session that stands gets a socket");
    assert!(matches!(socket.receive().await, Frame::Text(text) if text.starts_with(r#"{"welcome""#)));
    if trial.with_socket {
        return (browser, Some(socket));
    }
    socket.close(1001).await; // the page has been left
    (browser, None)
}

/// Another browser of the agent, which only has to send this form.
struct Successor(Browser, Form);

impl Successor {
    async fn prepare(cluster: &Cluster, trial: Trial) -> Option<Self> {
        let How::TakeOver = trial.how else { return None };
        let browser = cluster.browser_at(trial.at);
        let form = browser.get(HOME).await.form().with("username", &agent(trial.agent)).with("password", PASSWORD);
        let led = browser.submit(&form).await;
        let form = browser.question(&led).await.form();
        Some(Self(browser, form))
    }
}

/// Ends the session. Returns whether that was acknowledged.
async fn end(cluster: &Cluster, trial: Trial, session: &Browser, successor: Option<Successor>) -> bool {
    match trial.how {
        How::SignOut => {
            let here = session.copy_at(cluster.node(trial.at).address());
            here.ask(Method::POST, &format!("{HOME}/sign-out")).send().await.status == 303
        }
        How::TakeOver => {
            let Successor(browser, form) = successor.expect("it was prepared");
            browser.submit(&form).await.header("location") == Some(DESKTOP)
        }
        How::End => {
            let ending = json!({ "end": { "reason": "forced", "by": "a test" } });
            let answer = cluster.door().ask_desk(&agent(trial.agent), &ending).await;
            !answer["ended"].is_null()
        }
    }
}

/// Asks one node for a renewal and a socket, again and again with the same token. Returns what it granted.
async fn probe(session: Browser, started: Instant) -> Vec<Acceptance> {
    let token = session.cookie(SESSION).unwrap();
    let mut accepted = Vec::new();
    for time in ASKED {
        tokio::time::sleep_until((started + Duration::from_millis(time)).into()).await;
        session.plant(SESSION, &token);
        let asked = started.elapsed();
        let part = session.get(SESSION_PART).await;
        assert!(part.status == 200 || part.status == 401, "{}: {}", part.status, part.body);
        if part.status == 200 {
            accepted.push(Acceptance { asked, answered: started.elapsed() });
        }
        session.plant(SESSION, &token);
        let asked = started.elapsed();
        if session.socket(DESK).await.is_ok() {
            accepted.push(Acceptance { asked, answered: started.elapsed() });
        }
    }
    accepted
}

/// Sends commands on an open socket until it closes, whatever it says. Returns those that were obeyed.
async fn command(socket: Option<Socket>, started: Instant) -> Vec<Acceptance> {
    let mut accepted = Vec::new();
    let Some(mut socket) = socket else { return accepted };
    let mut asked = Vec::new();
    let mut next = tokio::time::interval(Duration::from_millis(40));
    while started.elapsed() < BAR + Duration::from_secs(1) {
        tokio::select! {
            _ = next.tick() => {
                asked.push(started.elapsed());
                let ask = if asked.len() % 2 == 1 { "ready".into() } else { routing::not_ready() };
                socket.send(&json!({ "id": asked.len(), "ask": ask }).to_string()).await;
            }
            frame = socket.receive() => match frame {
                Frame::Text(text) => {
                    let said: Value = serde_json::from_str(&text).unwrap_or_default();
                    if let Some(id) = said["done"]["id"].as_u64().and_then(|id| usize::try_from(id).ok()) {
                        accepted.push(Acceptance { asked: asked[id - 1], answered: started.elapsed() });
                    }
                }
                Frame::Closed(_) | Frame::Broken => return accepted,
            }
        }
    }
    panic!("the socket of an ended session stays open");
}
