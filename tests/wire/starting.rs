//! S1: the one address to remember.

use onecontact_tests::World;
use onecontact_tests::world::HOME;

#[tokio::test]
async fn the_address_shows_the_login_page() {
    let world = World::standard().start().await;
    let page = world.browser().get(HOME).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.heading(), "Login");
}
