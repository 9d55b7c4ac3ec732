//! Login CSRF: a form counts only if it comes from the page that we gave this browser.

use hyper::Method;
use onecontact_domain::token::FormClaims;
use onecontact_tests::browser::Form;
use onecontact_tests::world::{HOME, HOST, PASSWORD, now};
use onecontact_tests::{Browser, Page, World, tokens};

use crate::{DESKTOP, MARK, PLAIN, SESSION};

/// The login form, filled in correctly.
async fn filled(browser: &Browser) -> Form {
    let form = browser.get(HOME).await.form();
    form.with("username", "desk1").with("password", PASSWORD).with("extension", "2002").with("next", "/desktop/plain")
}

/// The claims of the form's token.
fn claims(form: &Form) -> FormClaims {
    let token = form.values("form").next().expect("a form has its token");
    serde_json::from_value(tokens::parts(token).1).unwrap()
}

/// A stale form is answered with a fresh one that keeps what was typed, and that works.
async fn assert_stale_then_signed_in(browser: &Browser, page: &Page) {
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(page.notice().unwrap().contains("has expired"), "{:?}", page.notice());
    assert_eq!((page.field("username"), page.field("extension")), ("desk1".into(), "2002".into()));
    assert_eq!(page.field("password"), "");
    assert_eq!(browser.cookie(SESSION), None);
    let page = browser.submit(&page.form().with("password", PASSWORD)).await;
    assert_eq!((page.status, page.location()), (303, PLAIN));
}

#[tokio::test]
async fn a_form_from_another_site_opens_no_session_and_counts_no_attempt() {
    let world = World::standard().start().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("origin", "https://agent.wire.test"),
    ] {
        let browser = world.browser();
        let ask = browser.ask(Method::POST, HOME).form(&filled(&browser).await).header(name, value);
        let ask = if name == "origin" { ask.without("sec-fetch-site") } else { ask };
        let page = ask.send().await;
        assert_stale_then_signed_in(&browser, &page).await;
    }
    assert_eq!(world.log().wait_for("form_refused", 5).await.len(), 5);
    assert!(world.log().events("login_refused").is_empty());
}

#[tokio::test]
async fn a_browser_that_says_neither_is_held_to_the_forms_token() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = filled(&browser).await;
    let page = browser.ask(Method::POST, HOME).form(&form).without("origin").without("sec-fetch-site").send().await;
    assert_eq!(page.status, 303);
    let own = format!("http://{HOST}");
    let page =
        browser.ask(Method::POST, HOME).form(&form).header("origin", &own).without("sec-fetch-site").send().await;
    assert_eq!(page.status, 303, "one of our own counts without the other");
}

#[tokio::test]
async fn a_form_without_its_token_or_with_a_wrong_one_is_answered_by_a_fresh_one() {
    let world = World::standard().install("Porto").instance("acme-porto", &["Porto"]).start().await;
    let stranger = world.browser();
    let of_stranger = stranger.get(HOME).await.form().values("form").next().unwrap().to_owned();
    let browser = world.browser();
    let of_other_install = browser.get("/OneAgentWeb_Porto").await.form().values("form").next().unwrap().to_owned();
    let expired = tokens::sealed(&claims(&filled(&browser).await), kv_schema::Timestamp(now().0 - 12 * 3600 - 60));
    let signed_in = world.browser_of("desk1").await;
    let of_session = signed_in.cookie(SESSION).unwrap();
    for token in ["", "nonsense", "a.b.c", &of_stranger, &of_other_install, &expired, &of_session] {
        let form = filled(&browser).await.with("form", token);
        let page = browser.submit(&form).await;
        assert_stale_then_signed_in(&browser, &page).await;
        browser.drop_cookie(SESSION);
    }
    let reasons: Vec<_> = world.log().wait_for("form_refused", 7).await.iter().map(|e| e["reason"].clone()).collect();
    assert_eq!(
        reasons,
        [
            "malformed",
            "malformed",
            "malformed",
            "form_of_other_browser",
            "form_of_other_install",
            "expired",
            "wrong_kind"
        ]
    );
}

#[tokio::test]
async fn a_form_left_open_over_a_shift_still_works() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let form = filled(&browser).await;
    let (_, stated) = tokens::parts(form.values("form").next().unwrap());
    assert_eq!(stated["exp"].as_u64().unwrap() - stated["iat"].as_u64().unwrap(), 12 * 3600);
    let claims = claims(&form);
    let eleven_hours_ago = kv_schema::Timestamp(now().0 - 11 * 3600);
    let page = browser.submit(&form.with("form", &tokens::sealed(&claims, eleven_hours_ago))).await;
    assert_eq!(page.status, 303);
}

#[tokio::test]
async fn a_forms_token_is_no_session() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let token = browser.get(HOME).await.field("form");
    browser.plant(SESSION, &token);
    let page = browser.get(DESKTOP).await;
    assert_eq!(page.status, 303);
    assert!(page.location().starts_with("/OneAgentWeb_Lisbon?") && page.removes(SESSION));
    assert_eq!(world.log().only("token_rejected").await["reason"], "wrong_kind");
}

#[tokio::test]
async fn a_mark_that_is_none_of_ours_is_replaced() {
    let world = World::standard().start().await;
    let browser = world.browser();
    browser.plant(MARK, "not-a-mark-of-32-digits");
    let page = browser.get(HOME).await;
    assert!(page.set_cookie(MARK).is_some());
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.status, 303);
}
