//! An isolate serves for hours and has 128 MB: nothing may be left in it of what is over.

use hyper::Method;
use onecontact_tests::World;
use onecontact_tests::world::{HOME, PASSWORD};

use crate::{DESKTOP, SIGN_OUT, eventually};

/// Sessions in each round, after which the heap is measured.
const ROUND: u64 = 30;
/// Number of rounds. In the first ones, code is compiled and caches are filled.
const ROUNDS: usize = 5;
/// Bytes that each session may leave behind: V8 still compiles a little. A session writes to KV three times and asks
/// its desk twice, and each callback left over from that takes half a kilobyte.
const MOST_LEFT: u64 = 1_000;

/// Bytes of V8's heap left behind by each run of `does`. Memory that Rust itself holds does not count; the JavaScript
/// objects that it holds do.
async fn left(world: &World, does: impl AsyncFn()) -> u64 {
    let mut held = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..ROUND {
            does().await;
        }
        held.push(world.node().heap().await);
    }
    let mut grown: Vec<u64> = held.windows(2).map(|two| two[1].saturating_sub(two[0])).collect();
    grown.sort_unstable();
    grown[grown.len() / 2] / ROUND
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
