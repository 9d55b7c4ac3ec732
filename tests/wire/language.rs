//! S7 and the languages: the agent's choice, then the setting of the install (or the instance), then the browser's
//! preference.

use kv_schema::Language;
use onecontact_tests::World;
use onecontact_tests::world::{HOME, PASSWORD};

use crate::{CHOICE, DESKTOP, SIGN_OUT};

#[tokio::test]
async fn the_browsers_wish_counts_where_nothing_else_is_said() {
    let world = World::standard().start().await;
    for (wish, language) in
        [("pt-BR,pt;q=0.9,en;q=0.8", "pt"), ("tlh, fr-CH;q=0.7, de;q=0.9", "de"), ("tlh", "en"), ("es;q=0, *", "en")]
    {
        assert_eq!(world.browser().always("accept-language", wish).get(HOME).await.language(), language, "{wish}");
    }
    assert_eq!(world.browser().get(HOME).await.language(), "en");
}

#[tokio::test]
async fn the_installs_setting_goes_before_the_browsers_wish() {
    let world = World::builder()
        .install_with("Lisbon", |install| install.language = Some(Language::Fr))
        .instance_with("acme", &["Lisbon"], |instance| instance.language = Some(Language::De))
        .install("Porto")
        .instance_with("bravo", &["Porto"], |instance| instance.language = Some(Language::De))
        .start()
        .await;
    let browser = world.browser().always("accept-language", "es");
    assert_eq!(browser.get(HOME).await.language(), "fr", "the install goes before the instance");
    assert_eq!(browser.get("/OneAgentWeb_Porto").await.language(), "de");
}

#[tokio::test]
async fn the_agents_choice_goes_before_everything_and_stays() {
    let world = World::builder()
        .install_with("Lisbon", |install| install.language = Some(Language::Fr))
        .instance("acme", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let browser = world.browser().always("accept-language", "es");
    let chosen = browser.get("/OneAgentWeb_Lisbon?lang=pt").await;
    assert_eq!((chosen.status, chosen.location()), (303, HOME), "the choice does not stay in the address");
    assert!(chosen.set_cookie(CHOICE).unwrap().max_age.unwrap() > 300 * 24 * 3600);
    assert_eq!(browser.follow(&chosen).await.language(), "pt");
    for path in ["/OneAgentWeb_Lisbon/cookies", "/OneAgentWeb_Nowhere", "/nothing"] {
        assert_eq!(browser.get(path).await.language(), "pt", "{path}");
    }
    browser.get("/OneAgentWeb_Lisbon?lang=de").await;
    assert_eq!(browser.get(HOME).await.language(), "de", "another choice replaces it");
}

#[tokio::test]
async fn choosing_a_language_keeps_where_the_agent_was_going() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for (from, to) in [
        ("/OneAgentWeb_Lisbon?next=/desktop/plain&lang=es", "/OneAgentWeb_Lisbon?next=%2Fdesktop%2Fplain"),
        ("/OneAgentWeb_Lisbon?lang=es&next=//evil.test/", "/OneAgentWeb_Lisbon?next=%2F%2Fevil.test%2F"),
        ("/OneAgentWeb_Lisbon?set-up=1&lang=es", "/OneAgentWeb_Lisbon?set-up=1"),
        ("/oneagentweb_lisbon/cookies?lang=es", "/OneAgentWeb_Lisbon/cookies"),
    ] {
        let page = browser.get(from).await;
        assert_eq!((page.status, page.location()), (303, to), "{from}");
    }
}

#[tokio::test]
async fn every_language_is_offered_on_every_page_and_an_unknown_one_changes_nothing() {
    let world = World::standard().start().await;
    let browser = world.browser();
    for path in [HOME, "/OneAgentWeb_Lisbon/cookies", "/OneAgentWeb_Nowhere", "/nothing"] {
        let page = browser.get(path).await;
        for language in Language::ALL.map(Language::tag) {
            let link = format!("{path}?lang={language}");
            assert!(page.links().contains(&link), "{link}: {:?}", page.links());
        }
    }
    let page = browser.get("/OneAgentWeb_Lisbon?lang=tlh").await;
    assert_eq!((page.status, page.language().as_str(), page.set_cookie(CHOICE)), (200, "en", None));
}

#[tokio::test]
async fn a_page_about_a_problem_is_in_the_language_that_was_just_chosen() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let page = browser.get("/OneAgentWeb_Nowhere?lang=fr").await;
    assert_eq!((page.status, page.language().as_str()), (404, "fr"));
    assert_eq!(browser.get("/OneAgentWeb_Nowhere").await.language(), "fr", "and stays in it");
}

#[tokio::test]
async fn an_agents_own_language_counts_from_the_login_on_unless_another_was_chosen() {
    let world = World::standard()
        .agent_with("acme", "desk3", |agent| agent.language = Some(Language::Fr))
        .agent_with("acme", "desk2", |agent| agent.language = Some(Language::Pt))
        .start()
        .await;
    let browser = world.browser_of("desk3").await;
    assert_eq!(browser.get(DESKTOP).await.language(), "fr");

    let browser = world.browser();
    browser.get("/OneAgentWeb_Lisbon?lang=de").await;
    assert_eq!(browser.sign_in(HOME, "desk3", PASSWORD).await.status, 303);
    assert_eq!(browser.get(DESKTOP).await.language(), "de");
}

#[tokio::test]
async fn at_a_shared_desk_each_agent_gets_their_own_language() {
    let world = World::standard()
        .agent_with("acme", "desk3", |agent| agent.language = Some(Language::Fr))
        .agent_with("acme", "desk2", |agent| agent.language = Some(Language::Pt))
        .start()
        .await;
    let browser = world.browser();
    for (agent, language) in [("desk3", "fr"), ("desk2", "pt")] {
        assert_eq!(browser.sign_in(HOME, agent, PASSWORD).await.status, 303);
        assert_eq!(browser.get(DESKTOP).await.language(), language, "{agent}");
        browser.ask(hyper::Method::POST, SIGN_OUT).send().await;
    }
}
