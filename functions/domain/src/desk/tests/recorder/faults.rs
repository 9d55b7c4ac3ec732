//! What a gateway can do wrong while a workstation is registered, under either policy: the deadline is kept, what may
//! be asked again is, what may not is not, and the agent learns the cause.

use super::*;

fn gives(status: u16, body: &str) -> GatewayReply {
    GatewayReply::Answer { status, retry_after: None, body: body.to_owned() }
}

#[test]
fn what_may_be_asked_again_is_asked_again_for_the_same_with_growing_pauses() {
    for fault in [GatewayReply::None, gives(502, ""), gives(503, ""), gives(504, ""), gives(429, "")] {
        for recorder in [required(), optional()] {
            let mut desk = registering(&recorder);
            let mut asked: Vec<(u64, GatewayCall)> = Vec::new();
            for second in 0..DEADLINE {
                desk.pass(at(second), Some(at(second)));
                for call in calls(&mut desk, at(second)) {
                    reply(&mut desk, at(second), &call, &fault);
                    asked.push((second, call));
                }
            }
            assert_eq!((state(&desk), status(&desk)), (State::Registering, Status::Registering), "{fault:?}");
            let first = &asked[0].1;
            assert!(asked.iter().all(|(_, call)| call.idempotency_key() == first.idempotency_key()), "{asked:?}");
            assert!(
                (5..=12).contains(&asked.len()),
                "{fault:?}: {:?}",
                asked.iter().map(|(at, _)| at).collect::<Vec<_>>()
            );
            let call = in_vain(&mut desk, at(DEADLINE), at(DEADLINE));
            assert_eq!(status(&desk), Status::Failed, "{fault:?}");
            let busy = matches!(fault, GatewayReply::Answer { status: 429, .. });
            assert_eq!(view(&desk).cause, Some(if busy { Code::BUSY } else { Code::UNREACHABLE }));
            assert_eq!(call[0].1.verb, Verb::Unregister, "it may have been registered without an answer");
            let last = if busy { "told_to_wait" } else { "retrying" };
            assert_eq!(notes(&desk)[1..=2], [last, last]);
        }
    }
}

#[test]
fn what_may_not_be_asked_again_is_not_and_has_failed_at_once() {
    for (fault, cause) in [
        (gives(400, ""), Code::REFUSED),
        (gives(401, ""), Code::REFUSED),
        (gives(403, ""), Code::REFUSED),
        (gives(404, ""), Code::REFUSED),
        (gives(409, ""), Code::REFUSED),
        (gives(410, ""), Code::REPLACED),
        (gives(422, ""), Code::REFUSED),
        (gives(500, ""), Code::NOT_UNDERSTOOD),
        (gives(307, ""), Code::NOT_UNDERSTOOD),
        (gives(200, "<html>"), Code::NOT_UNDERSTOOD),
        (gives(200, r#"{"status":"registered","expires_in":1}"#), Code::NOT_UNDERSTOOD),
        (gives(200, r#"{"status":"failed","cause":"unknown_workstation"}"#), Code::UNKNOWN_WORKSTATION),
        (GatewayReply::Unasked, Code::MISCONFIGURED),
    ] {
        for (recorder, lacking) in [(required(), 1), (optional(), 0)] {
            let mut desk = registering(&recorder);
            let call = only_call(&mut desk, START);
            reply(&mut desk, at(1), &call, &fault);
            assert_eq!((status(&desk), view(&desk).cause), (Status::Failed, Some(cause)), "{fault:?}");
            assert_eq!((state(&desk), missing(&desk).len()), (not_ready(Reason::SignedIn), lacking), "{fault:?}");
            assert_eq!(notes(&desk), ["calling", "failed"]);
            for second in 1..600 {
                let verbs: Vec<Verb> = calls(&mut desk, at(second)).iter().map(|call| call.verb).collect();
                assert!(verbs.iter().all(|verb| *verb == Verb::Unregister), "{fault:?}: {verbs:?}");
            }
        }
    }
}

#[test]
fn a_gateway_that_says_when_it_can_be_asked_again_is_asked_then() {
    for (pause, asked) in [(7, Some(7)), (DEADLINE + 1, None)] {
        let mut desk = registering(&required());
        let call = only_call(&mut desk, START);
        let later = GatewayReply::Answer { status: 429, retry_after: Some(pause), body: String::new() };
        reply(&mut desk, START, &call, &later);
        let next = (1..DEADLINE).find(|second| !calls(&mut desk, at(*second)).is_empty());
        assert_eq!(next, asked);
        desk.pass(at(DEADLINE), Some(at(DEADLINE)));
        assert_eq!(status(&desk), Status::Failed, "the deadline is kept");
    }
}

#[test]
fn a_gateway_that_has_not_answered_at_all_by_the_deadline_is_not_called_slow() {
    let mut short = gateway();
    short.deadline_seconds = 5;
    let mut desk = registering(&Recorder::Required(short));
    only_call(&mut desk, START);
    desk.pass(at(5), Some(at(5)));
    assert_eq!((status(&desk), view(&desk).cause), (Status::Failed, Some(Code::UNREACHABLE)));
}

#[test]
fn a_gateway_that_comes_back_in_time_has_the_workstation_registered() {
    let mut desk = registering(&required());
    in_vain(&mut desk, START, at(12));
    let (second, call) = (13..DEADLINE).find_map(|second| Some((second, calls(&mut desk, at(second)).pop()?))).unwrap();
    answer(&mut desk, at(second), &call, 200, REGISTERED);
    assert_eq!((status(&desk), state(&desk)), (Status::Registered, not_ready(Reason::SignedIn)));
}

#[test]
fn a_gateway_that_has_forgotten_what_it_was_at_begins_again() {
    let mut desk = registering(&required());
    let first = only_call(&mut desk, START);
    answer(&mut desk, START, &first, 202, AT_IT);
    let follow = only_call(&mut desk, at(1));
    answer(&mut desk, at(3), &follow, 404, "");
    let again = only_call(&mut desk, at(3));
    assert_eq!((again.verb, &again.registration), (Verb::Register, &first.registration));
    assert_ne!(again.idempotency_key(), first.idempotency_key(), "it is another request");
    answer(&mut desk, at(4), &again, 200, REGISTERED);
    assert_eq!(status(&desk), Status::Registered);
}

#[test]
fn an_answer_that_is_lost_costs_nothing() {
    let mut desk = registering(&required());
    let lost = only_call(&mut desk, START);
    // The object was restarted: nobody ever reports what came of it.
    let again = (1..=8).find_map(|second| calls(&mut desk, at(second)).pop()).expect("it is asked again");
    assert_eq!((&again.registration, again.idempotency_key()), (&lost.registration, lost.idempotency_key()));
}

#[test]
fn notes_are_bounded_and_the_latest_stay() {
    let mut long = gateway();
    long.deadline_seconds = 300;
    let mut desk = registering(&Recorder::Required(long));
    in_vain(&mut desk, START, at(299));
    let notes = view(&desk).notes;
    assert_eq!(notes.len(), 24);
    assert!(notes.windows(2).all(|pair| pair[0].number + 1 == pair[1].number) && notes[0].number > 1);
}
