//! C5: one owner, taking over, fencing.

use super::*;

#[test]
fn each_login_takes_a_higher_lease() {
    let mut desk = Desk::default();
    assert_eq!(take(&mut desk, START, 1, None, None).answer, lease(1));
    assert_eq!(take(&mut desk, START, 2, None, None).answer, lease(2));
}

#[test]
fn a_second_login_is_told_where_the_first_one_is() {
    let mut desk = connected();
    ready(&mut desk, at(1));
    let Answer::Occupied(occupant) = take(&mut desk, at(10), 2, None, None).answer else { panic!("not asked") };
    assert_eq!((occupant.lease, occupant.since, occupant.state), (1, START, State::Ready));
    assert_eq!(occupant.browser.to_string(), "Chrome on Windows");
    assert_eq!(occupant.silent_since, None);
    assert_eq!(desk.holder(), Some(&sid(1)), "nothing has changed");
}

#[test]
fn whoever_asks_again_where_it_is_is_told_as_it_is_then_and_nothing_changes() {
    let mut desk = Desk::default();
    assert_eq!(ask(&mut desk, START, None, Ask::Where).answer, Answer::Nobody);
    let mut desk = connected();
    ready(&mut desk, at(1));
    let Answer::Occupied(occupant) = ask(&mut desk, at(10), None, Ask::Where).answer else { panic!("not told") };
    assert_eq!((occupant.lease, occupant.since, occupant.state), (1, START, State::Ready));
    assert_eq!(desk.holder(), Some(&sid(1)));
}

#[test]
fn it_is_told_as_well_when_nothing_has_been_heard_from_there() {
    let mut desk = connected();
    sleep(&mut desk, at(40), None);
    let Answer::Occupied(occupant) = take(&mut desk, at(40), 2, None, None).answer else { panic!("not asked") };
    assert_eq!(occupant.silent_since, Some(START));
}

#[test]
fn whoever_was_ready_before_the_connection_was_lost_is_told_as_not_ready() {
    let mut desk = connected();
    ready(&mut desk, at(1));
    sleep(&mut desk, at(60), Some(at(1)));
    let Answer::Occupied(occupant) = take(&mut desk, at(61), 2, None, None).answer else { panic!("not asked") };
    assert_eq!((occupant.state, occupant.silent_since), (not_ready(Reason::ConnectionLost), Some(at(1))));
    assert_eq!(take(&mut desk, at(62), 2, Some(1), None).answer, lease(2));
    connect(&mut desk, at(63), 2, 2);
    assert_eq!(state(&desk), State::Ready, "what they had chosen goes along all the same");
}

#[test]
fn a_session_whose_page_never_connected_is_not_asked_about() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    let taken = take(&mut desk, at(299), 2, None, None);
    assert_eq!((taken.answer.clone(), reason_of(&taken)), (lease(2), Some(EndReason::TakenOver)));
}

#[test]
fn a_take_over_is_of_the_lease_that_the_agent_was_told_of() {
    let mut desk = connected();
    assert_eq!(take(&mut desk, at(1), 2, Some(1), None).answer, lease(2));
    connect(&mut desk, at(2), 2, 2);
    assert!(matches!(take(&mut desk, at(3), 3, Some(1), None).answer, Answer::Occupied(_)));
}

#[test]
fn a_take_over_that_was_agreed_to_before_an_interaction_began_is_asked_about_again() {
    let mut desk = in_interaction();
    let comes = |desk: &mut Desk, in_interaction| {
        let consent = Some(Consent { in_interaction, ..consent(1, at(1)) });
        let arrival = Arrival { visitor: visitor(2, at(1), 0), consent, here: None, is_typed: false };
        ask(desk, at(1), None, Ask::Take(arrival)).answer
    };
    let Answer::Occupied(occupant) = comes(&mut desk, false) else { panic!("taken over unasked") };
    assert!(occupant.is_in_interaction(), "what is asked tells of it");
    assert_eq!(comes(&mut desk, true), lease(2));
}

#[test]
fn a_take_over_counts_once_and_not_after_an_end() {
    let mut desk = connected();
    assert_eq!(take(&mut desk, at(1), 2, Some(1), None).answer, lease(2));
    assert!(matches!(take(&mut desk, at(2), 3, Some(1), None).answer, Answer::Occupied(_)), "not connected yet");
    ask(&mut desk, at(3), None, Ask::Leave { sid: sid(2) });
    assert_eq!(take(&mut desk, at(4), 3, Some(1), None).answer, Answer::Stale, "nobody is there");

    let mut desk = connected();
    ask(&mut desk, at(1), None, Ask::End(Ending::of(EndReason::Forced)));
    assert_eq!(take(&mut desk, at(2), 2, Some(1), None).answer, Answer::Stale, "who was thrown out stays out");
}

#[test]
fn what_was_proved_before_an_end_takes_over_no_later_session_either() {
    let mut desk = connected();
    ask(&mut desk, at(10), None, Ask::End(Ending::of(EndReason::PasswordChanged)));
    assert_eq!(take(&mut desk, at(20), 2, None, None).answer, lease(3), "the agent, with the new password");
    let comes = |desk: &mut Desk, proved_at| {
        let (visitor, consent) = (visitor(3, at(30), 0), Some(consent(3, at(proved_at))));
        let arrival = Arrival { visitor, consent, here: None, is_typed: false };
        ask(desk, at(30), None, Ask::Take(arrival)).answer
    };
    assert_eq!(comes(&mut desk, 10), Answer::Stale, "somebody with the old one, who was asked once more");
    assert_eq!(desk.holder(), Some(&sid(2)));
    assert_eq!(comes(&mut desk, 11), lease(4), "the agent, at another desk");
}

#[test]
fn whoever_is_taken_over_learns_by_which_browser_and_when() {
    let mut desk = connected();
    let taken = take(&mut desk, at(9), 2, Some(1), None);
    let ended = &taken.departed[0].ended;
    assert_eq!((ended.sid.clone(), ended.reason, ended.at), (sid(1), EndReason::TakenOver, at(9)));
    assert_eq!(ended.browser.unwrap().to_string(), "Chrome on Windows");
    assert_eq!(connect(&mut desk, at(10), 1, 1).answer, Err(Some(ended.clone())), "and may not come back");
}

#[test]
fn a_sign_in_again_in_the_same_browser_is_not_asked_about() {
    let mut desk = connected();
    assert_eq!(reason_of(&take(&mut desk, at(1), 2, None, Some(1))), Some(EndReason::Replaced));
    assert_eq!(desk.holder(), Some(&sid(2)));
}

#[test]
fn what_the_agent_is_doing_goes_along() {
    let mut desk = connected();
    ready(&mut desk, START);
    take(&mut desk, at(1), 2, Some(1), None);
    assert_eq!(state(&desk), not_ready(Reason::SignedIn), "nobody is ready before the desktop is heard");
    connect(&mut desk, at(2), 2, 2);
    assert_eq!(state(&desk), State::Ready);

    let mut desk = in_interaction();
    take(&mut desk, at(1), 2, Some(1), None);
    assert_eq!(state(&desk), State::InInteraction { interaction: call(1) });
}

#[test]
fn what_was_chosen_for_after_an_interaction_is_still_chosen_after_a_take_over() {
    let mut desk = in_interaction();
    assert_eq!(command(&mut desk, at(1), 3, NOT_READY), Said::Done { id: 3 });
    take(&mut desk, at(2), 2, Some(1), None);
    connect(&mut desk, at(3), 2, 2);
    assert!(desk.view(at(3)).unwrap().next.is_some(), "and shown");
    ask(&mut desk, at(4), None, finished(1));
    assert_eq!(state(&desk), not_ready(Reason::Chosen));

    let mut desk = connected();
    ready(&mut desk, START);
    ask(&mut desk, START, Some(START), offering(1));
    command(&mut desk, at(1), 2, NOT_READY);
    take(&mut desk, at(2), 2, Some(1), None);
    connect(&mut desk, at(3), 2, 2);
    command(&mut desk, at(4), 1, Wish::Reject { offer: proposal(1).id });
    assert_eq!(state(&desk), not_ready(Reason::Chosen), "an offer rejected");
}

#[test]
fn what_goes_on_over_a_take_over_goes_on_from_when_it_began() {
    let since = |desk: &Desk| desk.view(START).unwrap().state_since;
    let mut desk = in_interaction();
    take(&mut desk, at(30), 2, Some(1), None);
    assert_eq!(since(&desk), START, "an interaction");
    connect(&mut desk, at(31), 2, 2);
    assert_eq!(since(&desk), START);
    ask(&mut desk, at(40), None, finished(1));
    take(&mut desk, at(50), 3, Some(2), None);
    assert_eq!(since(&desk), at(40), "its wrap-up");

    let mut desk = connected();
    command(&mut desk, at(10), 1, NOT_READY);
    take(&mut desk, at(20), 2, Some(1), None);
    assert_eq!((state(&desk), since(&desk)), (not_ready(Reason::Chosen), at(10)), "what was chosen");
    connect(&mut desk, at(25), 2, 2);
    assert_eq!((state(&desk), since(&desk)), (not_ready(Reason::Chosen), at(10)));
}

#[test]
fn an_offer_that_was_not_answered_is_not_told_of_anew_after_a_take_over() {
    let mut desk = connected();
    ready(&mut desk, START);
    ask(&mut desk, START, Some(START), offering(1));
    sleep(&mut desk, at(21), Some(at(20)));
    assert_eq!(state(&desk), not_ready(Reason::NoAnswer));
    take(&mut desk, at(25), 2, Some(1), None);
    connect(&mut desk, at(30), 2, 2);
    assert_eq!((state(&desk), desk.view(START).unwrap().state_since), (not_ready(Reason::NoAnswer), at(20)));
}

#[test]
fn what_was_interrupted_by_a_take_over_begins_anew() {
    let since = |desk: &Desk| desk.view(START).unwrap().state_since;
    let mut desk = connected();
    ready(&mut desk, at(10));
    take(&mut desk, at(20), 2, Some(1), None);
    assert_eq!(since(&desk), at(20), "nobody is ready before the desktop is heard");
    connect(&mut desk, at(25), 2, 2);
    assert_eq!((state(&desk), since(&desk)), (State::Ready, at(25)));

    let mut desk = connected();
    command(&mut desk, at(10), 1, NOT_READY);
    sleep(&mut desk, at(60), Some(at(10)));
    take(&mut desk, at(70), 2, Some(1), None);
    assert_eq!((state(&desk), since(&desk)), (not_ready(Reason::Chosen), at(70)), "the connection was lost");
}

#[test]
fn whoever_takes_over_an_interaction_and_never_connects_is_lost_like_anybody_else() {
    let mut desk = in_interaction();
    take(&mut desk, at(1), 2, Some(1), None);
    let departed = sleep(&mut desk, at(302), None);
    assert_eq!(departed[0].ended.reason, EndReason::ConnectionLost);
}

#[test]
fn an_older_session_cannot_clear_the_desk_of_a_newer_one() {
    let mut desk = connected();
    take(&mut desk, at(1), 2, Some(1), None);
    assert_eq!(ask(&mut desk, at(2), None, Ask::Leave { sid: sid(1) }).answer, Answer::Ended(None));
    assert_eq!(ask(&mut desk, at(2), None, Ask::Leave { sid: sid(2) }).answer, Answer::Ended(Some(sid(2))));
    assert_eq!(desk.holder(), None);
}

#[test]
fn a_desk_that_has_lost_what_it_knew_believes_the_newer_lease() {
    let mut desk = Desk::default();
    assert_eq!(ask(&mut desk, at(5), None, Ask::Stand(visitor(7, START, 4))).answer, stands(SHIFT));
    assert_eq!(take(&mut desk, at(6), 8, None, None).answer, lease(5));
    let older = ask(&mut desk, at(7), None, Ask::Stand(visitor(6, START, 3)));
    assert_eq!(older.answer, Answer::Over(None));
}

fn stands(seconds: u64) -> Answer {
    let extension = Extension::parse("1001").ok();
    Answer::Stands(Standing { extension, hard_end: at(seconds), waits: false, overtime_minutes: 30 })
}
