//! L4: a forgotten password is replaced through the mailbox, and nobody learns from it who has an account.

use std::time::Duration;

use hyper::Method;
use kv_schema::directory::Agent;
use onecontact_tests::browser::Form;
use onecontact_tests::gateway::Fault;
use onecontact_tests::node::Object;
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Browser, Cluster, Edge, Page, World};

use crate::{DESKTOP, SESSION, WRONG, eventually};

const FORGOT: &str = "/OneAgentWeb_Lisbon/forgot";
const RESET: &str = "/OneAgentWeb_Lisbon/reset";
const CHOSEN: &str = "a phrase of one's own";
const LINK: &str = "__Host-onecontact-reset";

/// Asks for a link, as somebody who does not know whether it will come.
async fn ask(browser: &Browser, account: &str) -> Page {
    let form = browser.get(FORGOT).await.form().with("username", account);
    browser.submit(&form).await
}

/// The page that a message's link leads to, in this browser.
async fn opened(browser: &Browser, link: &str) -> Page {
    let page = browser.get(link).await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert!(!page.location().contains("link="), "the secret goes out of the address");
    browser.follow(&page).await
}

fn filled(page: &Page, password: &str) -> Form {
    page.form().with("password", password).with("again", password)
}

/// A link sent to `desk1`.
async fn link(world: &World) -> String {
    let before = world.gateway.sent().len();
    let page = ask(&world.browser(), "desk1").await;
    assert_eq!((page.status, page.location()), (303, "/OneAgentWeb_Lisbon/forgot?sent=1"));
    world.gateway.next(before).await.link()
}

#[tokio::test]
async fn a_link_leads_to_a_new_password_ends_sessions_lifts_the_lock_and_its_owner_is_told() {
    let world = World::standard().start().await;
    let signed_in = world.browser_of("desk1").await;
    for _ in 0..5 {
        world.browser().sign_in(HOME, "desk1", WRONG).await;
    }
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 403, "locked");
    let link = link(&world).await;
    let mail = world.gateway.sent().remove(0);
    assert_eq!(
        (mail.kind.as_str(), mail.purpose.as_str(), mail.to.as_str()),
        ("message.email", "reset_link", "desk1@acme.example")
    );
    assert!(mail.text.contains("https://agent.wire.test/OneAgentWeb_Lisbon/reset?link="), "{}", mail.text);

    let browser = world.browser();
    let page = opened(&browser, &link).await;
    assert_eq!((page.status, page.has_field("again")), (200, true), "{}", page.body);
    assert_eq!(opened(&browser, &link).await.status, 200, "opening it is not using it");
    let page = browser.submit(&filled(&page, CHOSEN)).await;
    assert_eq!((page.status, page.location(), page.removes(LINK)), (303, "/OneAgentWeb_Lisbon?password-set=1", true));
    assert!(browser.follow(&page).await.notice().unwrap().contains("new password is set"));
    assert_eq!(browser.cookie(SESSION), None, "a mailbox proves no second step");

    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 403, "the old one is no good");
    assert_eq!(world.browser().sign_in(HOME, "desk1", CHOSEN).await.location(), DESKTOP, "and the lock is gone");
    let over = signed_in.get("/OneAgentWeb_Lisbon/desktop/parts/session").await;
    assert!(over.status == 401 && over.body.contains("password_changed"), "{}", over.body);
    let told = world.gateway.next(1).await;
    assert_eq!((told.purpose.as_str(), told.to.as_str()), ("password_changed", "desk1@acme.example"));
    assert_eq!(world.log().only("password_changed").await["reason"], "link");
    world.secrets().add(link.split("link=").nth(1).unwrap());
}

#[tokio::test]
async fn a_link_is_good_once_and_until_the_next_one() {
    let world = World::standard().start().await;
    let (first, second) = (link(&world).await, link(&world).await);
    let browser = world.browser();
    let page = opened(&browser, &first).await;
    assert_eq!((page.status, page.heading().as_str()), (410, "This link no longer works"));
    let page = opened(&browser, &second).await;
    let form = filled(&page, CHOSEN);
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(browser.submit(&form).await.status, 410, "it is forgotten here");
    assert_eq!(opened(&world.browser(), &second).await.status, 410, "and over everywhere");
}

/// Opens a link in `browser` and cancels: nothing is left there for whoever comes next, and the link still works.
async fn cancelled(world: &World, browser: &Browser) {
    let link = link(world).await;
    let page = opened(browser, &link).await;
    let form = filled(&page, CHOSEN);
    assert!(page.links().contains(&HOME.to_owned()) && page.says("Cancel"), "{}", page.body);
    let left = browser.get(HOME).await;
    assert!(left.removes(LINK) && browser.cookie(LINK).is_none(), "{} {}", left.status, left.body);
    for page in [browser.get(RESET).await, browser.get("/OneAgentWeb_Lisbon/reset?opened=1").await] {
        assert_eq!((page.status, page.heading().as_str()), (410, "Open the link again"));
    }
    assert_eq!(browser.submit(&form).await.heading(), "Open the link again", "by a page of before, neither");
    assert!(world.log().events("password_changed").is_empty());
    let page = opened(browser, &link).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

#[tokio::test]
async fn whoever_cancels_leaves_the_next_one_here_nothing_and_the_link_good() {
    let world = World::standard().start().await;
    cancelled(&world, &world.browser()).await;
    cancelled(&world, &world.browser_of("desk1").await).await;
}

#[tokio::test]
async fn a_link_is_known_to_the_browser_for_ten_minutes() {
    let world = World::standard().start().await;
    let page = world.browser().get(&link(&world).await).await;
    assert_eq!(page.set_cookie(LINK).unwrap().max_age, Some(600));
}

#[tokio::test]
async fn each_broken_rule_is_named_and_the_link_goes_on() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let mut page = opened(&browser, &link(&world).await).await;
    for (password, rule) in [("too short", "15"), (PASSWORD, "last 5"), ("PasswordPassword", "most common")] {
        page = browser.submit(&filled(&page, password)).await;
        assert_eq!(page.status, 422, "{password}");
        assert!(page.notice().unwrap().contains(rule), "{password}: {:?}", page.notice());
    }
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303);
}

#[tokio::test]
async fn what_is_no_link_of_this_account_this_instance_or_this_site_opens_nothing() {
    let world = World::standard().agent("acme", "desk2").start().await;
    let link = link(&world).await;
    let (path, text) = link.split_once("link=").unwrap();
    let (account, secret) = text.split_once('.').unwrap();
    let other = onecontact_domain::login::ResetLink::parse(text).unwrap();
    let of_desk2 =
        onecontact_domain::login::ResetLink { agent: onecontact_tests::world::username("desk2"), ..other.clone() };
    let elsewhere = onecontact_domain::login::ResetLink { instance: kv_schema::names::InstanceId::nobody(), ..other };
    for text in
        [of_desk2.text(), elsewhere.text(), format!("{account}.{}", "0".repeat(32)), format!("x{account}.{secret}")]
    {
        let browser = world.browser();
        let page = browser.get(&format!("{path}link={text}")).await;
        let page = if page.status == 303 { browser.follow(&page).await } else { page };
        assert_eq!((page.status, page.heading().as_str()), (410, "This link no longer works"), "{text}");
    }
    let browser = world.browser();
    let page = opened(&browser, &link).await;
    let foreign = browser.ask(Method::POST, RESET).form(&filled(&page, CHOSEN)).header("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.location(), RESET, "another site");
    assert_eq!(browser.submit(&filled(&page, CHOSEN).with("form", "forged")).await.location(), RESET);
    let stranger = world.browser();
    stranger.get(HOME).await;
    assert_eq!(stranger.submit(&filled(&page, CHOSEN)).await.location(), RESET, "another browser");
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303, "it was good all the time");
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_so() {
    let world = World::standard().start().await;
    let link = link(&world).await;
    let browser = world.browser().without_cookies();
    let page = browser.follow(&browser.get(&link).await).await;
    assert_eq!((page.status, page.heading().as_str()), (400, "How to turn on cookies"));
}

#[tokio::test]
async fn why_no_link_is_sent_only_the_log_tells() {
    let world = World::standard()
        .agent_with("acme", "disabled", |agent| agent.disabled = true)
        .agent_with("acme", "nomail", |agent| agent.email = None)
        .start()
        .await;
    let browser = world.browser();
    let asked = [
        ("desk1", None),
        ("desk1@acme.example", None),
        ("nobody", Some("unknown_account")),
        ("nobody@acme.example", Some("unknown_account")),
        ("no:name", Some("unknown_account")),
        ("disabled", Some("disabled")),
        ("nomail", Some("no_mailbox")),
        ("desk1", None),
        ("desk1", Some("too_many_links")),
    ];
    for (at, (account, reason)) in asked.into_iter().enumerate() {
        assert_eq!(ask(&browser, account).await.location(), "/OneAgentWeb_Lisbon/forgot?sent=1", "{account}");
        let event = world.log().wait_for("reset_asked", at + 1).await.remove(at);
        assert_eq!(event["reason"].as_str(), reason, "{account}");
    }
    eventually("three messages", || (world.gateway.sent().len() == 3).then_some(())).await;
    assert!(world.gateway.sent().iter().all(|sent| sent.to == "desk1@acme.example"));
}

#[tokio::test]
async fn a_gateway_that_is_down_gets_the_message_later_and_once() {
    let world = World::standard().start().await;
    world.gateway.fail(Some(Fault::Status(503)));
    let page = ask(&world.browser(), "desk1").await;
    assert_eq!(page.location(), "/OneAgentWeb_Lisbon/forgot?sent=1", "nobody waits for it");
    let failed = world.log().wait_for("message_failed", 1).await;
    assert_eq!(
        (&failed[0]["reason"], &failed[0]["detail"]),
        (&"reset_link".into(), &"the gateway answered 503".into())
    );
    world.gateway.fail(None);
    world.gateway.next(0).await;
    assert_eq!(world.log().wait_for("message_sent", 1).await.len(), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(world.gateway.ids().len(), 1, "what was taken is not sent again");
}

#[tokio::test]
async fn where_nothing_can_be_sent_no_link_is_offered() {
    let mut world = World::standard().start().await;
    assert!(world.browser().get(HOME).await.says("Forgot password?"));
    world.restart(|setup| setup.message_webhook = None).await;
    assert!(!world.browser().get(HOME).await.says("Forgot password?"));
    assert_eq!(world.browser().get(FORGOT).await.status, 404);
    let world =
        World::builder().install("Lisbon").instance_with("acme", &["Lisbon"], |instance| instance.address = None);
    let world = world.agent("acme", "desk1").start().await;
    assert!(!world.browser().get(HOME).await.says("Forgot password?"), "no link can be made without an address");
    assert_eq!(world.browser().get(FORGOT).await.status, 404);
}

#[tokio::test]
async fn a_wrong_address_for_messages_is_told_to_the_operator() {
    let mut world = World::standard().start().await;
    world.restart(|setup| setup.message_webhook = Some("http://gateway.example".into())).await;
    ask(&world.browser(), "desk1").await;
    let failed = world.log().wait_for("message_failed", 1).await;
    assert!(failed[0]["detail"].as_str().unwrap().contains("https://"), "{failed:?}");
}

#[tokio::test]
async fn the_instance_is_asked_for_where_the_address_does_not_tell_it() {
    let world = World::standard().instance("bravo", &["Lisbon"]).agent("bravo", "desk9").start().await;
    let browser = world.browser();
    let page = browser.get(FORGOT).await;
    assert!(page.has_field("instance"));
    let problems = browser.submit(&page.form()).await;
    assert_eq!((problems.status, problems.field_problem("instance").is_some()), (422, true));
    browser.submit(&page.form().with("instance", "bravo").with("username", "desk9")).await;
    let sent = world.gateway.next(0).await;
    assert_eq!(sent.to, "desk9@bravo.example");
    let page = opened(&browser, &sent.link()).await;
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303);
    let unknown = browser.get(FORGOT).await.form().with("instance", "nowhere").with("username", "desk9");
    assert_eq!(browser.submit(&unknown).await.status, 303, "an unknown instance looks the same");
}

#[tokio::test]
async fn a_guard_or_a_desk_that_does_not_answer_leaves_the_link_for_another_try() {
    let mut world = World::standard().start().await;
    let browser = world.browser();
    let page = opened(&browser, &link(&world).await).await;
    for object in [Object::AccountGuard, Object::AgentDesk] {
        world.restart(|setup| setup.unreachable = vec![object]).await;
        let answer = browser.submit(&filled(&page, CHOSEN)).await;
        assert_eq!((answer.status, answer.header("retry-after").is_some()), (503, true), "{object:?}");
    }
    world.restart(|setup| setup.unreachable.clear()).await;
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303);
}

/// A world whose KV is late, and its agent.
async fn late() -> (Cluster, Agent) {
    let mut declared = None;
    let cluster =
        World::standard().agent_with("acme", "desk2", |agent| declared = Some(agent.clone())).start_cluster().await;
    (cluster, declared.unwrap())
}

#[tokio::test]
async fn an_operators_reset_wins_over_a_link_of_before_however_late_kv_is() {
    let (cluster, mut agent) = late().await;
    let browser = cluster.browser_at(Edge::A);
    ask(&browser, "desk2").await;
    let page = opened(&browser, &cluster.gateway.next(0).await.link()).await;
    cluster.directory.be_late_by(Duration::from_hours(1));
    agent.password.set_at = agent.password.set_at.plus(1000);
    cluster.directory.declare(&agent);
    // No node sees the reset yet: the link works, and replaces what was declared before.
    assert_eq!(browser.submit(&filled(&page, CHOSEN)).await.status, 303);
    assert_eq!(cluster.browser().sign_in(HOME, "desk2", CHOSEN).await.status, 303);
    cluster.directory.be_late_by(Duration::ZERO);
    cluster.directory.declare(&agent);
    assert_eq!(cluster.browser().sign_in(HOME, "desk2", CHOSEN).await.status, 403, "once it is seen, it is in force");
    assert_eq!(cluster.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn a_link_of_before_an_operators_reset_is_over_once_the_reset_is_seen() {
    let (cluster, mut agent) = late().await;
    let browser = cluster.browser();
    ask(&browser, "desk2").await;
    let link = cluster.gateway.next(0).await.link();
    agent.password.set_at = agent.password.set_at.plus(1000);
    cluster.directory.declare(&agent);
    assert_eq!(opened(&browser, &link).await.status, 410);
}

#[tokio::test]
async fn of_many_who_use_one_link_at_once_through_two_nodes_one_does() {
    let (cluster, _) = late().await;
    ask(&cluster.browser(), "desk2").await;
    let link = cluster.gateway.next(0).await.link();
    let browsers = Edge::ALL.map(|edge| cluster.browser_at(edge));
    let pages = [opened(&browsers[0], &link).await, opened(&browsers[1], &link).await];
    let forms: Vec<Form> = (0..20).map(|at| filled(&pages[at % 2], &format!("{CHOSEN}, no. {at}"))).collect();
    let answers = forms.iter().enumerate().map(|(at, form)| browsers[at % 2].submit(form));
    let answers = futures_util::future::join_all(answers).await;
    let won = answers.iter().filter(|page| page.status == 303 && page.location().contains("password-set"));
    assert_eq!(won.count(), 1, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
    assert_eq!(cluster.events("password_changed").len(), 1);
}
