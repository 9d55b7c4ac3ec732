//! L3, L4: an account may exist or not, be locked, disabled or without a mailbox. Without its password, nobody can tell
//! which, neither from what is shown nor from the work that is done.
//!
//! `EQUAL_ROUNDS=2000` makes as many requests for each kind of account and each path as the product promises.

use kv_schema::directory::{Agent, Instance, LockPolicy, SecondStep};
use kv_schema::names::PhoneNumber;
use onecontact_tests::openid::declare;
use onecontact_tests::world::HOME;
use onecontact_tests::{Browser, Page, World};

use crate::second_step::set_up;
use crate::{WRONG, tell};

const FORGOT: &str = "/OneAgentWeb_Lisbon/forgot";
const LOGIN: &str = "/OneContactLogin";
/// One account of each kind, and one that does not exist. `desk1` has set up an authenticator app.
const ACCOUNTS: [&str; 8] = ["desk1", "phone", "nophone", "nomail", "enforced", "lockedout", "disabled", "nobody"];
/// Progress is printed each time this many rounds are done.
const TOLD_EACH: usize = 100;

fn rounds() -> usize {
    std::env::var("EQUAL_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap())
}

/// Locks for a day, after this many wrong passwords within so many seconds.
fn lock(attempts: u32, window_seconds: u32) -> LockPolicy {
    LockPolicy { attempts, window_seconds, lock_seconds: 24 * 60 * 60 }
}

/// A world with these accounts. Only `lockedout` is locked, and no other ever will be.
async fn world() -> World {
    let with_phone = |agent: &mut Agent| agent.phone = PhoneNumber::parse("+351912345678").ok();
    let mut world = World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| {
            instance.second_step = SecondStep::Required;
            instance.lock = lock(2, 60);
        })
        .agent("acme", "desk1")
        .agent_with("acme", "phone", with_phone)
        .agent("acme", "nophone")
        .agent_with("acme", "nomail", |agent| agent.email = None)
        .agent_with("acme", "enforced", |agent| agent.requires_second_step = true)
        .agent("acme", "lockedout")
        .agent_with("acme", "disabled", |agent| agent.disabled = true)
        .with_access_tokens()
        .start()
        .await;
    for _ in 0..2 {
        world.browser().sign_in(HOME, "lockedout", WRONG).await;
    }
    let key = Instance::key_of(&world.instance("acme"));
    let declared: Instance = serde_json::from_str(&world.directory.text(&key).unwrap()).unwrap();
    world.directory.declare(&Instance { lock: lock(100, 1), ..declared });
    declare(&world.directory);
    set_up(&world).await;
    world.restart(|_| ()).await;
    world
}

/// Everything about a page that could tell accounts apart.
type Seen = (u16, Vec<(String, String)>, String);

/// What a page shows, without what is generated anew for each page and without the name that was typed.
fn seen(page: &Page, account: &str) -> Seen {
    (page.status, page.normalised_headers(), page.normalised().replace(account, "NAME"))
}

/// Runs `once` for each account in each round, and expects each result to equal that of the first account in the first
/// round. Prints its progress and returns how many runs there were.
async fn all_alike<T: PartialEq + std::fmt::Debug>(what: &str, mut once: impl AsyncFnMut(&str) -> T) -> usize {
    let first = once(ACCOUNTS[0]).await;
    for round in 0..rounds() {
        for account in ACCOUNTS {
            assert_eq!(once(account).await, first, "{what}: {account}, round {round}");
        }
        if round % TOLD_EACH == TOLD_EACH - 1 {
            tell(&format!("{what}: {} of {} for each of {}", round + 1, rounds(), ACCOUNTS.len()));
        }
    }
    1 + rounds() * ACCOUNTS.len()
}

/// How often agents' records were looked up.
fn looks(world: &World) -> usize {
    world.directory.reads_of("agent:") + world.directory.reads_of("email:")
}

/// Expects one hash for each of `count` refusals, the reasons that only an operator learns, and no message to anybody.
async fn refused(world: &World, count: usize) {
    let events = world.log().wait_for("login_refused", count).await;
    assert_eq!((events.len(), events.iter().filter(|event| event["hashes"] == 1).count()), (count, count));
    let reasons: std::collections::BTreeSet<_> = events.iter().filter_map(|event| event["reason"].as_str()).collect();
    assert_eq!(reasons, ["disabled", "locked", "unknown_account", "wrong_password"].into());
    let sent: Vec<_> = world.gateway.sent().into_iter().map(|sent| sent.purpose).collect();
    assert_eq!(sent, ["second_step_changed"], "what desk1 was told of its app, and nothing else");
}

#[tokio::test]
async fn at_an_install_whoever_does_not_know_the_password_learns_nothing() {
    let world = world().await;
    let count = all_alike("an install's login", async |account| {
        let browser = world.browser();
        let form = browser.get(HOME).await.form().with("username", account).with("password", WRONG);
        world.directory.forget_accesses();
        let page = browser.submit(&form).await;
        (seen(&page, account), looks(&world))
    })
    .await;
    refused(&world, count).await;
}

#[tokio::test]
async fn at_onecontact_login_whoever_does_not_know_the_password_learns_nothing() {
    let world = world().await;
    let count = all_alike("OneContactLogin", async |account| {
        let browser = world.browser();
        let first = browser.get(LOGIN).await;
        let led = browser.submit(&first.form().with("instance", "acme")).await;
        let second = browser.follow(&led).await;
        let form = second.form().with("username", account).with("password", WRONG);
        world.directory.forget_accesses();
        let third = browser.submit(&form).await;
        ([first, led, second, third].map(|page| seen(&page, account)), looks(&world))
    })
    .await;
    refused(&world, count).await;
}

/// What somebody who asks for a link sees, and what it makes the node do.
async fn asked(world: &World, browser: &Browser, account: &str) -> ([Seen; 2], usize) {
    let form = browser.get(FORGOT).await.form().with("username", account);
    world.directory.forget_accesses();
    let page = browser.submit(&form).await;
    let shown = browser.follow(&page).await;
    ([page, shown].map(|page| seen(&page, account)), looks(world))
}

#[tokio::test]
async fn whoever_asks_for_a_link_learns_nothing() {
    let world = world().await;
    let browser = world.browser();
    let count = all_alike("forgotten passwords", async |account| asked(&world, &browser, account).await).await;
    let events = world.log().wait_for("reset_asked", count).await;
    let reasons: std::collections::BTreeSet<_> = events.iter().filter_map(|event| event["reason"].as_str()).collect();
    assert_eq!(events.len(), count);
    assert!(reasons.is_superset(&["disabled", "no_mailbox", "unknown_account"].into()), "{reasons:?}");
    // At most as many links as an account may have in an hour, however often they are asked for.
    let to = |name: &str| world.gateway.sent().iter().filter(|sent| sent.to == format!("{name}@acme.example")).count();
    assert!((1..=3).contains(&to("phone")) && to("disabled") == 0, "{} and {}", to("phone"), to("disabled"));
}
