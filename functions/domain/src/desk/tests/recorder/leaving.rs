//! Nothing stays registered after a session.

use super::*;

/// Every way in which a registered session can end: what is to be unregistered then.
fn endings() -> Vec<(&'static str, Desk, Timestamp)> {
    let ended = |name, end: fn(&mut Desk)| {
        let mut desk = registered(&required());
        end(&mut desk);
        (name, desk, at(1))
    };
    let mut all = vec![
        ended("sign-out", |desk| drop(ask(desk, at(1), None, Ask::Leave { sid: sid(1) }))),
        ended("force", |desk| drop(ask(desk, at(1), None, Ask::End(Ending::of(EndReason::Forced))))),
        ended("disabled", |desk| drop(ask(desk, at(1), None, Ask::End(Ending::of(EndReason::Disabled))))),
        ended("tombstone", |desk| {
            drop(ask(desk, at(1), None, Ask::Heed { sid: sid(1), ending: Ending::of(EndReason::SignedOut) }));
        }),
        ended("take-over", |desk| {
            take_recorded(desk, at(1), Some(1), None, recorded(2, 2, 0, &required()));
        }),
        ended("sign-in in its place", |desk| {
            take_recorded(desk, at(1), None, Some(1), recorded(2, 2, 0, &required()));
        }),
        ended("newer lease", |desk| drop(ask(desk, at(1), None, Ask::Stand(recorded(2, 2, 9, &required()))))),
    ];
    let mut silent = registered(&required());
    kept_alive(&mut silent, START, at(300), None);
    all.push(("presence", silent, at(300)));
    let mut late = registered(&required());
    kept_alive(&mut late, START, at(SHIFT), Some(()));
    all.push(("hard end", late, at(SHIFT)));
    all
}

/// Lets time pass while the gateway answers; with `heard`, the page is heard as well.
fn kept_alive(desk: &mut Desk, from: Timestamp, until: Timestamp, heard: Option<()>) {
    let mut now = from;
    while let Some(due) = desk.wake_at().filter(|due| *due <= until) {
        now = now.max(due);
        tell_kv(desk, now, true);
        desk.pass(now, heard.map(|()| now));
        if desk.holder().is_none() {
            return;
        }
        for call in calls(desk, now) {
            answer(desk, now, &call, 200, REGISTERED);
        }
    }
}

#[test]
fn every_end_of_a_session_unregisters_its_workstation_and_that_is_told_once() {
    for (name, mut desk, now) in endings() {
        let call = only_call(&mut desk, now);
        assert_eq!((call.verb, call.method(), &call.session.sid), (Verb::Unregister, "DELETE", &sid(1)), "{name}");
        assert!(call.idempotency_key().starts_with(&format!("\"{}/", call.registration)), "{name}");
        assert!(call.token_until(now) > now, "{name}: its token outlives the session");
        assert_eq!(answer(&mut desk, now, &call, 204, ""), [], "{name}");
        for second in 0..900 {
            assert_eq!(calls(&mut desk, now.plus(second)), [], "{name}");
        }
    }
}

#[test]
fn a_session_that_ends_while_it_registers_is_unregistered_too() {
    let mut desk = registering(&required());
    let register = only_call(&mut desk, START);
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    let call = only_call(&mut desk, at(1));
    assert_eq!((call.verb, &call.registration), (Verb::Unregister, &register.registration));
    answer(&mut desk, at(2), &register, 200, REGISTERED);
    assert_eq!(desk.holder(), None);
}

#[test]
fn what_was_never_asked_for_is_not_unregistered() {
    let mut desk = Desk::default();
    take_recorded(&mut desk, START, None, None, recorded(1, 1, 0, &required()));
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    assert_eq!(calls(&mut desk, at(600)), []);
}

#[test]
fn a_gateway_that_does_not_answer_is_told_again_until_the_registration_is_over_by_itself() {
    let mut desk = registered(&required());
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    assert_eq!(desk.wake_at(), Some(at(1)), "at once");
    let asked = in_vain(&mut desk, at(1), at(900));
    assert!((4..=40).contains(&asked.len()), "{}", asked.len());
    assert!(asked.iter().all(|(_, call)| call.idempotency_key() == asked[0].1.idempotency_key()));
    assert!(asked.last().unwrap().0 < at(70), "a minute after it was last kept alive, and no longer than a call takes");
    assert_eq!(desk.leaving.len(), 0);
}

#[test]
fn one_that_was_never_answered_is_told_for_as_long_as_any_registration_lives() {
    let mut desk = registering(&required());
    only_call(&mut desk, START);
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    let asked = in_vain(&mut desk, at(1), at(1200));
    assert!((at(560)..at(606)).contains(&asked.last().unwrap().0), "{:?}", asked.last());
}

#[test]
fn a_gateway_that_comes_back_is_told() {
    let mut desk = registered(&required());
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    in_vain(&mut desk, at(1), at(20));
    let (second, call) = (21..60).find_map(|second| Some((second, calls(&mut desk, at(second)).pop()?))).unwrap();
    answer(&mut desk, at(second), &call, 204, "");
    assert_eq!(desk.leaving.len(), 0);
}

#[test]
fn what_the_gateway_does_not_know_any_more_is_done_and_a_refusal_is_an_operators() {
    for (told, is_refused) in [(200, false), (404, false), (410, false), (403, true), (500, true), (307, true)] {
        let mut desk = registered(&required());
        ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
        let call = only_call(&mut desk, at(1));
        let answered = GatewayReply::Answer { status: told, retry_after: None, body: String::new() };
        assert_eq!(call.is_refused(&answered), is_refused, "{told}");
        reply(&mut desk, at(1), &call, &answered);
        assert_eq!(desk.leaving.len(), 0, "{told}");
    }
}

#[test]
fn a_desk_that_remembers_none_of_its_sessions_still_unregisters() {
    let mut desk = registered(&required());
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    let own = kept(&desk).swap_remove(0);
    let mut desk = Desk::of_rows(&[own]).unwrap();
    assert_eq!(desk.wake_at(), Some(at(1)));
    let call = only_call(&mut desk, at(1));
    answer(&mut desk, at(1), &call, 204, "");
    assert_eq!(desk.wake_at(), None);
}

#[test]
fn a_desk_remembers_no_more_than_some_registrations_to_undo() {
    let mut desk = registering(&required());
    for try_number in 0..100 {
        let now = at(try_number);
        for call in calls(&mut desk, now) {
            if call.verb == Verb::Register {
                answer(&mut desk, now, &call, 403, "");
            }
        }
        wish(&mut desk, now, Wish::Register);
    }
    assert_eq!(desk.leaving.len(), 32);
}
