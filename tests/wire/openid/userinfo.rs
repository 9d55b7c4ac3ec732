//! Who an access token is about.

use hyper::Method;
use onecontact_tests::World;
use onecontact_tests::openid::{USERINFO, crm, declare, json, text, userinfo};
use onecontact_tests::tokens::{forged, unsigned};
use onecontact_tests::world::HOME;

use super::{reason, started, tokens, world};

#[tokio::test]
async fn whoever_shows_no_access_token_of_ours_is_told_nothing() {
    let world = world().await;
    let browser = world.browser();
    let tokens = tokens(&browser).await;
    let (good, id_token) = (tokens["access_token"].as_str().unwrap(), tokens["id_token"].as_str().unwrap());
    let other = forged(good, |_, claims| claims["sub"] = "other".into());
    let of_other_key = forged(good, |header, _| header["kid"] = "wire-1".into());
    for (token, why) in [
        (id_token, "wrong_kind"),
        (other.as_str(), "bad_signature"),
        (of_other_key.as_str(), "unknown_key"),
        (unsigned(good, "none").as_str(), "bad_signature"),
        (tokens["refresh_token"].as_str().unwrap(), "malformed"),
        ("nonsense", "malformed"),
    ] {
        let page = userinfo(&browser, token).await;
        assert_eq!((page.status, page.body.as_str()), (401, ""), "{why}");
        assert_eq!(page.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
        assert_eq!(reason(&world, "userinfo_refused", &page).await, why);
    }
    let page = browser.get(USERINFO).await;
    assert_eq!((page.status, page.header("www-authenticate")), (401, Some("Bearer")));
    let ask = browser.ask(Method::POST, USERINFO).header("authorization", &format!("Bearer {good}"));
    let page = ask.send().await;
    assert_eq!((page.status, page.header("access-control-allow-origin")), (200, Some("*")));
}

#[tokio::test]
async fn the_log_says_whose_access_token_is_over_and_at_which_application() {
    let world = world().await;
    let browser = world.browser();
    let tokens = tokens(&browser).await;
    browser.get(&format!("/OneContactLogin/sign-out?id_token_hint={}", tokens["id_token"].as_str().unwrap())).await;
    userinfo(&browser, tokens["access_token"].as_str().unwrap()).await;
    let noted = world.log().only("userinfo_refused").await;
    assert_eq!((&noted["instance"], &noted["agent"]), (&world.instance("acme").as_str().into(), &"desk1".into()));
    assert_eq!((&noted["detail"], &noted["reason"]), (&"crm".into(), &"sign_in_over".into()));
}

#[tokio::test]
async fn an_access_token_for_an_applications_own_use_tells_it_who_the_agent_is() {
    let world = world().await;
    let mut client = crm();
    client.audience = Some("https://crm.test/api".into());
    world.directory.declare(&client);
    let browser = world.browser();
    let tokens = tokens(&browser).await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(onecontact_tests::tokens::parts(token).1["aud"], "https://crm.test/api");
    let page = userinfo(&browser, token).await;
    assert_eq!(text(&page, "email"), "desk1@acme.example");
}

#[tokio::test]
async fn an_access_token_of_a_desktop_is_none_of_an_applications() {
    let world = World::builder().install_with("Lisbon", |install| install.audiences = vec!["crm".into()]);
    let world = started(world.instance("acme", &["Lisbon"]).agent("acme", "desk1")).await;
    declare(&world.directory);
    let browser = world.browser_of("desk1").await;
    let issued = json(&browser.get(&format!("{HOME}/access-token?audience=crm")).await);
    let token = issued["access_token"].as_str().unwrap();
    world.secrets().add(token);
    let page = userinfo(&browser, token).await;
    assert_eq!(page.status, 401);
    assert_eq!(reason(&world, "userinfo_refused", &page).await, "wrong_kind");
}
