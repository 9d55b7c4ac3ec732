//! Signing out at an application's request.

use onecontact_tests::openid::{ISSUER, Pairs, SIGN_IN, SIGN_OUT, handed, post, request};
use onecontact_tests::tokens::forged;

use super::{tokens, world};

const BACK: &str = "https://crm.test/signed-out";

fn asked(pairs: &[(&str, &str)]) -> String {
    format!("{SIGN_OUT}?{}", Pairs::of(pairs).encoded())
}

#[tokio::test]
async fn an_application_that_shows_the_id_token_signs_its_agent_out_and_has_them_back() {
    let world = world().await;
    let browser = world.browser();
    let tokens = tokens(&browser).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let page =
        browser.get(&asked(&[("id_token_hint", hint), ("post_logout_redirect_uri", BACK), ("state", "s &t")])).await;
    assert_eq!((page.status, page.removes(SIGN_IN)), (303, true), "{}", page.body);
    assert!(page.location().starts_with(BACK) && handed(&page, "state").as_deref() == Some("s &t"));
    assert_eq!(world.log().only("signed_out").await["agent"], "desk1");
    assert_eq!(browser.get(&request().address()).await.status, 200, "the login is asked for");
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_was_not_declared_for_it() {
    let world = world().await;
    let browser = world.browser();
    for address in ["https://crm.test/signed-out/", "https://crm.test/signed-in", "https://evil.test", "//evil.test"] {
        let tokens = tokens(&browser).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let page = browser.get(&asked(&[("id_token_hint", hint), ("post_logout_redirect_uri", address)])).await;
        assert_eq!((page.status, page.location()), (303, "/OneContactLogin?signed-out=1"), "{address}");
        assert!(page.removes(SIGN_IN));
    }
}

#[tokio::test]
async fn without_a_token_of_this_very_sign_in_the_agent_is_asked() {
    let world = world().await;
    let browser = world.browser();
    let first = tokens(&browser).await;
    let hint = first["id_token"].as_str().unwrap();
    let other = tokens(&world.browser()).await;
    let unsigned = forged(hint, |_, claims| claims["aud"] = "other".into());
    for hint in [None, Some(other["id_token"].as_str().unwrap()), Some(&unsigned), Some("nonsense")] {
        let hint = hint.map(|hint| ("id_token_hint", hint));
        let pairs: Vec<(&str, &str)> =
            hint.into_iter().chain([("client_id", "crm"), ("post_logout_redirect_uri", BACK)]).collect();
        let page = browser.get(&asked(&pairs)).await;
        assert_eq!((page.status, page.removes(SIGN_IN)), (200, false), "{hint:?}");
        assert!(page.body.contains("desk1") && page.says("sign out?"), "{}", page.body);
    }
    let page = browser.get(&asked(&[("client_id", "crm"), ("post_logout_redirect_uri", BACK), ("state", "s")])).await;
    let form = page.form_to(SIGN_OUT);
    let stale = browser.submit(&form.clone().with("form", "nonsense")).await;
    assert_eq!((stale.status, stale.removes(SIGN_IN)), (200, false), "a forged yes asks again");
    let page = browser.submit(&form).await;
    assert_eq!(
        (page.status, page.location(), page.removes(SIGN_IN)),
        (303, "https://crm.test/signed-out?state=s", true)
    );
    let page = browser.get(&asked(&[("client_id", "crm"), ("post_logout_redirect_uri", BACK)])).await;
    assert_eq!((page.status, page.location()), (303, BACK), "nobody is signed in, and so nobody asked");
    assert!(ISSUER.ends_with("OneContactLogin"));
}

#[tokio::test]
async fn a_form_of_an_application_is_asked_again_with_the_cookies_of_this_site() {
    let world = world().await;
    let browser = world.browser();
    let page = post(&browser, SIGN_OUT, &Pairs::of(&[("client_id", "crm"), ("state", "s"), ("other", "x")])).await;
    assert_eq!((page.status, page.location()), (303, "/OneContactLogin/sign-out?client_id=crm&state=s"));
}
