//! Signing out after signing in at the instance's own provider: first here, whatever the provider does, and then there.

use hyper::Method;
use onecontact_tests::openid::{self, Pairs, SIGN_IN, SITE};
use onecontact_tests::provider::{self, Provider, Sent};
use onecontact_tests::world::HOME;
use onecontact_tests::{Browser, Page, World};

use crate::federation::{followed, install_of, install_with};
use crate::{SESSION, SIGN_OUT};

const FAREWELL: &str = "__Host-onecontact-provider-farewell";
const GO: &str = "/OneAgentWeb_Lisbon?signed-out=1&go=1";
const BACK: &str = "https://login.test/OneContactLogin/signed-out";

/// Signs an agent in at the provider of `fault`, as far as the desktop.
pub(crate) async fn at_the_desktop(provider: &Provider, world: &World, browser: &Browser) {
    let to_login = browser.get(HOME).await;
    let away = followed(browser, &to_login).await;
    let sent = provider.read(away.location());
    world.secrets().add(&sent.code());
    let back = browser.get(&sent.back()).await;
    world.secrets().add(&openid::handed(&back, "code").expect("a code for the install"));
    let desktop = followed(browser, &back).await;
    assert_eq!((desktop.status, desktop.location()), (303, crate::DESKTOP), "{}", desktop.body);
}

/// Signs out at the desktop and returns the page that follows. The session is over by then.
async fn left(browser: &Browser) -> Page {
    let page = browser.ask(Method::POST, SIGN_OUT).header("origin", "http://login.test").send().await;
    assert_eq!((page.status, page.location()), (303, "/OneAgentWeb_Lisbon?signed-out=1"), "{}", page.body);
    assert_eq!(browser.cookie(SESSION), None);
    browser.follow(&page).await
}

/// Goes on to the provider and returns what it is asked.
async fn gone(provider: &Provider, world: &World, browser: &Browser, page: &Page) -> Sent {
    let go = page.header("refresh").and_then(|refresh| refresh.strip_prefix("0; url=")).expect("it leads on");
    assert!(page.links().iter().any(|link| link == go), "also without a refresh: {}", page.body);
    let away = browser.get(go).await;
    assert_eq!(away.status, 303, "{}", away.body);
    let sent = provider.read_farewell(away.location());
    world.secrets().add(sent.value("id_token_hint"));
    assert_eq!(browser.cookie(FAREWELL), None, "nobody goes there twice");
    sent
}

async fn returned(browser: &Browser, sent: &Sent) -> Page {
    let path = sent.value("post_logout_redirect_uri").strip_prefix(SITE).expect("back to us");
    browser.get(&format!("{path}?state={}", sent.value("state"))).await
}

#[tokio::test]
async fn whoever_signs_out_at_the_desktop_signs_out_at_the_provider_and_comes_back_to_the_page_that_says_so() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "good").await;
    at_the_desktop(&provider, &world, &browser).await;
    let page = left(&browser).await;
    assert_eq!((page.status, page.heading()), (200, "You have signed out here".to_owned()));
    assert_eq!(world.log().only("logout").await["agent"], "desk1", "whatever the provider does");
    let sent = gone(&provider, &world, &browser, &page).await;
    for (name, value) in [("client_id", provider::CLIENT), ("post_logout_redirect_uri", BACK), ("ui_locales", "en")] {
        assert_eq!(sent.value(name), value, "{name}");
    }
    let claims = onecontact_tests::tokens::parts(sent.value("id_token_hint")).1;
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(&*provider.issuer("good")), Some("4711")));
    let page = returned(&browser, &sent).await;
    let page = followed(&browser, &page).await;
    assert!(page.says("You have signed out."), "{}", page.body);
    assert_eq!(page.header("refresh"), None, "and no further");
    let again = followed(&browser, &browser.get(HOME).await).await;
    assert_eq!(provider.read(again.location()).value("client_id"), provider::CLIENT, "proves anew who they are");
}

#[tokio::test]
async fn whoever_signs_out_at_the_login_itself_signs_out_at_the_provider() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "good").await;
    at_the_desktop(&provider, &world, &browser).await;
    let page = browser.get("/OneContactLogin").await;
    let page = browser.submit(&page.form_to(openid::SIGN_OUT)).await;
    assert_eq!((page.status, page.removes(SIGN_IN)), (303, true), "{}", page.body);
    let page = browser.follow(&page).await;
    let sent = gone(&provider, &world, &browser, &page).await;
    let page = returned(&browser, &sent).await;
    assert_eq!(page.location(), "https://login.test/OneContactLogin?signed-out=1");
    assert!(followed(&browser, &page).await.says("signed out"));
}

#[tokio::test]
async fn an_application_that_signs_its_agent_out_has_them_back_from_the_provider() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "good").await;
    let away = browser.get(&openid::request().address()).await;
    let back = browser.get(&provider.read(away.location()).back()).await;
    let tokens = openid::ask_for_tokens(&browser, &openid::redeeming(&openid::code_in(&browser, &back))).await;
    let hint = openid::text(&tokens, "id_token");
    let to = "https://crm.test/signed-out";
    let asked = Pairs::of(&[("id_token_hint", &hint), ("post_logout_redirect_uri", to), ("state", "s &t")]);
    let page = browser.get(&format!("{}?{}", openid::SIGN_OUT, asked.encoded())).await;
    assert_eq!(page.location(), "/OneContactLogin?signed-out=1", "{}", page.body);
    let page = browser.follow(&page).await;
    let sent = gone(&provider, &world, &browser, &page).await;
    let page = returned(&browser, &sent).await;
    assert!(page.location().starts_with(to), "{}", page.location());
    assert_eq!(openid::handed(&page, "state").as_deref(), Some("s &t"));
}

#[tokio::test]
async fn a_provider_that_cannot_be_told_changes_nothing_and_the_agent_learns_what_may_still_stand() {
    let provider = Provider::start().await;
    let cases = [
        ("stays", None, "no_end_session_endpoint"),
        ("good", Some("discovery_down"), "provider_unreachable"),
        ("long", Some("discovery_slow"), "provider_unreachable"),
    ];
    for (fault, falls, reason) in cases {
        let (mut world, browser) = install_of(&provider, fault).await;
        at_the_desktop(&provider, &world, &browser).await;
        if let Some(other) = falls {
            provider.falls(fault, other);
            // A node that does not know the provider yet.
            world.restart(|_| ()).await;
        }
        let page = left(&browser).await;
        assert!(page.says("is now signing you out as well"), "{}", page.body);
        let page = browser.get(GO).await;
        assert_eq!((page.status, page.header("refresh")), (200, None), "{fault}");
        assert!(page.says("You may still be signed in at Acme ID"), "{}", page.body);
        assert_eq!(world.log().only("provider_sign_out_failed").await["reason"], reason);
        let on = page.links().into_iter().find(|link| link.contains("signed-out")).expect("a way on");
        assert!(browser.get(&on).await.says("You have signed out."), "{on}");
    }
}

#[tokio::test]
async fn an_operator_may_let_the_providers_session_outlive_ours() {
    let provider = Provider::start().await;
    let (world, browser) = install_with(&provider, "good", |declared| declared.outlives_sign_out = true).await;
    at_the_desktop(&provider, &world, &browser).await;
    let page = left(&browser).await;
    assert!(page.says("You have signed out.") && page.header("refresh").is_none(), "{}", page.body);
    assert_eq!(browser.cookie(FAREWELL), None);
}

#[tokio::test]
async fn an_id_token_that_is_too_long_is_not_shown() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "long").await;
    at_the_desktop(&provider, &world, &browser).await;
    let page = left(&browser).await;
    let sent = gone(&provider, &world, &browser, &page).await;
    assert_eq!((sent.value("id_token_hint"), sent.value("client_id")), ("", provider::CLIENT));
}

#[tokio::test]
async fn what_does_not_come_back_with_our_own_token_leads_nowhere_but_to_our_own_pages() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "good").await;
    let path = "/OneContactLogin/signed-out";
    for query in ["", "?state=", "?state=a.b.c", "?state=https%3A%2F%2Fevil.example", "?state=%ff"] {
        let page = browser.get(&format!("{path}{query}")).await;
        assert_eq!((page.status, page.location()), (303, "/OneContactLogin?signed-out=1"), "{query}");
    }
    at_the_desktop(&provider, &world, &browser).await;
    let errand = browser.cookie(SESSION).unwrap();
    for query in [String::new(), format!("?state={errand}")] {
        let page = browser.get(&format!("{path}{query}")).await;
        assert_eq!(page.location(), "/OneContactLogin", "who is signed in is not told that they are not");
    }
    // A forged cookie leads nowhere either.
    browser.plant(FAREWELL, &errand);
    let page = browser.get(GO).await;
    assert_eq!((page.status, page.header("refresh")), (303, None), "the session stands: {}", page.body);
}
