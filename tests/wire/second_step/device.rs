//! Remembered devices: the second step is not asked for again there for thirty days, and only while it still means
//! something.

use super::*;

const DEVICE: &str = "__Host-onecontact-device-lisbon";

/// A browser that remembers desk1's second step.
async fn remembered(world: &World, app: &mut App) -> Browser {
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(!page.field_is("remember", "checked"));
    let page = browser.submit(&typed(&page, &app.code().await).with("remember", "1")).await;
    let cookie = page.set_cookie(DEVICE).expect("a device that is remembered");
    assert_eq!(cookie.max_age, Some(30 * 24 * 60 * 60));
    browser
}

/// Whether desk1's password alone is enough in this browser.
async fn is_spared(browser: &Browser, password: &str) -> bool {
    let page = browser.sign_in(HOME, "desk1", password).await;
    assert!(page.lets_in() || page.status == 200 && page.heading() == "One more step", "{}", page.body);
    page.lets_in()
}

/// This browser after its session.
fn later(browser: Browser) -> Browser {
    browser.drop_cookie(SESSION);
    browser
}

#[tokio::test]
async fn a_device_is_remembered_for_its_agent_alone_and_by_what_it_was_given_alone() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").agent("acme", "desk2").start().await;
    let mut app = set_up(&world).await;
    let browser = later(remembered(&world, &mut app).await);
    assert!(is_spared(&browser, PASSWORD).await);
    browser.drop_cookie(SESSION);
    assert_eq!(browser.sign_in(HOME, "desk2", PASSWORD).await.heading(), "Set up an authenticator app");
    assert!(!is_spared(&world.browser(), PASSWORD).await, "another browser");
    let shown = browser.cookie(DEVICE).unwrap();
    let (until, tag) = shown.split_once('.').unwrap();
    let longer = format!("{}.{tag}", until.parse::<u64>().unwrap() + 1);
    for value in [&longer, &format!("{until}.x"), "x", tag, &"1".repeat(200)] {
        let forged = world.browser();
        forged.get(HOME).await;
        forged.plant(DEVICE, value);
        assert!(!is_spared(&forged, PASSWORD).await, "{value}");
    }
    assert_eq!(
        browser.sign_in(SET_UP, "desk1", PASSWORD).await.heading(),
        "One more step",
        "nor is an app set up by it"
    );
}

#[tokio::test]
async fn where_the_policy_does_not_allow_it_no_device_is_remembered() {
    let world = World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| instance.second_step = SecondStep::Required)
        .agent("acme", "desk1")
        .start()
        .await;
    let mut app = set_up(&world).await;
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(!page.has_field("remember"));
    let page = browser.submit(&typed(&page, &app.code().await).with("remember", "1")).await;
    assert_eq!((page.location(), page.set_cookie(DEVICE)), (DESKTOP, None));
}

#[tokio::test]
async fn another_password_ends_what_devices_remember() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let mut app = set_up(&world).await;
    let browser = later(remembered(&world, &mut app).await);
    assert!(is_spared(&browser, PASSWORD).await);
    browser.drop_cookie(SESSION);
    let sent = world.gateway.sent().len();
    let form = browser.get("/OneAgentWeb_Lisbon/forgot").await.form().with("username", "desk1");
    browser.submit(&form).await;
    let link = world.gateway.next(sent).await.link();
    let page = browser.follow(&browser.get(&link).await).await;
    let chosen = "a phrase of one's own";
    assert_eq!(browser.submit(&page.form().with("password", chosen).with("again", chosen)).await.status, 303);
    assert!(!is_spared(&browser, chosen).await);
    world.secrets().add(link.split("link=").nth(1).unwrap());
}
