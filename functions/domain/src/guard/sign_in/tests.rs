//! What a code or a refresh token yields, and what ends it.

use super::super::{Change, Operation, Proof};
use super::*;
use crate::fixture;

const NOW: Timestamp = Timestamp(1_800_000_000);
const DECLARED: Timestamp = Timestamp(1_700_000_000);

fn id(number: u128) -> SessionId {
    SessionId::from_bits(number)
}

fn sign_in(number: u128) -> SignIn {
    SignIn {
        id: id(number),
        auth_time: NOW,
        amr: vec![Amr::Pwd],
        until: NOW.plus(3600),
        declared: DECLARED,
        opened: Vec::new(),
        hint: None,
        follows: None,
    }
}

fn code(family: &str, sign_in: u128) -> Grant {
    Grant {
        family: family.into(),
        good: format!("{family} code"),
        until: NOW,
        sign_in: id(sign_in),
        instance: fixture::id(1),
        agent: fixture::agent().username,
        client: "crm".into(),
        redirect_uri: "https://crm.example/cb".into(),
        challenge: "challenge".into(),
        scope: "openid".into(),
        nonce: Some("nonce".into()),
        extension: None,
        language: None,
    }
}

/// The code as its client shows it, asking for a refresh token.
fn shown(family: &str) -> Shown {
    Shown {
        family: family.into(),
        text: format!("{family} code"),
        client: "crm".into(),
        redirect_uri: "https://crm.example/cb".into(),
        challenge: "challenge".into(),
        next: "refresh 1".into(),
        access_life: 300,
        opens: false,
    }
}

fn stands(
    guard: &mut Guard,
    now: Timestamp,
    sign_in: &SessionId,
    family: Option<&str>,
    declared: Option<Timestamp>,
) -> bool {
    guard.grant_stands(now, sign_in, family, declared) != Answer::Superseded
}

fn refresh(family: &str, text: &str, next: &str) -> Shown {
    let (redirect_uri, challenge) = (String::new(), String::new());
    Shown { text: text.into(), next: next.into(), redirect_uri, challenge, ..shown(family) }
}

/// Signed in once, with a code.
fn guard() -> Guard {
    let mut guard = Guard::default();
    guard.sign_in(NOW, sign_in(1));
    assert!(guard.grant(NOW, code("a", 1), Some(DECLARED)));
    guard
}

fn is_redeemed(guard: &mut Guard, at: Timestamp, shown: Shown) -> bool {
    guard.redeem(at, shown).is_ok()
}

#[test]
fn a_code_gives_what_it_was_granted_for_and_by_which_sign_in() {
    let (grant, by) = guard().redeem(NOW, shown("a")).unwrap();
    assert_eq!((grant.scope.as_str(), grant.nonce.as_deref(), by), ("openid", Some("nonce"), sign_in(1)));

    let mut guard = guard();
    guard.sign_in(NOW, sign_in(2));
    assert!(guard.grant(NOW, code("b", 2), Some(DECLARED)));
    assert_eq!(guard.redeem(NOW, shown("b")).unwrap().1, sign_in(2));
}

#[test]
fn whose_a_code_is_can_be_told_for_as_long_as_it_is_kept() {
    let guard = guard();
    assert_eq!(guard.whose("a"), Some((fixture::id(1), fixture::agent().username)));
    assert_eq!(guard.whose("b"), None);
}

#[test]
fn of_many_who_use_one_code_at_once_one_wins() {
    let mut guard = guard();
    assert_eq!((0..1000).filter(|_| guard.redeem(NOW, shown("a")).is_ok()).count(), 1);
}

#[test]
fn what_came_of_a_sign_in_stands_with_the_extension_that_was_typed() {
    let mut guard = guard();
    assert_eq!(guard.grant_stands(NOW, &id(1), Some("a"), Some(DECLARED)), Answer::Stands(None));
    let typed = Extension::parse("2002").ok();
    assert!(guard.grant(NOW, Grant { extension: typed.clone(), ..code("b", 1) }, Some(DECLARED)));
    assert!(is_redeemed(&mut guard, NOW, shown("b")));
    assert!(is_redeemed(&mut guard, NOW.plus(1), refresh("b", "refresh 1", "refresh 2")));
    let answer = guard.grant_stands(NOW.plus(2), &id(1), Some("b"), Some(DECLARED));
    assert_eq!(answer, Answer::Stands(typed), "as the ID token of each refresh has it");
}

#[test]
fn a_code_that_is_shown_again_ends_what_came_of_it() {
    let mut guard = guard();
    assert!(is_redeemed(&mut guard, NOW, shown("a")));
    assert!(stands(&mut guard, NOW, &id(1), Some("a"), Some(DECLARED)));
    assert_eq!(guard.redeem(NOW.plus(1), shown("a")), Err(Denied::Reused));
    assert_eq!(guard.redeem(NOW.plus(2), refresh("a", "refresh 1", "refresh 2")), Err(Denied::Unknown));
    assert!(!stands(&mut guard, NOW.plus(2), &id(1), Some("a"), Some(DECLARED)), "its access token");
    assert!(stands(&mut guard, NOW.plus(2), &id(1), None, Some(DECLARED)), "and no more than that");
}

#[test]
fn each_thing_that_does_not_fit_a_code_is_enough_and_uses_it_up() {
    type Fault = fn(&mut Shown);
    let faults: [(Fault, Denied); 6] = [
        (|shown| shown.client = "other".into(), Denied::OtherClient),
        (|shown| shown.text = "another".into(), Denied::Reused),
        (|shown| shown.challenge = "another".into(), Denied::WrongVerifier),
        (|shown| shown.challenge = String::new(), Denied::WrongVerifier),
        (|shown| shown.redirect_uri = "https://crm.example/cb/".into(), Denied::OtherRedirect),
        (|shown| shown.redirect_uri = String::new(), Denied::OtherRedirect),
    ];
    for (fault, why) in faults {
        let mut guard = guard();
        let mut presented = shown("a");
        fault(&mut presented);
        assert_eq!(guard.redeem(NOW, presented), Err(why));
        assert_eq!(guard.redeem(NOW, shown("a")), Err(Denied::Unknown), "{why:?}");
    }
    assert_eq!(guard().redeem(NOW, Shown { family: "b".into(), ..shown("a") }), Err(Denied::Unknown));
}

#[test]
fn a_code_is_good_for_a_minute() {
    assert!(is_redeemed(&mut guard(), NOW.plus(59), shown("a")));
    assert_eq!(guard().redeem(NOW.plus(60), shown("a")), Err(Denied::Expired));
}

#[test]
fn a_refresh_token_is_replaced_by_each_use_and_one_that_comes_again_ends_its_family() {
    let mut guard = guard();
    assert!(is_redeemed(&mut guard, NOW, shown("a")));
    let (grant, _) = guard.redeem(NOW.plus(100), refresh("a", "refresh 1", "refresh 2")).unwrap();
    assert_eq!((grant.scope.as_str(), grant.nonce), ("openid", None));
    assert!(is_redeemed(&mut guard, NOW.plus(3000), refresh("a", "refresh 2", "refresh 3")));
    assert_eq!(guard.redeem(NOW.plus(3001), refresh("a", "refresh 1", "stolen")), Err(Denied::Reused));
    assert_eq!(guard.redeem(NOW.plus(3002), refresh("a", "refresh 3", "refresh 4")), Err(Denied::Unknown));
}

#[test]
fn of_many_who_use_one_refresh_token_at_once_one_wins() {
    let mut guard = guard();
    assert!(is_redeemed(&mut guard, NOW, shown("a")));
    let wins = |number: &usize| {
        let next = format!("next {number}");
        guard.redeem(NOW, refresh("a", "refresh 1", &next)).is_ok()
    };
    assert_eq!((0..1000).filter(wins).count(), 1);
}

#[test]
fn a_code_is_no_refresh_token_and_a_refresh_token_is_no_code() {
    assert_eq!(guard().redeem(NOW, refresh("a", "a code", "next")), Err(Denied::WrongVerifier));
    let mut guard = guard();
    assert!(is_redeemed(&mut guard, NOW, shown("a")));
    let as_code = Shown { text: "refresh 1".into(), ..shown("a") };
    assert_eq!(guard.redeem(NOW, as_code), Err(Denied::WrongVerifier));
}

#[test]
fn a_refresh_token_ends_with_its_sign_in() {
    let mut guard = guard();
    assert!(is_redeemed(&mut guard, NOW, shown("a")));
    let late = refresh("a", "refresh 1", "refresh 2");
    assert!(is_redeemed(&mut guard.clone(), NOW.plus(3599), late.clone()));
    assert_eq!(guard.redeem(NOW.plus(3600), late), Err(Denied::Expired));
}

#[test]
fn without_a_refresh_token_a_family_is_remembered_as_long_as_its_access_token_is_good() {
    let mut guard = guard();
    assert!(is_redeemed(&mut guard, NOW, Shown { next: String::new(), ..shown("a") }));
    assert!(stands(&mut guard, NOW.plus(299), &id(1), Some("a"), Some(DECLARED)));
    let mut later = guard.clone();
    assert!(!stands(&mut later, NOW.plus(300), &id(1), Some("a"), Some(DECLARED)));
    assert_eq!(guard.redeem(NOW, refresh("a", "", "next")), Err(Denied::Reused), "nothing is good for it");
}

#[test]
fn a_sign_in_that_ends_takes_its_codes_and_tokens_with_it_and_no_others() {
    type End = fn(&mut Guard);
    let another_password = |guard: &mut Guard| {
        let change = Change {
            phc: "new".into(),
            replaces: DECLARED,
            declared: "old".into(),
            proof: Proof::Password(None),
            history: 5,
        };
        assert!(guard.change(NOW, change));
    };
    let ends: [(End, bool); 6] = [
        (|guard| assert!(guard.end_sign_ins(Some(&id(1)), None)), true),
        (|guard| assert!(guard.end_sign_ins(None, Some(&id(2)))), true),
        (|guard| assert!(guard.end_sign_ins(None, None)), false),
        (another_password, false),
        (|guard| guard.operate(NOW, Operation::Reset { phc: "given".into(), at: NOW }), false),
        (|guard| guard.operate(NOW, Operation::Disable), false),
    ];
    for (number, (end, leaves_the_other)) in ends.into_iter().enumerate() {
        let mut guard = guard();
        guard.sign_in(NOW, sign_in(2));
        assert!(guard.grant(NOW, code("b", 2), Some(DECLARED)));
        assert!(is_redeemed(&mut guard, NOW, shown("a")));
        end(&mut guard);
        let spent = refresh("a", "refresh 1", "refresh 2");
        assert_eq!(guard.redeem(NOW, spent), Err(Denied::Unknown), "{number}");
        assert!(!guard.grant(NOW, code("c", 1), Some(DECLARED)), "{number}");
        assert_eq!(is_redeemed(&mut guard, NOW, shown("b")), leaves_the_other, "{number}");
    }
}

#[test]
fn a_declared_password_ends_what_came_before_it_and_a_late_declaration_does_not() {
    let mut earlier = guard();
    assert!(stands(&mut earlier, NOW, &id(1), None, Some(Timestamp(DECLARED.0 - 9))), "a node that is behind");
    assert!(!stands(&mut earlier, NOW, &id(1), None, Some(DECLARED.plus(1))));
    assert!(!stands(&mut earlier, NOW, &id(1), None, Some(DECLARED)), "it is over for good");
    assert!(!stands(&mut guard(), NOW, &id(1), None, None), "an agent who is there no more");
}

#[test]
fn of_sixteen_sign_ins_the_oldest_goes_and_what_came_of_it() {
    let mut guard = guard();
    assert!((2..=17).all(|number| guard.sign_in(NOW, sign_in(number))));
    assert_eq!(guard.redeem(NOW, shown("a")), Err(Denied::Unknown));
    assert!(!stands(&mut guard, NOW, &id(1), None, Some(DECLARED)));
    assert!(stands(&mut guard, NOW, &id(2), None, Some(DECLARED)));
}

#[test]
fn of_families_the_oldest_goes() {
    let mut guard = guard();
    for number in 0..MOST_FAMILIES {
        assert!(guard.grant(NOW, code(&number.to_string(), 1), Some(DECLARED)));
    }
    assert_eq!(guard.grants.len(), MOST_FAMILIES);
    assert_eq!(guard.redeem(NOW, shown("a")), Err(Denied::Unknown));
}

#[test]
fn a_guard_is_not_forgotten_while_somebody_is_signed_in() {
    assert_eq!(guard().forget_at(), Some(NOW.plus(3600)));
}

#[test]
fn what_may_be_shown_once_is_new_once_and_until_it_is_over_by_itself() {
    let mut guard = Guard::default();
    let until = NOW.plus(60);
    assert!(guard.is_new(NOW, "a".into(), until) && guard.is_new(NOW, "b".into(), until));
    assert!(!guard.is_new(NOW.plus(59), "a".into(), until));
    assert!(guard.is_new(NOW.plus(60), "c".into(), NOW.plus(90)) && guard.shown.len() == 1);
    assert!(!(0..2 * MOST_SHOWN).all(|number| guard.is_new(NOW, number.to_string(), until)));
    assert_eq!(guard.shown.len(), MOST_SHOWN, "and nobody fills it");
}

#[test]
fn a_sign_in_opens_one_session_at_an_application_and_goes_on_for_others() {
    let mut guard = guard();
    assert!(guard.grant(NOW, code("b", 1), Some(DECLARED)), "two tabs at once");
    let opens = |family| Shown { opens: true, next: String::new(), ..shown(family) };
    assert!(is_redeemed(&mut guard, NOW, opens("a")));
    assert_eq!(guard.redeem(NOW, opens("b")).unwrap_err(), Denied::Reused);
    assert!(!guard.grant(NOW, code("c", 1), Some(DECLARED)), "the agent is asked anew");
    assert!(guard.grant(NOW, Grant { client: "mail".into(), ..code("d", 1) }, Some(DECLARED)));
    guard.sign_in(NOW, sign_in(2));
    assert!(guard.grant(NOW, code("e", 2), Some(DECLARED)), "and has been");
}

#[test]
fn signing_out_also_ends_what_came_of_earlier_sign_ins_in_the_same_browser() {
    let mut guard = guard();
    guard.sign_in(NOW, sign_in(8));
    guard.sign_in(NOW, SignIn { follows: Some(id(8)), ..sign_in(9) });
    assert!(guard.grant(NOW, code("b", 9), Some(DECLARED)), "in another browser");
    guard.sign_in(NOW, SignIn { follows: Some(id(1)), ..sign_in(2) });
    guard.sign_in(NOW, SignIn { follows: Some(id(2)), ..sign_in(3) });
    let first = refresh("a", "refresh 1", "refresh 2");
    assert!(is_redeemed(&mut guard, NOW, shown("a")) && is_redeemed(&mut guard, NOW, first), "it stands until then");
    let left = |guard: &Guard| guard.sign_ins.iter().map(|sign_in| sign_in.id.clone()).collect::<Vec<_>>();
    let mut taken_over = guard.clone();
    assert!(!guard.end_sign_ins(Some(&id(7)), None), "nobody's");
    guard.leave(&id(3));
    assert_eq!(left(&guard), [id(8), id(9)]);
    assert_eq!(guard.redeem(NOW, refresh("a", "refresh 2", "refresh 3")), Err(Denied::Unknown));
    assert!(is_redeemed(&mut guard, NOW, shown("b")), "another browser's goes on");

    assert!(taken_over.end_sign_ins(None, Some(&id(3))));
    assert_eq!(left(&taken_over), [id(1), id(2), id(3)]);
    assert!(is_redeemed(&mut taken_over, NOW, refresh("a", "refresh 2", "refresh 3")), "it is this browser's");
    assert!(!is_redeemed(&mut taken_over, NOW, shown("b")));
}

#[test]
fn what_was_used_up_in_vain_is_good_again_unless_what_replaced_it_was_shown() {
    let mut guard = guard();
    let opening = || Shown { opens: true, ..shown("a") };
    let (grant, _) = guard.redeem(NOW, opening()).unwrap();
    assert!(guard.give_back(grant.clone(), "refresh 1"));
    let (again, _) = guard.redeem(NOW, opening()).expect("a session may still be opened with it");
    assert_eq!(again, grant);
    let (used, _) = guard.redeem(NOW, refresh("a", "refresh 1", "refresh 2")).unwrap();
    assert!(guard.give_back(used.clone(), "refresh 2") && !guard.give_back(used, "refresh 2"), "once");
    assert!(is_redeemed(&mut guard, NOW, refresh("a", "refresh 1", "refresh 2")));
    assert!(!guard.give_back(grant, "refresh 1"), "another has been shown since");
    assert!(!is_redeemed(&mut guard, NOW, shown("a")));
}

#[test]
fn whoever_signs_out_learns_what_their_provider_is_shown_and_only_once() {
    let mut guard = guard();
    guard.sign_in(NOW, SignIn { hint: Some(Hint::of("an ID token")), ..sign_in(2) });
    assert_eq!(guard.leave(&id(1)), None, "signed in with a password");
    assert_eq!(guard.leave(&id(2)), Some(Hint::of("an ID token")));
    assert_eq!(guard.leave(&id(2)), None);
    assert!(guard.sign_ins.is_empty() && guard.grants.is_empty());
}

#[test]
fn an_account_that_an_operator_has_disabled_a_moment_ago_signs_nobody_in() {
    let mut guard = Guard::default();
    guard.operate(NOW, Operation::Disable);
    assert!(!guard.sign_in(NOW, sign_in(1)));
    guard.operate(NOW, Operation::Enable);
    assert!(guard.sign_in(NOW, sign_in(1)));
}
