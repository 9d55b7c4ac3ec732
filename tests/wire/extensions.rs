//! Extensions: who can have which, told apart at the login and at the desktop; each is held by one agent at a time, and
//! by nobody whose session is over (D7). And what a held extension is needed for: being ready (D4).

use std::time::Duration;

use hyper::Method;
use kv_schema::Record;
use kv_schema::directory::{AllowedAgents, ExtensionKind, Presence};
use kv_schema::names::Extension;
use kv_schema::sessions::Session;
use onecontact_tests::browser::Page;
use onecontact_tests::desktop::{Answer, Desktop};
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::node::Object;
use onecontact_tests::world::{Builder, HOME, PASSWORD, SPARE_EXTENSION, username};
use onecontact_tests::{Browser, World, tokens};
use serde_json::{Value, json};

use crate::{DESKTOP, SESSION, SIGN_OUT, eventually};

const SOON: Duration = Duration::from_secs(10);

/// `desk1` and `desk2`, whose usual extensions are 1001 and 1002; 2002 is nobody's, 3003 is for `desk1` alone.
fn two_agents() -> Builder {
    let only = |agent: &str| AllowedAgents::Only(vec![username(agent)]);
    World::standard().agent("acme", "desk2").extension_with("acme", "3003", |it| it.agents = only("desk1"))
}

async fn desktop(browser: Browser) -> Desktop {
    let desktop = Desktop::open(browser, HOME, 1);
    assert!(desktop.sees(SOON, |seen| seen.connected).await, "the desktop connects");
    desktop
}

/// The answer to a login with this extension typed.
async fn sign_in_at(browser: &Browser, username: &str, extension: &str) -> Page {
    let form = browser.get(HOME).await.form();
    browser.submit(&form.with("username", username).with("password", PASSWORD).with("extension", extension)).await
}

/// A desktop of `username`, after typing this extension or none, which holds the expected one.
async fn holding(world: &World, username: &str, typed: &str, held: &str) -> Desktop {
    let browser = world.browser();
    let page = sign_in_at(&browser, username, typed).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let desktop = desktop(browser).await;
    assert!(desktop.sees(SOON, |seen| seen.holds(held)).await, "{:?}", desktop.seen().missing);
    desktop
}

async fn sign_out(browser: &Browser) {
    let form = browser.get(crate::PLAIN).await.form_to(SIGN_OUT);
    assert_eq!(browser.submit(&form).await.status, 303);
}

/// The desktop's answer to a command.
async fn told(desktop: &Desktop, ask: Value) -> Option<Answer> {
    let command = desktop.ask(ask);
    desktop.answer(command, SOON).await
}

fn take(number: &str) -> Value {
    json!({ "extension": { "number": number } })
}

/// The same login as the desktop's script makes it, which reads no page.
async fn sign_in_by_script(browser: &Browser, username: &str, extension: &str) -> (u16, Value) {
    let form = browser.get(HOME).await.form();
    let form = form.with("username", username).with("password", PASSWORD).with("extension", extension);
    let answer = browser.ask(Method::POST, HOME).form(&form).header("accept", "application/json").send().await;
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body)))
}

fn session_cookie(browser: &Browser) -> Option<Extension> {
    tokens::session_claims(&browser.cookie(SESSION).unwrap()).extension
}

#[tokio::test]
async fn an_agent_holds_the_usual_extension_after_the_login_and_nobody_after_the_logout() {
    let world = two_agents().start().await;
    let first = holding(&world, "desk1", "", "1001").await;
    assert_eq!(first.seen().extension.as_ref().unwrap()["kind"], "desk_phone");
    assert!(first.seen().faults.is_empty(), "{:?}", first.seen().faults);
    sign_out(first.browser()).await;
    holding(&world, "desk2", "1001", "1001").await;
}

#[tokio::test]
async fn what_cannot_be_had_comes_back_to_the_form_beside_its_field_with_nothing_lost() {
    let world = two_agents()
        .instance("globex", &["Lisbon"])
        .extension("globex", "7007")
        .host("acme.wire.test", "acme")
        .start()
        .await;
    for (agent, extension, why) in [
        ("desk1", "4004", "This extension does not exist here"),
        ("desk1", "7007", "belongs to another instance"),
        ("desk2", "3003", "You may not use this extension"),
    ] {
        let browser = world.browser().at("acme.wire.test");
        let page = sign_in_at(&browser, agent, extension).await;
        assert_eq!((page.status, page.set_cookie(SESSION)), (422, None), "{extension}");
        let problem = page.field_problem("extension").unwrap_or_else(|| panic!("{extension}: {}", page.body));
        assert!(problem.contains(why), "{extension}: {problem}");
        assert_eq!((page.field("username"), page.field("extension")), (agent.to_owned(), extension.to_owned()));
        assert!(page.field_is("extension", "autofocus") && page.field("password").is_empty());
        // The same form works, with another extension.
        let form = page.form().with("password", PASSWORD).with("extension", SPARE_EXTENSION);
        assert_eq!(browser.submit(&form).await.status, 303, "{extension}");
        sign_out(&browser).await;
    }
    assert_eq!(world.log().events("extension_refused").len(), 3);
}

#[tokio::test]
async fn an_extension_that_another_agent_holds_is_told_with_when_it_is_free_and_not_by_whom() {
    let world = two_agents().start().await;
    let _first = holding(&world, "desk1", SPARE_EXTENSION, SPARE_EXTENSION).await;
    let browser = world.browser();
    let page = sign_in_at(&browser, "desk2", SPARE_EXTENSION).await;
    assert_eq!((page.status, page.set_cookie(SESSION)), (409, None));
    let problem = page.field_problem("extension").unwrap();
    // A shift of twelve hours has just begun.
    assert!(problem.contains("free in 12 h at the latest") && !problem.contains("desk1"), "{problem}");
    assert!(!page.body.contains("desk1"), "{}", page.body);

    let (status, told) = sign_in_by_script(&browser, "desk2", SPARE_EXTENSION).await;
    assert_eq!((status, &told["code"], &told["lack"]["why"]), (409, &"extension".into(), &"held".into()));
    assert!(told["lack"]["free_at"].as_u64().is_some() && told["lack"]["by"].is_null(), "{told}");
}

#[tokio::test]
async fn who_holds_it_is_told_where_the_instance_lets_its_agents_know() {
    let world = World::builder().install("Lisbon");
    let world = world.instance_with("acme", &["Lisbon"], |instance| instance.tells_extension_holder = true);
    let world = world.agent("acme", "desk1").agent("acme", "desk2").start().await;
    let _first = holding(&world, "desk1", SPARE_EXTENSION, SPARE_EXTENSION).await;
    let page = sign_in_at(&world.browser(), "desk2", SPARE_EXTENSION).await;
    let problem = page.field_problem("extension").unwrap();
    assert!(problem.starts_with("desk1 is using this extension"), "{problem}");
}

#[tokio::test]
async fn whoever_does_not_know_the_password_learns_nothing_of_extensions() {
    let world = two_agents().start().await;
    let _first = holding(&world, "desk1", SPARE_EXTENSION, SPARE_EXTENSION).await;
    let mut pages = Vec::new();
    for extension in ["", "1002", "4004", "3003", SPARE_EXTENSION] {
        let browser = world.browser();
        let form = browser.get(HOME).await.form();
        let form = form.with("username", "desk2").with("password", crate::WRONG).with("extension", extension);
        let page = browser.submit(&form).await;
        pages.push((page.status, page.field_problem("extension"), page.notice()));
    }
    assert!(pages.iter().all(|page| *page == pages[0]) && pages[0].1.is_none(), "{pages:?}");
}

#[tokio::test]
async fn a_usual_extension_that_is_held_or_gone_blocks_no_login_and_the_desktop_says_so() {
    let world = two_agents().start().await;
    let first = holding(&world, "desk1", "1002", "1002").await;
    let second = desktop(world.browser_of("desk2").await).await;
    assert!(second.sees(SOON, |seen| seen.lacks("held")).await, "{:?}", second.seen().missing);
    assert!(second.seen().lack().unwrap()["free_at"].as_u64().is_some());
    assert_eq!(told(&second, json!("ready")).await, Some(Answer::Refused("missing".to_owned())));

    // Another extension is taken from the desktop; one that is unavailable changes nothing.
    assert_eq!(told(&second, take("4004")).await, Some(Answer::Done));
    assert!(second.sees(SOON, |seen| seen.lacks("unknown")).await, "{:?}", second.seen().missing);
    assert_eq!(told(&second, take(SPARE_EXTENSION)).await, Some(Answer::Done));
    assert!(second.sees(SOON, |seen| seen.holds(SPARE_EXTENSION)).await, "{:?}", second.seen().missing);
    assert_eq!(told(&second, json!("ready")).await, Some(Answer::Done));
    assert_eq!(told(&second, take("3003")).await, Some(Answer::Done));
    let is_refused = |seen: &onecontact_tests::desktop::Seen| {
        let asked = &seen.extension.as_ref().unwrap()["asked"];
        asked["number"] == "3003" && asked["lacks"]["why"] == "not_allowed"
    };
    assert!(second.sees(SOON, is_refused).await, "{:?}", second.seen().extension);
    assert!(second.seen().holds(SPARE_EXTENSION) && second.seen().state == "ready", "what is held stays");
    assert!(first.seen().holds("1002"));

    let extension = Extension::parse("1001").unwrap();
    world.directory.remove(&kv_schema::directory::PhoneExtension::key_of(&world.instance("acme"), &extension));
    sign_out(first.browser()).await;
    let third = desktop(world.browser_of("desk1").await).await;
    assert!(third.sees(SOON, |seen| seen.lacks("unknown")).await, "{:?}", third.seen().missing);
}

#[tokio::test]
async fn whoever_waits_for_an_extension_gets_it_when_it_is_free() {
    let world = two_agents().start().await;
    let first = holding(&world, "desk1", "1002", "1002").await;
    let second = desktop(world.browser_of("desk2").await).await;
    assert!(second.sees(SOON, |seen| seen.lacks("held")).await);
    sign_out(first.browser()).await;
    assert!(second.sees(SOON, |seen| seen.holds("1002")).await, "{:?}", second.seen().missing);
}

#[tokio::test]
async fn the_token_and_kv_follow_when_another_extension_is_taken() {
    let world = two_agents().start().await;
    let first = holding(&world, "desk1", "", "1001").await;
    told(&first, take(SPARE_EXTENSION)).await;
    assert!(first.sees(SOON, |seen| seen.holds(SPARE_EXTENSION)).await);
    assert_eq!(session_cookie(first.browser()).unwrap().as_str(), "1001", "the token is what it was");
    assert_eq!(first.browser().get("/OneAgentWeb_Lisbon/desktop/parts/session").await.status, 200);
    assert_eq!(session_cookie(first.browser()).unwrap().as_str(), SPARE_EXTENSION);
    let claims = tokens::session_claims(&first.browser().cookie(SESSION).unwrap());
    let key = Session::key_of(&claims.instance, &claims.agent, &claims.sid);
    eventually("the session with its extension", || {
        let session = Session::read(&key, &world.sessions.text(&key)?).unwrap();
        session.extension.filter(|extension| extension.as_str() == SPARE_EXTENSION)
    })
    .await;
    // The former extension is free.
    holding(&world, "desk2", "1001", "1001").await;
}

#[tokio::test]
async fn where_no_extension_may_be_typed_no_other_one_can_be_taken() {
    let world = World::builder().install_with("Lisbon", |install| install.allow_extension_configuration = false);
    let world = world.instance("acme", &["Lisbon"]).agent("acme", "desk1").start().await;
    let desktop = desktop(world.browser_of("desk1").await).await;
    assert!(desktop.sees(SOON, |seen| seen.holds("1001")).await);
    assert_eq!(told(&desktop, take(SPARE_EXTENSION)).await, Some(Answer::Refused("not_allowed".to_owned())));
    assert_eq!(told(&desktop, take("1001")).await, Some(Answer::Done), "the same again is no other one");
}

#[tokio::test]
async fn a_desktop_that_signs_in_again_with_a_typed_one_is_told_that_none_may_be_typed_any_more() {
    let world = World::builder().install_with("Lisbon", |install| install.allow_extension_configuration = false);
    let world = world.instance("acme", &["Lisbon"]).agent("acme", "desk1").start().await;
    let browser = world.browser();
    let refused = sign_in_by_script(&browser, "desk1", SPARE_EXTENSION).await;
    assert_eq!(refused, (422, json!({ "code": "extension_not_allowed" })));
    assert_eq!(browser.cookie(SESSION), None);
    assert_eq!(sign_in_by_script(&browser, "desk1", "").await.0, 200);
    assert_eq!(session_cookie(&browser).unwrap().as_str(), "1001", "the usual one");
}

#[tokio::test]
async fn a_take_over_moves_it_along() {
    let world = two_agents().start().await;
    let first = holding(&world, "desk1", "", "1001").await;
    let _other = holding(&world, "desk2", "", "1002").await;
    let second = world.browser();
    let asked = second.sign_in(HOME, "desk1", PASSWORD).await;
    assert!(asked.asks_to_take_over());
    assert_eq!(second.take_over(asked).await.location(), DESKTOP);
    let second = desktop(second).await;
    assert!(second.sees(SOON, |seen| seen.holds("1001")).await, "{:?}", second.seen().missing);
    assert!(first.sees(SOON, |seen| seen.ended.is_some()).await);
    assert_eq!(sign_in_at(&world.browser(), "desk2", "1001").await.status, 409, "it is not free in between");
}

#[tokio::test]
async fn an_extension_that_was_taken_while_a_take_over_was_asked_about_comes_back_to_the_form() {
    let world = two_agents().agent("acme", "desk3").start().await;
    let _first = holding(&world, "desk1", "", "1001").await;
    let browser = world.browser();
    let asked = sign_in_at(&browser, "desk1", SPARE_EXTENSION).await;
    let asked = browser.question(&asked).await;
    // The extension that the login reserved becomes free when nothing comes of it for a while.
    tokio::time::sleep(Duration::from_secs(16)).await;
    let _other = holding(&world, "desk3", SPARE_EXTENSION, SPARE_EXTENSION).await;
    let page = browser.submit(&asked.form()).await;
    assert_eq!((page.status, page.field("username"), page.field("extension")), (409, "desk1".into(), "2002".into()));
    assert!(page.field_problem("extension").unwrap().contains("is using this extension"));
}

#[tokio::test]
async fn a_new_password_is_set_also_where_the_extension_cannot_be_had() {
    let world = two_agents().agent_with("acme", "desk3", |agent| agent.password.must_change = true).start().await;
    let _first = holding(&world, "desk1", SPARE_EXTENSION, SPARE_EXTENSION).await;
    let browser = world.browser();
    let asked = sign_in_at(&browser, "desk3", SPARE_EXTENSION).await;
    let new = "a passphrase of my own";
    let form = asked.form_to("/OneAgentWeb_Lisbon/new-password").with("password", new).with("again", new);
    let page = browser.submit(&form).await;
    assert_eq!(page.status, 409, "{}", page.body);
    assert!(page.notice().unwrap().contains("password") && page.field_problem("extension").is_some());
    let page = browser.submit(&page.form().with("password", new).with("extension", "")).await;
    assert_eq!(page.status, 303, "the new password is in force");
}

#[tokio::test]
async fn a_lease_that_does_not_answer_blocks_no_login_and_the_desktop_tries_again() {
    let mut world = two_agents().unreachable(Object::ExtensionLease).start().await;
    let browser = world.browser();
    assert_eq!(sign_in_at(&browser, "desk1", SPARE_EXTENSION).await.status, 303);
    let desktop = desktop(browser).await;
    assert!(desktop.sees(SOON, |seen| seen.lacks("unavailable")).await, "{:?}", desktop.seen().missing);
    world.restart(|setup| setup.unreachable.clear()).await;
    assert!(desktop.sees(3 * SOON, |seen| seen.holds(SPARE_EXTENSION)).await, "{:?}", desktop.seen().missing);
}

#[tokio::test]
async fn an_extension_that_cannot_be_looked_up_is_looked_up_again() {
    let world = two_agents().start().await;
    world.directory.fail("extension:", On::Reads, Fault::Status(503));
    let desktop = desktop(world.browser_of("desk1").await).await;
    assert!(desktop.sees(SOON, |seen| seen.lacks("unavailable")).await, "{:?}", desktop.seen().missing);
    world.directory.heal();
    assert!(desktop.sees(2 * SOON, |seen| seen.holds("1001")).await, "{:?}", desktop.seen().missing);
}

#[tokio::test]
async fn a_session_whose_desktop_is_gone_keeps_it_from_nobody_for_longer_than_presence_allows() {
    let presence = Presence { suspect_seconds: 1, not_ready_seconds: 2, logged_out_seconds: 4 };
    let world = World::builder().install_with("Lisbon", |install| install.presence = presence);
    let world = world.instance("acme", &["Lisbon"]).agent("acme", "desk1").agent("acme", "desk2").start().await;
    let ping = Duration::from_millis(300);
    let browser = world.browser();
    assert_eq!(sign_in_at(&browser, "desk1", "1002").await.status, 303);
    let first = Desktop::open_pinging(browser, HOME, 1, ping);
    assert!(first.sees(SOON, |seen| seen.holds("1002")).await);
    let second = Desktop::open_pinging(world.browser_of("desk2").await, HOME, 2, ping);
    assert!(second.sees(SOON, |seen| seen.lacks("held")).await);
    drop(first);
    assert!(second.sees(SOON, |seen| seen.holds("1002")).await, "{:?}", second.seen().missing);

    // Nor does a session whose desktop never came.
    assert_eq!(sign_in_at(&world.browser(), "desk1", "1001").await.status, 303);
    let page = sign_in_at(&world.browser(), "desk2", "1001").await;
    assert_eq!(page.status, 409);
    assert!(page.field_problem("extension").unwrap().contains("Unless they come back"), "{}", page.body);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(sign_in_at(&world.browser(), "desk2", "1001").await.asks_to_take_over(), "desk2 is signed in elsewhere");
    assert_eq!(told(&second, take("1001")).await, Some(Answer::Done));
    assert!(second.sees(SOON, |seen| seen.holds("1001")).await, "{:?}", second.seen().extension);
}

#[tokio::test]
async fn at_a_browser_phone_nobody_is_ready_whose_microphone_delivers_nothing() {
    let world = two_agents().extension_with("acme", "5005", |it| it.kind = ExtensionKind::BrowserPhone).start().await;
    let desktop = holding(&world, "desk1", "5005", "5005").await;
    let unasked = json!([{ "microphone": { "why": "unasked" } }]);
    assert!(desktop.sees(SOON, |seen| seen.missing.as_ref() == Some(&unasked)).await, "{:?}", desktop.seen().missing);
    assert_eq!(told(&desktop, json!("ready")).await, Some(Answer::Refused("missing".to_owned())));
    assert_eq!(told(&desktop, json!({ "microphone": "working" })).await, Some(Answer::Done));
    assert_eq!(told(&desktop, json!("ready")).await, Some(Answer::Done));
    assert_eq!(told(&desktop, json!({ "microphone": "lost" })).await, Some(Answer::Done));
    assert!(desktop.sees(SOON, |seen| seen.is_not_ready_because("unmet")).await, "{:?}", desktop.seen().state);
    assert_eq!(told(&desktop, json!({ "microphone": "working" })).await, Some(Answer::Done));
    assert!(desktop.sees(SOON, |seen| seen.state == "ready").await, "{:?}", desktop.seen().state);
    assert!(desktop.seen().faults.is_empty(), "{:?}", desktop.seen().faults);
}

#[tokio::test]
async fn an_agent_who_needs_no_extension_is_ready_without_one() {
    let world = World::builder().install("Lisbon").instance("acme", &["Lisbon"]);
    let none = |agent: &mut kv_schema::directory::Agent| agent.default_extension = None;
    let world = world.agent_with("acme", "desk1", none).agent_with("acme", "mail1", |agent| {
        none(agent);
        agent.requires_extension = Some(false);
    });
    let world = world.start().await;
    let by_mail = desktop(world.browser_of("mail1").await).await;
    assert_eq!(told(&by_mail, json!("ready")).await, Some(Answer::Done));
    let by_phone = desktop(world.browser_of("desk1").await).await;
    assert!(by_phone.sees(SOON, |seen| seen.lacks("none")).await, "{:?}", by_phone.seen().missing);
    assert_eq!(told(&by_phone, json!("ready")).await, Some(Answer::Refused("missing".to_owned())));
    assert_eq!(told(&by_phone, take(SPARE_EXTENSION)).await, Some(Answer::Done));
    assert!(by_phone.sees(SOON, |seen| seen.holds(SPARE_EXTENSION)).await);
    assert_eq!(told(&by_phone, json!("ready")).await, Some(Answer::Done));
}
