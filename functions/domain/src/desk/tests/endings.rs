//! C4 and C6: hard ends, overtime, and what becomes of a session.

use super::*;

#[test]
fn a_hard_end_in_idle_ends_the_session() {
    let mut desk = connected();
    let departed = sleep(&mut desk, at(SHIFT), Some(at(SHIFT)));
    assert_eq!((departed[0].ended.reason, departed[0].ended.at), (EndReason::HardEnd, at(SHIFT)));
}

#[test]
fn a_hard_end_waits_for_the_end_of_an_interaction_and_of_its_wrap_up() {
    let mut desk = in_interaction();
    let later = at(SHIFT + 3600);
    assert_eq!(sleep(&mut desk, later, Some(later)), []);
    assert!(desk.view(later).is_some_and(|view| view.waits && view.hard_end > later));
    ask(&mut desk, later, Some(later), finished(1));
    assert_eq!(state(&desk), State::WrapUp { interaction: call(1), until: None });
    assert!(desk.view(later).unwrap().waits);
    let over = later.plus(30);
    let id = desk.view(over).unwrap().applied + 1;
    command(&mut desk, over, id, Wish::Ready);
    let view = desk.view(over).unwrap();
    assert_eq!((view.waits, view.hard_end), (false, over.plus(60)), "as long as any warning");
    let departed = sleep(&mut desk, over.plus(60), Some(over.plus(60)));
    assert_eq!(departed[0].ended.reason, EndReason::HardEnd);
}

#[test]
fn a_hard_end_that_passed_with_the_wrap_ups_limit_while_the_desk_was_away_has_waited_for_it() {
    let mut desk = in_interaction();
    desk.holder.as_mut().unwrap().visitor.policy.wrap_up_seconds = Some(40);
    ask(&mut desk, at(SHIFT - 300), Some(at(SHIFT - 300)), finished(1));
    let now = at(SHIFT + 300);
    assert_eq!(desk.pass(now, Some(now)).departed, []);
    assert_eq!((state(&desk), desk.view(now).unwrap().hard_end), (State::Ready, now.plus(60)));
}

#[test]
fn an_interaction_always_has_a_token_that_lasts() {
    let mut desk = in_interaction();
    for minutes in 0..(SHIFT / 60 + 120) {
        let now = at(minutes * 60);
        sleep(&mut desk, now, Some(now));
        let view = desk.view(now).expect("the session goes on");
        assert!(view.hard_end >= now.plus(120), "at {minutes} min");
    }
}

#[test]
fn an_agent_stays_signed_in_once_where_policy_allows() {
    let mut desk = connected();
    let stayed = desk.command(at(1), Command { id: 1, ask: Wish::Stay });
    assert_eq!(stayed.answer, Said::Done { id: 1 });
    let moved = What::HardEnd { hard_end: at(SHIFT + 1800), waits: false, overtime: 0 };
    assert_eq!(stayed.events[0].what, moved, "a page that is open need not ask whether it may once more");
    let view = desk.view(at(1)).unwrap();
    assert_eq!((view.hard_end, view.overtime), (at(SHIFT + 1800), 0));
    let again = command(&mut desk, at(2), 2, Wish::Stay);
    assert_eq!(again, Said::Refused { id: 2, why: Refusal::NotAllowed });
}

#[test]
fn waiting_never_brings_the_hard_end_forward() {
    let mut desk = in_interaction();
    let now = at(SHIFT - 115);
    sleep(&mut desk, now, Some(now));
    assert!(desk.view(now).unwrap().waits);
    assert_eq!(command(&mut desk, now, 3, Wish::Stay), Said::Refused { id: 3, why: Refusal::NotNow });
    ask(&mut desk, now, Some(now), finished(1));
    command(&mut desk, now, 4, Wish::Ready);
    assert_eq!(desk.view(now).unwrap().hard_end, at(SHIFT));
}

#[test]
fn a_tombstone_that_the_desk_did_not_know_of_ends_the_session_as_it_says() {
    let mut desk = connected();
    let heed = |number| Ask::Heed { sid: sid(number), ending: Ending::of(EndReason::Disabled) };
    assert_eq!(ask(&mut desk, at(1), None, heed(2)).answer, Answer::Ended(None));
    assert_eq!(reason_of(&ask(&mut desk, at(1), None, heed(1))), Some(EndReason::Disabled));
}

#[test]
fn a_session_that_ran_out_is_gone_on_with_by_signing_in_again_in_the_same_browser() {
    let mut desk = connected();
    ready(&mut desk, START);
    sleep(&mut desk, at(SHIFT), Some(at(SHIFT)));
    take(&mut desk, at(SHIFT + 60), 2, None, Some(1));
    connect(&mut desk, at(SHIFT + 61), 2, 2);
    assert_eq!(state(&desk), not_ready(Reason::Unmet), "the extension was freed meanwhile");
    answer_calls(&mut desk, at(SHIFT + 61));
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn it_is_gone_on_with_for_a_quarter_of_an_hour_and_never_in_the_middle_of_an_interaction() {
    let later = |mut desk: Desk, seconds| {
        let ended = sleep(&mut desk, at(600), None).remove(0).ended;
        assert_eq!(ended.reason, EndReason::ConnectionLost);
        let back = ended.at.plus(seconds);
        take(&mut desk, back, 2, None, Some(1));
        connect(&mut desk, back, 2, 2);
        answer_calls(&mut desk, back);
        state(&desk)
    };
    let mut desk = connected();
    ready(&mut desk, START);
    assert_eq!(later(desk.clone(), 15 * 60), State::Ready);
    assert_eq!(later(desk, 15 * 60 + 1), not_ready(Reason::SignedIn));
    assert_eq!(later(in_interaction(), 1), not_ready(Reason::SignedIn));
}

#[test]
fn a_session_that_was_signed_out_is_not() {
    let mut desk = connected();
    ready(&mut desk, START);
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    take(&mut desk, at(2), 2, None, Some(1));
    connect(&mut desk, at(3), 2, 2);
    assert_eq!(state(&desk), not_ready(Reason::SignedIn));
}

#[test]
fn whoever_ends_a_session_is_named() {
    let mut desk = connected();
    let ending = Ending { reason: EndReason::Forced, by: Some("workforce".to_owned()), browser: None };
    assert_eq!(ask(&mut desk, at(1), None, Ask::End(ending.clone())).answer, Answer::Ended(Some(sid(1))));
    let Answer::Over(Some(ended)) = ask(&mut desk, at(2), None, Ask::Recall { sid: sid(1) }).answer else {
        panic!("forgotten")
    };
    assert_eq!((ended.reason, ended.by.as_deref(), ended.at), (EndReason::Forced, Some("workforce"), at(1)));
    assert_eq!(ask(&mut desk, at(3), None, Ask::End(ending)).answer, Answer::Ended(None));
}

#[test]
fn a_session_that_is_over_is_over_whatever_it_asks() {
    let mut desk = connected();
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    assert!(matches!(ask(&mut desk, at(2), None, Ask::Stand(visitor(1, START, 1))).answer, Answer::Over(Some(_))));
    assert!(connect(&mut desk, at(2), 1, 1).answer.is_err());
    assert_eq!(command(&mut desk, at(2), 1, Wish::Ready), Said::Refused { id: 1, why: Refusal::NotNow });
}
