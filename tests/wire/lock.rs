//! L5, as far as it concerns the login: wrong passwords lock the account, without races, however it is spelled.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use kv_schema::directory::LockPolicy;
use onecontact_tests::World;
use onecontact_tests::world::{HOME, PASSWORD};
use serde_json::json;

use crate::{WRONG, tell};

/// A world whose agents are locked for `lock_seconds` after `attempts` wrong passwords.
async fn world_with_lock(attempts: u32, window_seconds: u32, lock_seconds: u32) -> World {
    World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| {
            instance.lock = LockPolicy { attempts, window_seconds, lock_seconds };
        })
        .agent("acme", "desk1")
        .agent("acme", "régie.desks")
        .start()
        .await
}

/// How often each reason for a refusal is in the log, once there are `count` refusals.
async fn reasons(world: &World, count: usize) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    for event in world.log().wait_for("login_refused", count).await {
        *reasons.entry(event["reason"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    reasons
}

/// The next of many spellings of `régie.desks`, its e-mail address among them.
fn spelling(number: usize) -> String {
    let base =
        ["régie.desks", "re\u{301}gie.desks", "régie.desks@acme.example", "ｒégie.desks", "r\u{e9}gie.desk\u{17F}"];
    let name = base[number % base.len()];
    let name: String = name
        .chars()
        .enumerate()
        .flat_map(|(at, c)| -> Vec<char> {
            let upper = (number / base.len()) >> (at % 8) & 1 == 1;
            if upper && c != '\u{17F}' { c.to_uppercase().collect() } else { vec![c] }
        })
        .collect();
    let blanks = ["", " ", "\u{200B}", "\u{FEFF}", "\u{A0}", "\u{AD}", "\u{2060}"];
    let (before, inside) = (blanks[number / 7 % blanks.len()], blanks[number / 3 % blanks.len()]);
    let middle = name.find('.').unwrap();
    format!("{before}{}{inside}{}{before}", &name[..middle], &name[middle..])
}

#[tokio::test]
async fn of_a_thousand_guesses_at_once_over_all_spellings_exactly_the_limit_are_checked() {
    const GUESSES: usize = 1000;
    let world = world_with_lock(5, 60, 3600).await;
    let spellings: std::collections::BTreeSet<String> = (0..GUESSES).map(spelling).collect();
    assert!(spellings.len() > 300, "only {} spellings", spellings.len());
    let browser = world.browser();
    let form = browser.get(HOME).await.form();
    let started = Instant::now();
    let guesses = stream::iter(0..GUESSES).map(|number| {
        let form = form.clone().with("username", &spelling(number)).with("password", &format!("guess no. {number}"));
        let browser = &browser;
        async move { browser.submit(&form).await.status }
    });
    // One thread hashes them all, here: many more would wait for longer than anybody does for an answer.
    let mut answers = guesses.buffer_unordered(100);
    let mut answered = 0;
    while let Some(status) = answers.next().await {
        assert_eq!(status, 403);
        answered += 1;
        if answered % 250 == 0 {
            tell(&format!("{answered} of {GUESSES} guesses, {:.0} s", started.elapsed().as_secs_f64()));
        }
    }
    let reasons = reasons(&world, GUESSES).await;
    tell(&format!("{GUESSES} guesses over {} spellings: {reasons:?}", spellings.len()));
    assert_eq!(reasons, BTreeMap::from([("locked".into(), GUESSES - 5), ("wrong_password".into(), 5)]));
    for spelling in ["régie.desks", "RÉGIE.DESKS", "régie.desks@acme.example"] {
        assert_eq!(world.browser().sign_in(HOME, spelling, PASSWORD).await.status, 403, "the right password, locked");
    }
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303, "nobody else is");
}

#[tokio::test]
async fn the_trail_has_the_moment_of_a_lock_once_and_of_a_right_password_none() {
    let world = world_with_lock(3, 60, 300).await;
    for _ in 0..2 {
        world.browser().sign_in(HOME, "desk1", WRONG).await;
    }
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303, "on the last try");
    for _ in 0..4 {
        world.browser().sign_in(HOME, "RÉGIE.DESKS", WRONG).await;
    }
    reasons(&world, 6).await;
    let locked = world.log().only("account_locked").await;
    let refused = &world.log().events("login_refused")[4];
    assert_eq!(locked["request"], refused["request"], "it is the third wrong one's");
    let told = (&locked["instance"], &locked["agent"], &locked["install"], &locked["reason"]);
    let instance = json!(world.instance("acme"));
    assert_eq!(told, (&instance, &json!("régie.desks"), &json!("lisbon"), &json!("wrong_password")));
    assert_eq!(locked["detail"], format!("until {}", locked["at"].as_u64().unwrap() + 300));
}

#[tokio::test]
async fn of_a_name_that_nobody_has_the_trail_says_that_it_is_locked_and_not_what_was_typed() {
    let world = world_with_lock(2, 60, 300).await;
    for _ in 0..3 {
        world.browser().sign_in(HOME, "Typed-by-Mistake", WRONG).await;
    }
    let locked = world.log().only("account_locked").await;
    assert_eq!((&locked["agent"], &locked["reason"]), (&json!(null), &json!("unknown_account")));
    assert!(!locked.to_string().to_lowercase().contains("mistake"), "{locked}");
}

#[tokio::test]
async fn the_lock_ends_by_itself_and_knocking_does_not_lengthen_it() {
    let world = world_with_lock(2, 60, 3).await;
    for _ in 0..2 {
        assert_eq!(world.browser().sign_in(HOME, "desk1", WRONG).await.status, 403);
    }
    let locked = Instant::now();
    while world.browser().sign_in(HOME, "desk1", PASSWORD).await.status == 403 {
        assert!(locked.elapsed() < Duration::from_secs(30), "the lock does not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Whole seconds are counted, so a lock of three may end after two and a bit.
    assert!(locked.elapsed() > Duration::from_millis(1500), "the lock ended after {:?}", locked.elapsed());
}

#[tokio::test]
async fn slow_guesses_do_not_lock() {
    let world = world_with_lock(2, 1, 300).await;
    for _ in 0..3 {
        assert_eq!(world.browser().sign_in(HOME, "desk1", WRONG).await.status, 403);
        tokio::time::sleep(Duration::from_millis(1300)).await;
    }
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_success_clears_the_count() {
    let world = world_with_lock(3, 60, 300).await;
    for _ in 0..3 {
        for _ in 0..2 {
            assert_eq!(world.browser().sign_in(HOME, "desk1", WRONG).await.status, 403);
        }
        assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303);
    }
}

#[tokio::test]
async fn the_right_password_on_the_last_try_counts() {
    let world = world_with_lock(3, 60, 300).await;
    for _ in 0..2 {
        assert_eq!(world.browser().sign_in(HOME, "desk1", WRONG).await.status, 403);
    }
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303);
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn two_instances_agents_of_one_name_are_locked_apart() {
    let world = World::builder()
        .install("Lisbon")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .host("acme.wire.test", "acme")
        .host("bravo.wire.test", "bravo")
        .agent("acme", "desk1")
        .agent("bravo", "desk1")
        .start()
        .await;
    for _ in 0..5 {
        world.browser().at("acme.wire.test").sign_in(HOME, "desk1", WRONG).await;
    }
    assert_eq!(world.browser().at("acme.wire.test").sign_in(HOME, "desk1", PASSWORD).await.status, 403);
    assert_eq!(world.browser().at("bravo.wire.test").sign_in(HOME, "desk1", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_lock_outlives_the_node() {
    let mut world = World::standard().start().await;
    for _ in 0..5 {
        world.browser().sign_in(HOME, "desk1", WRONG).await;
    }
    world.restart(|_| {}).await;
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 403);
    assert_eq!(world.log().only("login_refused").await["reason"], "locked");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_locked_like_any_other() {
    let world = World::standard().start().await;
    for _ in 0..6 {
        assert_eq!(world.browser().sign_in(HOME, "nobody", WRONG).await.status, 403);
    }
    assert_eq!(reasons(&world, 6).await, BTreeMap::from([("locked".into(), 1), ("unknown_account".into(), 5)]));
}
