//! S5: cookies are required, and a browser without them is told how to turn them on.

use onecontact_tests::browser::CHROME;
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Page, World};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0";
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/18.5 Safari/605.1.15";
const EXPLORER: &str = "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko";

const NAMES: [&str; 5] = ["Chrome", "Edge", "Firefox", "Safari", "Internet Explorer"];

/// The browsers that the page has steps for, in the page's order.
fn guides(page: &Page) -> Vec<&'static str> {
    let mut places: Vec<(usize, &str)> = NAMES
        .iter()
        .map(|name| {
            let own = page.body.find(&format!("Your browser: {name}<"));
            let other = page.body.find(&format!("<summary>{name}"));
            (own.or(other).unwrap_or_else(|| panic!("no steps for {name}: {}", page.body)), *name)
        })
        .collect();
    places.sort_unstable();
    places.into_iter().map(|(_, name)| name).collect()
}

#[tokio::test]
async fn with_cookies_off_the_form_is_answered_by_the_steps_that_turn_them_on() {
    let world = World::standard().start().await;
    let browser = world.browser().without_cookies();
    let page = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!(page.status, 400);
    assert_eq!(guides(&page)[0], "Chrome");
    assert!(world.sessions.keys().is_empty(), "no session was opened");
    assert!(world.log().events("login_refused").is_empty(), "no attempt was counted");
    assert_eq!(world.log().only("problem").await["reason"], "cookies_required");
}

#[tokio::test]
async fn the_steps_for_ones_own_browser_come_first() {
    let world = World::standard().start().await;
    for (agent, name) in
        [(CHROME, "Chrome"), (EDGE, "Edge"), (FIREFOX, "Firefox"), (SAFARI, "Safari"), (EXPLORER, "Internet Explorer")]
    {
        let page = world.browser().always("user-agent", agent).get("/OneAgentWeb_Lisbon/cookies").await;
        assert_eq!(page.status, 200);
        let guides = guides(&page);
        assert_eq!((guides[0], guides.len()), (name, NAMES.len()), "{guides:?}");
    }
    let page = world.browser().always("user-agent", "something else").get("/OneAgentWeb_Lisbon/cookies").await;
    assert!(!page.body.contains("Your browser"), "{}", page.body);
    assert_eq!(guides(&page), NAMES);
}

#[tokio::test]
async fn the_login_page_links_to_the_page_with_the_steps_from_its_pop_up_and_from_itself() {
    let world = World::standard().start().await;
    let page = world.browser().get(HOME).await;
    assert!(page.body.contains("<dialog"), "{}", page.body);
    assert!(!page.body.contains("<summary>"), "the steps themselves are for those who need them: {}", page.body);
    assert!(page.links().contains(&"/OneAgentWeb_Lisbon/cookies".to_owned()), "{:?}", page.links());
}
