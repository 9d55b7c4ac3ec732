use super::super::{Admission, Answer, Ask, Change, Lock, Operation, Proof};
use super::*;
use crate::second_step::recovery_codes;
use kv_schema::directory::Password;
use rand_core::OsRng;

const NOW: Timestamp = Timestamp(1_800_000_000);
/// So lenient that the account's own lock stays out of the way.
const LENIENT: LockPolicy = LockPolicy { attempts: 100, window_seconds: 60, lock_seconds: 300 };
const PASSWORD: Replaced = Replaced { declared: Timestamp(10), own: None };

/// An attempt in the flow called `name`, which began at [`NOW`].
fn attempt(name: &str, generation: u64, code: &str) -> Attempt {
    Attempt {
        policy: LENIENT,
        at: Place::App,
        flow: format!("{:x}.{name}", NOW.0),
        generation,
        replaced: PASSWORD,
        code: code.into(),
        hashes: Vec::new(),
        secret: None,
        passkey: None,
        has_signed: false,
        remember: None,
    }
}

fn sms(name: &str, code: &str) -> Attempt {
    Attempt { at: Place::Sms, hashes: vec!["of another key".into(), code.into()], ..attempt(name, 0, "") }
}

fn setting_up(name: &str, secret: &Secret, code: &str) -> Attempt {
    Attempt { at: Place::SetUp, secret: Some(secret.clone()), ..attempt(name, 0, code) }
}

fn check(guard: &mut Guard, at: Timestamp, attempt: Attempt) -> Checked {
    let (checked, device) = guard.check(at, attempt).unwrap();
    assert_eq!(device, None);
    checked
}

/// The code that the app shows at `at`.
fn code(secret: &Secret, at: Timestamp) -> String {
    secret.code(at).unwrap()
}

/// A guard with an app, its secret, and the recovery codes.
fn set_up() -> (Guard, Secret, Vec<String>) {
    let (mut guard, secret) = (Guard::default(), Secret::generate(&mut OsRng));
    let codes = recovery_codes(&Secret::generate(&mut OsRng));
    let hashes = codes.iter().map(|code| recovery_hash(&secret, code)).collect();
    let attempt = Attempt { hashes, ..setting_up("set up", &secret, &code(&secret, NOW)) };
    assert_eq!(check(&mut guard, NOW, attempt), Checked::App);
    (guard, secret, codes)
}

fn facts(guard: &Guard) -> Facts {
    guard.facts(NOW, PASSWORD, None)
}

#[test]
fn an_app_counts_when_its_first_code_was_right() {
    let (mut guard, secret) = (Guard::default(), Secret::generate(&mut OsRng));
    assert_eq!(check(&mut guard, NOW, setting_up("a", &secret, "none")), Checked::Wrong);
    let nothing = Attempt { secret: None, ..setting_up("a", &secret, &code(&secret, NOW)) };
    assert_eq!(check(&mut guard, NOW, nothing), Checked::Wrong);
    assert_eq!(facts(&guard), Facts::default());
    let (guard, ..) = set_up();
    assert_eq!(facts(&guard), Facts { has_app: true, generation: 1, codes_left: 10, ..Facts::default() });
    assert_eq!(guard.forget_at(), None);
}

#[test]
fn a_code_of_the_app_is_good_once_also_that_of_the_setting_up() {
    let (mut guard, secret, _) = set_up();
    assert_eq!(check(&mut guard, NOW, attempt("a", 1, &code(&secret, NOW))), Checked::Wrong);
    let later = NOW.plus(30);
    assert_eq!(check(&mut guard, later, attempt("b", 1, &code(&secret, later))), Checked::App);
    assert_eq!(check(&mut guard, later, attempt("c", 1, &code(&secret, later))), Checked::Wrong);
}

#[test]
fn each_recovery_code_is_good_once() {
    let (mut guard, _, codes) = set_up();
    for (at, recovery) in codes.iter().enumerate() {
        let used = |flow: &str| attempt(&format!("{flow} {at}"), 1, recovery);
        assert_eq!(check(&mut guard, NOW, used("once")), Checked::Recovery);
        assert_eq!(check(&mut guard, NOW, used("twice")), Checked::Wrong);
    }
    assert!(guard.second.recovery.is_empty());
}

#[test]
fn what_is_left_of_recovery_codes_is_known_and_an_app_set_up_again_brings_ten() {
    let (mut guard, _, codes) = set_up();
    for (at, recovery) in codes.iter().enumerate() {
        let left = codes.len() - at;
        assert_eq!(facts(&guard).codes_left, u8::try_from(left).unwrap());
        check(&mut guard, NOW, attempt(&format!("flow {at}"), 1, recovery));
    }
    assert_eq!(facts(&guard).codes_left, 0);
    let secret = Secret::generate(&mut OsRng);
    let again = Attempt {
        generation: 1,
        hashes: vec!["hash".to_owned(); 10],
        ..setting_up("again", &secret, &code(&secret, NOW))
    };
    assert_eq!(check(&mut guard, NOW, again), Checked::App);
    assert_eq!(facts(&guard).codes_left, 10);
}

#[test]
fn five_wrong_codes_end_a_login_and_a_right_one_then_comes_too_late() {
    let (mut guard, secret, _) = set_up();
    let later = NOW.plus(60);
    let shown = code(&secret, later);
    for _ in 0..4 {
        assert_eq!(check(&mut guard, later, attempt("a", 1, "000")), Checked::Wrong);
    }
    assert_eq!(check(&mut guard, later, attempt("a", 1, "000")), Checked::TooMany);
    assert_eq!(check(&mut guard, later, attempt("a", 1, &shown)), Checked::TooMany);
    assert_eq!(check(&mut guard, later, attempt("b", 1, &shown)), Checked::App);
    assert_eq!(check(&mut guard, later, attempt("b", 1, &shown)), Checked::TooMany, "it is used up");
}

#[test]
fn codes_and_passwords_share_one_count_and_half_a_success_does_not_clear_it() {
    let policy = LockPolicy { attempts: 5, window_seconds: 60, lock_seconds: 300 };
    let (mut guard, secret, _) = set_up();
    let later = NOW.plus(60);
    let begins = |guard: &mut Guard| guard.begin(later, policy, None, 0, None);
    let wrong = |flow: &str| Attempt { policy, ..attempt(flow, 1, "000") };
    for flow in ["a", "b"] {
        assert!(matches!(begins(&mut guard), Admission::Check { .. }), "a wrong password");
        assert!(matches!(begins(&mut guard), Admission::Check { .. }), "the right one");
        guard.succeeded(None, true);
        assert_eq!(check(&mut guard, later, wrong(flow)), Checked::Wrong);
    }
    assert_eq!(check(&mut guard, later, wrong("b")), Checked::Wrong, "the fifth that was wrong");
    assert!(matches!(begins(&mut guard), Admission::Locked { .. }));
    let good = Attempt { policy, ..attempt("b", 1, &code(&secret, later)) };
    assert_eq!(check(&mut guard, later, good.clone()), Checked::Locked, "a right code too");
    guard.operate(later, Operation::Unlock);
    assert_eq!(check(&mut guard, later, good), Checked::App);
    assert!((0..5).all(|_| matches!(begins(&mut guard), Admission::Check { .. })), "a whole success clears it");
}

#[test]
fn after_a_hundred_wrong_codes_without_a_right_one_an_operator_has_to_help() {
    let (mut guard, secret, _) = set_up();
    let at = |number: u64| NOW.plus(60 + number * 61);
    for number in 0..100 {
        let flow = format!("flow {number}");
        assert_eq!(check(&mut guard, at(number), attempt(&flow, 1, "000")), Checked::Wrong, "{number}");
    }
    let good = attempt("good", 1, &code(&secret, at(100)));
    assert_eq!(check(&mut guard, at(100), good.clone()), Checked::Locked);
    guard.operate(at(100), Operation::Unlock);
    assert_eq!(check(&mut guard, at(100), good), Checked::App);
}

#[test]
fn the_wrong_code_that_locks_says_until_when_a_right_one_does_not_and_the_hundredth_that_only_an_operator_helps() {
    let policy = LockPolicy { attempts: 1, window_seconds: 60, lock_seconds: 300 };
    let (mut guard, secret, _) = set_up();
    let mut check = |at: Timestamp, attempt: Attempt| guard.apply(at, Ask::Code(attempt)).apart();
    let later = NOW.plus(60);
    let right = Attempt { policy, ..attempt("right", 1, &code(&secret, later)) };
    assert_eq!(check(later, right), (Answer::Code(Checked::App, None), None));
    let wrong = || Attempt { policy, ..attempt("a", 1, "000") };
    let lock = Some(Lock::Until(later.plus(300)));
    assert_eq!(check(later, wrong()), (Answer::Code(Checked::Wrong, None), lock));
    assert_eq!(check(later, wrong()), (Answer::Code(Checked::Locked, None), None), "it stands already");
    guard.second.misses = MOST_MISSES - 1;
    let mut check = |flow: &str| guard.apply(later.plus(300), Ask::Code(attempt(flow, 1, "000"))).apart();
    assert_eq!(check("b"), (Answer::Code(Checked::Wrong, None), Some(Lock::UntilUnlocked)));
    assert_eq!(check("c"), (Answer::Code(Checked::Locked, None), None));
}

#[test]
fn tries_are_counted_while_their_login_can_go_on_and_no_more_than_there_is_room_for() {
    let (mut guard, ..) = set_up();
    guard.second.misses = 0;
    for number in 0..300 {
        let flow = format!("flow {number}");
        let checked = check(&mut guard, NOW.plus(61 * (number / 99)), attempt(&flow, 1, "000"));
        guard.second.misses = 0;
        // Setting it up has used six.
        let wanted = if number < 244 { Checked::Wrong } else { Checked::TooMany };
        assert_eq!(checked, wanted, "{number}");
    }
    check(&mut guard, NOW.plus(700), attempt("later", 1, "000"));
    assert_eq!(guard.second.tries.len(), 1);
}

#[test]
fn a_code_by_sms_is_good_for_two_minutes_once_and_until_the_next_one() {
    let mut guard = Guard::default();
    let tried = |guard: &mut Guard, at: u64, flow: &str, code: &str| check(guard, NOW.plus(at), sms(flow, code));
    assert_eq!(guard.send_code(NOW, "first".into()), Ok(()));
    assert_eq!(tried(&mut guard, 119, "a", "first"), Checked::Sms);
    assert_eq!(tried(&mut guard, 119, "b", "first"), Checked::Wrong);
    assert_eq!(guard.send_code(NOW.plus(120), "second".into()), Ok(()));
    assert_eq!(tried(&mut guard, 240, "c", "second"), Checked::Wrong, "two minutes are over");
    assert_eq!(guard.send_code(NOW.plus(241), "third".into()), Ok(()));
    assert_eq!(guard.send_code(NOW.plus(271), "fourth".into()), Ok(()));
    assert_eq!(tried(&mut guard, 272, "d", "third"), Checked::Wrong);
    assert_eq!(tried(&mut guard, 272, "d", "fourth"), Checked::Sms);
}

#[test]
fn five_wrong_codes_end_the_one_that_was_sent_too() {
    let mut guard = Guard::default();
    assert_eq!(guard.send_code(NOW, "code".into()), Ok(()));
    for _ in 0..5 {
        check(&mut guard, NOW, sms("a", "wrong"));
    }
    assert_eq!(check(&mut guard, NOW, sms("b", "code")), Checked::Wrong);
}

#[test]
fn the_next_code_need_not_wait_where_none_is_good_any_more() {
    let mut guard = Guard::default();
    assert_eq!(guard.send_code(NOW, "first".into()), Ok(()));
    assert_eq!(check(&mut guard, NOW, sms("a", "first")), Checked::Sms);
    assert_eq!(guard.send_code(NOW.plus(1), "second".into()), Ok(()), "the first one is used up");
    for _ in 0..5 {
        check(&mut guard, NOW.plus(1), sms("b", "wrong"));
    }
    assert_eq!(guard.send_code(NOW.plus(2), "third".into()), Ok(()), "the second one was ended by wrong ones");
    assert_eq!(guard.send_code(NOW.plus(3), "fourth".into()), Err(29));
}

#[test]
fn codes_are_sent_half_a_minute_apart_and_five_an_hour_and_what_was_not_sent_does_not_count() {
    let mut guard = Guard::default();
    assert_eq!(guard.send_code(NOW, "first".into()), Ok(()));
    assert_eq!(guard.send_code(NOW.plus(1), "second".into()), Err(29));
    guard.unsend_code("another");
    assert_eq!(guard.send_code(NOW.plus(1), "second".into()), Err(29));
    guard.unsend_code("first");
    assert_eq!(check(&mut guard.clone(), NOW, sms("a", "first")), Checked::Wrong);
    for number in 0..5 {
        assert_eq!(guard.send_code(NOW.plus(1 + number * 30), "code".into()), Ok(()), "{number}");
    }
    assert_eq!(guard.send_code(NOW.plus(151), "sixth".into()), Err(3600 - 150));
    let mut reset = guard.clone();
    reset.operate(NOW.plus(151), Operation::ResetSecondStep);
    assert_eq!(reset.send_code(NOW.plus(151), "sixth".into()), Err(3600 - 150), "an operator's reset sends no more");
    assert_eq!(guard.send_code(NOW.plus(3601), "sixth".into()), Ok(()));
    assert_eq!(Guard { matters_until: NOW, ..guard }.forget_at(), Some(NOW), "an SMS alone leaves nothing for ever");
}

#[test]
fn a_flow_goes_no_further_when_what_it_began_with_has_changed() {
    let (guard, secret, _) = set_up();
    let later = NOW.plus(60);
    let good = attempt("a", 1, &code(&secret, later));
    let after = |change: &dyn Fn(&mut Guard)| {
        let mut guard = guard.clone();
        change(&mut guard);
        check(&mut guard, later, good.clone())
    };
    assert_eq!(after(&|_| ()), Checked::App);
    assert_eq!(after(&|guard| guard.operate(later, Operation::Disable)), Checked::Superseded);
    assert_eq!(after(&|guard| guard.operate(later, Operation::ResetSecondStep)), Checked::Superseded);
    let reset = Operation::Reset { phc: "given".into(), at: Timestamp(11) };
    assert_eq!(after(&|guard| guard.operate(later, reset.clone())), Checked::Superseded);
    let change = |guard: &mut Guard| {
        let (declared, proof) = ("declared".into(), Proof::Password(None));
        let change = Change { phc: "chosen".into(), replaces: Timestamp(10), declared, proof, history: 5 };
        assert_eq!(guard.apply(later, Ask::Change(change)), Answer::Done);
    };
    assert_eq!(after(&change), Checked::Superseded);
    // Somebody who had the password before the app was set up cannot set up another in its place.
    let other = Secret::generate(&mut OsRng);
    let late = setting_up("b", &other, &code(&other, later));
    assert_eq!(check(&mut guard.clone(), later, late), Checked::Superseded);
}

/// A guard with an app, and what a device remembered by it shows.
fn remembering() -> (Guard, String) {
    let (mut guard, secret, _) = set_up();
    let later = NOW.plus(60);
    let remember = Some("0123456789abcdef".to_owned());
    let (checked, device) = guard.check(later, Attempt { remember, ..attempt("a", 1, &code(&secret, later)) }).unwrap();
    assert_eq!(checked, Checked::App);
    (guard, device.unwrap())
}

#[test]
fn a_device_is_known_for_thirty_days_and_by_what_it_was_given_alone() {
    let (guard, device) = remembering();
    let later = NOW.plus(60);
    let knows = |at: u64, shown: &str| guard.facts(later.plus(at), PASSWORD, Some(shown)).knows_device;
    let days = 30 * 24 * 60 * 60;
    assert!(knows(0, &device) && knows(days - 1, &device) && !knows(days, &device));
    let (until, tag) = device.split_once('.').unwrap();
    let longer = format!("{}.{tag}", until.parse::<u64>().unwrap() + 1);
    for shown in ["", ".", until, tag, &longer, &device[..device.len() - 1], &format!("{device}A")] {
        assert!(!knows(0, shown), "{shown}");
    }
    assert!(!set_up().0.facts(later, PASSWORD, Some(&device)).knows_device, "another account's");
}

#[test]
fn a_device_is_forgotten_with_the_password_and_with_the_second_step() {
    let (mut guard, device) = remembering();
    let later = NOW.plus(60);
    let declared = |set_at| Password { phc: String::new(), set_at: Timestamp(set_at), must_change: false };
    let knows = |guard: &mut Guard, set_at| match guard.begin(later, LENIENT, Some(&declared(set_at)), 0, Some(&device))
    {
        Admission::Check { second, .. } => second.knows_device,
        other => panic!("{other:?}"),
    };
    assert!(knows(&mut guard, 10));
    assert!(!knows(&mut guard, 11), "an operator has declared another password");
    let mut reset = guard.clone();
    reset.operate(later, Operation::Reset { phc: "given".into(), at: Timestamp(10) });
    assert!(!knows(&mut reset, 10));
    guard.operate(later, Operation::ResetSecondStep);
    assert!(!knows(&mut guard, 10));
}

#[test]
fn an_operator_wants_a_second_step_or_forgets_it() {
    let (mut guard, ..) = set_up();
    guard.operate(NOW, Operation::RequireSecondStep);
    assert!(facts(&guard).is_required);
    guard.operate(NOW, Operation::ResetSecondStep);
    assert_eq!(facts(&guard), Facts { is_required: true, generation: 2, ..Facts::default() });
    guard.operate(NOW, Operation::WaiveSecondStep);
    assert_eq!(facts(&guard), Facts { generation: 2, ..Facts::default() });
}

#[test]
fn a_guard_is_kept_and_read_back_and_tells_no_log_anything() {
    let (mut guard, secret, codes) = set_up();
    guard.send_code(NOW, "hushhash".into()).unwrap();
    let json = serde_json::to_string(&guard).unwrap();
    assert_eq!(kv_schema::json::from_str::<Guard>(&json).unwrap(), guard);
    let attempt = attempt("a", 1, "hush");
    let printed = format!("{guard:?} {:?} {:?}", attempt, Ask::Code(attempt.clone()));
    assert!(!printed.contains("hush") && !printed.contains(secret.text()), "{printed}");
    assert!(!json.contains(&codes[0]), "of recovery codes there are hashes alone");
    assert_eq!(kv_schema::json::from_str::<Guard>("{}").unwrap(), Guard::default(), "one of before is read");
}

mod passkeys;

#[test]
fn a_guard_is_kept_for_each_part_of_a_second_step_that_nobody_may_shake_off_by_waiting() {
    let kept = [
        SecondStep { secret: Some(Secret::generate(&mut OsRng)), ..SecondStep::default() },
        SecondStep { is_required: true, ..SecondStep::default() },
        SecondStep { generation: 1, ..SecondStep::default() },
        SecondStep { misses: 1, ..SecondStep::default() },
        SecondStep { devices: Some(String::new()), ..SecondStep::default() },
    ];
    for second in kept {
        assert_eq!(Guard { second: second.clone(), ..Guard::default() }.forget_at(), None, "{second:?}");
    }
    let sent = SecondStep { sent: vec![NOW], tries: vec!["flow".into()], ..SecondStep::default() };
    assert!(Guard { second: sent, ..Guard::default() }.forget_at().is_some(), "what runs out goes");
}
