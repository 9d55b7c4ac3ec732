//! Keeping a workstation registered, losing it, getting it back.

use super::*;

/// The first second from `from` at which something is asked, and what.
fn next_call(desk: &mut Desk, from: u64) -> (u64, GatewayCall) {
    (from..from + 600).find_map(|second| Some((second, calls(desk, at(second)).pop()?))).expect("something is asked")
}

#[test]
fn a_registration_is_kept_alive_well_before_its_life_is_over() {
    for lifetime in [10, 60, 600] {
        let mut desk = registering(&required());
        let call = only_call(&mut desk, START);
        let body = format!(r#"{{"status":"registered","expires_in":{lifetime}}}"#);
        answer(&mut desk, START, &call, 200, &body);
        let mut last = 0;
        for _ in 0..20 {
            let (second, keep) = next_call(&mut desk, last);
            let life = (second - last) * 8;
            assert!((lifetime * 3 - 8..=lifetime * 4).contains(&life), "{life} eighths of a second of {lifetime} s");
            assert_eq!((keep.verb, keep.method()), (Verb::Keep, "POST"));
            assert!(keep.url().ends_with("/keep-alive") && keep.body().is_none());
            let events = answer(&mut desk, at(second), &keep, 200, &body);
            assert_eq!(events, [], "that is nothing to tell");
            last = second;
        }
        assert_eq!(status(&desk), Status::Registered);
    }
}

#[test]
fn a_gateway_that_is_away_for_a_moment_is_no_loss() {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    let (second, _) = next_call(&mut desk, 2);
    let asked = in_vain(&mut desk, at(second), at(55));
    assert!(asked.len() >= 3, "{asked:?}");
    let (second, keep) = next_call(&mut desk, 56);
    answer(&mut desk, at(second), &keep, 200, REGISTERED);
    assert_eq!((status(&desk), state(&desk)), (Status::Registered, State::Ready));
}

#[test]
fn one_that_stays_away_for_longer_than_a_registration_lives_is_a_loss() {
    for (recorder, expected, lacking) in [
        (required(), not_ready(Reason::Unmet), vec![Missing::Recorder { why: Status::Lost }]),
        (optional(), State::Ready, vec![]),
    ] {
        let mut desk = registered(&recorder);
        ready(&mut desk, at(1));
        in_vain(&mut desk, at(2), at(59));
        assert_eq!((status(&desk), state(&desk)), (Status::Registered, State::Ready));
        in_vain(&mut desk, at(60), at(60));
        assert_eq!((status(&desk), view(&desk).cause), (Status::Lost, Some(Code::UNREACHABLE)));
        assert_eq!((state(&desk), missing(&desk)), (expected, lacking));
        assert_eq!(notes(&desk), ["calling", "registered", "lost"]);
    }
}

#[test]
fn what_the_gateway_has_lost_is_lost_at_once() {
    for (status_told, body, cause, asks_again) in [
        (404, "", Code::ENDED, true),
        (410, "", Code::REPLACED, false),
        (403, "", Code::REFUSED, false),
        (403, r#"{"cause":"no_licence"}"#, Code::NO_LICENCE, false),
        (500, "", Code::NOT_UNDERSTOOD, false),
        (200, "nonsense", Code::NOT_UNDERSTOOD, false),
        (200, r#"{"status":"failed","cause":"recorder_absent"}"#, Code::RECORDER_ABSENT, true),
        (200, r#"{"status":"registering"}"#, Code::ENDED, true),
    ] {
        let mut desk = registered(&required());
        ready(&mut desk, at(1));
        let (second, keep) = next_call(&mut desk, 2);
        answer(&mut desk, at(second), &keep, status_told, body);
        assert_eq!((status(&desk), view(&desk).cause), (Status::Lost, Some(cause)), "{status_told} {body}");
        assert_eq!(view(&desk).asks_again, asks_again, "{status_told} {body}");
        assert_eq!(state(&desk), not_ready(Reason::Unmet));
        assert_eq!(refused(&wish(&mut desk, at(second), Wish::Ready)), Some(Refusal::Missing));
    }
}

#[test]
fn what_is_lost_is_quietly_asked_for_again_under_another_id() {
    let mut desk = registered(&required());
    let (second, keep) = next_call(&mut desk, 2);
    answer(&mut desk, at(second), &keep, 404, "");
    let (second, again) = next_call(&mut desk, second);
    assert_eq!(again.verb, Verb::Register);
    assert_ne!(again.registration, keep.registration);
    assert_eq!((status(&desk), view(&desk).deadline), (Status::Lost, None));
    assert_eq!(state(&desk), not_ready(Reason::SignedIn), "the agent is not busy with it");
    answer(&mut desk, at(second), &again, 200, REGISTERED);
    assert_eq!((status(&desk), view(&desk).cause, missing(&desk)), (Status::Registered, None, vec![]));
}

#[test]
fn whoever_waits_for_what_is_lost_is_told_when_it_is_asked_for_no_more() {
    let mut desk = registered(&required());
    let (second, keep) = next_call(&mut desk, 2);
    answer(&mut desk, at(second), &keep, 200, r#"{"status":"failed","cause":"no_licence"}"#);
    assert!(view(&desk).asks_again);
    let (second, again) = next_call(&mut desk, second);
    let told = answer(&mut desk, at(second), &again, 403, r#"{"cause":"no_licence"}"#);
    assert!(!view(&desk).asks_again);
    assert!(told.iter().any(|event| matches!(&event.what, What::Recorder(told) if !told.asks_again)));
}

#[test]
fn a_gateway_that_comes_back_after_an_hour_has_it_back_within_a_minute() {
    let mut desk = registered(&required());
    let asked = in_vain(&mut desk, at(1), at(3600));
    assert!((60..=200).contains(&asked.len()), "{}", asked.len());
    let (second, again) = next_call(&mut desk, 3601);
    assert!(second <= 3661, "{second}");
    answer(&mut desk, at(second), &again, 200, REGISTERED);
    assert_eq!(status(&desk), Status::Registered);
}

#[test]
fn a_recorder_that_fails_again_and_again_is_asked_ever_less_often() {
    let mut desk = registered(&required());
    let (mut last, mut pauses) = (2, Vec::new());
    for _ in 0..12 {
        let (second, call) = next_call(&mut desk, last);
        answer(&mut desk, at(second), &call, 200, r#"{"status":"failed","cause":"recorder_absent"}"#);
        pauses.push(second - last);
        last = second;
    }
    assert!(
        pauses[1] <= 2 && pauses.iter().all(|pause| *pause <= 60) && pauses.iter().any(|pause| *pause > 20),
        "{pauses:?}"
    );
}

#[test]
fn desks_do_not_fight_for_a_workstation() {
    for (told, body) in [(410, ""), (403, ""), (200, "nonsense")] {
        let mut desk = registered(&required());
        let (second, keep) = next_call(&mut desk, 2);
        answer(&mut desk, at(second), &keep, told, body);
        let mut asked = in_vain(&mut desk, at(second), at(second + 900));
        asked.retain(|(_, call)| call.verb != Verb::Unregister);
        assert_eq!(asked, [], "{told}");
        assert!(matches!(wish(&mut desk, at(second + 900), Wish::Register), Said::Done { .. }), "but the agent may");
    }
}

/// A desk whose recorder is lost during an interaction, and when that was.
fn lost_in_an_interaction() -> (Desk, u64) {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    ask(&mut desk, at(1), Some(at(1)), offering(1));
    wish(&mut desk, at(1), Wish::Accept { offer: proposal(1).id });
    let (second, keep) = next_call(&mut desk, 2);
    answer(&mut desk, at(second), &keep, 410, "");
    (desk, second)
}

#[test]
fn an_interaction_goes_on_where_the_recorder_is_lost_and_leaves_the_agent_not_ready() {
    let (mut desk, second) = lost_in_an_interaction();
    assert_eq!((status(&desk), state(&desk)), (Status::Lost, State::InInteraction { interaction: call(1) }));
    wish(&mut desk, at(second), Wish::Ready);
    ask(&mut desk, at(second), Some(at(second)), finished(1));
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
}

#[test]
fn an_agent_who_tries_again_during_an_interaction_is_busy_with_it_only_afterwards() {
    let (mut desk, second) = lost_in_an_interaction();
    assert!(matches!(wish(&mut desk, at(second), Wish::Register), Said::Done { .. }));
    assert_eq!((status(&desk), state(&desk)), (Status::Registering, State::InInteraction { interaction: call(1) }));
    desk.pass(at(second + DEADLINE), Some(at(second + DEADLINE)));
    assert_eq!((status(&desk), state(&desk)), (Status::Failed, State::InInteraction { interaction: call(1) }));
}

#[test]
fn an_offer_that_rings_when_the_recorder_is_lost_is_rejected() {
    let mut desk = registered(&required());
    ready(&mut desk, at(1));
    let (second, keep) = next_call(&mut desk, 2);
    ask(&mut desk, at(second), Some(at(second)), offering(1));
    let gone = GatewayReply::Answer { status: 410, retry_after: None, body: String::new() };
    let outcome = desk.called(at(second), &Call::Gateway(Box::new(keep)), Some(Reply::Gateway(gone)));
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
    assert_eq!(outcome.offers[0].outcome, Some(Verdict::Rejected));
}

#[test]
fn a_gateway_that_is_at_it_for_ever_is_not_asked_for_ever() {
    let mut desk = registered(&required());
    let (mut second, keep) = next_call(&mut desk, 2);
    answer(&mut desk, at(second), &keep, 404, "");
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..100 {
        let (asked, call) = next_call(&mut desk, second);
        second = asked;
        if call.verb != Verb::Unregister {
            ids.insert(call.registration.clone());
        }
        answer(&mut desk, at(second), &call, 200, AT_IT);
    }
    assert!(ids.len() > 1, "{ids:?}");
}
