//! Stores and objects that do not answer, and records that cannot be read.

use std::time::{Duration, Instant};

use onecontact_tests::kv::{Fault, On};
use onecontact_tests::node::Object;
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Browser, Page, World};

use crate::{DESKTOP, PLAIN, SESSION, SIGN_OUT, eventually};

/// The page says that it is worth trying again, and no trace of a session is left.
fn assert_unavailable(world: &World, browser: &Browser, page: &Page) {
    assert_eq!(page.status, 503, "{}", page.body);
    let wait: u64 = page.header("retry-after").expect("when to try again").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert!(page.body.contains(&page.id), "the page names the request: {}", page.body);
    assert!(page.links().contains(&HOME.to_owned()), "a retry is at hand: {:?}", page.links());
    assert_eq!((page.set_cookie(SESSION), browser.cookie(SESSION)), (None, None));
    assert_eq!(world.sessions.keys(), [""; 0], "something is half-written");
}

/// The log tells the operator which binding it was.
async fn assert_told(world: &World, page: &Page, binding: &str) {
    let event = world.log().only("problem").await;
    assert_eq!((&event["reason"], &event["request"]), (&"unavailable".into(), &page.id.as_str().into()));
    assert!(event["detail"].as_str().unwrap().starts_with(binding), "{event}");
}

#[tokio::test]
async fn a_directory_that_is_down_from_the_start_shows_a_page_and_comes_back() {
    let world = World::standard().start().await;
    let browser = world.browser();
    world.directory.go_down().await;
    let page = browser.get(HOME).await;
    assert_unavailable(&world, &browser, &page);
    assert_told(&world, &page, "DIRECTORY").await;
    world.directory.come_back().await;
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.status, 303, "the failure is not remembered");
}

#[tokio::test]
async fn a_directory_that_fails_during_a_login_opens_nothing() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for (number, fault) in [Fault::Status(500), Fault::Status(503), Fault::Status(429)].into_iter().enumerate() {
        let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
        world.directory.fail("agent:", On::Reads, fault);
        let page = browser.submit(&form).await;
        assert_unavailable(&world, &browser, &page);
        assert_eq!(world.log().wait_for("problem", number + 1).await[number]["reason"], "unavailable");
        world.directory.heal();
    }
    let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
    world.directory.go_down().await;
    let page = browser.submit(&form).await;
    assert_unavailable(&world, &browser, &page);
    world.directory.come_back().await;
    assert_eq!(browser.submit(&form).await.status, 303, "the same form works when it is back");
}

#[tokio::test]
async fn a_directory_that_hangs_is_given_up_after_ten_seconds() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
    world.directory.fail("agent:", On::Reads, Fault::Slow(Duration::from_secs(25)));
    let asked = Instant::now();
    let page = browser.submit(&form).await;
    assert_unavailable(&world, &browser, &page);
    assert!((10..15).contains(&asked.elapsed().as_secs()), "{:?}", asked.elapsed());
    assert_told(&world, &page, "DIRECTORY").await;
    world.directory.heal();
    assert_eq!(browser.submit(&form).await.status, 303, "the same form works when it is back");
}

#[tokio::test]
async fn an_agent_signs_in_while_sessions_cannot_be_written_and_the_record_follows() {
    for fault in [Some(Fault::Status(500)), Some(Fault::Status(429)), None] {
        let world = World::standard().start().await;
        let browser = world.browser();
        match fault {
            Some(fault) => world.sessions.fail("session:", On::Writes, fault),
            None => world.sessions.go_down().await,
        }
        assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.status, 303, "{fault:?}");
        assert_eq!(browser.get(DESKTOP).await.status, 200, "{fault:?}");
        assert_eq!(world.sessions.keys(), [""; 0], "{fault:?}");
        let problem = world.log().only("problem").await;
        assert_eq!((&problem["reason"], &problem["request"]), (&"unavailable".into(), &"desk".into()), "{fault:?}");
        world.sessions.heal();
        world.sessions.come_back().await;
        eventually("the record", || (world.sessions.keys().len() == 1).then_some(())).await;
    }
}

#[tokio::test]
async fn a_guard_that_does_not_answer_lets_nobody_in() {
    let mut world = World::standard().unreachable(Object::AccountGuard).start().await;
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert_unavailable(&world, &browser, &page);
    assert_told(&world, &page, "ACCOUNT_GUARD").await;
    world.restart(|setup| setup.unreachable.clear()).await;
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_desk_that_does_not_answer_leaves_nothing_half_written() {
    let mut world = World::standard().unreachable(Object::AgentDesk).start().await;
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert_unavailable(&world, &browser, &page);
    assert_told(&world, &page, "AGENT_DESK").await;
    assert!(world.log().events("login").is_empty(), "nobody has signed in");
    world.restart(|setup| setup.unreachable.clear()).await;
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_desk_that_does_not_answer_does_not_keep_anybody_from_signing_out() {
    let mut world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    world.restart(|setup| setup.unreachable = vec![Object::AgentDesk]).await;
    let page = browser.ask(hyper::Method::POST, SIGN_OUT).send().await;
    assert_eq!((page.status, page.removes(SESSION)), (303, true));
    assert_eq!(world.log().only("problem").await["reason"], "unavailable");
}

#[tokio::test]
async fn a_session_goes_on_while_the_stores_are_down() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    assert_eq!(browser.get(DESKTOP).await.status, 200);
    world.sessions.go_down().await;
    world.directory.go_down().await;
    for path in [DESKTOP, PLAIN, "/OneAgentWeb_Lisbon/desktop/parts/session"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_store_that_is_slow_makes_a_page_slow_and_nothing_worse() {
    let world = World::standard().start().await;
    world.directory.fail("", On::Both, Fault::Slow(Duration::from_millis(400)));
    world.sessions.fail("", On::Both, Fault::Slow(Duration::from_millis(400)));
    let started = Instant::now();
    let browser = world.browser_of("desk1").await;
    assert!(started.elapsed() > Duration::from_millis(1200), "the simulated KV was not slow");
    assert_eq!(browser.get(DESKTOP).await.status, 200);
}

#[tokio::test]
async fn an_agent_whose_absence_is_remembered_signs_in_when_it_no_longer_is() {
    let mut declared = None;
    let world = World::standard().agent_with("acme", "desk2", |agent| declared = Some(agent.clone())).start().await;
    let agent = declared.unwrap();
    world.directory.remove(&kv_schema::Record::key(&agent));
    world.directory.remember_misses_for(Duration::from_secs(3));
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 403);
    world.directory.declare(&agent);
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 403, "KV does not show it yet");
    tokio::time::sleep(Duration::from_millis(3100)).await;
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 303);
}

/// A login, and the record that it depends on.
struct Login {
    record: String,
    host: &'static str,
    home: &'static str,
    instance: &'static str,
    account: &'static str,
}

impl Login {
    async fn attempt(&self, world: &World) -> Page {
        let browser = world.browser().at(self.host);
        let page = browser.get(self.home).await;
        if page.status != 200 {
            return page;
        }
        let form = page.form().with("username", self.account).with("password", PASSWORD);
        let form = if self.instance.is_empty() { form } else { form.with("instance", self.instance) };
        browser.submit(&form).await
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_fails_its_own_requests_and_is_named_in_the_log() {
    const ANY: &str = "agent.wire.test";
    const PORTO: &str = "/OneAgentWeb_Porto";
    let mut world = World::standard()
        .agent("acme", "desk2")
        .install("Porto")
        .instance("bravo", &["Porto"])
        .instance("charlie", &["Porto"])
        .agent("bravo", "desk3")
        .host("bravo.wire.test", "bravo")
        .install("Tokyo")
        .instance("delta", &["Tokyo"])
        .agent("delta", "desk4")
        .start()
        .await;
    let (acme, bravo) = (world.instance("acme"), world.instance("bravo"));
    let login = |record, host, home, instance, account| Login { record, host, home, instance, account };
    let logins = [
        login("host:bravo.wire.test".into(), "bravo.wire.test", PORTO, "", "desk3"),
        login(format!("agent:{acme}:desk2"), ANY, HOME, "", "desk2"),
        login(format!("email:{acme}:desk2@acme.example"), ANY, HOME, "", "desk2@acme.example"),
        login("instance-name:bravo".into(), ANY, PORTO, "bravo", "desk3"),
        login(format!("instance:{bravo}"), ANY, PORTO, "bravo", "desk3"),
        login("install:lisbon".into(), ANY, HOME, "", "desk1"),
    ];
    let damages = [
        ("", "damaged"),
        ("{\"v\":1,", "damaged"),
        ("not even JSON: hunter2hunter2", "damaged"),
        ("{\"v\":1}", "damaged"),
        ("{\"v\":7,\"later\":true}", "version 7"),
    ];
    world.secrets().add("hunter2hunter2");
    let other = login(String::new(), ANY, "/OneAgentWeb_Tokyo", "", "desk4");
    for login in logins {
        let key = &login.record;
        let sound = world.directory.text(key).unwrap_or_else(|| panic!("{key} is declared"));
        // Records are cached in the isolate for a while: a new node has none.
        world.restart(|_| {}).await;
        for (number, (text, word)) in damages.into_iter().enumerate() {
            world.directory.declare_text(key, text);
            let page = login.attempt(&world).await;
            assert_eq!(page.status, 503, "{key} {text:?}: {}", page.body);
            assert!(page.header("content-type").unwrap().starts_with("text/html"), "{key}");
            let event = world.log().wait_for("problem", number + 1).await.pop().unwrap();
            assert_eq!((&event["reason"], &event["request"]), (&"unreadable_record".into(), &page.id.as_str().into()));
            let detail = event["detail"].as_str().unwrap();
            assert!(detail.contains(key) && detail.contains(word), "{key} {text:?}: {detail}");
        }
        assert_eq!(other.attempt(&world).await.status, 303, "others go on while {key} is damaged");
        world.directory.declare_text(key, &sound);
        assert_eq!(login.attempt(&world).await.status, 303, "mended, {key} works again");
    }
}

#[tokio::test]
async fn a_record_under_another_ones_key_is_not_taken_for_the_others() {
    let world = World::standard().agent("acme", "desk2").start().await;
    let id = world.instance("acme");
    let others = world.directory.text(&format!("agent:{id}:desk2")).unwrap();
    world.directory.declare_text(&format!("agent:{id}:desk1"), &others);
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!((page.status, browser.cookie(SESSION)), (503, None));
    let event = world.log().only("problem").await;
    assert!(event["detail"].as_str().unwrap().contains(&format!("agent:{id}:desk1")), "{event}");
}

#[tokio::test]
async fn a_part_asked_of_a_node_that_knows_nothing_yet_is_answered_for_a_script() {
    let world = World::standard().start().await;
    world.directory.go_down().await;
    let page = world.browser().get("/OneAgentWeb_Lisbon/desktop/parts/profile").await;
    assert_eq!((page.status, page.header("content-type")), (503, Some("application/problem+json")));
}

#[tokio::test]
async fn a_hash_that_cannot_be_used_fails_its_own_account_alone() {
    let world = World::standard()
        .agent_with("acme", "desk2", |agent| agent.password.phc = "$2b$12$not-argon2-hush-hush".to_owned())
        .start()
        .await;
    let page = world.browser().sign_in(HOME, "desk2", PASSWORD).await;
    assert_eq!(page.status, 503);
    let event = world.log().only("problem").await;
    assert!(event["detail"].as_str().unwrap().contains(&format!("agent:{}:desk2", world.instance("acme"))), "{event}");
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303);
}
