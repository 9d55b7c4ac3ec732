//! Extensions: each is held by one agent at a time, and by nobody whose session is over (D7).

use std::time::Duration;

use onecontact_tests::desktop::Desktop;
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Browser, World};

use crate::SIGN_OUT;

const SOON: Duration = Duration::from_secs(10);

/// `desk1`, whose default extension is 1001, and `desk2`, whose is 1002; 2001 is nobody's.
async fn world() -> World {
    World::standard().agent("acme", "desk2").extension("acme", "2001").start().await
}

async fn desktop(browser: Browser) -> Desktop {
    let desktop = Desktop::open(browser, HOME, 1);
    assert!(desktop.sees(SOON, |seen| seen.connected).await, "the desktop connects");
    desktop
}

/// A browser in which `username` has signed in with this extension typed.
async fn signed_in_at(world: &World, username: &str, extension: &str) -> Browser {
    let browser = world.browser();
    let form = browser.get(HOME).await.form();
    let form = form.with("username", username).with("password", PASSWORD).with("extension", extension);
    assert_eq!(browser.submit(&form).await.status, 303);
    browser
}

#[tokio::test]
async fn an_agent_holds_the_default_extension_after_the_login_and_nobody_after_the_logout() {
    let world = world().await;
    let first = desktop(world.browser_of("desk1").await).await;
    assert!(first.sees(SOON, |seen| seen.holds("1001")).await, "{:?}", first.seen().extension);
    assert_eq!(first.seen().extension.as_ref().unwrap()["kind"], "desk_phone");
    assert!(first.seen().faults.is_empty(), "{:?}", first.seen().faults);

    let form = first.browser().get(crate::PLAIN).await.form_to(SIGN_OUT);
    assert_eq!(first.browser().submit(&form).await.status, 303);
    let second = desktop(signed_in_at(&world, "desk2", "1001").await).await;
    assert!(second.sees(SOON, |seen| seen.holds("1001")).await, "{:?}", second.seen().extension);
}
