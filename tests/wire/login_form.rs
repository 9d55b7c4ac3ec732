//! S2 to S4 and S6: the fields of the login page, and what they do.

use onecontact_tests::browser::Browser;
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Page, World, tokens};

use crate::{REMEMBERED, SESSION, WRONG};

/// Signs in as desk1 with these additional fields.
async fn sign_in(browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let form = browser.get(HOME).await.form().with("username", "desk1").with("password", PASSWORD);
    browser.submit(&fields.iter().fold(form, |form, (name, value)| form.with(name, value))).await
}

/// The extension of this browser's session.
fn extension(browser: &Browser) -> Option<String> {
    let claims = tokens::session_claims(&browser.cookie(SESSION).expect("a session"));
    claims.extension.map(|extension| extension.to_string())
}

#[tokio::test]
async fn the_form_asks_for_no_more_than_it_needs() {
    let world = World::standard().start().await;
    let page = world.browser().get(HOME).await;
    for (field, is_mandatory) in [("username", true), ("password", true), ("extension", false)] {
        assert!(page.has_field(field), "{field}");
        assert_eq!(page.field_is(field, "required"), is_mandatory, "{field}");
    }
    assert!(!page.has_field("instance"), "the install serves just one");
    assert!(page.body.contains("acme Support"), "the page says which instance it is for");
}

#[tokio::test]
async fn a_blank_extension_takes_the_agents_default() {
    let world = World::standard().start().await;
    for blank in ["", "   "] {
        let browser = world.browser();
        assert_eq!(sign_in(&browser, &[("extension", blank)]).await.status, 303);
        assert_eq!(extension(&browser).as_deref(), Some("1001"));
    }
}

#[tokio::test]
async fn a_typed_extension_wins_and_its_punctuation_falls_away() {
    let world = World::standard().extension("acme", "35121000").extension("acme", "1234").start().await;
    for (typed, taken) in [("2002", "2002"), ("+351 21-0 00", "35121000"), (" (12)\u{A0}34\t", "1234")] {
        let browser = world.browser();
        assert_eq!(sign_in(&browser, &[("extension", typed)]).await.status, 303, "{typed}");
        assert_eq!(extension(&browser).as_deref(), Some(taken), "{typed}");
    }
}

#[tokio::test]
async fn an_extension_that_is_none_is_refused_with_the_rule() {
    let world = World::standard().start().await;
    for (typed, rule) in [("abc", "only digits"), ("10a1", "only digits"), (&*"1".repeat(40), "15 digits")] {
        let page = sign_in(&world.browser(), &[("extension", typed)]).await;
        assert_eq!(page.status, 422, "{typed}");
        assert!(
            page.field_problem("extension").unwrap().contains(rule),
            "{typed}: {:?}",
            page.field_problem("extension")
        );
        assert_eq!(page.field("extension"), typed, "what was typed is kept");
        assert!(page.field_is("extension", "autofocus"), "the first faulty field has the focus");
    }
    assert!(world.log().events("login_refused").is_empty(), "no attempt was counted");
}

#[tokio::test]
async fn where_no_extension_may_be_typed_there_is_no_field_and_a_posted_one_is_refused() {
    let world = World::builder()
        .install_with("Lisbon", |install| install.allow_extension_configuration = false)
        .instance("acme", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let browser = world.browser();
    assert!(!browser.get(HOME).await.has_field("extension"));
    let page = sign_in(&browser, &[("extension", "2002")]).await;
    assert_eq!(page.status, 422);
    assert!(page.notice().unwrap().contains("cannot choose an extension"), "{:?}", page.notice());
    assert_eq!(browser.cookie(SESSION), None);
    assert_eq!(sign_in(&browser, &[]).await.status, 303);
    assert_eq!(extension(&browser).as_deref(), Some("1001"), "the default counts");
}

#[tokio::test]
async fn an_agent_without_a_default_extension_signs_in_without_one() {
    let world = World::standard().agent_with("acme", "desk2", |agent| agent.default_extension = None).start().await;
    let browser = world.browser_of("desk2").await;
    assert_eq!(extension(&browser), None);
}

#[tokio::test]
async fn the_hostname_tells_the_instance_exactly_or_by_its_longest_suffix() {
    let world = World::builder()
        .install("Lisbon")
        .instance("exact", &["Lisbon"])
        .instance("near", &["Lisbon"])
        .instance("far", &["Lisbon"])
        .host("a.b.wire.test", "exact")
        .host("*.b.wire.test", "near")
        .host("*.wire.test", "far")
        .start()
        .await;
    for (host, instance) in [
        ("a.b.wire.test", "exact"),
        ("A.B.Wire.Test", "exact"),
        ("a.b.wire.test:8787", "exact"),
        ("a.b.wire.test.", "exact"),
        ("c.b.wire.test", "near"),
        ("x.c.b.wire.test", "near"),
        ("c.wire.test", "far"),
    ] {
        let page = world.browser().at(host).get(HOME).await;
        assert!(!page.has_field("instance"), "{host}");
        assert!(page.body.contains(&format!("{instance} Support")), "{host}: {}", page.body);
    }
    assert!(world.browser().at("wire.test").get(HOME).await.has_field("instance"), "a suffix is no name");
}

#[tokio::test]
async fn where_nothing_tells_the_instance_the_page_asks_for_it() {
    let world = World::builder()
        .install("Lisbon")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let browser = world.browser();
    let page = browser.get(HOME).await;
    assert!(page.has_field("instance") && page.field_is("instance", "required"));
    let page = sign_in(&browser, &[("instance", " ACME ")]).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!(claims.instance, world.instance("acme"));

    let page = sign_in(&world.browser(), &[("instance", "")]).await;
    assert_eq!((page.status, page.field_problem("instance").is_some()), (422, true));
    let page = sign_in(&world.browser(), &[("instance", "not a name!")]).await;
    assert_eq!((page.status, page.field_problem("instance").is_some()), (422, true));
}

#[tokio::test]
async fn a_wrong_instance_looks_like_a_wrong_password() {
    let world = World::builder()
        .install("Lisbon")
        .install("Porto")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .instance("elsewhere", &["Porto"])
        .instance_with("retired", &["Lisbon"], |instance| instance.retired = true)
        .agent("acme", "desk1")
        .agent("elsewhere", "desk1")
        .agent("retired", "desk1")
        .start()
        .await;
    let attempt = async |instance: &str, password: &str| {
        let form = world.browser().get(HOME).await.form().with("instance", "same").with("username", "desk1");
        let browser = world.browser();
        let fresh = browser.get(HOME).await.form();
        let form = fresh.values("form").fold(form, |form, token| form.with("form", token));
        let page = browser.submit(&form.with("instance", instance).with("password", password)).await;
        (page.status, page.normalised().replace(&format!("value=\"{instance}\""), "value=\"INSTANCE\""))
    };
    let wrong_password = attempt("acme", "not the password").await;
    assert_eq!(wrong_password.0, 403);
    for instance in ["bravo", "elsewhere", "retired", "unheard-of"] {
        assert_eq!(attempt(instance, PASSWORD).await, wrong_password, "{instance}");
    }
    let events = world.log().wait_for("login_refused", 5).await;
    assert!(events.iter().all(|event| event["hashes"] == 1), "{events:?}");
}

#[tokio::test]
async fn a_host_of_an_instance_that_the_install_does_not_serve_tells_nothing() {
    let world = World::builder()
        .install("Lisbon")
        .install("Porto")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .instance("elsewhere", &["Porto"])
        .host("elsewhere.wire.test", "elsewhere")
        .start()
        .await;
    let page = world.browser().at("elsewhere.wire.test").get(HOME).await;
    assert!(page.has_field("instance"));
    assert!(!page.body.contains("elsewhere Support"), "{}", page.body);
}

#[tokio::test]
async fn a_forwarded_host_tells_nothing() {
    let world = World::builder()
        .install("Lisbon")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .host("acme.wire.test", "acme")
        .start()
        .await;
    let browser =
        world.browser().always("x-forwarded-host", "acme.wire.test").always("forwarded", "host=acme.wire.test");
    let page = browser.get(HOME).await;
    assert!(page.has_field("instance"), "{}", page.body);
    assert!(!page.body.contains("acme.wire.test"), "{}", page.body);
}

#[tokio::test]
async fn the_device_remembers_with_consent_and_never_the_password() {
    let world = World::builder()
        .install("Lisbon")
        .instance("acme", &["Lisbon"])
        .instance("bravo", &["Lisbon"])
        .agent("acme", "desk1")
        .start()
        .await;
    let browser = world.browser();
    let fields = [("instance", "acme"), ("extension", "20 02"), ("remember", "1")];
    let page = sign_in(&browser, &fields).await;
    assert_eq!(page.status, 303);
    let cookie = page.set_cookie(REMEMBERED).expect("remembered");
    assert!(cookie.max_age.unwrap() > 100 * 24 * 3600, "{cookie:?}");
    assert!(!cookie.value.contains("correct") && !cookie.value.contains("battery"), "{cookie:?}");

    browser.drop_cookie(SESSION);
    let page = browser.get(HOME).await;
    assert_eq!((page.field("instance"), page.field("username")), ("acme".into(), "desk1".into()));
    assert_eq!(page.field("extension"), "20 02");
    assert_eq!(page.field("password"), "");
    assert!(page.field_is("remember", "checked"));
    assert!(page.field_is("password", "autofocus"), "only the password is left to type");

    let again = browser.submit(&page.form().with("password", PASSWORD).without("remember")).await;
    assert!(again.removes(REMEMBERED), "unticked, it is forgotten");
    browser.drop_cookie(SESSION);
    assert_eq!(browser.get(HOME).await.field("username"), "");
}

#[tokio::test]
async fn without_consent_nothing_is_remembered() {
    let world = World::standard().start().await;
    let browser = world.browser_of("desk1").await;
    assert_eq!(browser.cookie(REMEMBERED), None);
}

#[tokio::test]
async fn a_refusal_loses_nothing_but_the_password() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let typed = [("username", "Desk1 \"<b>&"), ("password", WRONG), ("extension", "22 33"), ("remember", "1")];
    let page = sign_in(&browser, &typed).await;
    assert_eq!(page.status, 403);
    assert!(page.notice().unwrap().contains("could not sign you in"), "{:?}", page.notice());
    assert_eq!((page.field("username"), page.field("extension")), ("Desk1 \"<b>&".into(), "22 33".into()));
    assert!(page.field_is("remember", "checked"));
    assert_eq!(page.field("password"), "");
    assert!(!page.body.contains("a wrong one"), "{}", page.body);
}
