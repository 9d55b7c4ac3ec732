//! A desktop falls silent in each possible way: presence is truthful within short limits, and the former state is
//! restored.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kv_schema::directory::Presence;
use onecontact_tests::cluster::Router;
use onecontact_tests::desktop::{Answer, Seen};
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::world::{HOME, now};
use onecontact_tests::{Browser, Cluster, Desktop, World};
use serde_json::{Value, json};

use crate::{SESSION_PART, agent, beside_others, sized, take, tell};

/// The install's limits, in seconds.
const PRESENCE: Presence = Presence { suspect_seconds: 2, not_ready_seconds: 4, logged_out_seconds: 8 };
/// How often these pages ping: more often than it takes to become suspect.
const PING: Duration = Duration::from_millis(500);
/// The desk counts whole seconds, so one second less of silence may be enough.
const EARLY: Duration = Duration::from_secs(1);
/// How late an alarm may be on a busy machine.
const LATE: Duration = Duration::from_secs(2);
/// How much later it may be while KV hangs, as the desk waits for it that long.
const LATER: Duration = Duration::from_secs(3);
/// The longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a desktop falls silent.
#[derive(Debug, Clone, Copy)]
enum Silence {
    /// The browser is closed, and its sockets with it.
    Closed,
    /// The network is cut, and nobody is told.
    Cut,
    /// The laptop sleeps: its process is stopped.
    Asleep,
}

const SILENCES: [Silence; 3] = [Silence::Closed, Silence::Cut, Silence::Asleep];

/// An agent whose desktop will fall silent.
struct Subject<'a> {
    cluster: &'a Cluster,
    agent: String,
    silence: Silence,
    router: Router,
    browser: Browser,
    desktop: Option<Desktop>,
}

#[tokio::test]
async fn a_silent_desktop_is_suspect_then_not_ready_then_logged_out() {
    let _shared = beside_others().await;
    let cluster = cluster().await;
    for round in 0..sized(5, 1) {
        let subjects = SILENCES.into_iter().enumerate().map(async |(number, silence)| {
            let mut subject = Subject::begin(&cluster, number, silence).await;
            let told = subject.stay_away().await;
            tell(&format!("{silence:?}, round {round}: {told}"));
        });
        join_all(subjects).await;
    }
}

#[tokio::test]
async fn a_silent_desktop_is_logged_out_by_itself_also_while_kv_hangs() {
    let _shared = beside_others().await;
    let cluster = cluster().await;
    cluster.sessions.fail("", On::Writes, Fault::Slow(PATIENCE));
    let subjects = SILENCES.into_iter().enumerate().map(async |(number, silence)| {
        let told = Subject::begin(&cluster, number, silence).await.be_logged_out().await;
        tell(&format!("{silence:?}, nobody asks, KV hangs: {told}"));
    });
    join_all(subjects).await;
}

#[tokio::test]
async fn a_desktop_that_comes_back_in_time_finds_what_was() {
    let _shared = beside_others().await;
    let cluster = cluster().await;
    for _ in 0..sized(5, 1) {
        let subjects = SILENCES.into_iter().enumerate().map(async |(number, silence)| {
            Subject::begin(&cluster, number, silence).await.come_back().await;
        });
        join_all(subjects).await;
    }
}

async fn cluster() -> Cluster {
    let world = World::builder().install_with("Lisbon", |install| install.presence = PRESENCE);
    let world = world.instance("acme", &["Lisbon"]);
    SILENCES
        .iter()
        .enumerate()
        .fold(world, |world, (number, _)| world.agent("acme", &agent(number)))
        .start_cluster()
        .await
}

impl<'a> Subject<'a> {
    /// Begins with an agent who is ready.
    async fn begin(cluster: &'a Cluster, number: usize, silence: Silence) -> Self {
        let agent = agent(number);
        let router = cluster.router.another().await;
        let browser = cluster.browser().at_address(router.address());
        take(&browser, &agent).await;
        let mut subject = Self { cluster, agent, silence, router, browser, desktop: None };
        let desktop = subject.open().await;
        let command = desktop.ask("ready");
        assert_eq!(desktop.answer(command, PATIENCE).await, Some(Answer::Done), "{:?}", desktop.seen());
        // Longer than it takes to become suspect: pings are heard.
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(subject.look().await["connection"], "open");
        subject
    }

    async fn open(&mut self) -> &Desktop {
        let browser = self.browser.copy_at(self.router.address());
        let desktop = self.desktop.insert(Desktop::open_pinging(browser, HOME, 7, PING));
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
        desktop
    }

    fn fall_silent(&mut self) {
        match self.silence {
            Silence::Closed => drop(self.desktop.take()),
            Silence::Cut => self.router.cut(),
            Silence::Asleep => self.desktop.as_ref().unwrap().sleep(),
        }
    }

    async fn speak_again(&mut self) {
        match self.silence {
            Silence::Closed => drop(self.open().await),
            Silence::Cut => self.router.mend(),
            Silence::Asleep => self.desktop.as_ref().unwrap().wake(),
        }
    }

    /// The desk's view; null when nobody holds it.
    async fn look(&self) -> Value {
        self.cluster.door().ask_desk(&self.agent, &json!({ "look": null })).await["seen"].clone()
    }

    /// Waits until the desk's view is as wanted. Returns how long that took, counted from `since`.
    async fn looks(&self, since: Instant, is_so: impl Fn(&Value) -> bool) -> Duration {
        loop {
            let view = self.look().await;
            if is_so(&view) {
                return since.elapsed();
            }
            assert!(since.elapsed() < PATIENCE, "{:?}: {view}", self.silence);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Never comes back in time. Returns in words when the desk reported what.
    async fn stay_away(&mut self) -> String {
        self.fall_silent();
        let silent = Instant::now();
        let suspect = self.looks(silent, |view| view["connection"] == "suspect").await;
        assert_eq!(self.look().await["state"], "ready", "being suspect changes no state");
        let lost = self.looks(silent, |view| view["connection"] == "lost").await;
        assert_eq!(self.look().await["state"]["not_ready"]["reason"], "connection_lost");
        let gone = self.looks(silent, Value::is_null).await;
        let times = [suspect, lost, gone].map(|time| format!("{:.1} s", time.as_secs_f64()));
        let [suspect_at, lost_at, gone_at] =
            [PRESENCE.suspect_seconds, PRESENCE.not_ready_seconds, PRESENCE.logged_out_seconds];
        for (time, due) in [(suspect, suspect_at), (lost, lost_at), (gone, gone_at)] {
            assert!(is_due(time, due, LATE), "{:?}: {times:?}", self.silence);
        }
        self.check_told_why().await;
        format!("suspect after {}, not ready after {}, logged out after {}", times[0], times[1], times[2])
    }

    /// The page that comes back too late is told why, and asks no further.
    async fn check_told_why(&mut self) {
        if let Some(desktop) = &self.desktop {
            self.router.mend();
            desktop.wake();
            assert!(desktop.sees(PATIENCE, |seen| seen.ended.is_some()).await, "{:?}", desktop.seen());
        }
        let part = self.browser.get(SESSION_PART).await;
        assert_eq!(part.status, 401, "{}", part.body);
        let told: Value = serde_json::from_str(&part.body).unwrap();
        assert_eq!(told["ended"]["reason"], "connection_lost", "{told}");
    }

    /// Never comes back, and nobody asks the desk either: it wakes by itself. Returns in words when it ended the
    /// session.
    async fn be_logged_out(&mut self) -> String {
        self.fall_silent();
        let silent = Instant::now();
        let is_it = |event: &Value| event["agent"] == self.agent && event["reason"] == "connection_lost";
        while !self.cluster.events("session_ended").iter().any(is_it) {
            assert!(silent.elapsed() < PATIENCE, "{:?}: nobody has ended the session", self.silence);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let time = silent.elapsed();
        assert!(is_due(time, PRESENCE.logged_out_seconds, LATE + LATER), "{:?}: {time:?}", self.silence);
        format!("logged out after {:.1} s", time.as_secs_f64())
    }

    /// Comes back after the lost connection made the agent not ready. Meanwhile nobody asks the desk: it wakes by
    /// itself.
    async fn come_back(&mut self) {
        self.fall_silent();
        let silent = now();
        tokio::time::sleep(Duration::from_secs(6)).await;
        self.speak_again().await;
        let desktop = self.desktop.as_ref().unwrap();
        let is_back = |seen: &Seen| {
            let told = |what: &Value| seen.events.iter().any(|event| event.what == *what);
            seen.state == "ready"
                && told(&json!({ "connection": "lost" }))
                && told(&json!({ "state": { "state": "ready", "cause": "connection", "by": null } }))
        };
        assert!(desktop.sees(PATIENCE, is_back).await, "{:?}: {:?}", self.silence, desktop.seen());
        let seen = desktop.seen();
        for (connection, due) in [("suspect", PRESENCE.suspect_seconds), ("lost", PRESENCE.not_ready_seconds)] {
            let what = json!({ "connection": connection });
            let event = seen.events.iter().find(|event| event.what == what).expect("it was told");
            let time = Duration::from_secs(event.at.saturating_sub(silent.0));
            assert!(is_due(time, due, LATE), "{:?}: {connection} after {time:?}", self.silence);
        }
        assert!(seen.faults.is_empty() && seen.ended.is_none(), "{:?}: {seen:?}", self.silence);
    }
}

/// Whether something came in time that is due after so many seconds of silence.
fn is_due(time: Duration, due: u32, late: Duration) -> bool {
    let due = Duration::from_secs(due.into());
    due <= time + EARLY && time <= due + late
}
