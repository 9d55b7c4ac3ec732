//! D3: what an agent is doing, commands, events.

use super::*;

#[test]
fn a_state_chosen_during_an_interaction_takes_effect_after_it() {
    let mut desk = in_interaction();
    command(&mut desk, at(1), 2, Wish::NotReady);
    assert_eq!(state(&desk), State::InInteraction { interaction: call(1) });
    assert_eq!(desk.view(at(1)).unwrap().next, Some(Next::NotReady));
    desk.answer(at(5), None, Ask::Release { interaction: call(1) });
    assert_eq!(state(&desk), not_ready(Reason::Chosen));
}

#[test]
fn without_a_choice_an_interaction_leads_to_wrap_up() {
    let mut desk = in_interaction();
    desk.answer(at(5), None, Ask::Release { interaction: call(1) });
    assert_eq!(state(&desk), State::WrapUp { interaction: call(1) });
    command(&mut desk, at(6), 2, Wish::Ready);
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn only_an_agent_who_is_ready_takes_an_interaction() {
    let mut desk = connected();
    let engage = |desk: &mut Desk, number| desk.answer(START, None, Ask::Engage { interaction: call(number) }).answer;
    assert_eq!(engage(&mut desk, 1), Answer::NotNow(Some(not_ready(Reason::SignedIn))));
    ready(&mut desk, START);
    assert_eq!(engage(&mut desk, 1), Answer::Done);
    assert_eq!(engage(&mut desk, 1), Answer::Done, "the same one, said twice");
    assert!(matches!(engage(&mut desk, 2), Answer::NotNow(Some(State::InInteraction { .. }))));
    assert_eq!(engage(&mut Desk::default(), 1), Answer::NotNow(None));
}

#[test]
fn a_command_that_arrives_twice_is_applied_once() {
    let mut desk = connected();
    assert_eq!(command(&mut desk, at(1), 1, Wish::Ready), Said::Done { id: 1 });
    assert_eq!(command(&mut desk, at(2), 2, Wish::NotReady), Said::Done { id: 2 });
    assert_eq!(command(&mut desk, at(3), 1, Wish::Ready), Said::Done { id: 1 });
    assert_eq!(state(&desk), not_ready(Reason::Chosen));
}

#[test]
fn a_refused_command_is_refused_again() {
    let mut desk = connected();
    command(&mut desk, at(1), 1, Wish::Stay);
    let refused = Said::Refused { id: 2, why: Refusal::NotAllowed };
    assert_eq!(command(&mut desk, at(2), 2, Wish::Stay), refused);
    assert_eq!(command(&mut desk, at(3), 3, Wish::Ready), Said::Done { id: 3 });
    assert_eq!(command(&mut desk, at(4), 2, Wish::Stay), refused);
}

#[test]
fn a_page_of_another_agent_cannot_move_the_count() {
    let mut desk = connected();
    let last = desk.last_event();
    desk.connect(at(1), Connect { visitor: visitor(1, START, 1), after: 5_000 }).answer.unwrap();
    assert_eq!(desk.last_event(), last);
}

#[test]
fn events_are_numbered_one_by_one_over_sessions() {
    let mut desk = connected();
    let mut seen = desk.last_event();
    for (seconds, ask) in [(1, Wish::Ready), (2, Wish::NotReady), (3, Wish::Ready)] {
        let outcome = desk.command(at(seconds), Command { id: seconds, ask });
        for event in outcome.events {
            assert_eq!(event.seq, seen + 1);
            seen = event.seq;
        }
    }
    let taken = take(&mut desk, at(9), 2, Some(1), None);
    assert_eq!(taken.events[0].seq, seen + 1);
    assert_eq!(desk.first_event(), seen + 1, "a page is told of nothing before its own session");
}
