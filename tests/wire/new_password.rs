//! A given password is replaced before any session stands.

use hyper::Method;
use kv_schema::Timestamp;
use onecontact_domain::token::NewPasswordClaims;
use onecontact_tests::browser::Form;
use onecontact_tests::node::Object;
use onecontact_tests::world::{HOME, HOST, PASSWORD, now, username};
use onecontact_tests::{Browser, Page, World, tokens};

use crate::{PLAIN, SESSION, eventually};

const CHOSEN: &str = "a phrase of one's own";

/// A world where desk2 has been given a password.
async fn world_with_a_given_password() -> World {
    World::standard()
        .agent_with("acme", "desk2", |agent| agent.password.must_change = true)
        .agent("acme", "desk3")
        .start()
        .await
}

/// The page that asks for a new password, in this browser.
async fn asked(browser: &Browser) -> Page {
    let form = browser.get(HOME).await.form().with("username", "desk2").with("password", PASSWORD);
    let page = browser.submit(&form.with("extension", "2002").with("next", "/desktop/plain")).await;
    assert_eq!((page.status, page.has_field("again")), (200, true), "{}", page.body);
    assert_eq!(page.form().action, "/OneAgentWeb_Lisbon/new-password");
    page
}

fn filled(page: &Page, password: &str) -> Form {
    page.form().with("password", password).with("again", password)
}

#[tokio::test]
async fn an_agent_with_a_given_password_chooses_one_and_is_signed_in() {
    let world = world_with_a_given_password().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    assert_eq!((browser.cookie(SESSION), world.sessions.keys()), (None, vec![]), "no session before that");
    let page = browser.submit(&filled(&page, CHOSEN)).await;
    assert_eq!((page.status, page.location()), (303, PLAIN));
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!((claims.agent.as_str(), claims.extension.unwrap().as_str()), ("desk2", "2002"));
    assert_eq!(browser.follow(&page).await.status, 200);
    assert_eq!(world.log().only("password_changed").await["agent"], "desk2");

    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 403, "the given one is no good any more");
    assert_eq!(world.browser().sign_in(HOME, "desk2", CHOSEN).await.status, 303, "and the new one is not asked about");
}

#[tokio::test]
async fn each_broken_rule_is_named_and_the_step_goes_on() {
    let world = world_with_a_given_password().await;
    let browser = world.browser();
    let mut page = asked(&browser).await;
    for (password, again, rule) in [
        ("too short", "too short", "15"),
        (CHOSEN, "another phrase altogether", "same"),
        (PASSWORD, PASSWORD, "given"),
        ("abababababababababab", "abababababababababab", "different characters"),
        ("desk2 Front and more of it", "desk2 Front and more of it", "name"),
        ("", "", "15"),
    ] {
        page = browser.submit(&page.form().with("password", password).with("again", again)).await;
        assert_eq!(page.status, 422, "{password}: {}", page.body);
        let notice = page.notice().unwrap();
        assert!(notice.to_lowercase().contains(rule), "{password}: {notice}");
        assert_eq!((page.field("password"), page.field("again")), (String::new(), String::new()));
    }
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303);
}

#[tokio::test]
async fn a_step_counts_only_in_its_browser_its_install_and_its_time() {
    let world = World::standard()
        .agent_with("acme", "desk2", |agent| agent.password.must_change = true)
        .install("Porto")
        .instance("bravo", &["Porto"])
        .start()
        .await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let good = page.field("step");
    let stranger = world.browser();
    stranger.get(HOME).await;
    let sealed = |change: fn(&mut NewPasswordClaims), at: Timestamp| {
        let mut claims: NewPasswordClaims = serde_json::from_value(tokens::parts(&good).1).unwrap();
        change(&mut claims);
        tokens::sealed(&claims, at)
    };
    let begins_again = async |what: &str, browser: &Browser, form: &Form| {
        let page = browser.submit(form).await;
        assert_eq!((page.status, page.location()), (303, "/OneAgentWeb_Lisbon?next=/desktop/plain"), "{what}");
        assert_eq!(browser.cookie(SESSION), None, "{what}");
    };
    begins_again("another browser", &stranger, &filled(&page, CHOSEN)).await;
    begins_again("without cookies", &world.browser(), &filled(&page, CHOSEN)).await;
    for (what, step) in [
        ("none", String::new()),
        ("nonsense", "nonsense".into()),
        ("a login form's", browser.get(HOME).await.field("form")),
        ("a session's", world.browser_of("desk1").await.cookie(SESSION).unwrap()),
        ("too old", sealed(|_| {}, Timestamp(now().0 - 10 * 60 - 6))),
        ("other install's", tokens::resigned(&good, |_, claims| claims["install"] = "porto".into())),
        ("other instance's", sealed(|claims| claims.instance = kv_schema::names::InstanceId::nobody(), now())),
        ("nobody's", sealed(|claims| claims.agent = username("nobody"), now())),
        ("of an older password", sealed(|claims| claims.instead_of = Timestamp(7), now())),
    ] {
        begins_again(what, &browser, &filled(&page, CHOSEN).with("step", &step)).await;
    }
    let foreign = browser.ask(Method::POST, "/OneAgentWeb_Lisbon/new-password").form(&filled(&page, CHOSEN));
    assert_eq!(foreign.header("sec-fetch-site", "cross-site").send().await.status, 303);
    assert_eq!(browser.cookie(SESSION), None, "another site");
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.location(), PLAIN);
}

#[tokio::test]
async fn a_step_counts_once() {
    let world = world_with_a_given_password().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let forms: Vec<Form> = (0..8).map(|number| filled(&page, &format!("{CHOSEN} no. {number}"))).collect();
    let answers = futures_util::future::join_all(forms.iter().map(|form| browser.submit(form))).await;
    let opened =
        answers.iter().filter(|page| page.location().ends_with("/desktop/plain") && !page.location().contains('?'));
    assert_eq!(opened.count(), 1, "{:?}", answers.iter().map(Page::location).collect::<Vec<_>>());
    assert_eq!(world.log().events("password_changed").len(), 1);
    eventually("the only session", || (world.sessions.keys().len() == 1).then_some(())).await;
}

#[tokio::test]
async fn an_agent_who_was_disabled_meanwhile_is_not_signed_in() {
    let mut declared = None;
    let world = World::standard()
        .agent_with("acme", "desk2", |agent| {
            agent.password.must_change = true;
            declared = Some(agent.clone());
        })
        .start()
        .await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let mut agent = declared.unwrap();
    agent.disabled = true;
    world.directory.declare(&agent);
    let page = browser.submit(&filled(&page, CHOSEN)).await;
    assert_eq!((page.status, browser.cookie(SESSION)), (303, None));
    assert!(page.location().starts_with("/OneAgentWeb_Lisbon?"), "{}", page.location());
}

#[tokio::test]
async fn a_guard_that_does_not_answer_keeps_the_given_password() {
    let mut world = world_with_a_given_password().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    world.restart(|setup| setup.unreachable = vec![Object::AccountGuard]).await;
    let answer = browser.submit(&filled(&page, CHOSEN)).await;
    assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true));
    assert_eq!((browser.cookie(SESSION), world.sessions.keys()), (None, vec![]));
    world.restart(|setup| setup.unreachable.clear()).await;
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303, "the same form works when it is back");
}

#[tokio::test]
async fn the_address_alone_leads_to_the_beginning() {
    let world = world_with_a_given_password().await;
    let page = world.browser().at(HOST).get("/OneAgentWeb_Lisbon/new-password").await;
    assert_eq!((page.status, page.location()), (303, HOME));
}
