//! `LOGIN_RATE`: the first fence, against floods.

use onecontact_tests::World;
use onecontact_tests::world::{HOME, PASSWORD};

use crate::WRONG;

#[tokio::test]
async fn too_many_attempts_from_one_address_get_a_page_that_says_when_to_come_back() {
    let world = World::standard().login_rate(2).start().await;
    let flood = world.browser().always("cf-connecting-ip", "192.0.2.7");
    for _ in 0..2 {
        assert_eq!(flood.sign_in(HOME, "desk1", WRONG).await.status, 403);
    }
    let page = flood.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!((page.status, page.header("retry-after")), (429, Some("60")));
    assert!(page.body.contains("60") || page.body.contains("minute"), "the page says how long: {}", page.body);
    assert_eq!(world.log().only("problem").await["reason"], "too_many_attempts");

    let neighbour = world.browser().always("cf-connecting-ip", "192.0.2.8");
    assert_eq!(neighbour.sign_in(HOME, "desk1", PASSWORD).await.status, 303, "another address counts by itself");
    assert_eq!(flood.get(HOME).await.status, 200, "the page itself is not limited");
}

#[tokio::test]
async fn a_client_cannot_leave_its_count_by_moving_within_its_own_network() {
    let world = World::standard().login_rate(1).start().await;
    let status = async |address: &str| {
        world.browser().always("cf-connecting-ip", address).sign_in(HOME, "desk1", WRONG).await.status
    };
    assert_eq!(status("2001:db8:1:2::1").await, 403);
    assert_eq!(status("2001:db8:1:2:ffff::9").await, 429);
    assert_eq!(status("2001:db8:1:3::1").await, 403);
}

#[tokio::test]
async fn a_limiter_that_is_out_of_order_lets_through_and_tells_the_operator() {
    let mut world = World::standard().start().await;
    world.restart(|setup| setup.login_rate = None).await;
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303);
    let event = world.log().only("problem").await;
    assert_eq!(event["reason"], "unavailable");
    assert!(event["detail"].as_str().unwrap().starts_with("LOGIN_RATE"), "{event}");
}
