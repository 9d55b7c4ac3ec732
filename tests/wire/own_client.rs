//! L6: `OneContact Agent` is the first application of `OneContactLogin`. An install that uses it has no form of its
//! own: it sends its agents there, and opens a session with what they bring back.

use std::time::Duration;

use kv_schema::directory::{Install, LoginSite};
use kv_schema::names::SiteAddress;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::openid::{SITE, declare, handed, redeeming, request, sign_in};
use onecontact_tests::tokens::session_claims;
use onecontact_tests::world::{Builder, HOME, PASSWORD, SPARE_EXTENSION};
use onecontact_tests::{Browser, Desktop, Page, World};

use crate::{DESKTOP, MARK, SESSION, SIGN_OUT, WRONG};

const FLOW: &str = "__Host-onecontact-flow-lisbon";
const ASKED: &str = "__Host-onecontact-step-lisbon";
const SIGN_IN: &str = "__Host-onecontact-login";
const TAKE_OVER: &str = "/OneAgentWeb_Lisbon/take-over";

fn builder(change: impl FnOnce(&mut Install)) -> Builder {
    let install = |install: &mut Install| {
        install.uses_onecontact_login = true;
        change(install);
    };
    // The instance has no address of its own: agents come back to the login's.
    let builder = World::builder().install_with("Lisbon", install);
    builder.instance_with("acme", &["Lisbon"], |instance| instance.address = None).agent("acme", "desk1")
}

async fn started(builder: Builder) -> World {
    let world = builder.with_access_tokens().start().await;
    declare(&world.directory);
    world
}

async fn world() -> World {
    started(builder(|_| {})).await
}

fn browser(world: &World) -> Browser {
    world.browser().at("login.test")
}

/// Where a page leads, at the one host that serves everything here.
async fn follow(browser: &Browser, page: &Page) -> Page {
    assert_eq!(page.status, 303, "{}", page.body);
    browser.get(page.location().strip_prefix(SITE).unwrap_or(page.location())).await
}

/// The form that the install leads to.
async fn form_of(browser: &Browser) -> Page {
    let away = browser.get(HOME).await;
    assert!(away.location().starts_with("https://login.test/OneContactLogin/authorize?"), "{}", away.location());
    follow(browser, &away).await
}

/// Signs in at `OneContactLogin`, on the way from the install, and returns the page that leads back.
async fn back(browser: &Browser) -> Page {
    let page = form_of(browser).await;
    let page = browser.submit(&page.form().with("username", "desk1").with("password", PASSWORD)).await;
    assert!(page.location().starts_with("https://login.test/OneAgentWeb_Lisbon/signed-in?code="), "{}", page.body);
    browser.secrets().add(&handed(&page, "code").unwrap());
    page
}

/// Why the last of `count` answers was refused, according to the log.
async fn reason(world: &World, count: usize) -> String {
    let events = world.log().wait_for("sign_in_refused", count).await;
    events.last().unwrap()["reason"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_install_sends_its_agents_there_and_opens_a_session_when_they_come_back() {
    let world = world().await;
    let browser = browser(&world);
    let page = form_of(&browser).await;
    assert!(page.says("You are signing in to OneContact Agent.") && !page.has_field("instance"), "{}", page.body);
    let page = back(&browser).await;
    let page = follow(&browser, &page).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP), "{}", page.body);
    assert!(page.removes(FLOW));
    assert_eq!(browser.get(DESKTOP).await.status, 200);
    let claims = session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!((claims.agent.as_str(), claims.extension.unwrap().as_str()), ("desk1", "1001"));
    assert!(claims.sign_in.is_some());
    assert_eq!(browser.get(HOME).await.location(), DESKTOP, "and goes on with it");
}

#[tokio::test]
async fn whoever_comes_back_during_an_outage_comes_in_by_trying_again() {
    let mut world = world().await;
    let browser = browser(&world);
    let page = back(&browser).await;
    let path = page.location().strip_prefix(SITE).unwrap();
    world.restart(|_| {}).await; // which has nothing in its memory
    world.directory.fail("agent:", On::Reads, Fault::Status(500));
    assert_eq!(browser.get(path).await.status, 503);
    world.directory.heal();
    let page = browser.get(path).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP), "{}", page.body);
}

#[tokio::test]
async fn whoever_is_signed_in_there_already_is_not_asked_again() {
    let world = world().await;
    let browser = browser(&world);
    sign_in(&browser, &request(), "desk1").await;
    let away = browser.get(HOME).await;
    let back = follow(&browser, &away).await;
    assert!(back.location().contains("/OneAgentWeb_Lisbon/signed-in?code="), "{}", back.body);
    assert_eq!(follow(&browser, &back).await.location(), DESKTOP);
}

#[tokio::test]
async fn a_session_that_is_over_is_not_opened_again_by_a_click() {
    let world = world().await;
    let browser = browser(&world);
    let page = back(&browser).await;
    follow(&browser, &page).await;
    let cookie = browser.cookie(SESSION).unwrap();
    let page = browser.ask(hyper::Method::POST, SIGN_OUT).header("origin", "http://login.test").send().await;
    let page = follow(&browser, &page).await;
    assert!(page.says("You have signed out."), "{}", page.body);
    assert!(form_of(&browser).await.has_field("password"), "signed out at both");
    // Nor is a session that ended in some other way, while the sign-in still stands.
    let page = back(&browser).await;
    follow(&browser, &page).await;
    assert_ne!(browser.cookie(SESSION).unwrap(), cookie);
    browser.drop_cookie(SESSION);
    assert!(form_of(&browser).await.has_field("password"));
}

#[tokio::test]
async fn a_language_that_was_chosen_on_the_way_is_that_of_the_desktop() {
    let world = world().await;
    let browser = browser(&world);
    let form = form_of(&browser).await;
    let chosen = browser.get("/OneContactLogin?lang=fr").await;
    assert_eq!(chosen.status, 303);
    let page = browser.submit(&form.form().with("username", "desk1").with("password", PASSWORD)).await;
    browser.secrets().add(&handed(&page, "code").unwrap());
    browser.drop_cookie("__Host-onecontact-language"); // as where the install is at another host
    let page = follow(&browser, &page).await;
    assert_eq!(page.set_cookie("__Host-onecontact-language").map(|cookie| cookie.value.clone()).as_deref(), Some("fr"));
}

#[tokio::test]
async fn whoever_the_desktop_has_told_of_the_end_is_led_to_the_form_at_once() {
    let world = world().await;
    let (first, second) = (browser(&world), browser(&world));
    let page = back(&first).await;
    follow(&first, &page).await;
    let page = back(&second).await;
    follow(&second, &page).await;
    // Whether or not KV shows it yet.
    let away = first.get(&format!("{HOME}?again=1")).await;
    assert!(away.location().starts_with("https://login.test/OneContactLogin/authorize?"), "{}", away.body);
    assert!(away.location().ends_with("&login_hint=desk1"), "and types their name no second time: {}", away.location());
}

#[tokio::test]
async fn the_extension_is_asked_for_where_the_install_allows_it() {
    let world = world().await;
    let browser = browser(&world);
    let form = form_of(&browser).await.form();
    let form = form.with("username", "desk1").with("password", PASSWORD).with("extension", SPARE_EXTENSION);
    let page = browser.submit(&form).await;
    browser.secrets().add(&handed(&page, "code").unwrap());
    follow(&browser, &page).await;
    let claims = session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!(claims.extension.unwrap().as_str(), SPARE_EXTENSION);

    let world = started(builder(|install| install.allow_extension_configuration = false)).await;
    let browser = self::browser(&world);
    let page = form_of(&browser).await;
    assert!(!page.has_field("extension"), "{}", page.body);
    let form = page.form().with("username", "desk1").with("password", PASSWORD).and("extension", "1002");
    assert_eq!(browser.submit(&form).await.status, 422, "a posted one is refused");
}

#[tokio::test]
async fn an_extension_that_an_agent_cannot_have_is_refused_beside_the_field_that_it_was_typed_in() {
    let world = started(builder(|_| {}).agent("acme", "desk2")).await;
    let [first, second] = [browser(&world), browser(&world)];
    let page = form_of(&first).await;
    let page =
        first.submit(&page.form().with("username", "desk1").with("password", PASSWORD).with("extension", "9999")).await;
    assert_eq!((page.status, page.set_cookie(SIGN_IN)), (422, None), "{}", page.body);
    let problem = page.field_problem("extension").unwrap();
    assert!(problem.contains("This extension does not exist here"), "{problem}");
    assert_eq!((page.field("username"), page.field("extension")), ("desk1".to_owned(), "9999".to_owned()));

    // The same form works with another extension, which is kept for this agent before the desktop is there.
    let form = page.form().with("password", PASSWORD).with("extension", SPARE_EXTENSION);
    let page = first.submit(&form).await;
    first.secrets().add(&handed(&page, "code").unwrap());
    follow(&first, &page).await;
    assert_eq!(session_claims(&first.cookie(SESSION).unwrap()).extension.unwrap().as_str(), SPARE_EXTENSION);

    let page = form_of(&second).await;
    let form = page.form().with("username", "desk2").with("password", PASSWORD).with("extension", SPARE_EXTENSION);
    let page = second.submit(&form).await;
    assert_eq!((page.status, page.set_cookie(SIGN_IN)), (409, None), "{}", page.body);
    let problem = page.field_problem("extension").unwrap();
    assert!(problem.starts_with("Another agent has this extension") && !problem.contains("desk1"), "{problem}");
    world.log().wait_for("extension_refused", 2).await;
}

#[tokio::test]
async fn an_agent_whom_the_install_does_not_serve_is_refused_like_a_wrong_password() {
    let world = started(builder(|_| {}).install("Porto").instance("globex", &["Porto"]).agent("globex", "other")).await;
    let browser = browser(&world);
    let page = form_of(&browser).await;
    let another = page.links().into_iter().find(|link| link.ends_with("another-tenant=1")).unwrap();
    let page = browser.get(&another).await;
    let page = browser.submit(&page.form().with("instance", "globex")).await;
    let page = follow(&browser, &page).await;
    let page = browser.submit(&page.form().with("username", "other").with("password", PASSWORD)).await;
    assert!(page.status == 403 && page.says("We could not sign you in"), "{}", page.body);
}

#[tokio::test]
async fn a_password_is_not_taken_at_the_install_itself() {
    let world = world().await;
    let browser = browser(&world);
    let form = form_of(&browser).await.form().with("username", "desk1").with("password", PASSWORD);
    let page = browser.ask(hyper::Method::POST, HOME).form(&form).send().await;
    assert_eq!((page.status, page.location(), browser.cookie(SESSION)), (303, HOME, None));
    let script = browser.ask(hyper::Method::POST, HOME).header("accept", "application/json");
    assert!(script.form(&form).send().await.body.contains("go_to_login"));
}

#[tokio::test]
async fn an_answer_that_does_not_fit_opens_nothing_and_the_log_says_why() {
    let world = world().await;
    let browser = browser(&world);
    let good = back(&browser).await.location().strip_prefix(SITE).unwrap().to_owned();
    let foreign = world.browser().at("login.test");
    let mut told = Vec::new();
    for (from, to, reason) in [
        ("&state=", "&estate=", "wrong_state"),
        ("iss=https%3A%2F%2Flogin", "iss=https%3A%2F%2Flogim", "wrong_issuer"),
        ("&iss=", "&is=", "wrong_issuer"),
        ("code=", "error=server_error&cod=", "provider_error"),
        ("code=", "code=A", "unknown_grant"),
    ] {
        let flow = browser.cookie(FLOW).unwrap();
        let page = browser.get(&good.replacen(from, to, 1)).await;
        assert_eq!((page.status, browser.cookie(SESSION)), (400, None), "{from} → {to}: {}", page.body);
        browser.plant(FLOW, &flow);
        told.push(page.normalised());
        assert_eq!(self::reason(&world, told.len()).await, reason, "{from} → {to}");
    }
    let page = foreign.get(&good).await;
    assert_eq!((page.status, foreign.cookie(SESSION)), (400, None), "{}", page.body);
    told.push(page.normalised());
    assert_eq!(reason(&world, 6).await, "no_flow");
    told.dedup();
    assert_eq!(told.len(), 1, "one page for all of them");
    // None of that changed anything: the right answer still counts, once.
    let flow = browser.cookie(FLOW).unwrap();
    assert_eq!(browser.get(&good).await.location(), DESKTOP);
    browser.plant(FLOW, &flow);
    browser.drop_cookie(SESSION);
    assert_eq!(browser.get(&good).await.status, 400);
    assert_eq!(reason(&world, 7).await, "reused_grant");
}

#[tokio::test]
async fn whoever_has_signed_in_at_a_form_of_before_is_sent_again_and_comes_in() {
    let world = world().await;
    let browser = browser(&world);
    let before = browser.get(HOME).await;
    for (reason, at) in [("wrong_state", 1), ("no_flow", 2)] {
        // By then another journey has begun, or has ended.
        form_of(&browser).await;
        if reason == "no_flow" {
            browser.drop_cookie(FLOW);
        }
        let page = follow(&browser, &before).await;
        let form = page.form().with("username", "desk1").with("password", PASSWORD);
        let answer = browser.submit(&form).await;
        let again = follow(&browser, &answer).await;
        assert_eq!((self::reason(&world, at).await.as_str(), browser.cookie(SESSION)), (reason, None));
        let back = follow(&browser, &again).await;
        assert!(back.location().contains("/signed-in?code="), "nobody is asked twice: {}", back.body);
        assert_eq!(follow(&browser, &back).await.location(), DESKTOP);
        let plain = browser.get("/OneAgentWeb_Lisbon/desktop/plain").await;
        browser.submit(&plain.form_to(SIGN_OUT)).await;
    }
}

#[tokio::test]
async fn its_code_is_good_for_nothing_at_the_token_end_point() {
    let world = world().await;
    let browser = browser(&world);
    let code = handed(&back(&browser).await, "code").unwrap();
    let form = redeeming(&code).with("client_id", "OneAgentWeb_Lisbon").without("client_secret");
    let page = onecontact_tests::openid::ask_for_tokens(&browser, &form).await;
    assert_eq!(page.status, 401, "{}", page.body);
}

#[tokio::test]
async fn a_wrong_password_on_the_way_keeps_the_way() {
    let world = world().await;
    let browser = browser(&world);
    let page = form_of(&browser).await;
    let page = browser.submit(&page.form().with("username", "desk1").with("password", WRONG)).await;
    assert_eq!(page.status, 403);
    let page = browser.submit(&page.form().with("password", PASSWORD)).await;
    browser.secrets().add(&handed(&page, "code").unwrap());
    assert_eq!(follow(&browser, &page).await.location(), DESKTOP);
}

#[tokio::test]
async fn agents_of_an_instance_with_an_address_begin_and_end_there() {
    let install = |install: &mut Install| install.uses_onecontact_login = true;
    let world = World::builder()
        .install_with("Lisbon", install)
        .instance_with("acme", &["Lisbon"], |instance| instance.address = SiteAddress::parse(SITE).ok())
        .host("login.test", "acme")
        .agent("acme", "desk1")
        .with_access_tokens()
        .start()
        .await;
    world.directory.declare(&LoginSite::new(SiteAddress::parse(SITE).unwrap()));
    let elsewhere = world.browser().at("other.test").get(HOME).await;
    assert_eq!(elsewhere.location(), "https://login.test/OneAgentWeb_Lisbon?next=/desktop");
    let browser = browser(&world);
    let page = back(&browser).await;
    assert_eq!(follow(&browser, &page).await.location(), DESKTOP);
}

/// A connected desktop of `desk1`, another browser that has also come back signed in, and the page that it is led to.
async fn second(world: &World) -> (Desktop, Browser, Page) {
    let first = browser(world);
    let page = back(&first).await;
    follow(&first, &page).await;
    let desktop = Desktop::open(first, HOME, 1);
    assert!(desktop.sees(Duration::from_secs(20), |seen| seen.connected).await);
    let second = browser(world);
    let page = back(&second).await;
    // As if the install were at another host than the login, where the form was.
    second.drop_cookie(MARK);
    let led = follow(&second, &page).await;
    assert_eq!((led.status, led.location()), (303, TAKE_OVER), "{}", led.body);
    (desktop, second, led)
}

#[tokio::test]
async fn a_second_login_is_asked_whether_it_takes_over_also_where_no_form_of_the_installs_host_was_seen() {
    let world = world().await;
    let (_first, second, led) = second(&world).await;
    assert!(second.cookie(MARK).is_some() && led.set_cookie(ASKED).is_some());
    // As a browser labels a request that a page of another site led to.
    let page = second.ask(hyper::Method::GET, TAKE_OVER).header("sec-fetch-site", "cross-site").send().await;
    assert_eq!((page.status, page.heading().as_str()), (200, "You are already signed in"), "{}", page.body);
    let page = second.submit(&page.form()).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP), "{}", page.body);
    assert!(page.removes(ASKED));
    assert_eq!(second.get(DESKTOP).await.status, 200);
    assert_eq!(second.get(TAKE_OVER).await.location(), HOME, "whoever goes back to the question comes to the desktop");
    assert_eq!(second.get(HOME).await.location(), DESKTOP);
}

#[tokio::test]
async fn the_question_whether_to_take_over_is_asked_again_as_it_then_is_where_its_page_is_loaded_again() {
    let world = world().await;
    let (first, second, _) = second(&world).await;
    let page = second.get(TAKE_OVER).await;
    assert!(page.status == 200 && page.says("Not ready"), "{}", page.body);
    first.ask("ready");
    assert!(first.sees(Duration::from_secs(20), |seen| seen.state == "ready").await);
    let page = second.get(TAKE_OVER).await;
    assert!(page.status == 200 && page.says("Ready") && !page.says("Not ready"), "{}", page.body);
    let language = page.links().into_iter().find(|link| link.ends_with("lang=de")).unwrap();
    let page = second.get(&language).await;
    assert_eq!(page.location(), TAKE_OVER);
    let page = second.get(TAKE_OVER).await;
    assert!(page.status == 200 && page.says("Sie sind bereits angemeldet"), "{}", page.body);
    // Whoever is asked is not signed in yet, and opens nothing by looking.
    assert!(second.cookie(SESSION).is_none() && first.seen().ended.is_none());
    assert_eq!(second.submit(&page.form()).await.location(), DESKTOP);
}

#[tokio::test]
async fn the_question_belongs_to_its_browser_and_is_over_with_what_it_is_about() {
    let world = world().await;
    let (first, second, _) = second(&world).await;
    let thief = browser(&world);
    thief.get(&format!("{HOME}/cookies")).await;
    thief.plant(ASKED, &second.cookie(ASKED).unwrap());
    for mark in [None, Some("0123456789abcdef0123456789abcdef")] {
        if let Some(mark) = mark {
            thief.plant(MARK, mark);
        }
        let page = thief.get(TAKE_OVER).await;
        assert_eq!((page.status, page.location()), (303, HOME), "{}", page.body);
    }
    assert_eq!(thief.get(TAKE_OVER).await.set_cookie(SESSION), None);
    let browser = first.browser();
    let page = browser.ask(hyper::Method::POST, SIGN_OUT).header("origin", "http://login.test").send().await;
    assert_eq!(page.status, 303);
    let page = second.get(TAKE_OVER).await;
    assert_eq!((page.location(), second.cookie(SESSION)), ("/OneAgentWeb_Lisbon?next=/desktop", None));
}

#[tokio::test]
async fn whoever_cancels_is_told_so_however_often_they_look_and_may_go_back_to_the_form() {
    let world = world().await;
    let browser = browser(&world);
    let form = form_of(&browser).await;
    let cancel = form.links().into_iter().find(|link| link.starts_with("/OneContactLogin/cancel?")).unwrap();
    let back = browser.get(&cancel).await;
    for _ in 0..2 {
        let page = follow(&browser, &back).await;
        assert!(page.status == 200 && page.says("You cancelled signing in."), "{}", page.body);
    }
    let page = browser.submit(&form.form().with("username", "desk1").with("password", PASSWORD)).await;
    browser.secrets().add(&handed(&page, "code").unwrap());
    assert_eq!(follow(&browser, &page).await.location(), DESKTOP);
}
