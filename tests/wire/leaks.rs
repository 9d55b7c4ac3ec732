//! An isolate serves for hours and has 128 MB: nothing is left in it of what is over.

use std::cell::Cell;
use std::time::Duration;

use hyper::Method;
use onecontact_tests::World;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::world::{HOME, PASSWORD};
use tokio::time::{sleep, timeout};

use crate::{DESKTOP, SIGN_OUT, eventually};

/// How often something is done before it is looked at what is left of it.
const ROUND: u64 = 30;
/// Rounds. In any of them code may be compiled and caches filled; what is left of something is left in all.
const ROUNDS: usize = 4;
/// Bytes that may be left: less than one callback and what it holds.
const MOST_LEFT: u64 = 500;

/// Bytes of V8's heap that are left each time that something is done.
async fn left(world: &World, does: impl AsyncFn()) -> u64 {
    let mut held = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..ROUND {
            does().await;
        }
        held.push(world.node().heap().await);
    }
    let grown = held.windows(2).map(|two| two[1].saturating_sub(two[0]));
    grown.min().unwrap_or_default() / ROUND
}

#[tokio::test]
async fn nothing_is_left_of_a_session_that_is_over() {
    let world = World::standard().inspected().start().await;
    let browser = world.browser();
    let left = left(&world, async || {
        assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.status, 303);
        assert_eq!(browser.get(DESKTOP).await.status, 200);
        assert_eq!(browser.ask(Method::POST, SIGN_OUT).send().await.status, 303);
        let is_told = || world.sessions.keys().iter().all(|key| key.starts_with("revoked:")).then_some(());
        eventually("KV hears of it", is_told).await;
    });
    let left = left.await;
    assert!(left <= MOST_LEFT, "{left} bytes are left of each session");
}

#[tokio::test]
async fn nothing_is_left_of_an_answer_that_nobody_waited_for() {
    let world = World::standard().inspected().start().await;
    let (browser, count) = (world.browser(), Cell::new(0));
    world.directory.fail("install:", On::Reads, Fault::Slow(Duration::from_millis(20)));
    let left = left(&world, async || {
        count.set(count.get() + 1);
        let answer = timeout(Duration::from_millis(10), browser.get(&format!("{HOME}{}", count.get()))).await;
        assert!(answer.is_err(), "it was answered at once");
        sleep(Duration::from_millis(20)).await;
    });
    let left = left.await;
    assert!(left <= MOST_LEFT, "{left} bytes are left of each answer");
}
