//! Passkeys: set up instead of an app or besides one, then one signature at each login, valid once, at the declared
//! address.

use onecontact_tests::Authenticator;
use onecontact_tests::authenticator::Ceremony;

use super::*;

/// The browsers' origin. A passkey needs it declared.
const ORIGIN: &str = "http://acme.localhost";
const ADDRESS: &str = "acme.localhost";

fn instance(policy: SecondStep) -> Builder {
    World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| {
            instance.second_step = policy;
            instance.remembers_devices = true;
            instance.address = SiteAddress::parse(ORIGIN).ok();
            instance.lock = LockPolicy { attempts: 100, window_seconds: 1, lock_seconds: 1 };
        })
        .host(ADDRESS, "acme")
}

fn browser(world: &World) -> Browser {
    world.browser().at(ADDRESS)
}

/// The page that asks desk1 for a passkey.
async fn asked(browser: &Browser) -> Page {
    let page = super::asked(browser).await;
    assert_eq!(page.heading(), "One more step");
    page
}

async fn leave(browser: &Browser) {
    browser.submit(&browser.get("/OneAgentWeb_Lisbon/desktop/plain").await.form_to(crate::SIGN_OUT)).await;
}

/// Sets up this passkey for desk1 and returns the recovery codes.
async fn set_up(world: &World, authenticator: &Authenticator) -> Vec<String> {
    let browser = browser(world);
    let page = super::asked(&browser).await;
    let recovery = App::reading(&page, world).recovery;
    let page = browser.submit(&authenticator.answer(&page)).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP), "{}", page.body);
    leave(&browser).await;
    recovery
}

/// The page on which desk1, who has a phone, sets up an app or a passkey: it is voluntary, and an SMS comes first.
async fn set_up_page(world: &World, browser: &Browser) -> Page {
    let page = browser.sign_in(SET_UP, "desk1", PASSWORD).await;
    let code = world.gateway.next(0).await.code();
    browser.submit(&typed(&page, &code)).await
}

#[tokio::test]
async fn a_passkey_is_set_up_in_the_place_of_an_app_and_signs_at_each_login() {
    for authenticator in [Authenticator::at(ORIGIN), Authenticator::with_ed25519_at(ORIGIN)] {
        let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
        let browser = browser(&world);
        let page = super::asked(&browser).await;
        assert_eq!(page.heading(), "Set up the second step");
        let page = browser.submit(&authenticator.answer(&page)).await;
        assert_eq!((page.status, page.location()), (303, DESKTOP), "{}", page.body);
        assert_eq!(amr(&browser), json!(["pwd", "pop", "mfa"]));
        let told = world.gateway.next(0).await;
        assert_eq!(
            (told.purpose.as_str(), told.text.contains("Two-step login was set up")),
            ("second_step_changed", true)
        );
        leave(&browser).await;
        let page = asked(&browser).await;
        let wants = page.passkey().unwrap();
        assert_eq!(wants["data-ids"], authenticator.id_text());
        assert!(!page.says("authenticator app") && !page.says("SMS"), "there is none");
        assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP);
        assert_eq!(amr(&browser), json!(["pwd", "pop", "mfa"]));
        let passed: Vec<_> = world.log().wait_for("second_step_passed", 2).await;
        assert_eq!(
            (passed[0]["reason"].as_str(), passed[1]["reason"].as_str()),
            (Some("passkey_set_up"), Some("passkey"))
        );
        assert_eq!(world.log().events("second_step_asked")[1]["reason"], "passkey");
    }
}

#[tokio::test]
async fn beside_a_passkey_nobody_has_to_type_a_recovery_code_and_a_blank_one_is_refused() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let (authenticator, browser) = (Authenticator::at(ORIGIN), browser(&world));
    set_up(&world, &authenticator).await;
    let page = asked(&browser).await;
    assert!(page.has_field("code") && !page.field_is("code", "required") && !page.says("mandatory"), "{}", page.body);
    let page = browser.submit(&typed(&page, " ")).await;
    assert_eq!((page.status, page.field_problem("code").as_deref()), (422, Some("Type the code.")));
    assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP);
}

#[tokio::test]
async fn ten_recovery_codes_come_with_a_passkey_that_is_the_first_thing_and_none_with_the_next() {
    let (first, second) = (Authenticator::at(ORIGIN), Authenticator::at(ORIGIN));
    let world = instance(SecondStep::Optional).agent("acme", "desk1").start().await;
    let browser = browser(&world);
    let page = browser.sign_in(SET_UP, "desk1", PASSWORD).await;
    let recovery = App::reading(&page, &world).recovery;
    assert_eq!(browser.submit(&first.answer(&page)).await.location(), DESKTOP);
    leave(&browser).await;
    let page = browser.sign_in(SET_UP, "desk1", PASSWORD).await;
    let page = browser.submit(&typed(&page, &recovery[0])).await;
    let wants = page.passkey().unwrap();
    assert_eq!(wants["data-ids"], first.id_text(), "none is made again that is there");
    let again = browser.submit(&first.answer(&page)).await;
    assert_eq!((again.status, again.notice().unwrap().contains("could not be used")), (403, true));
    assert_eq!(browser.submit(&second.answer(&again)).await.location(), DESKTOP);
    leave(&browser).await;
    for (code, is_good) in [(&recovery[0], false), (&recovery[1], true)] {
        let page = asked(&browser).await;
        assert_eq!(browser.submit(&typed(&page, code)).await.lets_in(), is_good);
        if is_good {
            assert_eq!(amr(&browser), json!(["pwd", "otp", "mfa"]));
        }
    }
    leave(&browser).await;
    for authenticator in [&first, &second] {
        let page = asked(&browser).await;
        assert!(browser.submit(&authenticator.answer(&page)).await.lets_in());
        leave(&browser).await;
    }
}

#[tokio::test]
async fn an_app_beside_a_passkey_is_another_way_on_the_same_page() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required).agent_with("acme", "desk1", with_phone).start().await;
    let browser = browser(&world);
    let page = set_up_page(&world, &browser).await;
    let mut app = App::reading(&page, &world);
    assert_eq!(browser.submit(&typed(&page, &app.code().await)).await.location(), DESKTOP);
    leave(&browser).await;
    let page = browser.sign_in(SET_UP, "desk1", PASSWORD).await;
    let page = browser.submit(&typed(&page, &app.recovery[0])).await;
    assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP);
    leave(&browser).await;
    let page = asked(&browser).await;
    assert!(page.says("authenticator app") && !page.says("by SMS"), "an SMS is for whoever has no app");
    assert_eq!(browser.submit(&typed(&page, &app.code().await)).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd", "otp", "mfa"]));
}

#[tokio::test]
async fn an_sms_stands_in_for_a_passkey_in_the_same_login() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required).agent_with("acme", "desk1", with_phone).start().await;
    let browser = browser(&world);
    let page = set_up_page(&world, &browser).await;
    assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP);
    leave(&browser).await;
    let page = asked(&browser).await;
    let sent = world.gateway.sent().len();
    assert_eq!(
        world.gateway.next(sent - 1).await.purpose,
        "second_step_changed",
        "no code is sent before it is wanted"
    );
    tokio::time::sleep(Duration::from_secs(30)).await;
    let page = browser.submit(&page.form().without("code").with("resend", "1")).await;
    assert!(page.notice().unwrap().contains("We have sent"), "{:?}", page.notice());
    let code = world.gateway.next(sent).await.code();
    assert_eq!(browser.submit(&typed(&page, &code)).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd", "sms", "mfa"]));
}

/// How a test changes a ceremony before it is signed.
type Change = fn(&mut Ceremony);

/// Everything that might be sent instead of a passkey's signature, and why it is refused.
fn wrong_signatures() -> Vec<(&'static str, Change)> {
    vec![
        ("type", |it| it.client["type"] = "webauthn.create".into()),
        ("challenge", |it| it.client["challenge"] = "AAAA".into()),
        ("origin", |it| it.client["origin"] = "http://evil.localhost".into()),
        ("origin", |it| it.client["origin"] = "https://acme.localhost".into()),
        ("cross_origin", |it| it.client["crossOrigin"] = true.into()),
        ("cross_origin", |it| it.client["topOrigin"] = ORIGIN.into()),
        ("relying_party", |it| it.rp = "localhost".into()),
        ("not_present", |it| it.flags = 0),
        ("malformed", |it| it.rest = vec![0]),
        ("malformed", |it| it.client = "none".into()),
    ]
}

#[tokio::test]
async fn what_a_passkey_has_not_signed_for_this_login_is_refused_and_the_log_says_why() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    set_up(&world, &authenticator).await;
    let browser = browser(&world);
    let mut reasons = Vec::new();
    for (why, change) in wrong_signatures() {
        let page = asked(&browser).await;
        let refused = browser.submit(&authenticator.answer_with(&page, change)).await;
        assert_eq!((refused.status, browser.cookie(SESSION)), (403, None), "{why}");
        assert!(refused.notice().unwrap().contains("could not be used"), "{why}: {:?}", refused.notice());
        reasons.push(why);
    }
    let page = asked(&browser).await;
    let good = authenticator.answer(&page);
    let mut stranger = Authenticator::at(ORIGIN);
    stranger.id.clone_from(&authenticator.id);
    let foreign = |name, value: &str| good.clone().with(name, value);
    let tampered = good.values("signature").next().unwrap().to_owned();
    let tampered = format!("{}AAAA", &tampered[..tampered.len() - 4]);
    for form in
        [stranger.answer(&page), foreign("signature", &tampered), foreign("signature", ""), foreign("signature", "%")]
    {
        assert_eq!(browser.submit(&form).await.status, 403);
        reasons.push("signature");
    }
    let log = world.log().wait_for("second_step_refused", reasons.len()).await;
    let told: Vec<_> = log.iter().map(|event| event["detail"].as_str().unwrap()).collect();
    assert_eq!(told, reasons);
    assert!(log.iter().all(|event| event["reason"] == "wrong_passkey"));
    // A credential of another account.
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&Authenticator::at(ORIGIN).answer(&page)).await.status, 403);
    assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP, "and none of it has done harm");
}

#[tokio::test]
async fn what_is_no_new_passkey_is_not_set_up() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let authenticator = Authenticator::at(ORIGIN);
    let browser = browser(&world);
    let page = super::asked(&browser).await;
    let changes: [Change; 6] = [
        |it| it.client["type"] = "webauthn.get".into(),
        |it| it.client["origin"] = "http://evil.localhost".into(),
        |it| it.client["challenge"] = "AAAA".into(),
        |it| it.rp = "localhost".into(),
        |it| it.rest.truncate(40),
        // Another algorithm: ES384.
        |it| it.rest[16 + 2 + 16 + 4] = 0x38,
    ];
    for change in changes {
        let refused = browser.submit(&authenticator.answer_with(&page, change)).await;
        assert_eq!((refused.status, refused.heading().as_str()), (403, "Set up the second step"));
    }
    assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP);
}

#[tokio::test]
async fn a_signature_is_good_once_and_in_its_own_login_alone() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required).agent("acme", "desk1").agent("acme", "desk2").start().await;
    set_up(&world, &authenticator).await;
    let browser = browser(&world);
    let page = asked(&browser).await;
    let form = authenticator.answer(&page);
    let other = asked(&browser).await;
    let replayed = ["passkey", "client", "authenticator", "signature"]
        .iter()
        .fold(other.form(), |replayed, name| replayed.with(name, form.values(name).next().unwrap()));
    assert_eq!(browser.submit(&replayed).await.status, 403, "in another login");
    let stranger = self::browser(&world);
    stranger.get(HOME).await;
    assert_eq!(stranger.submit(&form).await.location(), OVER, "in another browser");
    assert_eq!(browser.submit(&form).await.location(), DESKTOP);
    assert_eq!(browser.submit(&form).await.location(), OVER, "again");
    // desk2 has the same authenticator, and has set nothing up.
    let page = self::browser(&world).sign_in(HOME, "desk2", PASSWORD).await;
    assert_eq!(page.heading(), "Set up the second step");
}

#[tokio::test]
async fn after_five_passkeys_that_were_wrong_signing_in_begins_again() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    set_up(&world, &authenticator).await;
    let browser = browser(&world);
    let page = asked(&browser).await;
    let wrong = authenticator.answer_with(&page, |it| it.flags = 0);
    for number in 0..4 {
        assert_eq!(browser.submit(&wrong).await.status, 403, "{number}");
    }
    assert_eq!(browser.submit(&wrong).await.location(), OVER);
    assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), OVER, "not even by the right one");
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP);
    assert_eq!(world.log().events("second_step_refused").last().unwrap()["reason"], "too_many_codes");
}

#[tokio::test]
async fn a_passkey_that_counts_backwards_is_a_copy() {
    let mut authenticator = Authenticator::at(ORIGIN);
    authenticator.count = 7;
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    set_up(&world, &authenticator).await;
    let browser = browser(&world);
    for (count, is_good) in [(7, false), (6, false), (8, true)] {
        authenticator.count = count;
        let page = asked(&browser).await;
        assert_eq!(browser.submit(&authenticator.answer(&page)).await.lets_in(), is_good, "{count}");
    }
    assert_eq!(world.log().events("second_step_refused")[0]["reason"], "copied_passkey");
}

#[tokio::test]
async fn at_an_address_that_is_not_declared_there_are_no_passkeys() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let elsewhere = world.browser().at("other.localhost");
    let page = super::asked(&elsewhere).await;
    assert!(page.passkey().is_none() && page.heading() == "Set up an authenticator app");
    let (ours, challenge) = (authenticator.making("AAAA"), page.form());
    let sent = authenticator.sent(&ours).iter().fold(challenge, |form, (name, value)| form.with(name, value));
    assert_eq!(elsewhere.submit(&sent).await.status, 403);
    let recovery = set_up(&world, &authenticator).await;
    let page = super::asked(&elsewhere).await;
    assert!(page.passkey().is_none());
    assert!(page.notice().unwrap().contains("or at this address"), "{:?}", page.notice());
    assert_eq!(elsewhere.submit(&typed(&page, &recovery[0])).await.location(), DESKTOP);
}

#[tokio::test]
async fn a_passkey_is_of_one_instance_and_one_account() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required)
        .agent("acme", "desk1")
        .install("Porto")
        .instance_with("bravo", &["Porto"], |instance| {
            instance.second_step = SecondStep::Required;
            instance.address = SiteAddress::parse(ORIGIN).ok();
        })
        .agent("bravo", "desk1")
        .start()
        .await;
    set_up(&world, &authenticator).await;
    let other = world.browser().at(ADDRESS);
    let page = other.sign_in("/OneAgentWeb_Porto", "desk1", PASSWORD).await;
    assert_eq!(page.heading(), "Set up the second step", "the other instance's desk1 has none");
    let theirs = Authenticator::at(ORIGIN);
    assert_eq!(other.submit(&theirs.answer(&page)).await.status, 303);
    let again = world.browser().at(ADDRESS);
    let page = again.sign_in("/OneAgentWeb_Porto", "desk1", PASSWORD).await;
    assert_eq!(page.heading(), "One more step");
    assert_eq!(again.submit(&authenticator.answer(&page)).await.status, 403);
}

#[tokio::test]
async fn eight_passkeys_are_as_many_as_there_can_be() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let browser = browser(&world);
    let all: Vec<Authenticator> = (0..9).map(|_| Authenticator::at(ORIGIN)).collect();
    for (number, authenticator) in all.iter().enumerate().take(8) {
        let mut page = browser.sign_in(SET_UP, "desk1", PASSWORD).await;
        if number > 0 {
            page = browser.submit(&all[number - 1].answer(&page)).await;
        }
        assert_eq!(browser.submit(&authenticator.answer(&page)).await.location(), DESKTOP, "{number}");
        leave(&browser).await;
    }
    let page = browser.sign_in(SET_UP, "desk1", PASSWORD).await;
    let page = browser.submit(&all[7].answer(&page)).await;
    assert!(page.passkey().is_none() && page.says("You have eight passkeys"), "{}", page.body);
    let (sent, ninth) = (all[8].making("AAAA"), page.form().without("code"));
    let form = all[8].sent(&sent).iter().fold(ninth, |form, (name, value)| form.with(name, value));
    assert_eq!(browser.submit(&form).await.status, 403);
    let page = asked(&browser).await;
    assert!(browser.submit(&all[0].answer(&page)).await.lets_in(), "the oldest is kept");
}

#[tokio::test]
async fn a_device_is_remembered_by_a_passkey_too() {
    let authenticator = Authenticator::at(ORIGIN);
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    set_up(&world, &authenticator).await;
    let browser = browser(&world);
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&authenticator.answer(&page).with("remember", "1")).await.location(), DESKTOP);
    leave(&browser).await;
    assert_eq!(browser.sign_in(HOME, "desk1", PASSWORD).await.location(), DESKTOP);
}
