use super::*;
use crate::second_step::passkey::{MOST_PASSKEYS, Passkey};

const RP: &str = "agents.example.com";

fn passkey(id: &str, count: u32) -> Passkey {
    Passkey { id: id.into(), rp: RP.into(), key: format!("key of {id}"), count, since: NOW }
}

fn adding(flow: &str, generation: u64, passkey: &Passkey) -> Attempt {
    Attempt { passkey: Some(passkey.text()), generation, ..setting_up(flow, &Secret::generate(&mut OsRng), "") }
}

fn showing(flow: &str, generation: u64, id: &str, count: u32) -> Attempt {
    let passkey = Passkey { key: String::new(), ..passkey(id, count) };
    Attempt { at: Place::Passkey, passkey: Some(passkey.text()), ..attempt(flow, generation, "") }
}

/// A guard with a passkey that has counted to 5, and the recovery codes that came with it.
fn with_passkey() -> (Guard, Vec<String>) {
    let (mut guard, secret) = (Guard::default(), Secret::generate(&mut OsRng));
    let codes = recovery_codes(&Secret::generate(&mut OsRng));
    let hashes = codes.iter().map(|code| recovery_hash(&secret, code)).collect();
    let attempt = Attempt { hashes, secret: Some(secret), ..adding("set up", 0, &passkey("first", 5)) };
    assert_eq!(check(&mut guard, NOW, attempt), Checked::Passkey);
    (guard, codes)
}

/// Shows it. Returns its key and what the attempt comes to unless it has signed, or what it comes to at once.
fn key_of(guard: &mut Guard, attempt: &Attempt) -> Result<(String, Checked), Checked> {
    match guard.check(NOW, attempt.clone()) {
        Err(key) => Ok(key),
        Ok((checked, device)) => {
            assert!(device.is_none() && !checked.is_right());
            Err(checked)
        }
    }
}

/// Reports that it has signed.
fn signed(guard: &mut Guard, attempt: Attempt) -> (Checked, Option<String>) {
    guard.check(NOW, Attempt { has_signed: true, ..attempt }).unwrap()
}

/// What comes of showing a passkey whose signature is right.
fn show(guard: &mut Guard, attempt: Attempt) -> Checked {
    match key_of(guard, &attempt) {
        Ok(_) => signed(guard, attempt).0,
        Err(checked) => checked,
    }
}

#[test]
fn a_passkey_that_is_set_up_is_what_the_account_has_and_brings_ten_recovery_codes_good_once_each() {
    let (mut guard, codes) = with_passkey();
    assert_eq!(facts(&guard), Facts { has_passkey: true, generation: 1, codes_left: 10, ..Facts::default() });
    assert_eq!((guard.passkeys(RP), guard.forget_at()), ((vec!["first".into()], false), None));
    for (at, checked) in [Checked::Recovery, Checked::Wrong].into_iter().enumerate() {
        let typed = Attempt { at: Place::Passkey, ..attempt(&format!("flow {at}"), 1, &codes[0]) };
        assert_eq!(check(&mut guard, NOW, typed), checked);
    }
}

#[test]
fn a_passkey_is_counted_before_it_is_looked_at_and_five_end_a_login() {
    let (mut guard, _) = with_passkey();
    for number in 0..5 {
        let wanted = Ok(("key of first".into(), if number < 4 { Checked::Wrong } else { Checked::TooMany }));
        assert_eq!(key_of(&mut guard, &showing("a", 1, "first", 6)), wanted, "{number}");
    }
    assert_eq!(guard.second.misses, 5);
    assert_eq!(key_of(&mut guard, &showing("a", 1, "first", 6)), Err(Checked::TooMany));
    assert_eq!(show(&mut guard, showing("b", 1, "first", 6)), Checked::Passkey);
    assert_eq!(guard.second.misses, 0, "a right one clears the count");
}

#[test]
fn a_passkey_and_wrong_passwords_share_one_count() {
    let policy = LockPolicy { attempts: 3, window_seconds: 60, lock_seconds: 300 };
    let (mut guard, _) = with_passkey();
    let attempt = |flow: &str| Attempt { policy, ..showing(flow, 1, "first", 6) };
    for flow in ["a", "b", "c"] {
        assert!(key_of(&mut guard, &attempt(flow)).is_ok());
    }
    assert_eq!(key_of(&mut guard, &attempt("d")), Err(Checked::Locked));
    let mut fresh = with_passkey().0;
    let mut show = |flow| fresh.apply(NOW, Ask::Code(attempt(flow))).apart().1;
    let lock = Some(Lock::Until(NOW.plus(300)));
    assert_eq!((show("a"), show("b"), show("c")), (None, None, lock), "unless it turns out to have signed");
    assert!(matches!(guard.begin(NOW, policy, None, 0, None), Admission::Locked { .. }));
}

#[test]
fn of_two_who_have_the_signature_of_one_flow_one_is_let_in_and_it_is_over() {
    let (mut guard, _) = with_passkey();
    let shown = showing("a", 1, "first", 6);
    assert!(key_of(&mut guard, &shown).is_ok() && key_of(&mut guard, &shown).is_ok());
    assert_eq!(signed(&mut guard, shown.clone()).0, Checked::Passkey);
    assert_eq!(signed(&mut guard, shown.clone()).0, Checked::TooMany);
    assert_eq!(key_of(&mut guard, &shown), Err(Checked::TooMany), "nor is it shown again");
}

#[test]
fn nothing_is_signed_that_was_not_counted_or_that_has_changed_since() {
    let (mut guard, _) = with_passkey();
    assert_eq!(signed(&mut guard, showing("a", 1, "first", 6)).0, Checked::TooMany, "not counted");
    assert!(key_of(&mut guard, &showing("a", 1, "first", 6)).is_ok());
    assert_eq!(signed(&mut guard, showing("a", 1, "other", 6)).0, Checked::Superseded, "not there");
    for operation in [Operation::Disable, Operation::ResetSecondStep] {
        let mut guard = guard.clone();
        guard.operate(NOW, operation);
        assert_eq!(signed(&mut guard, showing("a", 1, "first", 6)).0, Checked::Superseded);
    }
    assert_eq!(show(&mut guard, showing("b", 0, "first", 6)), Checked::Superseded, "another second step");
}

#[test]
fn a_passkey_of_another_account_or_for_another_address_is_none() {
    let (mut guard, _) = with_passkey();
    assert_eq!(show(&mut guard, showing("a", 1, "foreign", 6)), Checked::Wrong);
    assert_eq!(show(&mut guard, showing("a", 1, "", 6)), Checked::Wrong);
    let elsewhere = Passkey { rp: "other.example.com".into(), ..passkey("first", 6) };
    let attempt = Attempt { passkey: Some(elsewhere.text()), ..showing("a", 1, "", 0) };
    assert_eq!(show(&mut guard, attempt), Checked::Wrong);
    assert_eq!(guard.passkeys("other.example.com"), (Vec::new(), false));
    assert_eq!(show(&mut guard, Attempt { passkey: None, ..showing("a", 1, "", 0) }), Checked::Wrong);
}

#[test]
fn a_passkey_that_counts_backwards_is_a_copy_and_lets_nobody_in() {
    let (mut guard, _) = with_passkey();
    for (flow, count, checked) in [
        ("less", 4, Checked::Copied),
        ("as many", 5, Checked::Copied),
        ("more", 6, Checked::Passkey),
        ("again", 6, Checked::Copied),
        ("not counting", 0, Checked::Passkey),
        ("counting anew", 1, Checked::Passkey),
    ] {
        assert_eq!(show(&mut guard, showing(flow, 1, "first", count)), checked, "{flow}");
    }
}

#[test]
fn an_account_has_eight_passkeys_and_keeps_the_oldest() {
    let (mut guard, _) = with_passkey();
    for number in 1..8_u64 {
        let added = adding(&format!("flow {number}"), number, &passkey(&format!("passkey-{number}"), 0));
        assert_eq!(check(&mut guard, NOW, added), Checked::Passkey);
    }
    let (ids, is_full) = guard.passkeys(RP);
    assert_eq!((ids.len(), ids[0].as_str(), is_full), (MOST_PASSKEYS, "first", true));
    assert_eq!(check(&mut guard, NOW, adding("ninth", 8, &passkey("ninth", 0))), Checked::Full);
    assert_eq!(guard.passkeys(RP), (ids, true));
    let secret = Secret::generate(&mut OsRng);
    let app = Attempt { generation: 8, ..setting_up("app", &secret, &code(&secret, NOW)) };
    assert_eq!(check(&mut guard, NOW, app), Checked::App, "an app is another thing");
}

#[test]
fn the_same_passkey_is_not_set_up_twice() {
    let (mut guard, _) = with_passkey();
    assert_eq!(check(&mut guard, NOW, adding("a", 1, &passkey("first", 9))), Checked::Wrong);
    assert_eq!(facts(&guard).generation, 1);
}

#[test]
fn recovery_codes_come_with_the_first_thing_and_with_an_app() {
    let (mut guard, secret, codes) = set_up();
    let hashes = vec!["not wanted".into()];
    assert_eq!(check(&mut guard, NOW, Attempt { hashes, ..adding("a", 1, &passkey("a", 0)) }), Checked::Passkey);
    let typed = |flow: &str, code: &str| Attempt { at: Place::Passkey, ..attempt(flow, 2, code) };
    assert_eq!(check(&mut guard, NOW, typed("b", &codes[0])), Checked::Recovery, "those of the app stay");
    let later = NOW.plus(60);
    assert_eq!(check(&mut guard, later, typed("c", &code(&secret, later))), Checked::App, "as does the app");

    let (mut guard, codes) = with_passkey();
    let app = Secret::generate(&mut OsRng);
    let new = vec![recovery_hash(&app, "NEW")];
    let added = Attempt { hashes: new, generation: 1, ..setting_up("d", &app, &code(&app, NOW)) };
    assert_eq!(check(&mut guard, NOW, added), Checked::App);
    assert_eq!(check(&mut guard, NOW, typed("e", &codes[0])), Checked::Wrong);
    assert_eq!(check(&mut guard, NOW, typed("e", "NEW")), Checked::Recovery);
    assert_eq!(show(&mut guard, showing("f", 2, "first", 6)), Checked::Passkey, "and the passkey stays");
}

#[test]
fn a_reset_forgets_passkeys_and_what_devices_remember_of_them() {
    let (mut guard, codes) = with_passkey();
    let shown = Attempt { remember: Some("key".into()), ..showing("a", 1, "first", 6) };
    assert!(key_of(&mut guard, &shown).is_ok());
    let (checked, device) = signed(&mut guard, shown);
    let device = device.unwrap();
    assert!(checked == Checked::Passkey && guard.facts(NOW, PASSWORD, Some(&device)).knows_device);
    guard.operate(NOW, Operation::ResetSecondStep);
    assert_eq!(guard.facts(NOW, PASSWORD, Some(&device)), Facts { generation: 2, ..Facts::default() });
    assert_eq!(show(&mut guard, showing("b", 2, "first", 7)), Checked::Wrong);
    assert_eq!(check(&mut guard, NOW, Attempt { at: Place::Passkey, ..attempt("c", 2, &codes[0]) }), Checked::Wrong);
}

#[test]
fn a_guard_with_passkeys_is_kept_and_read_back_and_tells_no_log_whose_they_are() {
    let (guard, _) = with_passkey();
    let json = serde_json::to_string(&guard).unwrap();
    assert_eq!(kv_schema::json::from_str::<Guard>(&json).unwrap(), guard);
    for damaged in ["", " ", "a", "a b c d", "a b -1 x {}"] {
        assert_eq!(Passkey::read(damaged).count, 0, "{damaged}");
    }
    let shown = showing("a", 1, "first", 6);
    assert!(!format!("{guard:?} {shown:?} {:?}", Ask::Code(shown.clone())).contains("first"));
}
