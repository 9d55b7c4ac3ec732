//! From the desktop connecting to whether its workstation is registered.

use super::*;

#[test]
fn nothing_is_registered_before_the_desktop_connects() {
    let mut desk = Desk::default();
    take_recorded(&mut desk, START, None, None, recorded(1, 1, 0, &required()));
    assert_eq!(calls(&mut desk, at(600)), []);
    assert_eq!(missing(&desk), [Missing::Recorder { why: Status::Registering }]);
}

#[test]
fn the_agent_is_busy_while_the_workstation_is_registered() {
    for recorder in [required(), optional()] {
        let mut desk = registering(&recorder);
        assert_eq!((state(&desk), status(&desk)), (State::Registering, Status::Registering));
        assert_eq!((view(&desk).deadline, notes(&desk)), (Some(at(DEADLINE)), vec!["calling"]));
        assert_eq!(refused(&wish(&mut desk, at(1), Wish::Ready)), Some(Refusal::NotNow));
        let call = only_call(&mut desk, at(1));
        answer(&mut desk, at(2), &call, 201, REGISTERED);
        assert_eq!((state(&desk), status(&desk)), (not_ready(Reason::SignedIn), Status::Registered));
        assert_eq!(
            (view(&desk).deadline, view(&desk).cause, notes(&desk)),
            (None, None, vec!["calling", "registered"])
        );
        assert_eq!(missing(&desk), []);
        assert!(matches!(wish(&mut desk, at(3), Wish::Ready), Said::Done { .. }));
    }
}

#[test]
fn every_offer_is_rejected_meanwhile_with_that_reason() {
    let mut desk = registering(&optional());
    let offered = ask(&mut desk, at(1), Some(at(1)), offering(1));
    let Answer::Offer(offer) = offered.answer else { panic!("{:?}", offered.answer) };
    assert_eq!((offer.outcome, offer.reason), (Some(Verdict::Rejected), Some(Rejection::Registering)));
}

#[test]
fn the_gateway_is_asked_for_this_workstation_and_this_session() {
    let mut desk = registering(&required());
    let call = only_call(&mut desk, START);
    let registration = format!("{}-{}", sid(1), START.0);
    assert_eq!((call.verb, call.method()), (Verb::Register, "PUT"));
    assert_eq!(call.url(), format!("https://recorder.example/gateway/registrations/{registration}"));
    assert_eq!(call.body().unwrap(), format!(r#"{{"workstation":"{:032x}"}}"#, 1));
    assert_eq!(call.idempotency_key(), format!("\"{registration}/1\""));
    assert_eq!(call.session.sid, sid(1));
    assert_eq!(calls(&mut desk, at(1)), [], "it is asked once at a time");
}

#[test]
fn a_browser_without_a_number_is_a_workstation_for_the_session() {
    let mut desk = Desk::default();
    let visitor = Visitor { workstation: None, ..recorded(9, 1, 0, &required()) };
    take_recorded(&mut desk, START, None, None, visitor.clone());
    connect_recorded(&mut desk, START, Visitor { lease: 1, ..visitor });
    assert_eq!(view(&desk).workstation.as_str(), sid(9).as_str());
}

#[test]
fn each_step_is_shown_as_it_happens_and_once() {
    let mut desk = registering(&required());
    let call = only_call(&mut desk, START);
    let body = r#"{"status":"registering","notifications":[{"number":1,"code":"workstation_found"}]}"#;
    let events = answer(&mut desk, at(1), &call, 202, body);
    assert!(matches!(&events[..], [Event { what: What::Recorder(_), .. }]), "{events:?}");
    assert_eq!(notes(&desk), ["calling", "accepted", "workstation_found"]);
    let call = only_call(&mut desk, at(1));
    assert_eq!((call.verb, call.method()), (Verb::Follow, "GET"));
    assert_eq!(call.url().rsplit_once('?').unwrap().1, "after=1&wait=10");
    let body = r#"{"status":"registering","notifications":[{"number":1,"code":"workstation_found"},
        {"number":3,"code":"recorder_starting"},{"number":4,"code":"<script>"}]}"#;
    answer(&mut desk, at(5), &call, 200, body);
    assert_eq!(notes(&desk), ["calling", "accepted", "workstation_found", "recorder_starting", "other"]);
    let call = only_call(&mut desk, at(5));
    answer(&mut desk, at(9), &call, 200, REGISTERED);
    let numbers: Vec<u32> = view(&desk).notes.iter().map(|note| note.number).collect();
    assert_eq!((numbers, notes(&desk)[5]), (vec![1, 2, 3, 4, 5, 6], "registered"));
    assert_eq!(view(&desk).notes[3].at, at(5));
}

#[test]
fn a_gateway_that_answers_at_once_is_asked_once_a_second() {
    let mut desk = registering(&required());
    for second in 0..5 {
        let call = only_call(&mut desk, at(second));
        answer(&mut desk, at(second), &call, 200, AT_IT);
        assert_eq!(calls(&mut desk, at(second)), []);
    }
}

#[test]
fn a_try_that_takes_too_long_has_failed_and_what_comes_of_it_later_is_undone() {
    let mut desk = registering(&required());
    let call = only_call(&mut desk, START);
    answer(&mut desk, START, &call, 202, AT_IT);
    let follow = only_call(&mut desk, at(1));
    assert!(desk.wake_at().is_some_and(|due| due <= at(DEADLINE)));
    desk.pass(at(DEADLINE - 1), Some(at(DEADLINE - 1)));
    assert_eq!((state(&desk), status(&desk)), (State::Registering, Status::Registering));
    desk.pass(at(DEADLINE), Some(at(DEADLINE)));
    assert_eq!((status(&desk), view(&desk).cause), (Status::Failed, Some(Code::TOO_SLOW)));
    assert_eq!(state(&desk), not_ready(Reason::SignedIn));
    let unregister = only_call(&mut desk, at(DEADLINE));
    assert_eq!((unregister.method(), &unregister.registration), ("DELETE", &call.registration));
    answer(&mut desk, at(DEADLINE), &follow, 200, REGISTERED);
    assert_eq!(status(&desk), Status::Failed);
}

#[test]
fn after_a_failure_the_agent_can_work_only_where_the_recorder_is_optional() {
    for (recorder, answered, lacking) in [
        (required(), Some(Refusal::Missing), vec![Missing::Recorder { why: Status::Failed }]),
        (optional(), None, vec![]),
    ] {
        let mut desk = registering(&recorder);
        let call = only_call(&mut desk, START);
        answer(&mut desk, at(3), &call, 200, r#"{"status":"failed","cause":"recorder_absent"}"#);
        assert_eq!((status(&desk), view(&desk).cause), (Status::Failed, Some(Code::RECORDER_ABSENT)));
        assert_eq!((missing(&desk), view(&desk).since), (lacking, at(3)));
        assert_eq!(state(&desk), not_ready(Reason::SignedIn));
        assert_eq!(refused(&wish(&mut desk, at(4), Wish::Ready)), answered);
        assert_eq!(calls(&mut desk, at(600)), [], "it says itself that nothing is registered");
    }
}

#[test]
fn the_agent_tries_again_with_another_registration_and_a_deadline_of_its_own() {
    let mut desk = registering(&required());
    assert_eq!(refused(&wish(&mut desk, at(1), Wish::Register)), Some(Refusal::NotNow), "it is at it");
    let first = only_call(&mut desk, at(1));
    answer(&mut desk, at(2), &first, 200, r#"{"status":"failed","cause":"no_licence"}"#);
    assert!(matches!(wish(&mut desk, at(2), Wish::Register), Said::Done { .. }));
    assert_eq!((state(&desk), view(&desk).deadline), (State::Registering, Some(at(2 + DEADLINE))));
    assert_eq!((view(&desk).cause, notes(&desk)), (None, vec!["calling"]));
    let second = only_call(&mut desk, at(2));
    assert_ne!(second.registration, first.registration);
    answer(&mut desk, at(3), &first, 200, REGISTERED);
    assert_eq!(status(&desk), Status::Registering, "that was the first one's");
    answer(&mut desk, at(3), &second, 200, REGISTERED);
    assert_eq!(status(&desk), Status::Registered);
    assert_eq!(refused(&wish(&mut desk, at(4), Wish::Register)), Some(Refusal::NotNow));
}

#[test]
fn without_a_recorder_there_is_nothing_to_try() {
    let mut desk = connected();
    assert_eq!(refused(&wish(&mut desk, at(1), Wish::Register)), Some(Refusal::NotAllowed));
    assert_eq!((desk.view(START).unwrap().recorder, calls(&mut desk, at(600))), (None, vec![]));
}

#[test]
fn a_desktop_that_is_lost_meanwhile_comes_back_to_what_has_come_of_it() {
    let mut slow = gateway();
    slow.deadline_seconds = 300;
    let mut desk = registering(&Recorder::Required(slow));
    let call = only_call(&mut desk, START);
    sleep(&mut desk, at(31), None);
    assert_eq!(state(&desk), not_ready(Reason::ConnectionLost));
    answer(&mut desk, at(32), &call, 200, REGISTERED);
    assert_eq!((state(&desk), status(&desk)), (not_ready(Reason::ConnectionLost), Status::Registered));
    connect_recorded(&mut desk, at(33), recorded(1, 1, 1, &required()));
    assert_eq!(state(&desk), not_ready(Reason::SignedIn));
}

#[test]
fn a_desktop_that_comes_back_has_the_gateway_asked_at_once_and_what_was_asked_counts_once() {
    let mut desk = registering(&required());
    let lost = only_call(&mut desk, START);
    assert_eq!(calls(&mut desk, at(3)), [], "an answer may still come");
    connect_recorded(&mut desk, at(3), recorded(1, 1, 1, &required()));
    let again = only_call(&mut desk, at(3));
    assert_eq!((&again.registration, again.idempotency_key()), (&lost.registration, lost.idempotency_key()));
    answer(&mut desk, at(4), &again, 202, AT_IT);
    for late in [GatewayReply::None, GatewayReply::Unasked] {
        assert_eq!(reply(&mut desk, at(4), &lost, &late), [], "that was for nothing");
    }
    assert_eq!(notes(&desk), ["calling", "accepted"]);
}

#[test]
fn whoever_takes_over_registers_where_they_now_are_and_goes_on_in_what_they_did() {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    let taken = take_recorded(&mut desk, at(2), Some(1), None, recorded(2, 2, 0, &required()));
    assert_eq!(taken, lease(2));
    let unregister = only_call(&mut desk, at(2));
    assert_eq!((unregister.verb, &unregister.session.sid), (Verb::Unregister, &sid(1)));
    connect_recorded(&mut desk, at(3), recorded(2, 2, 2, &required()));
    assert_eq!(state(&desk), State::Registering);
    let register = only_call(&mut desk, at(3));
    assert_eq!(register.body().unwrap(), format!(r#"{{"workstation":"{:032x}"}}"#, 2));
    answer(&mut desk, at(4), &register, 200, REGISTERED);
    assert_eq!(state(&desk), State::Ready, "as it was there");
}

#[test]
fn whoever_takes_over_and_cannot_register_is_not_ready() {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    take_recorded(&mut desk, at(2), Some(1), None, recorded(2, 2, 0, &required()));
    connect_recorded(&mut desk, at(3), recorded(2, 2, 2, &required()));
    let register = calls(&mut desk, at(3)).into_iter().find(|call| call.verb == Verb::Register).unwrap();
    answer(&mut desk, at(4), &register, 403, "");
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
}

#[test]
fn an_interaction_that_is_taken_along_goes_on_while_the_workstation_is_registered() {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    ask(&mut desk, at(1), Some(at(1)), offering(1));
    wish(&mut desk, at(1), Wish::Accept { offer: proposal(1).id });
    take_recorded(&mut desk, at(2), Some(1), None, recorded(2, 2, 0, &required()));
    connect_recorded(&mut desk, at(3), recorded(2, 2, 2, &required()));
    assert_eq!((state(&desk), status(&desk)), (State::InInteraction { interaction: call(1) }, Status::Registering));
    wish(&mut desk, at(4), Wish::Ready);
    ask(&mut desk, at(5), Some(at(5)), finished(1));
    assert_eq!(state(&desk), State::Registering, "and only then is the agent busy with it");
    let register = calls(&mut desk, at(5)).into_iter().find(|call| call.verb == Verb::Register).unwrap();
    answer(&mut desk, at(6), &register, 200, REGISTERED);
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn an_offer_that_is_taken_along_is_rejected_where_the_agent_registers() {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    ask(&mut desk, at(1), Some(at(1)), offering(1));
    take_recorded(&mut desk, at(2), Some(1), None, recorded(2, 2, 0, &required()));
    let outcome = desk.connect(at(3), Connect { visitor: recorded(2, 2, 2, &required()), after: 0 });
    assert_eq!(state(&desk), State::Registering);
    assert_eq!(outcome.offers[0].reason, Some(Rejection::Registering));
}

#[test]
fn signing_in_again_at_the_same_workstation_goes_on_with_what_is_registered() {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    take_recorded(&mut desk, at(2), None, Some(1), recorded(2, 1, 0, &required()));
    let events = connect_recorded(&mut desk, at(3), recorded(2, 1, 2, &required()));
    assert_eq!((state(&desk), status(&desk)), (State::Ready, Status::Registered), "{events:?}");
    let keep = only_call(&mut desk, at(30));
    assert_eq!((keep.verb, &keep.session.sid), (Verb::Keep, &sid(2)), "with a token of the session that stands");
}

#[test]
fn signing_in_again_where_something_else_is_declared_by_now_begins_anew() {
    for (workstation, recorder) in [(2, required()), (1, optional()), (1, Recorder::Off)] {
        let mut desk = registered(&required());
        take_recorded(&mut desk, at(2), None, Some(1), recorded(2, workstation, 0, &recorder));
        assert_eq!(only_call(&mut desk, at(2)).verb, Verb::Unregister, "{recorder:?}");
    }
}

#[test]
fn a_desk_that_has_lost_what_it_knew_registers_anew() {
    let mut desk = Desk::default();
    connect_recorded(&mut desk, at(500), recorded(7, 1, 4, &required()));
    assert_eq!(state(&desk), State::Registering);
    let call = only_call(&mut desk, at(500));
    assert_eq!(
        call.registration,
        format!("{}-{}", sid(7), at(500).0),
        "by another id than the one it does not know of"
    );
}

#[test]
fn what_a_desk_knows_of_its_recorder_reads_as_it_was_written() {
    let mut desk = registered(&required());
    take_recorded(&mut desk, at(1), Some(1), None, recorded(2, 2, 0, &optional()));
    connect_recorded(&mut desk, at(2), recorded(2, 2, 2, &optional()));
    assert_eq!(Desk::of_rows(&kept(&desk)).unwrap(), desk);
}
