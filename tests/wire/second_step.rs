//! L2: a second step follows the right password where the instance, the agent's record or an operator wants it.

mod app;
mod device;
mod passkey;
mod sms;

use std::time::Duration;

use hyper::Method;
use kv_schema::Timestamp;
use kv_schema::directory::{Agent, LockPolicy, SecondStep};
use kv_schema::names::{PhoneNumber, SiteAddress};
use onecontact_domain::second_step::{LIFE, Place, Secret, new_flow};
use onecontact_domain::token::StepClaims;
use onecontact_tests::browser::Form;
use onecontact_tests::node::Object;
use onecontact_tests::world::{Builder, HOME, PASSWORD, now, username};
use onecontact_tests::{Browser, Page, World, tokens};
use serde_json::json;

use crate::{DESKTOP, SESSION, WRONG};

const STEP: &str = "/OneAgentWeb_Lisbon/second-step";
const KEPT: &str = "__Host-onecontact-step-lisbon";
const OVER: &str = "/OneAgentWeb_Lisbon?next=/desktop&start-over=1";
const SET_UP: &str = "/OneAgentWeb_Lisbon?set-up=1";
const PHONE: &str = "+351912345678";

/// An authenticator app.
pub(crate) struct App {
    secret: Secret,
    recovery: Vec<String>,
    /// The time step of the last code typed.
    last: u64,
}

impl App {
    /// Reads the page that sets the app up. What it shows must never be logged.
    fn reading(page: &Page, world: &World) -> Self {
        let key = page.body.split("class=\"key\">").nth(1).unwrap_or_else(|| panic!("no key: {}", page.body));
        let key = key.split('<').next().unwrap().replace(' ', "");
        let recovery: Vec<String> =
            page.body.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
        assert_eq!(recovery.len(), 10);
        assert!(page.body.contains(&format!("data-picture=\"otpauth://totp/acme%20Support:desk1?secret={key}&")));
        world.secrets().add(&key);
        for code in &recovery {
            world.secrets().add(code);
        }
        Self { secret: serde_json::from_value(json!(key)).unwrap(), recovery, last: 0 }
    }

    /// A code not typed yet, as an app could show it whose clock is off by at most one step.
    async fn code(&mut self) -> String {
        loop {
            let here = now().0 / 30;
            let step = here.max(self.last + 1);
            if step <= here + 1 {
                self.last = step;
                return self.secret.code(Timestamp(step * 30)).unwrap();
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// The install `Lisbon` and an instance with this policy, without agents; its lock never gets in the way.
fn instance(policy: SecondStep) -> Builder {
    World::builder().install("Lisbon").instance_with("acme", &["Lisbon"], |instance| {
        instance.second_step = policy;
        instance.remembers_devices = true;
        instance.lock = LockPolicy { attempts: 100, window_seconds: 1, lock_seconds: 1 };
    })
}

fn with_phone(agent: &mut Agent) {
    agent.phone = PhoneNumber::parse(PHONE).ok();
}

/// The page that follows desk1's right password.
async fn asked(browser: &Browser) -> Page {
    let page = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!((page.status, page.has_field("code")), (200, true), "{}", page.body);
    assert_eq!((page.form().action.as_str(), browser.cookie(SESSION)), (STEP, None), "no session before that");
    page
}

fn typed(page: &Page, code: &str) -> Form {
    page.form().with("code", code)
}

/// Sets up an authenticator app for desk1.
pub(crate) async fn set_up(world: &World) -> App {
    let browser = world.browser();
    let page = asked(&browser).await;
    let mut app = App::reading(&page, world);
    let page = browser.submit(&typed(&page, &app.code().await)).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP), "{}", page.body);
    browser.submit(&browser.get("/OneAgentWeb_Lisbon/desktop/plain").await.form_to(crate::SIGN_OUT)).await;
    app
}

/// How this browser's session was authenticated.
fn amr(browser: &Browser) -> serde_json::Value {
    tokens::parts(&browser.cookie(SESSION).expect("a session")).1["amr"].clone()
}

#[tokio::test]
async fn the_policy_says_of_whom_more_than_a_password_is_wanted() {
    let world = instance(SecondStep::Off)
        .agent("acme", "desk1")
        .agent_with("acme", "desk2", |agent| agent.requires_second_step = true)
        .start()
        .await;
    let browser = world.browser();
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd"]));
    let page = world.browser().sign_in(HOME, "desk2", PASSWORD).await;
    assert_eq!((page.status, page.heading().as_str()), (200, "Set up an authenticator app"));
    assert_eq!(world.log().only("second_step_asked").await["reason"], "set_up");
    assert!(!world.browser().get(HOME).await.says("two-step"), "nobody is offered to set one up");
    assert_eq!(world.browser().sign_in(SET_UP, "desk1", PASSWORD).await.location(), DESKTOP);
}

#[tokio::test]
async fn where_it_is_optional_those_take_it_who_have_set_it_up() {
    let world = instance(SecondStep::Optional).agent("acme", "desk1").start().await;
    let browser = world.browser();
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.location(), DESKTOP);
    assert!(world.browser().get(HOME).await.says("Set up two-step login"));
    let page = browser.get(SET_UP).await;
    assert_eq!(page.status, 200, "also where a session stands");
    assert!(page.notice().unwrap().contains("authenticator app"));
    let refused = browser.submit(&page.form().with("username", "desk1").with("password", WRONG)).await;
    assert_eq!((refused.status, refused.has_field("set-up")), (403, true), "what was wanted is kept");
    let page = browser.submit(&refused.form().with("password", PASSWORD)).await;
    let mut app = App::reading(&page, &world);
    assert_eq!(browser.submit(&typed(&page, &app.code().await)).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd", "otp", "mfa"]));

    let browser = world.browser();
    let page = asked(&browser).await;
    assert_eq!(page.heading(), "One more step");
    // Setting up another app takes the first one, or a recovery code.
    let page = browser.sign_in(SET_UP, "desk1", PASSWORD).await;
    let page = browser.submit(&typed(&page, &app.recovery[0])).await;
    let mut other = App::reading(&page, &world);
    assert_ne!(other.secret, app.secret);
    let page = browser.submit(&typed(&page, &other.code().await)).await;
    let page = browser.take_over(page).await;
    assert_eq!(page.location(), DESKTOP);
    let browser = world.browser();
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&typed(&page, &app.code().await)).await.status, 403, "the first one is none any more");
    assert_eq!(browser.submit(&typed(&page, &app.recovery[1])).await.status, 403, "nor are its recovery codes");
}

#[tokio::test]
async fn a_step_counts_only_in_its_browser_its_install_its_place_and_its_time() {
    let world = instance(SecondStep::Required)
        .agent("acme", "desk1")
        .install("Porto")
        .instance("bravo", &["Porto"])
        .start()
        .await;
    let mut app = set_up(&world).await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let good = page.field("step");
    let sealed = |change: fn(&mut StepClaims)| tokens::resealed_step(&good, change);
    let begins_again = async |what: &str, browser: &Browser, form: &Form| {
        let page = browser.submit(form).await;
        assert_eq!((page.status, page.location()), (303, OVER), "{what}");
        assert_eq!(browser.cookie(SESSION), None, "{what}");
    };
    let code = app.code().await;
    let stranger = world.browser();
    stranger.get(HOME).await;
    begins_again("another browser", &stranger, &typed(&page, &code)).await;
    begins_again("without cookies", &world.browser(), &typed(&page, &code)).await;
    for (what, step) in [
        ("none", String::new()),
        ("nonsense", "nonsense".into()),
        ("a login form's", browser.get(HOME).await.field("form")),
        ("of another place", sealed(|claims| claims.at = Place::NewPassword)),
        ("too old", sealed(|claims| claims.flow = new_flow(Timestamp(now().0 - LIFE - 6), 1))),
        ("other install's", tokens::resigned(&good, |_, claims| claims["install"] = "porto".into())),
        ("other instance's", sealed(|claims| claims.instance = kv_schema::names::InstanceId::nobody())),
        ("nobody's", sealed(|claims| claims.agent = username("nobody"))),
        ("of an older password", sealed(|claims| claims.replaced.declared = Timestamp(7))),
        ("of a password that was replaced", sealed(|claims| claims.replaced.own = Some(7))),
        ("of another second step", sealed(|claims| claims.generation = 0)),
    ] {
        begins_again(what, &browser, &typed(&page, &code).with("step", &step)).await;
    }
    let foreign = browser.ask(Method::POST, STEP).form(&typed(&page, &code)).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.location(), OVER, "another site");
    let password = browser.ask(Method::POST, "/OneAgentWeb_Lisbon/new-password");
    let skipping = page.form().with("password", "a phrase of one's own").with("again", "a phrase of one's own");
    assert_eq!(password.form(&skipping).send().await.location(), "/OneAgentWeb_Lisbon?next=/desktop", "a step skipped");
    assert_eq!(browser.get(STEP).await.location(), HOME, "the address alone leads to the beginning");
    assert_eq!(browser.submit(&typed(&page, &code)).await.location(), DESKTOP, "and none of it has done harm");
    assert!(browser.get(OVER).await.status == 303 && world.browser().get(OVER).await.says("Please sign in again"));
}

#[tokio::test]
async fn a_given_password_is_replaced_after_the_second_step_and_before_any_session() {
    let world = instance(SecondStep::Required)
        .agent_with("acme", "desk1", |agent| agent.password.must_change = true)
        .start()
        .await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let mut app = App::reading(&page, &world);
    let page = browser.submit(&typed(&page, &app.code().await)).await;
    assert_eq!((page.status, page.has_field("again"), browser.cookie(SESSION)), (200, true, None));
    let chosen = page.form().with("password", "a phrase of one's own").with("again", "a phrase of one's own");
    assert_eq!(browser.submit(&chosen).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd", "otp", "mfa"]));
    let again = world.browser().sign_in(HOME, "desk1", "a phrase of one's own").await;
    assert_eq!((again.status, again.heading().as_str()), (200, "One more step"));
}

#[tokio::test]
async fn the_page_can_be_looked_at_again_and_in_another_language_and_is_the_same() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let mut app = App::reading(&page, &world);
    let path = format!("{STEP}?next=%2Fdesktop");
    let again = browser.get(&path).await;
    assert_eq!((again.heading(), App::reading(&again, &world).secret), (page.heading(), app.secret.clone()));
    assert_eq!(App::reading(&again, &world).recovery, app.recovery);
    let german = again.links().into_iter().find(|link| link.ends_with("lang=de")).unwrap();
    let german = browser.follow(&browser.get(&german).await).await;
    assert_eq!((german.language().as_str(), App::reading(&german, &world).secret), ("de", app.secret.clone()));
    // The app scanned at the first look still counts at the third.
    let done = browser.submit(&typed(&german, &app.code().await)).await;
    assert_eq!((done.status, done.location()), (303, DESKTOP));
    assert!(done.removes(KEPT));
    assert_eq!(browser.get(&path).await.location(), "/OneAgentWeb_Lisbon?next=/desktop", "it has been taken");
}

#[tokio::test]
async fn the_answer_to_a_form_says_where_the_same_page_stands() {
    let world = instance(SecondStep::Required)
        .agent_with("acme", "desk1", |agent| agent.password.must_change = true)
        .start()
        .await;
    let browser = world.browser();
    let stands_at = async |answer: &Page, address: &str| {
        assert_eq!(answer.address().as_deref(), Some(address));
        let page = browser.get(address).await;
        assert_eq!((page.status, page.heading(), page.address()), (200, answer.heading(), None));
        assert_eq!(page.form().action, answer.form().action);
        assert_eq!(page.has_field("set-up"), answer.has_field("set-up"));
    };
    let page = browser.get(SET_UP).await;
    let page = browser.submit(&page.form().with("username", "desk1").with("password", WRONG)).await;
    stands_at(&page, SET_UP).await;
    let page = browser.submit(&page.form().with("password", PASSWORD).with("next", "/desktop/plain")).await;
    let mut app = App::reading(&page, &world);
    let page = browser.submit(&typed(&page, "000000")).await;
    stands_at(&page, &format!("{STEP}?next=%2Fdesktop%2Fplain")).await;
    let page = browser.submit(&typed(&page, &app.code().await)).await;
    let page = browser.submit(&page.form().with("password", "short").with("again", "short")).await;
    stands_at(&page, "/OneAgentWeb_Lisbon/new-password?next=%2Fdesktop%2Fplain").await;
}

#[tokio::test]
async fn whoever_goes_back_to_the_form_leaves_the_step_to_nobody() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let thief = world.browser();
    thief.get(HOME).await;
    thief.plant(KEPT, &browser.cookie(KEPT).unwrap());
    assert_eq!(thief.get(STEP).await.location(), HOME, "it belongs to its browser");
    assert!(browser.get(HOME).await.removes(KEPT));
    assert_eq!(browser.get(STEP).await.location(), HOME);
    // A page still open in another tab works.
    let code = App::reading(&page, &world).code().await;
    assert_eq!(browser.submit(&typed(&page, &code)).await.location(), DESKTOP);
}

#[tokio::test]
async fn a_step_is_taken_on_its_own_page_alone() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let browser = world.browser();
    asked(&browser).await;
    assert_eq!(browser.get("/OneAgentWeb_Lisbon/new-password").await.location(), HOME);
    assert_eq!(browser.get("/OneAgentWeb_Lisbon/take-over").await.location(), HOME);
    assert_eq!(browser.get(STEP).await.status, 200);
}

#[tokio::test]
async fn taking_over_comes_after_the_second_step_and_keeps_what_it_has_proved() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let mut app = set_up(&world).await;
    let first = world.browser();
    let page = asked(&first).await;
    first.submit(&typed(&page, &app.code().await)).await;
    let socket = first.socket("/OneAgentWeb_Lisbon/desk?after=0").await.unwrap();
    let browser = world.browser();
    let page = asked(&browser).await;
    let page = browser.submit(&typed(&page, &app.recovery[0])).await;
    let page = browser.question(&page).await;
    assert_eq!(page.heading(), "You are already signed in");
    assert_eq!(browser.submit(&page.form()).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd", "otp", "mfa"]));
    drop(socket);
}

#[tokio::test]
async fn a_guard_that_does_not_answer_leaves_the_code_for_another_try() {
    let mut world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let mut app = set_up(&world).await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let form = typed(&page, &app.code().await);
    world.restart(|setup| setup.unreachable = vec![Object::AccountGuard]).await;
    let answer = browser.submit(&form).await;
    assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true));
    world.restart(|setup| setup.unreachable.clear()).await;
    assert_eq!(browser.submit(&form).await.location(), DESKTOP);
}

#[tokio::test]
async fn signing_in_again_in_place_leads_a_script_to_the_pages() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let browser = world.browser();
    let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
    let answer = browser.ask(Method::POST, HOME).form(&form).header("accept", "application/json").send().await;
    assert_eq!((answer.status, answer.body.as_str()), (403, r#"{"code":"go_to_login"}"#));
}
