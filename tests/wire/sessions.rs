//! C1 and the session's life: its token, renewal, the way back after a login, signing out.

use std::time::{Duration, Instant};

use hyper::Method;
use kv_schema::directory::Instance;
use kv_schema::sessions::{EndReason, Revoked};
use kv_schema::{Record, Timestamp};
use onecontact_domain::token::SessionClaims;
use onecontact_tests::kv::{Fault, On, Verb};
use onecontact_tests::node::Object;
use onecontact_tests::world::{HOME, PASSWORD, SPARE_EXTENSION, now};
use onecontact_tests::{Browser, World, tokens};

use crate::{DESKTOP, MARK, PLAIN, SESSION, SIGN_OUT, WRONG, eventually};

fn claims(browser: &Browser) -> SessionClaims {
    tokens::session_claims(&browser.cookie(SESSION).expect("a session"))
}

/// Replaces the browser's token by one that was issued `seconds` ago.
fn age(browser: &Browser, seconds: u64) {
    browser.plant(SESSION, &tokens::sealed(&claims(browser), Timestamp(now().0 - seconds)));
}

#[tokio::test]
async fn the_desktop_needs_a_session_and_the_login_leads_back_to_it() {
    let world = World::standard().start().await;
    for (page, next) in [(DESKTOP, "/desktop"), (PLAIN, "/desktop/plain")] {
        let browser = world.browser();
        let sent = browser.get(page).await;
        assert_eq!((sent.status, sent.location()), (303, &*format!("{HOME}?next={next}")));
        let login = browser.follow(&sent).await;
        assert_eq!(login.notice().as_deref(), Some("Please sign in to continue."));
        let form = login.form().with("username", "desk1");
        let refused = browser.submit(&form.with("password", WRONG)).await;
        let back = browser.submit(&refused.form().with("password", PASSWORD)).await;
        assert_eq!((back.status, back.location()), (303, page), "kept over a refusal");
        assert_eq!(browser.follow(&back).await.status, 200);
    }
}

#[tokio::test]
async fn nothing_but_the_desktop_follows_a_login_whatever_next_says() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for next in [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "\\\\evil.test",
        "javascript:alert(1)",
        "/sign-out",
        "/desktop/../../..",
        "/OneAgentWeb_Porto/desktop",
        "/desktop/plain?x=//evil.test",
        "%2F%2Fevil.test",
        "\r\nX: y",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = browser.get(&format!("{HOME}?next={encoded}")).await;
        assert_eq!(page.field("next"), "/desktop", "{next}");
        let form = page.form().with("username", "desk1").with("password", PASSWORD).with("next", next);
        let page = browser.submit(&form).await;
        assert_eq!((page.status, page.location()), (303, DESKTOP), "{next}");
        let page = browser.get(&format!("{HOME}?next={encoded}")).await;
        assert_eq!((page.status, page.location()), (303, DESKTOP), "{next}, signed in");
        browser.drop_cookie(SESSION);
    }
}

#[tokio::test]
async fn a_token_past_half_its_life_is_renewed_and_the_session_stays_the_same() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let session = claims(&browser);
    for path in [DESKTOP, PLAIN, "/OneAgentWeb_Lisbon/desktop/parts/session"] {
        age(&browser, 7 * 60);
        assert_eq!(browser.get(path).await.set_cookie(SESSION), None, "not yet: {path}");
        age(&browser, 8 * 60);
        let old = browser.cookie(SESSION);
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let renewed = page.set_cookie(SESSION).expect("a fresh token").value;
        assert_ne!(Some(&renewed), old.as_ref());
        assert_eq!(tokens::session_claims(&renewed), session, "the session is the same");
        let issued = tokens::parts(&renewed).1["iat"].as_u64().unwrap();
        assert!(now().0 - issued < 5, "{path}");
    }
    assert_eq!(world.log().events("login").len(), 1);
}

#[tokio::test]
async fn no_renewal_reaches_past_the_hard_end() {
    let world = World::builder()
        .install_with("Lisbon", |install| install.shift_minutes = 5)
        .instance("acme", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let browser = world.browser_of("desk1").await;
    age(&browser, 200);
    let page = browser.get(DESKTOP).await;
    assert_eq!((page.status, page.set_cookie(SESSION)), (200, None), "a new token would be good for no longer");

    let over = SessionClaims { hard_end: Timestamp(now().0 - 1), ..claims(&browser) };
    browser.plant(SESSION, &tokens::sealed(&over, Timestamp(now().0 - 60)));
    let page = browser.get(DESKTOP).await;
    assert_eq!((page.status, page.location()), (303, &*format!("{HOME}?next=/desktop&over=1")));
    assert!(page.removes(SESSION));
    assert_eq!(browser.follow(&page).await.notice().as_deref(), Some("Your session has ended. Please sign in again."));
}

#[tokio::test]
async fn a_shift_is_as_long_as_the_install_says() {
    let world = World::builder()
        .install_with("Lisbon", |install| install.shift_minutes = 5)
        .instance("acme", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let browser = world.browser_of("desk1").await;
    let (_, stated) = tokens::parts(&browser.cookie(SESSION).unwrap());
    assert_eq!(claims(&browser).hard_end, claims(&browser).auth_time.plus(300));
    assert_eq!(stated["exp"], stated["hard_end"], "the token ends with the shift");
    let put = || world.sessions.accesses().into_iter().find(|access| access.verb == Verb::Put);
    assert!(eventually("the record", put).await.ttl.is_some_and(|ttl| (295..=300).contains(&ttl)));
}

#[tokio::test]
async fn a_session_goes_on_where_its_record_is_late_or_gone() {
    let world = World::standard().start().await;
    world.sessions.be_late_by(Duration::from_hours(1));
    let browser = world.browser_of("desk1").await;
    assert_eq!(browser.get(DESKTOP).await.status, 200);
    for key in world.sessions.keys() {
        world.sessions.remove(&key);
    }
    assert_eq!(browser.get(PLAIN).await.status, 200);
}

#[tokio::test]
async fn a_session_takes_no_look_up_but_that_for_its_tombstone() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    browser.get(DESKTOP).await;
    world.directory.forget_accesses();
    world.sessions.forget_accesses();
    for _ in 0..20 {
        assert_eq!(browser.get(DESKTOP).await.status, 200);
    }
    assert_eq!(world.directory.accesses(), []);
    assert!(world.sessions.reads_of("revoked:") <= 1, "{:?}", world.sessions.accesses());
    assert_eq!(world.sessions.accesses().len(), world.sessions.reads_of("revoked:"));
}

#[tokio::test]
async fn whoever_is_signed_out_for_want_of_a_recorder_is_told_so_at_the_login() {
    let world = World::standard().start().await;
    for (because, words) in [
        ("recorder", "You were signed out because your screen recorder could not be started. Sign in to try again."),
        ("%22%3E", "You have signed out."),
    ] {
        let page = world.browser().get(&format!("{HOME}?signed-out={because}")).await;
        assert_eq!(page.notice().as_deref(), Some(words), "{because}");
    }
}

#[tokio::test]
async fn whoever_signs_in_again_on_the_page_finds_their_name_there_and_an_extension_that_they_had_chosen() {
    let world = World::standard().start().await;
    for (extension, shown) in [(None, ""), (Some(SPARE_EXTENSION), SPARE_EXTENSION)] {
        let browser = world.browser();
        let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
        let led = browser.submit(&form.with("extension", extension.unwrap_or_default())).await;
        assert_eq!(led.location(), DESKTOP, "{}", led.body);
        let page = browser.get(&format!("{HOME}?again=1")).await;
        assert_eq!((page.field("username").as_str(), page.field("extension").as_str()), ("desk1", shown));
        assert_eq!(browser.get(&format!("{HOME}?again=1")).await.field("username"), "desk1", "loaded once more, too");
        browser.drop_cookie(SESSION);
        assert_eq!(browser.get(&format!("{HOME}?again=1")).await.field("username"), "", "who else should it be");
    }
}

#[tokio::test]
async fn signing_out_leaves_a_tombstone_and_the_old_cookie_is_refused() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let (token, session) = (browser.cookie(SESSION).unwrap(), claims(&browser));
    let page = browser.ask(Method::POST, SIGN_OUT).send().await;
    assert_eq!((page.status, page.location()), (303, "/OneAgentWeb_Lisbon?signed-out=1"));
    assert!(page.removes(SESSION));
    assert_eq!(browser.follow(&page).await.notice().as_deref(), Some("You have signed out."));

    let key = Revoked::key_of(&session.sid);
    let is_alone = || (world.sessions.keys() == [key.as_str()]).then_some(());
    eventually("the tombstone in the place of the session's record", is_alone).await;
    let tombstone = Revoked::read(&key, &world.sessions.text(&key).unwrap()).unwrap();
    assert_eq!(tombstone.reason, EndReason::SignedOut);
    assert_eq!((tombstone.agent, tombstone.hard_end), (session.agent, session.hard_end));
    let put = world.sessions.accesses().into_iter().rfind(|access| access.verb == Verb::Put).unwrap();
    assert!(put.ttl.unwrap() > 11 * 3600, "it stands as long as any token of the session: {put:?}");

    let thief = world.browser();
    thief.plant(SESSION, &token);
    let page = thief.get(DESKTOP).await;
    assert_eq!((page.status, page.location()), (303, &*format!("{HOME}?next=/desktop&over=signed_out")));
    assert!(page.removes(SESSION));
    let elsewhere = world.another_node().await;
    let thief = world.browser().moved_to(&elsewhere);
    thief.plant(SESSION, &token);
    assert_eq!(thief.get(DESKTOP).await.status, 303, "on every node");
    assert_eq!(world.log().only("logout").await["agent"], "desk1");
}

#[tokio::test]
async fn a_node_that_saw_the_session_a_moment_ago_learns_of_its_end_within_five_seconds() {
    let world = World::standard().start().await;
    let elsewhere = world.another_node().await;
    let browser = world.browser_of("desk1").await;
    let there = world.browser().moved_to(&elsewhere);
    there.plant(SESSION, &browser.cookie(SESSION).unwrap());
    assert_eq!(there.get(DESKTOP).await.status, 200);
    browser.ask(Method::POST, SIGN_OUT).send().await;
    let ended = Instant::now();
    loop {
        let asked = ended.elapsed();
        if there.get(DESKTOP).await.status != 200 {
            break;
        }
        assert!(asked < Duration::from_secs(5), "still accepted when asked after {asked:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_tombstone_counts_also_where_a_renewal_finds_no_desk() {
    let mut world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    world.restart(|setup| setup.unreachable = vec![Object::AgentDesk]).await;
    age(&browser, 8 * 60);
    let page = browser.get(DESKTOP).await;
    assert_eq!((page.status, page.set_cookie(SESSION)), (200, None), "it goes on, unrenewed");
    world.sessions.declare_text(&Revoked::key_of(&claims(&browser).sid), "{}");
    world.restart(|_| {}).await;
    assert_eq!(browser.get(DESKTOP).await.status, 303);
}

#[tokio::test]
async fn a_tombstone_counts_even_where_it_cannot_be_read() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    world.sessions.declare_text(&Revoked::key_of(&claims(&browser).sid), "{ damaged");
    assert_eq!(browser.get(DESKTOP).await.status, 303);
}

#[tokio::test]
async fn another_site_cannot_sign_an_agent_out() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let ask = browser.ask(Method::POST, SIGN_OUT).header("sec-fetch-site", "cross-site");
    let page = ask.send().await;
    assert_eq!((page.status, page.set_cookies()), (303, vec![]));
    assert_eq!(browser.get(DESKTOP).await.status, 200);
}

#[tokio::test]
async fn a_form_that_stood_open_is_not_the_next_persons_to_send() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let mark = browser.cookie(MARK).unwrap();
    let page = browser.ask(Method::POST, SIGN_OUT).send().await;
    assert!(page.set_cookie(MARK).is_some_and(|cookie| cookie.value != mark), "{:?}", page.set_cookies());
}

/// A world whose install serves two instances, and a browser signed in to the first.
async fn signed_in_to_one_of_two() -> (World, Browser) {
    let world = World::builder()
        .install("Lisbon")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let browser = world.browser();
    let form = browser.get(HOME).await.form().with("instance", "acme").with("username", "desk1");
    assert_eq!(browser.submit(&form.with("password", PASSWORD)).await.status, 303);
    (world, browser)
}

#[tokio::test]
async fn a_session_ends_with_its_instance() {
    let (mut world, browser) = signed_in_to_one_of_two().await;
    let key = Instance::key_of(&world.instance("acme"));
    let instance = Instance::read(&key, &world.directory.text(&key).unwrap()).unwrap();
    world.directory.declare(&Instance { retired: true, ..instance });
    // Records are cached in the isolate for a while: a new node has none.
    world.restart(|_| {}).await;
    let page = browser.get(DESKTOP).await;
    assert_eq!((page.status, page.removes(SESSION)), (303, true));
}

#[tokio::test]
async fn a_session_goes_on_while_its_instance_is_not_seen_yet() {
    let (mut world, browser) = signed_in_to_one_of_two().await;
    world.directory.remove(&Instance::key_of(&world.instance("acme")));
    world.restart(|_| {}).await;
    assert_eq!(browser.get(DESKTOP).await.status, 200, "a retired instance keeps its record; a missing one is late");
}

#[tokio::test]
async fn signing_out_twice_or_without_a_session_is_signing_out() {
    let world = World::standard().start().await;
    let browser = world.browser();
    browser.plant(SESSION, "no token at all");
    let page = browser.ask(Method::POST, SIGN_OUT).send().await;
    assert_eq!((page.status, page.location()), (303, "/OneAgentWeb_Lisbon?signed-out=1"));
    assert!(page.removes(SESSION));
    assert_eq!(world.sessions.keys(), [""; 0]);
}

#[tokio::test]
async fn signing_out_holds_while_kv_takes_nothing_and_the_tombstone_follows() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let (token, session) = (browser.cookie(SESSION).unwrap(), claims(&browser));
    world.sessions.go_down().await;
    assert_eq!(browser.ask(Method::POST, SIGN_OUT).send().await.status, 303);
    let thief = world.browser();
    thief.plant(SESSION, &token);
    let renewal = thief.get("/OneAgentWeb_Lisbon/desktop/parts/session").await;
    assert_eq!(renewal.status, 401, "the desk knows");
    let problem: serde_json::Value = serde_json::from_str(&renewal.body).unwrap();
    assert_eq!((&problem["code"], &problem["ended"]["reason"]), (&"no_session".into(), &"signed_out".into()));
    world.sessions.come_back().await;
    eventually("the tombstone", || world.sessions.text(&Revoked::key_of(&session.sid))).await;
}

#[tokio::test]
async fn whoever_a_page_has_told_that_their_session_is_over_is_not_led_back_to_it_by_a_node_that_does_not_know_yet() {
    let mut world = World::standard().start().await;
    let (browser, late) = (world.browser_of("desk1").await, world.browser());
    late.plant(SESSION, &browser.cookie(SESSION).unwrap());
    world.sessions.go_down().await;
    assert_eq!(browser.ask(Method::POST, SIGN_OUT).send().await.status, 303);
    world.restart(|_| ()).await;
    let page = late.get(DESKTOP).await;
    assert_eq!(page.status, 200, "nobody has told this node, and it asks nobody");
    let page = late.get(&format!("{HOME}?next=/desktop&over=forced")).await;
    assert_eq!(
        (page.status, page.has_field("password"), page.removes(SESSION)),
        (200, true, true),
        "{}",
        page.location()
    );
    // While the session stands, nobody is believed who says that it is over.
    world.sessions.come_back().await;
    let browser = world.browser_of("desk1").await;
    let page = browser.get(&format!("{HOME}?next=/desktop&over=forced")).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP));
}

#[tokio::test]
async fn signing_out_while_neither_the_desk_nor_kv_answers_says_so() {
    let mut world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let session = claims(&browser);
    world.restart(|setup| setup.unreachable = vec![Object::AgentDesk]).await;
    world.sessions.fail("revoked:", On::Writes, Fault::Status(500));
    let page = browser.ask(Method::POST, SIGN_OUT).send().await;
    assert_eq!((page.status, page.header("retry-after").is_some()), (503, true));
    world.sessions.heal();
    let again = browser.ask(Method::POST, SIGN_OUT).send().await;
    assert_eq!(again.status, 303, "KV alone is enough");
    assert!(world.sessions.text(&Revoked::key_of(&session.sid)).is_some());
}

#[tokio::test]
async fn a_script_that_signs_out_is_told_so_by_an_answer_that_no_other_server_would_give() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    let sign_out = || browser.ask(Method::POST, SIGN_OUT).header("accept", "application/json");
    let foreign = sign_out().header("origin", "https://evil.test").send().await;
    assert_eq!((foreign.status, browser.get(DESKTOP).await.status), (303, 200));
    let page = sign_out().send().await;
    assert_eq!((page.status, browser.cookie(SESSION)), (204, None));
    assert_eq!(sign_out().send().await.status, 204, "no session is left");
}

#[tokio::test]
async fn two_installs_are_two_sessions() {
    let world = World::standard().install("Porto").instance("bravo", &["Porto"]).agent("bravo", "desk1").start().await;
    let browser = world.browser_of("desk1").await;
    let page = browser.get("/OneAgentWeb_Porto/desktop").await;
    assert_eq!((page.status, page.location()), (303, "/OneAgentWeb_Porto?next=/desktop"));
    assert_eq!(browser.sign_in("/OneAgentWeb_Porto", "desk1", PASSWORD).await.status, 303);
    assert_eq!(browser.get(DESKTOP).await.status, 200, "the first one goes on");
    browser.ask(Method::POST, "/OneAgentWeb_Porto/sign-out").send().await;
    assert_eq!(browser.get(DESKTOP).await.status, 200, "also after the end of the second");
}
