//! The simulation: sites, KV and the desks of agents in virtual time, over the domain's own code.
//!
//! A seed draws a schedule: agents, browsers, how late KV is, and everything that goes wrong (nodes, the desks' hosts,
//! KV and networks go down, laptops sleep, keys rotate, sessions are ended from outside, answers are lost). After every
//! step it is checked whether a [`watch::Invariant`] is broken. `host` and `site` host the desk and the tokens as the
//! Worker does, `page` is the desktop's side of the socket; the platform itself is not modelled.
//!
//! - `cargo test -p onecontact-domain --test simulation` runs as many schedules as take some ten seconds unoptimised.
//! - `SCHEDULES=10000 cargo test --release -p onecontact-domain --test simulation` runs ten thousand; `FIRST=…` begins
//!   at another seed.
//! - `SEED=17 cargo test -p onecontact-domain --test simulation replay -- --nocapture` runs one of them and shows its
//!   steps; `BUG=ForgetsToFence` adds a planted bug.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: what cannot be so stops it, and the seed tells where"
)]

mod checks;
mod dice;
mod host;
mod keys;
mod kv;
mod leases;
mod page;
mod person;
mod planted;
mod request;
mod routing;
mod site;
mod socket;
mod tally;
mod telling;
mod watch;
mod weather;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use planted::Bug;
use tally::Tally;
use watch::Violation;
use world::{BEGIN, World};

/// How many schedules an ordinary run has.
const SCHEDULES: u64 = 40;
/// How many steps a failing schedule shows; a replay shows all of them.
const SHOWN: usize = 100;
/// How many schedules it may take to find each planted bug.
const ENOUGH: u64 = 400;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, and not {text}")))
}

/// Runs schedules on every core. Returns what happened in them, and the lowest seed that failed.
fn run(first: u64, count: u64, bug: Option<Bug>) -> (Tally, Option<(u64, Violation)>) {
    let (next, tally, found) = (AtomicU64::new(first), Mutex::new(Tally::default()), Mutex::new(None));
    let is_lower =
        |seed: u64, found: &Option<(u64, Violation)>| found.as_ref().is_none_or(|(lowest, _)| seed < *lowest);
    let work = || {
        let mut counted = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + count || !is_lower(seed, &found.lock().unwrap()) {
                return tally.lock().unwrap().merge(&counted);
            }
            let mut world = World::new(seed, bug, 0);
            let broken = world.run();
            counted.count(&world);
            let mut found = found.lock().unwrap();
            if let Some(violation) = broken.filter(|_| is_lower(seed, &found)) {
                *found = Some((seed, violation));
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    (tally.into_inner().unwrap(), found.into_inner().unwrap())
}

/// What a seed leads to, step by step.
fn told(seed: u64, bug: Option<Bug>, shown: usize) -> String {
    let mut world = World::new(seed, bug, shown);
    let broken = world.run();
    let mut lines: Vec<String> = world.trace.take().into_iter().flatten().collect();
    if let Some(Violation { invariant, at, how }) = broken {
        let since = (at - BEGIN) / 1000;
        lines.push(format!("broken at {}:{:02}: {}\n  {how}", since / 60, since % 60, invariant.sentence()));
        let planted = bug.map_or_else(String::new, |bug| format!(" BUG={bug:?}"));
        let command = "cargo test -p onecontact-domain --test simulation replay -- --nocapture";
        lines.push(format!("again: SEED={seed}{planted} {command}"));
    }
    lines.join("\n")
}

#[test]
fn no_schedule_breaks_an_invariant() {
    let (first, count) = (number("FIRST").unwrap_or(0), number("SCHEDULES").unwrap_or(SCHEDULES));
    let (tally, found) = run(first, count, None);
    if let Some((seed, _)) = found {
        panic!("seed {seed}:\n{}", told(seed, None, SHOWN));
    }
    println!("{count} schedules; {tally}");
}

#[test]
fn each_planted_bug_is_found() {
    let (first, count) = (number("FIRST"), number("SCHEDULES").unwrap_or(ENOUGH));
    let only = planted();
    for bug in Bug::ALL.into_iter().filter(|bug| only.is_none_or(|only| only == *bug)) {
        let (_, found) = run(first.unwrap_or(bug.seed()), count, Some(bug));
        let Some((seed, violation)) = found else { panic!("{bug:?} is not found in {count} schedules") };
        println!("{bug:?}: seed {seed}: {}", violation.invariant.sentence());
        let is_expected = bug.breaks().contains(&violation.invariant);
        assert!(is_expected, "{bug:?} broke something else, seed {seed}:\n{}", told(seed, Some(bug), SHOWN));
    }
}

#[test]
fn a_seed_is_always_the_same_schedule() {
    assert_eq!(told(5, None, SHOWN), told(5, None, SHOWN));
}

#[test]
fn replay() {
    let Some(seed) = number("SEED") else { return };
    println!("{}", told(seed, planted(), usize::MAX));
}

/// The planted bug that was asked for.
fn planted() -> Option<Bug> {
    let name = std::env::var("BUG").ok()?;
    let of_name = Bug::ALL.into_iter().find(|bug| format!("{bug:?}") == name);
    Some(of_name.unwrap_or_else(|| panic!("no planted bug is called {name}")))
}
