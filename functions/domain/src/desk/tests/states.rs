//! D3: what an agent is doing, commands, events.

use super::*;

#[test]
fn a_state_chosen_during_an_interaction_takes_effect_after_it() {
    let mut desk = in_interaction();
    command(&mut desk, at(1), 3, NOT_READY);
    assert_eq!(state(&desk), State::InInteraction { interaction: call(1) });
    assert_eq!(desk.view(at(1)).unwrap().next, Some(Next::NotReady { reason: None }));
    ask(&mut desk, at(5), None, finished(1));
    assert_eq!(state(&desk), not_ready(Reason::Chosen));
}

#[test]
fn without_a_choice_an_interaction_leads_to_wrap_up() {
    let mut desk = in_interaction();
    ask(&mut desk, at(5), None, finished(1));
    assert_eq!(state(&desk), State::WrapUp { interaction: call(1), until: None });
    command(&mut desk, at(6), 3, Wish::Ready);
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn a_wrap_up_that_reaches_its_limit_leads_to_ready() {
    let mut desk = connected();
    desk.holder.as_mut().unwrap().visitor.policy.wrap_up_seconds = Some(40);
    ready(&mut desk, START);
    ask(&mut desk, START, None, offering(1));
    command(&mut desk, at(2), 2, Wish::Accept { offer: proposal(1).id });
    ask(&mut desk, at(5), None, finished(1));
    assert_eq!(state(&desk), State::WrapUp { interaction: call(1), until: Some(at(45)) });
    sleep(&mut desk, at(44), Some(at(44)));
    assert!(state(&desk).is_engaged());
    let over = desk.pass(at(45), Some(at(44)));
    assert_eq!(over.events[0].what, What::State { state: State::Ready, cause: Cause::Limit, by: None });
}

#[test]
fn a_reason_is_one_of_the_instances_list() {
    let mut desk = connected();
    let named = |code: &str| Wish::NotReady { reason: ReasonCode::parse(code).ok() };
    assert_eq!(command(&mut desk, at(1), 1, named("lunch")), Said::Done { id: 1 });
    assert_eq!(state(&desk), not_ready(Reason::Named(ReasonCode::parse("lunch").unwrap())));
    let refused = Said::Refused { id: 2, why: Refusal::NotAllowed };
    assert_eq!(command(&mut desk, at(2), 2, named("siesta")), refused);
    assert_eq!(command(&mut desk, at(3), 3, NOT_READY), Said::Done { id: 3 });
    assert_eq!(state(&desk), not_ready(Reason::Chosen));
}

#[test]
fn the_agent_or_routing_ends_an_interaction_and_an_ended_one_is_not_there_to_end() {
    let mut desk = in_interaction();
    let end = |number| Wish::End { interaction: call(number).id };
    assert_eq!(command(&mut desk, at(1), 3, end(2)), Said::Refused { id: 3, why: Refusal::NotNow });
    assert_eq!(command(&mut desk, at(1), 4, end(1)), Said::Done { id: 4 });
    assert_eq!(state(&desk), State::WrapUp { interaction: call(1), until: None });
    assert_eq!(command(&mut desk, at(2), 5, end(1)), Said::Refused { id: 5, why: Refusal::NotNow });
    ask(&mut desk, at(3), None, finished(1));
    assert_eq!(state(&desk), State::WrapUp { interaction: call(1), until: None }, "saying so again does no harm");
}

#[test]
fn a_service_chooses_a_state_in_the_agents_place_and_is_named() {
    let mut desk = connected();
    let choose = |next| Ask::Choose { next, by: "workforce".into() };
    let chosen = ask(&mut desk, at(1), None, choose(Next::Ready));
    assert!(matches!(chosen.answer, Answer::Seen(Some(_))));
    let by = Some("workforce".to_owned());
    assert_eq!(chosen.events[0].what, What::State { state: State::Ready, cause: Cause::Service, by });
    let unknown = Next::NotReady { reason: ReasonCode::parse("siesta").ok() };
    assert_eq!(ask(&mut desk, at(2), None, choose(unknown)).answer, Answer::Refused(Refusal::NotAllowed));
    assert_eq!(ask(&mut Desk::default(), at(2), None, choose(Next::Ready)).answer, Answer::Nobody);
}

#[test]
fn nobody_is_made_ready_whose_desktop_has_not_connected_yet() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    answer_calls(&mut desk, START);
    ask(&mut desk, at(1), None, Ask::Choose { next: Next::Ready, by: "workforce".into() });
    assert_eq!(state(&desk), not_ready(Reason::SignedIn));
    connect(&mut desk, at(2), 1, 1);
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn a_command_that_arrives_twice_is_applied_once() {
    let mut desk = connected();
    assert_eq!(command(&mut desk, at(1), 1, Wish::Ready), Said::Done { id: 1 });
    assert_eq!(command(&mut desk, at(2), 2, NOT_READY), Said::Done { id: 2 });
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
    for (seconds, ask) in [(1, Wish::Ready), (2, NOT_READY), (3, Wish::Ready)] {
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
