//! Codes by SMS: six digits, two minutes, one valid at a time, and nothing sent twice.

use onecontact_tests::gateway::{Fault, Sent};

use super::*;

async fn world() -> World {
    instance(SecondStep::Required).agent_with("acme", "desk1", with_phone).agent("acme", "desk2").start().await
}

/// The codes that were sent.
fn codes(world: &World) -> Vec<String> {
    world.gateway.sent().iter().filter(|sent| sent.purpose == "code").map(Sent::code).collect()
}

fn resend(page: &Page) -> Form {
    page.form().without("code").with("resend", "1")
}

#[tokio::test]
async fn a_code_is_sent_to_the_phone_and_lets_in_once() {
    let world = world().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(page.notice().unwrap().contains("ending in 78") && !page.says(PHONE), "{:?}", page.notice());
    let sent = world.gateway.sent().remove(0);
    assert_eq!((sent.kind.as_str(), sent.purpose.as_str(), sent.to.as_str()), ("message.sms", "code", PHONE));
    let code = sent.code();
    assert_eq!(browser.submit(&typed(&page, &code)).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd", "sms", "mfa"]));
    assert_eq!(world.log().only("second_step_passed").await["reason"], "sms");
    let browser = world.browser();
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&typed(&page, &code)).await.status, 403, "it is used up");
    let without_phone = world.browser().sign_in(HOME, "desk2", PASSWORD).await;
    assert_eq!(without_phone.heading(), "Set up an authenticator app", "who has no phone has another way");
}

#[tokio::test]
async fn within_half_a_minute_nothing_more_is_sent_and_the_code_of_before_is_good() {
    let world = world().await;
    asked(&world.browser()).await;
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(page.notice().unwrap().contains("We have sent"), "a second login changes nothing");
    let waiting = browser.submit(&resend(&page)).await;
    assert_eq!(waiting.status, 200);
    assert!(waiting.notice().unwrap().contains("You can ask for another code in"), "{:?}", waiting.notice());
    let all = codes(&world);
    assert_eq!(all.len(), 1);
    assert_eq!(browser.submit(&typed(&waiting, &all[0])).await.location(), DESKTOP);
}

#[tokio::test]
async fn a_login_right_after_a_code_was_used_up_has_another_one_sent_as_its_page_says() {
    let world = world().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&typed(&page, &codes(&world)[0])).await.location(), DESKTOP);
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(page.notice().unwrap().contains("We have sent"), "{:?}", page.notice());
    assert_eq!(codes(&world).len(), 2);
    let taken = browser.submit(&typed(&page, &codes(&world)[1])).await;
    assert!(taken.status == 303 && taken.location() != OVER, "{} {}", taken.status, taken.location());
}

#[tokio::test]
async fn another_code_ends_the_one_before_it() {
    let world = world().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    tokio::time::sleep(Duration::from_secs(31)).await;
    let page = browser.submit(&resend(&page)).await;
    assert!(page.notice().unwrap().contains("We have sent"));
    let all = codes(&world);
    assert_eq!(all.len(), 2);
    if all[0] != all[1] {
        assert_eq!(browser.submit(&typed(&page, &all[0])).await.status, 403);
    }
    assert_eq!(browser.submit(&typed(&page, &all[1])).await.location(), DESKTOP);
}

#[tokio::test]
async fn a_gateway_that_refuses_is_told_of_and_another_code_can_be_asked_for_at_once() {
    let world = world().await;
    world.gateway.fail(Some(Fault::Status(503)));
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(page.notice().unwrap().contains("could not be sent"), "{:?}", page.notice());
    let failed = world.log().wait_for("message_failed", 1).await;
    assert_eq!(failed[0]["reason"], "code");
    world.gateway.fail(None);
    let page = browser.submit(&resend(&page)).await;
    assert!(page.notice().unwrap().contains("We have sent"), "{:?}", page.notice());
    assert_eq!((codes(&world).len(), world.gateway.ids().len()), (1, 1), "nothing is sent twice");
    assert_eq!(browser.submit(&typed(&page, &codes(&world)[0])).await.location(), DESKTOP);
}

#[tokio::test]
async fn a_gateway_that_says_nothing_in_time_may_have_sent_the_code_and_then_it_is_good() {
    let world = world().await;
    world.gateway.fail(Some(Fault::Slow(Duration::from_secs(8))));
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(page.notice().unwrap().contains("do not know"), "{:?}", page.notice());
    world.gateway.fail(None);
    let again = browser.submit(&resend(&page)).await;
    assert!(again.notice().unwrap().contains("another code in"), "{:?}", again.notice());
    assert_eq!(world.gateway.ids().len(), 1);
    assert_eq!(browser.submit(&typed(&again, &codes(&world)[0])).await.location(), DESKTOP);
}

#[tokio::test]
async fn five_wrong_codes_end_the_login_and_the_code() {
    let world = world().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let code = codes(&world).remove(0);
    let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000);
    for _ in 0..4 {
        assert_eq!(browser.submit(&typed(&page, &wrong)).await.status, 403);
    }
    assert_eq!(browser.submit(&typed(&page, &wrong)).await.location(), OVER);
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&typed(&page, &code)).await.status, 403);
}

#[tokio::test]
async fn where_no_sms_can_be_sent_an_app_is_set_up_instead() {
    let mut world = world().await;
    world.restart(|setup| setup.message_webhook = None).await;
    let page = world.browser().sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!(page.heading(), "Set up an authenticator app");
}
