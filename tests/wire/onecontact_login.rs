//! L1: at `OneContactLogin` the tenant is asked for first, and then the agent; neither step reveals what exists.

use kv_schema::directory::{LoginSite, SecondStep};
use kv_schema::names::SiteAddress;
use onecontact_tests::openid::{CALLBACK, SIGN_IN, SIGN_OUT, SITE, code_in, declare, handed, request, sign_in};
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Browser, Page, World};

use crate::WRONG;

const LOGIN: &str = "/OneContactLogin";

async fn world() -> World {
    let world = World::standard().with_access_tokens().start().await;
    declare(&world.directory);
    world
}

/// The page that follows once `tenant` is typed.
async fn typed(browser: &Browser, tenant: &str) -> Page {
    let page = browser.get(LOGIN).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let page = browser.submit(&page.form().with("instance", tenant)).await;
    if page.status == 303 { browser.follow(&page).await } else { page }
}

/// The same, and then a name and a password.
async fn tried(browser: &Browser, tenant: &str, username: &str, password: &str) -> Page {
    let page = typed(browser, tenant).await;
    browser.submit(&page.form().with("username", username).with("password", password)).await
}

#[tokio::test]
async fn the_tenant_then_who_it_is_and_the_agent_is_signed_in() {
    let world = world().await;
    let browser = world.browser();
    let page = browser.get(LOGIN).await;
    assert!(page.has_field("instance") && !page.has_field("password"), "{}", page.body);
    let page = typed(&browser, "Acme").await;
    assert!(page.status == 200 && page.says("acme") && page.has_field("password"), "{}", page.body);
    assert!(!page.has_field("extension") && !page.has_field("instance"), "{}", page.body);
    let page = browser.submit(&page.form().with("username", "desk1@acme.example").with("password", PASSWORD)).await;
    assert_eq!((page.status, page.location()), (303, LOGIN), "{}", page.body);
    assert!(browser.cookie(SIGN_IN).is_some());
    let page = browser.follow(&page).await;
    assert!(page.says("desk1 Front") && page.says("acme Support"), "{}", page.body);
}

#[tokio::test]
async fn whoever_is_signed_in_sees_who_they_are_and_signs_out() {
    let world = world().await;
    let browser = world.browser();
    let page = tried(&browser, "acme", "desk1", PASSWORD).await;
    let page = browser.follow(&page).await;
    let page = browser.submit(&page.form_to(SIGN_OUT)).await;
    assert_eq!((page.status, page.location()), (303, "/OneContactLogin?signed-out=1"));
    assert!(browser.cookie(SIGN_IN).is_none());
    let page = browser.follow(&page).await;
    assert!(page.says("You have signed out.") && page.has_field("instance"), "{}", page.body);
}

#[tokio::test]
async fn without_its_record_there_is_no_such_site() {
    let world = World::standard().start().await;
    for path in [LOGIN, "/OneContactLogin/authorize", "/OneContactLogin/.well-known/openid-configuration"] {
        assert_eq!(world.browser().get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_unknown_tenant_and_an_unknown_agent_walk_the_same_pages() {
    let world = world().await;
    let page_of = async |tenant: &str, username: &str| {
        let browser = world.browser();
        let before = world.log().events("login_refused").len();
        let first = typed(&browser, tenant).await;
        let form = first.form().with("username", username).with("password", WRONG);
        let refused = browser.submit(&form).await;
        let event = world.log().wait_for("login_refused", before + 1).await.remove(before);
        let pages = [&first, &refused].map(|page| (page.status, page.normalised().replace(tenant, "TENANT")));
        (pages.map(|(status, text)| (status, text.replace(username, "NAME"))), event["hashes"].clone())
    };
    let known = page_of("acme", "desk1").await;
    assert_eq!((known.0[0].0, known.0[1].0, known.1.as_u64()), (200, 403, Some(1)));
    for (tenant, username) in [("nosuch", "desk1"), ("acme", "nobody"), ("nosuch", "nobody")] {
        assert_eq!(page_of(tenant, username).await, known, "{tenant} {username}");
    }
}

#[tokio::test]
async fn a_tenant_that_cannot_be_one_is_said_at_once_and_kept() {
    let world = world().await;
    let browser = world.browser();
    let page = typed(&browser, "a_b").await;
    assert_eq!((page.status, page.field("instance").as_str()), (422, "a_b"), "{}", page.body);
    assert!(page.field_problem("instance").unwrap().contains("letters, digits and hyphens"));
    let page = typed(&browser, " ").await;
    assert_eq!(page.status, 422);
    assert!(page.field_problem("instance").unwrap().contains("your tenant"));
}

#[tokio::test]
async fn a_step_out_of_order_or_of_another_browser_begins_again_without_harm() {
    let world = world().await;
    let browser = world.browser();
    // The form of the first page, sent as if it were the second.
    let first = browser.get(LOGIN).await.form();
    let skipped = browser.ask(hyper::Method::POST, LOGIN);
    let skipped = skipped.form(&first.with("username", "desk1").with("password", PASSWORD)).send().await;
    assert_eq!((skipped.status, skipped.has_field("password")), (403, false), "{}", skipped.body);
    let page = typed(&browser, "acme").await;
    let form = page.form().with("username", "desk1").with("password", PASSWORD);
    let other = world.browser();
    other.get(LOGIN).await;
    let page = other.submit(&form).await;
    assert_eq!((page.status, page.has_field("instance")), (403, true), "{}", page.body);
    assert!(other.cookie(SIGN_IN).is_none());
    // Going back and sending the same page again does no harm.
    assert_eq!(browser.submit(&form).await.status, 303);
    assert_eq!(browser.submit(&form).await.status, 303);
}

#[tokio::test]
async fn a_form_of_an_install_is_none_of_the_login() {
    let world = world().await;
    let browser = world.browser();
    let of_install = browser.get(HOME).await.field("form");
    let form = typed(&browser, "acme").await.form().with("username", "desk1").with("password", PASSWORD);
    assert_eq!(browser.submit(&form.with("form", &of_install)).await.status, 403);
    assert_eq!(world.log().only("form_refused").await["reason"], "form_of_other_install");
}

#[tokio::test]
async fn both_logins_share_one_count() {
    let world = world().await;
    for _ in 0..3 {
        assert_eq!(world.browser().sign_in(HOME, "desk1", WRONG).await.status, 403);
    }
    for _ in 0..2 {
        assert_eq!(tried(&world.browser(), "acme", "desk1", WRONG).await.status, 403);
    }
    assert_eq!(tried(&world.browser(), "acme", "desk1", PASSWORD).await.status, 403);
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 403);
    let refused = world.log().wait_for("login_refused", 7).await;
    let reasons: Vec<_> = refused.iter().map(|event| event["reason"].clone()).collect();
    assert_eq!(reasons[5..], ["locked", "locked"]);
}

#[tokio::test]
async fn the_host_tells_the_tenant_where_it_stands_for_one() {
    let world = World::standard().host("acme.wire.test", "acme").with_access_tokens().start().await;
    world.directory.declare(&LoginSite::new(SiteAddress::parse(SITE).unwrap()));
    let page = world.browser().at("acme.wire.test").get(LOGIN).await;
    assert!(page.has_field("password") && page.says("acme Support"), "{}", page.body);
}

#[tokio::test]
async fn a_given_password_is_replaced_on_the_way_and_the_application_gets_its_code() {
    let world = World::standard()
        .agent_with("acme", "fresh", |agent| agent.password.must_change = true)
        .with_access_tokens()
        .start()
        .await;
    declare(&world.directory);
    let browser = world.browser();
    let page = sign_in(&browser, &request(), "fresh").await;
    let chosen = "a phrase of one's own";
    let page = browser.submit(&page.form().with("password", chosen).with("again", chosen)).await;
    code_in(&browser, &page);
}

#[tokio::test]
async fn the_second_step_stands_on_the_way_and_begins_again_with_the_application_kept() {
    let world = World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| instance.second_step = SecondStep::Required)
        .agent_with("acme", "desk1", |agent| agent.phone = kv_schema::names::PhoneNumber::parse("+351911234567").ok())
        .with_access_tokens()
        .start()
        .await;
    declare(&world.directory);
    let browser = world.browser();
    let page = sign_in(&browser, &request(), "desk1").await;
    let code = world.gateway.next(0).await.code();
    let passed = browser.submit(&page.form().with("code", &code)).await;
    code_in(&browser, &passed);
    // Sent again, the same step is over: it leads back to what the application asked for.
    let again = browser.submit(&page.form().with("code", &code)).await;
    assert!(again.location().starts_with("/OneContactLogin/authorize?client_id=crm&"), "{}", again.location());
}

#[tokio::test]
async fn who_wants_to_set_up_two_step_login_does_so_here_whether_signed_in_or_not() {
    let world = World::builder().install("Lisbon").with_access_tokens();
    let world = world.instance_with("acme", &["Lisbon"], |instance| instance.second_step = SecondStep::Optional);
    let world = world.agent("acme", "desk1").host("acme.wire.test", "acme").start().await;
    world.directory.declare(&LoginSite::new(SiteAddress::parse(SITE).unwrap()));
    let browser = world.browser().at("acme.wire.test");
    let link = "/OneContactLogin?set-up=1";
    let page = browser.get(LOGIN).await;
    assert!(page.links().contains(&link.to_owned()), "{}", page.body);
    let signed_in = browser.submit(&page.form().with("username", "desk1").with("password", PASSWORD)).await;
    for browser in [browser.copy(), world.browser().at("acme.wire.test")] {
        let page = browser.get(link).await;
        assert!(page.has_field("set-up") && page.notice().is_some(), "{}", page.body);
        let refused = browser.submit(&page.form().with("username", "desk1").with("password", WRONG)).await;
        assert!(refused.body.contains(&format!("data-address=\"{link}\"")), "{}", refused.body);
        let page = browser.submit(&page.form().with("username", "desk1").with("password", PASSWORD)).await;
        assert!(page.status == 200 && page.has_field("code") && page.says("authenticator app"), "{}", page.body);
    }
    assert_eq!(signed_in.status, 303);
}

#[tokio::test]
async fn whoever_cancels_goes_back_to_the_application() {
    let world = world().await;
    let browser = world.browser();
    for page in [browser.get(&request().without("tenant").address()).await, browser.get(&request().address()).await] {
        assert!(page.says("You are signing in to CRM."), "{}", page.body);
        let cancel = page.links().into_iter().find(|link| link.starts_with("/OneContactLogin/cancel?")).unwrap();
        let page = browser.get(&cancel).await;
        assert!(page.location().starts_with(CALLBACK), "{}", page.location());
        assert_eq!(handed(&page, "error").as_deref(), Some("access_denied"));
        assert_eq!(handed(&page, "state").as_deref(), Some("a state"));
    }
}

#[tokio::test]
async fn another_tenant_than_the_applications_may_be_typed() {
    let world = world().await;
    let browser = world.browser();
    let page = browser.get(&request().with("tenant", "globex").address()).await;
    let another = page.links().into_iter().find(|link| link.ends_with("another-tenant=1")).unwrap();
    let page = browser.get(&another).await;
    let page = browser.submit(&page.form().with("instance", "acme")).await;
    assert_eq!(page.location(), request().without("tenant").with("tenant", "acme").address());
    let page = browser.follow(&page).await;
    assert!(page.says("acme") && page.has_field("password"), "{}", page.body);
}
