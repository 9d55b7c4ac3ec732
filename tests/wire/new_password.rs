//! A given password is replaced before any session starts.

use hyper::Method;
use kv_schema::Timestamp;
use kv_schema::directory::Agent;
use onecontact_domain::password::{self, Work};
use onecontact_domain::second_step::{LIFE, new_flow};
use onecontact_domain::token::StepClaims;
use onecontact_tests::browser::Form;
use onecontact_tests::node::Object;
use onecontact_tests::world::{HOME, HOST, PASSWORD, now, username};
use onecontact_tests::{Browser, Edge, Page, World, tokens};
use rand_core::OsRng;

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
        (PASSWORD, PASSWORD, "last 5 passwords"),
        ("Sunshine 2026! 2026!", "Sunshine 2026! 2026!", "most common"),
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
async fn the_present_password_is_named_as_such_besides_what_else_is_wrong_with_it() {
    const BRIEF: &str = "spring-9";
    let phc = password::hash(BRIEF, &mut OsRng, &mut Work::default()).unwrap();
    let given = |agent: &mut Agent| {
        agent.password.phc = phc;
        agent.password.must_change = true;
    };
    let world = World::standard().agent_with("acme", "desk2", given).start().await;
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk2", BRIEF).await;
    let told = async |password: &str| {
        let page = browser.submit(&filled(&page, password)).await;
        let notice = page.notice().unwrap();
        (
            page.status,
            notice.contains("At least 15 characters"),
            notice.contains("last 5 passwords, including the current one"),
        )
    };
    assert_eq!(told(BRIEF).await, (422, true, true));
    assert_eq!(told("spring-8").await, (422, true, false), "which is another one");
}

/// A world that remembers three passwords, and its agent desk2, who has been given one.
async fn world_that_remembers_three() -> (World, Agent) {
    let mut declared = None;
    let world = World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| instance.password_history = 3)
        .agent_with("acme", "desk2", |agent| {
            agent.password.must_change = true;
            declared = Some(agent.clone());
        })
        .start()
        .await;
    (world, declared.unwrap())
}

#[tokio::test]
async fn none_of_the_latest_passwords_can_be_chosen_again_resets_or_not() {
    let (world, mut agent) = world_that_remembers_three().await;
    let refusal = async |browser: &Browser, page: &Page, password: &str| {
        let page = browser.submit(&filled(page, password)).await;
        (page.status == 422).then(|| page.notice().unwrap())
    };
    for number in 1..=4 {
        let browser = world.browser();
        let page = asked(&browser).await;
        for old in 1..number {
            let told = refusal(&browser, &page, &format!("{CHOSEN}, no. {old}")).await;
            // The present password, the given one that a reset put in between, and the one before that.
            let is_remembered = number - old <= 2;
            assert_eq!(told.is_some_and(|told| told.contains("last 3 passwords")), is_remembered, "{old} of {number}");
            if !is_remembered {
                return;
            }
        }
        assert_eq!(refusal(&browser, &page, &format!("{CHOSEN}, no. {number}")).await, None);
        agent.password.set_at = agent.password.set_at.plus(1);
        world.directory.declare(&agent);
    }
}

#[tokio::test]
async fn a_password_older_than_the_instance_wants_is_replaced_before_any_session_stands() {
    let world = World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| instance.password_max_age_days = 30)
        .agent_with("acme", "desk2", |agent| agent.password.set_at = Timestamp(now().0 - 31 * 24 * 3600))
        .agent_with("acme", "desk3", |agent| agent.password.set_at = Timestamp(now().0 - 29 * 24 * 3600))
        .start()
        .await;
    assert_eq!(world.browser().sign_in(HOME, "desk3", PASSWORD).await.status, 303, "not due yet");
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(page.notice().unwrap().contains("older than your organisation allows"), "{:?}", page.notice());
    assert_eq!(
        (browser.cookie(SESSION), world.log().only("new_password_asked").await["reason"].clone()),
        (None, "too_old".into())
    );
    assert_eq!(browser.submit(&filled(&page, PASSWORD)).await.status, 422, "the old one is no new one");
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.location(), PLAIN);
    assert_eq!(world.browser().sign_in(HOME, "desk2", CHOSEN).await.status, 303, "and is not due again");
}

#[tokio::test]
async fn where_the_list_of_common_passwords_cannot_be_had_none_is_taken() {
    let mut world = world_with_a_given_password().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    world.restart(|setup| setup.without_assets = true).await;
    let answer = browser.submit(&filled(&page, CHOSEN)).await;
    assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true));
    assert!(world.log().only("problem").await["detail"].as_str().unwrap().starts_with("ASSETS"));
    world.restart(|setup| setup.without_assets = false).await;
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303, "the same form works when it is back");
}

#[tokio::test]
async fn of_two_who_choose_at_once_through_two_nodes_one_does() {
    let cluster =
        World::standard().agent_with("acme", "desk2", |agent| agent.password.must_change = true).start_cluster().await;
    let browsers = Edge::ALL.map(|edge| cluster.browser_at(edge));
    let forms = [asked(&browsers[0]).await, asked(&browsers[1]).await];
    let forms: Vec<Form> = (0..8).map(|at| filled(&forms[at % 2], &format!("{CHOSEN}, no. {at}"))).collect();
    let answers = forms.iter().enumerate().map(|(at, form)| browsers[at % 2].submit(form));
    let answers = futures_util::future::join_all(answers).await;
    assert!(answers.iter().all(|page| page.status == 303));
    assert_eq!(answers.iter().filter(|page| !page.location().contains("password-set")).count(), 1);
    assert_eq!(cluster.events("password_changed").len(), 1);
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
    let sealed = |change: fn(&mut StepClaims)| tokens::resealed_step(&good, change);
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
        ("too old", sealed(|claims| claims.flow = new_flow(Timestamp(now().0 - LIFE - 6), 1))),
        ("other install's", tokens::resigned(&good, |_, claims| claims["install"] = "porto".into())),
        ("other instance's", sealed(|claims| claims.instance = kv_schema::names::InstanceId::nobody())),
        ("nobody's", sealed(|claims| claims.agent = username("nobody"))),
        ("of an older password", sealed(|claims| claims.replaced.declared = Timestamp(7))),
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
