//! The desk: its socket, one owner, taking over, ending (C2 to C6).

use std::time::Duration;

use hyper::Method;
use kv_schema::directory::Agent;
use kv_schema::sessions::Revoked;
use kv_schema::{Record, Timestamp};
use onecontact_tests::browser::{Form, Page};
use onecontact_tests::desktop::Desktop;
use onecontact_tests::node::Setup;
use onecontact_tests::service::{almighty, path, token};
use onecontact_tests::socket::Frame;
use onecontact_tests::world::{HOME, PASSWORD, SPARE_EXTENSION, now, username};
use onecontact_tests::{Browser, World, routing, tokens};
use serde_json::Value;

use crate::{DESKTOP, SESSION, SIGN_OUT};

const SESSION_PART: &str = "/OneAgentWeb_Lisbon/desktop/parts/session";
const SOCKET: &str = "/OneAgentWeb_Lisbon/desk";
const TAKE_OVER: &str = "/OneAgentWeb_Lisbon/take-over";
const SOON: Duration = Duration::from_secs(5);

/// A desktop of `desk1`, connected.
async fn desktop(world: &World) -> Desktop {
    connected(world.browser_of("desk1").await).await
}

async fn connected(browser: Browser) -> Desktop {
    let desktop = Desktop::open(browser, HOME, 1);
    assert!(desktop.sees(SOON, |seen| seen.connected).await, "the desktop connects");
    desktop
}

/// A desktop of `desk1`, and the login page still open in another tab.
async fn desktop_beside_a_login_page(world: &World) -> (Desktop, Form) {
    let browser = world.browser();
    let form = browser.get(HOME).await.form();
    assert_eq!(browser.submit(&form.clone().with("username", "desk1").with("password", PASSWORD)).await.status, 303);
    (connected(browser).await, form)
}

fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{} {}", page.status, page.body))
}

/// Posts fields as the desktop's script does.
async fn post(browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let ask = browser.ask(Method::POST, path).header("accept", "application/json");
    ask.header("content-type", "application/x-www-form-urlencoded").body(body).send().await
}

#[tokio::test]
async fn a_desktop_that_connects_learns_everything_as_it_stands() {
    let world = World::standard().start().await;
    let desktop = desktop(&world).await;
    let welcome = desktop.seen().welcome.clone();
    let claims = tokens::session_claims(&desktop.browser().cookie(SESSION).unwrap());
    assert_eq!(welcome["sid"], claims.sid.as_str());
    assert_eq!(welcome["lease"], claims.lease);
    assert_eq!(welcome["hard_end"], claims.hard_end.0);
    assert_eq!(welcome["state"]["not_ready"]["reason"], "signed_in");
    assert_eq!(welcome["connection"], "open");
    assert!(welcome["events"][0]["what"]["signed_in"].is_object(), "{welcome}");
}

#[tokio::test]
async fn an_agent_becomes_ready_and_not_ready() {
    let world = World::standard().start().await;
    let desktop = desktop(&world).await;
    desktop.ask("ready");
    assert!(desktop.sees(SOON, |seen| seen.state == "ready").await);
    desktop.ask(routing::not_ready());
    assert!(desktop.sees(SOON, |seen| seen.is_not_ready_because("chosen")).await);
}

#[tokio::test]
async fn no_socket_without_a_session_or_from_another_site() {
    let world = World::standard().start().await;
    let stranger = world.browser();
    let refused = stranger.ask(Method::GET, SOCKET).header("upgrade", "websocket").send().await;
    assert_eq!((refused.status, json(&refused)["code"].as_str()), (401, Some("no_session")));
    let browser = world.browser_of("desk1").await;
    let plain = browser.get(SOCKET).await;
    assert_eq!((plain.status, json(&plain)["code"].as_str()), (400, Some("not_a_socket")));
    let foreign = browser.ask(Method::GET, SOCKET).header("upgrade", "websocket");
    let foreign = foreign.header("origin", "https://elsewhere.example").send().await;
    assert_eq!((foreign.status, json(&foreign)["code"].as_str()), (403, Some("foreign_origin")));
}

#[tokio::test]
async fn a_second_login_says_where_the_first_is_and_takes_over_only_when_told_to() {
    let world = World::standard().start().await;
    let first = desktop(&world).await;
    let second = world.browser();
    let led = second.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!(led.set_cookie(SESSION), None);
    let asked = second.question(&led).await;
    assert!(asked.body.contains("Chrome") && asked.body.contains("Windows"), "{}", asked.body);
    assert_eq!(first.browser().get(SESSION_PART).await.status, 200, "nothing has changed yet");

    let form = asked.form();
    let taken = second.submit(&form).await;
    assert_eq!((taken.status, taken.location()), (303, DESKTOP));
    assert!(first.sees(SOON, |seen| seen.ended.is_some()).await, "the first is told");
    let ended = first.seen().ended.clone().unwrap();
    assert_eq!((&ended["reason"], &ended["browser"]["family"]), (&"taken_over".into(), &"Chrome".into()));
    assert_eq!(first.browser().get(SESSION_PART).await.status, 401);
    let login = world.log().events("login");
    assert_eq!(login.iter().filter(|event| event["reason"] == "taken_over").count(), 1);
    let ended = world.log().only("session_ended").await;
    assert_eq!((&ended["reason"], &ended["install"]), (&"taken_over".into(), &"lisbon".into()));
    for login in world.log().wait_for("login", 2).await {
        assert_eq!(login["install"], ended["install"], "what is counted by it does not come apart");
    }
}

#[tokio::test]
async fn a_desktop_that_was_away_when_its_session_ended_is_told_why_by_every_way_that_it_asks() {
    let world = World::standard().start().await;
    let desktop = desktop(&world).await;
    let (away, other) = (desktop.browser(), world.browser());
    let asked = other.sign_in(HOME, "desk1", PASSWORD).await;
    other.take_over(asked).await;
    // Its page cannot read why the socket was refused, so it asks for the session; so does another tab.
    let refused = away.ask(Method::GET, SOCKET).header("upgrade", "websocket").send().await;
    assert_eq!((refused.status, &json(&refused)["ended"]["reason"]), (401, &"taken_over".into()));
    for _ in 0..2 {
        let told = away.get(SESSION_PART).await;
        assert_eq!((told.status, &json(&told)["ended"]["reason"]), (401, &"taken_over".into()), "{}", told.body);
    }
    let login = away.follow(&away.get(DESKTOP).await).await;
    assert!(login.notice().is_some_and(|notice| notice.contains("somewhere else")), "{:?}", login.notice());
    assert_eq!(away.cookie(SESSION), None, "the page has taken the token away");
}

#[tokio::test]
async fn a_take_over_is_of_the_session_that_was_shown_and_of_no_later_one() {
    let world = World::standard().start().await;
    let _first = desktop(&world).await;
    let (second, third) = (world.browser(), world.browser());
    let led = second.sign_in(HOME, "desk1", PASSWORD).await;
    let asked = second.question(&led).await;
    let elsewhere = third.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!(third.take_over(elsewhere).await.location(), DESKTOP);
    let third = connected(third).await;
    let again = second.submit(&asked.form()).await;
    assert_eq!(again.set_cookie(SESSION), None);
    let again = second.question(&again).await; // about the third
    assert_eq!(third.browser().get(SESSION_PART).await.status, 200);
    assert_eq!(second.submit(&again.form()).await.location(), DESKTOP);
    assert!(third.sees(SOON, |seen| seen.ended.is_some()).await);
}

#[tokio::test]
async fn a_proof_from_before_a_session_was_ended_takes_over_none_that_began_since() {
    let world = World::standard().with_access_tokens().start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let _first = desktop(&world).await;
    let stranger = world.browser();
    let led = stranger.sign_in(HOME, "desk1", PASSWORD).await;
    stranger.question(&led).await;
    let end = format!("{}/end-session", path(&acme, "desk1"));
    let service = world.browser();
    let ask = service.ask(Method::POST, &end).header("authorization", &format!("Bearer {}", token()));
    let ended = ask.header("content-type", "application/json").body(r#"{"reason":"forced"}"#).send().await;
    assert_eq!(ended.status, 200, "{}", ended.body);
    let agent = desktop(&world).await;
    let asked_anew = stranger.get(TAKE_OVER).await;
    let page = stranger.submit(&asked_anew.form()).await;
    assert!(page.set_cookie(SESSION).is_none() && page.location().starts_with(HOME), "{}", page.location());
    assert!(!agent.sees(Duration::from_secs(1), |seen| seen.ended.is_some()).await, "the agent is left in peace");
}

#[tokio::test]
async fn a_take_over_from_another_browser_or_without_its_step_begins_again() {
    let world = World::standard().start().await;
    let first = desktop(&world).await;
    let second = world.browser();
    let led = second.sign_in(HOME, "desk1", PASSWORD).await;
    let asked = second.question(&led).await;
    let thief = world.browser();
    thief.get(HOME).await;
    for form in [asked.form(), asked.form().with("step", "no token")] {
        let page = thief.submit(&form).await;
        assert_eq!((page.status, page.set_cookie(SESSION)), (303, None));
        assert!(page.location().starts_with(&format!("{HOME}?next=")), "{}", page.location());
    }
    assert_eq!(first.browser().get(SESSION_PART).await.status, 200);
}

#[tokio::test]
async fn whoever_goes_back_to_the_form_leaves_the_question_to_nobody() {
    let world = World::standard().start().await;
    let first = desktop(&world).await;
    let second = world.browser();
    let led = second.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!(second.question(&led).await.status, 200);
    assert_eq!(second.question(&led).await.heading(), "You are already signed in", "however often they look");
    assert!(second.get(HOME).await.removes("__Host-onecontact-step-lisbon"));
    assert_eq!(second.get(TAKE_OVER).await.location(), HOME);
    assert_eq!(first.browser().get(SESSION_PART).await.status, 200);
}

#[tokio::test]
async fn a_session_whose_desktop_never_connected_is_replaced_without_asking() {
    let world = World::standard().start().await;
    let first = world.browser_of("desk1").await;
    let second = world.browser_of("desk1").await;
    assert_eq!(first.get(SESSION_PART).await.status, 401);
    assert_eq!(second.get(SESSION_PART).await.status, 200);
}

#[tokio::test]
async fn signing_in_again_in_the_same_browser_asks_nothing_and_ends_the_former_session() {
    let world = World::standard().start().await;
    let (first, form) = desktop_beside_a_login_page(&world).await;
    let again = first.browser().submit(&form.with("username", "desk1").with("password", PASSWORD)).await;
    assert_eq!(again.status, 303);
    assert!(first.sees(SOON, |seen| seen.ended.is_some()).await);
    assert_eq!(first.seen().ended.as_ref().unwrap()["reason"], "replaced");
}

#[tokio::test]
async fn another_agents_login_in_the_same_browser_ends_the_session_that_stood_there() {
    let world = World::standard().agent("acme", "desk2").start().await;
    let (first, form) = desktop_beside_a_login_page(&world).await;
    let other = first.browser().submit(&form.with("username", "desk2").with("password", PASSWORD)).await;
    assert_eq!(other.status, 303);
    assert!(first.sees(SOON, |seen| seen.ended.is_some()).await);
    assert_eq!(first.seen().ended.as_ref().unwrap()["reason"], "another_agent");
}

#[tokio::test]
async fn signing_out_in_one_tab_ends_the_desktop_of_every_other() {
    let world = World::standard().start().await;
    let desktop = desktop(&world).await;
    desktop.browser().ask(Method::POST, SIGN_OUT).send().await;
    assert!(desktop.sees(SOON, |seen| seen.ended.is_some()).await);
    assert_eq!(desktop.seen().ended.as_ref().unwrap()["reason"], "signed_out");
}

#[tokio::test]
async fn an_agent_who_is_disabled_is_signed_out_when_the_desktop_next_renews() {
    let world = World::standard().start().await;
    let desktop = desktop(&world).await;
    let key = Agent::key_of(&world.instance("acme"), &username("desk1"));
    let agent = Agent::read(&key, &world.directory.text(&key).unwrap()).unwrap();
    world.directory.declare(&Agent { disabled: true, ..agent });
    let renewal = desktop.browser().get(SESSION_PART).await;
    assert_eq!((renewal.status, json(&renewal)["ended"]["reason"].as_str()), (401, Some("disabled")));
    assert!(desktop.sees(SOON, |seen| seen.ended.is_some()).await, "and its page is told");
}

#[tokio::test]
async fn an_agent_who_is_taken_away_is_signed_out_when_the_desktop_next_renews() {
    let world = World::standard().start().await;
    let desktop = desktop(&world).await;
    world.directory.remove(&Agent::key_of(&world.instance("acme"), &username("desk1")));
    let browser = desktop.browser();
    assert_eq!(browser.get(SESSION_PART).await.status, 200, "a place may not have seen a new agent yet");

    let mut claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    claims.auth_time = Timestamp(claims.auth_time.0 - 300);
    browser.plant(SESSION, &tokens::sealed(&claims, now()));
    let renewal = browser.get(SESSION_PART).await;
    assert_eq!((renewal.status, json(&renewal)["ended"]["reason"].as_str()), (401, Some("disabled")));
    assert!(desktop.sees(SOON, |seen| seen.ended.is_some()).await, "and its page is told");
}

#[tokio::test]
async fn a_desk_that_has_lost_everything_takes_a_session_on_its_word_unless_it_is_over() {
    let mut world = World::standard().start().await;
    let desktop = desktop(&world).await;
    let browser = desktop.browser().copy();
    drop(desktop);
    let lost = |setup: &mut Setup| setup.objects = setup.objects.join("lost");
    world.restart(lost).await;
    assert_eq!(browser.get(SESSION_PART).await.status, 200, "the desk takes it on its word");
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    world.sessions.declare_text(&Revoked::key_of(&claims.sid), "{}");
    world.restart(lost).await;
    browser.get(SESSION_PART).await;
    for _ in 0..100 {
        if browser.get(SESSION_PART).await.status == 401 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a session that is over goes on");
}

#[tokio::test]
async fn a_script_signs_in_again_in_place_and_goes_on_where_the_session_was() {
    let world = World::standard().start().await;
    let first = desktop(&world).await;
    first.ask("ready");
    assert!(first.sees(SOON, |seen| seen.state == "ready").await);
    let browser = first.browser();
    let sid = first.seen().welcome["sid"].as_str().unwrap().to_owned();
    let token = json(&browser.get("/OneAgentWeb_Lisbon/form-token").await)["form_token"].as_str().unwrap().to_owned();
    let sign_in = async |password: &str| {
        post(browser, HOME, &[("form", &token), ("username", "desk1"), ("password", password), ("resumes", &sid)]).await
    };
    let refused = sign_in("not the password").await;
    assert_eq!((refused.status, json(&refused)["code"].as_str()), (403, Some("refused")));
    let signed_in = sign_in(PASSWORD).await;
    assert_eq!((signed_in.status, json(&signed_in)["code"].as_str()), (200, Some("signed_in")));
    let again = connected(browser.copy()).await;
    assert!(again.sees(SOON, |seen| seen.state == "ready").await, "{:?}", again.seen().state);
}

#[tokio::test]
async fn a_blank_extension_takes_the_usual_one_also_where_the_session_before_had_another() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
    assert_eq!(browser.submit(&form.with("extension", SPARE_EXTENSION)).await.status, 303);
    let claims = || tokens::session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!(claims().extension.unwrap().as_str(), SPARE_EXTENSION);
    let (sid, page) = (claims().sid.to_string(), browser.get("/OneAgentWeb_Lisbon/form-token").await);
    let token = json(&page)["form_token"].as_str().unwrap().to_owned();
    let again = [("form", &*token), ("username", "desk1"), ("password", PASSWORD), ("resumes", &*sid)];
    assert_eq!(post(&browser, HOME, &again).await.status, 200);
    assert_eq!(claims().extension.unwrap().as_str(), "1001");
}

#[tokio::test]
async fn a_script_is_told_where_the_first_session_is_and_takes_over() {
    let world = World::standard().start().await;
    let _first = desktop(&world).await;
    let second = world.browser();
    let form = json(&second.get("/OneAgentWeb_Lisbon/form-token").await)["form_token"].as_str().unwrap().to_owned();
    let asked = post(&second, HOME, &[("form", &form), ("username", "desk1"), ("password", PASSWORD)]).await;
    let told = json(&asked);
    assert_eq!((asked.status, told["code"].as_str()), (409, Some("occupied")));
    assert_eq!((&told["browser"]["family"], &told["silent_seconds"]), (&"Chrome".into(), &Value::Null));
    let answer = post(&second, TAKE_OVER, &[("step", told["take_over"].as_str().unwrap())]).await;
    assert_eq!((answer.status, json(&answer)["code"].as_str()), (200, Some("signed_in")));
    assert!(answer.set_cookie(SESSION).is_some());
}

#[tokio::test]
async fn commands_that_are_no_commands_are_refused_and_harm_nothing() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    for bad in ["", "{", "null", r#"{"id":-1,"ask":"ready"}"#, r#"{"id":1,"ask":"fly"}"#, &"x".repeat(70_000)] {
        let mut socket = browser.socket("/OneAgentWeb_Lisbon/desk").await.expect("a socket");
        socket.send(bad).await;
        let refused = loop {
            let Frame::Text(text) = socket.receive().await else { panic!("closed after {bad:.20}") };
            let said: Value = serde_json::from_str(&text).unwrap();
            if said["refused"].is_object() {
                break said["refused"].clone();
            }
        };
        assert_eq!(refused["why"], "not_understood", "{bad:.20}");
    }
    assert_eq!(browser.get(SESSION_PART).await.status, 200);
}
