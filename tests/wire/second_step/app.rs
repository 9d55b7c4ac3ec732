//! The authenticator app: set up with a code that is checked, then a code at each login, each good once.

use super::*;

#[tokio::test]
async fn an_app_is_set_up_at_the_first_login_and_counts_when_its_first_code_was_right() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let browser = world.browser();
    let page = asked(&browser).await;
    let mut app = App::reading(&page, &world);
    for (code, status) in [("", 422), ("000", 403), ("12 34 56 78", 403)] {
        let again = browser.submit(&typed(&page, code)).await;
        assert_eq!((again.status, again.field_problem("code").is_some()), (status, true), "{code}");
        assert_eq!(App::reading(&again, &world).secret, app.secret, "the app need not be set up anew");
    }
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.heading(), "Set up an authenticator app");
    let code = app.code().await;
    assert_eq!(browser.submit(&typed(&page, &format!("{} {}", &code[..3], &code[3..]))).await.location(), DESKTOP);
    assert_eq!(amr(&browser), json!(["pwd", "otp", "mfa"]));
    let told = world.gateway.next(0).await;
    assert_eq!((told.purpose.as_str(), told.to.as_str()), ("second_step_changed", "desk1@acme.example"));
    let reasons: Vec<_> = world.log().wait_for("second_step_passed", 1).await;
    assert_eq!(reasons[0]["reason"], "set_up");
    assert_eq!(asked(&world.browser()).await.heading(), "One more step");
}

#[tokio::test]
async fn each_code_is_good_once_and_so_is_each_recovery_code() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let mut app = set_up(&world).await;
    let of_set_up = app.secret.code(Timestamp(app.last * 30)).unwrap();
    let browser = world.browser();
    let page = asked(&browser).await;
    let refused = browser.submit(&typed(&page, &of_set_up)).await;
    assert_eq!((refused.status, refused.field("code")), (403, String::new()), "the code of the setting up");
    assert!(refused.field_problem("code").unwrap().contains("wrong"));
    let code = app.code().await;
    assert_eq!(browser.submit(&typed(&refused, &code)).await.location(), DESKTOP);
    let recovery = app.recovery[3].to_lowercase();
    for (code, is_good) in [(&code, false), (&recovery, true), (&recovery, false)] {
        let browser = world.browser();
        let page = asked(&browser).await;
        let answer = browser.submit(&typed(&page, code)).await;
        assert_eq!((answer.status == 303, browser.cookie(SESSION).is_some()), (is_good, is_good), "{}", answer.body);
    }
    let passed: Vec<_> = world.log().wait_for("second_step_passed", 3).await;
    assert_eq!(
        passed.iter().map(|event| event["reason"].as_str().unwrap()).collect::<Vec<_>>(),
        ["set_up", "authenticator", "recovery_code"]
    );
}

#[tokio::test]
async fn an_agent_is_told_when_recovery_codes_run_out_and_nobody_else_is() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let app = set_up(&world).await;
    for (at, code) in app.recovery.iter().enumerate() {
        let browser = world.browser();
        let page = asked(&browser).await;
        let told = match app.recovery.len() - at {
            1 => page.says("You have 1 recovery code left."),
            left @ 2..=3 => page.says(&format!("You have {left} recovery codes left.")),
            _ => !page.says(" left."),
        };
        assert!(told && page.says("Type one of your recovery codes instead."), "{at}: {}", page.body);
        assert!(browser.submit(&typed(&page, code)).await.lets_in(), "{at}");
        browser.submit(&browser.get("/OneAgentWeb_Lisbon/desktop/plain").await.form_to(crate::SIGN_OUT)).await;
    }
    let wrong = world.browser().sign_in(HOME, "desk1", "not the password of desk1").await;
    assert!(!wrong.says("recovery"), "{}", wrong.body);
    let browser = world.browser();
    let page = asked(&browser).await;
    assert!(page.says("You have no recovery codes left.") && !page.says("Type one of your recovery codes"));
    let page = browser.submit(&typed(&page, "000000")).await;
    assert!(page.says("You have no recovery codes left."), "a wrong code changes nothing: {}", page.body);
}

#[tokio::test]
async fn after_five_wrong_codes_signing_in_begins_again() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let mut app = set_up(&world).await;
    let browser = world.browser();
    let page = asked(&browser).await;
    for number in 0..4 {
        assert_eq!(browser.submit(&typed(&page, &format!("00000{number}"))).await.status, 403, "{number}");
    }
    let over = browser.submit(&typed(&page, "000004")).await;
    assert_eq!((over.status, over.location()), (303, OVER));
    assert!(browser.follow(&over).await.notice().unwrap().contains("Please sign in again"));
    let code = app.code().await;
    assert_eq!(browser.submit(&typed(&page, &code)).await.location(), OVER, "not even by the right one");
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&typed(&page, &code)).await.location(), DESKTOP);
    let refused = world.log().events("second_step_refused");
    assert_eq!(refused.last().unwrap()["reason"], "too_many_codes");
}

#[tokio::test]
async fn wrong_codes_and_wrong_passwords_share_one_count_and_the_right_password_does_not_clear_it() {
    let world = World::builder()
        .install("Lisbon")
        .instance_with("acme", &["Lisbon"], |instance| {
            instance.second_step = SecondStep::Required;
            instance.lock = LockPolicy { attempts: 5, window_seconds: 3_600, lock_seconds: 3_600 };
        })
        .agent("acme", "desk1")
        .start()
        .await;
    let mut app = set_up(&world).await;
    for _ in 0..2 {
        let browser = world.browser();
        assert_eq!(browser.sign_in(HOME, "desk1", WRONG).await.status, 403);
        let page = asked(&browser).await;
        assert_eq!(browser.submit(&typed(&page, "000000")).await.status, 403);
    }
    let browser = world.browser();
    let page = asked(&browser).await;
    assert_eq!(browser.submit(&typed(&page, "000000")).await.status, 403, "the fifth that is wrong");
    let locked = world.log().only("account_locked").await;
    assert_eq!((&locked["agent"], &locked["reason"]), (&json!("desk1"), &json!("wrong_code")), "in the trail at once");
    assert_eq!(browser.submit(&typed(&page, &app.code().await)).await.location(), OVER, "a right code too");
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 403, "and a right password");
    assert_eq!(world.log().events("second_step_refused").last().unwrap()["reason"], "locked");
}

#[tokio::test]
async fn of_many_who_type_one_code_at_once_one_is_let_in() {
    let world = instance(SecondStep::Required).agent("acme", "desk1").start().await;
    let mut app = set_up(&world).await;
    let code = app.code().await;
    let mut forms = Vec::new();
    for _ in 0..4 {
        let browser = world.browser();
        let page = asked(&browser).await;
        forms.push((browser, typed(&page, &code)));
    }
    let answers = forms.iter().flat_map(|(browser, form)| (0..4).map(move |_| browser.submit(form)));
    let answers = futures_util::future::join_all(answers).await;
    let won = answers.iter().filter(|page| page.lets_in());
    assert_eq!(won.count(), 1, "{:?}", answers.iter().map(|page| page.status).collect::<Vec<_>>());
    assert_eq!(world.log().events("second_step_passed").len(), 2, "that of the setting up, and one");
}
