//! What holds while nodes die, KV lags and keys rotate: one host of the objects, two edge nodes, our own KV, a router.
//!
//! By default the tests have a size that every run of `cargo xtask test` can afford. With `CHAOS=full` in the
//! environment they have the size that the product promises and take some minutes; the figures that they then print are
//! the product's. Those that measure a machine at work run by themselves.
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test panics to say that it fails")]

mod codes;
mod ending;
mod grants;
mod killing;
mod lagging;
mod links;
mod load;
mod offering;
mod presence;
mod racing;
mod revoking;
mod rotating;

use std::io::Write as _;

use futures_util::StreamExt;
use futures_util::stream;
use onecontact_tests::world::{Builder, HOME, PASSWORD};
use onecontact_tests::{Browser, Cluster, World};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The session cookie of the install `Lisbon`.
const SESSION: &str = "__Host-oneagent-lisbon";
/// Its desktop.
const DESKTOP: &str = "/OneAgentWeb_Lisbon/desktop";
/// What a desktop asks again and again, which also renews its token.
const SESSION_PART: &str = "/OneAgentWeb_Lisbon/desktop/parts/session";
/// The socket of a page that has not seen anything yet.
const DESK: &str = "/OneAgentWeb_Lisbon/desk?after=0";

static MACHINE: RwLock<()> = RwLock::const_new(());

/// Holds the machine for one test.
async fn alone() -> RwLockWriteGuard<'static, ()> {
    MACHINE.write().await
}

/// Shares the machine with other tests that mostly wait.
async fn beside_others() -> RwLockReadGuard<'static, ()> {
    MACHINE.read().await
}

/// Whether the tests have the size that the product promises.
fn is_full() -> bool {
    std::env::var("CHAOS").is_ok_and(|size| size == "full")
}

/// `full` at the promised size, `short` otherwise.
fn sized<T>(full: T, short: T) -> T {
    if is_full() { full } else { short }
}

/// Prints a figure or the progress of a long test, past the test runner's capturing.
fn tell(text: &str) {
    std::io::stderr().write_all(format!("  chaos: {text}\n").as_bytes()).unwrap();
}

/// The agent with this number.
fn agent(number: usize) -> String {
    format!("desk{number}")
}

/// `Lisbon` and `acme` with so many agents.
fn agents(count: usize) -> Builder {
    let world = World::builder().install("Lisbon").instance("acme", &["Lisbon"]);
    (0..count).fold(world, |world, number| world.agent("acme", &agent(number)))
}

/// Signs so many agents in, each in their own browser.
async fn signed_in(cluster: &Cluster, count: usize) -> Vec<Browser> {
    let signing_in = stream::iter(0..count).map(|number| {
        let agent = agent(number);
        async move { cluster.browser_of(&agent).await }
    });
    // In order, so that an agent's browser is found by the agent's number.
    let browsers: Vec<Browser> = signing_in.buffered(8).collect().await;
    tell(&format!("{count} agents have signed in at {HOME}"));
    browsers
}

/// Signs in, and takes over where the agent is already signed in.
async fn take(browser: &Browser, agent: &str) {
    let page = browser.sign_in(HOME, agent, PASSWORD).await;
    assert_eq!(browser.take_over(page).await.location(), DESKTOP, "{agent}");
}
