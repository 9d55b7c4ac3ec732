//! What keeps an agent from being ready, what takes them out of it, and what gives it back.

use super::*;

/// A desk whose session has this kind of extension, with its page connected.
fn at_a(kind: ExtensionKind) -> Desk {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    for call in desk.calls_due(START) {
        let answer = extension_lease::Answer::Taken;
        desk.called(START, &call, Some(Reply::Lease(Found::Lease { kind: Some(kind), answer })));
    }
    assert_eq!(connect(&mut desk, START, 1, 1).answer, Ok(()));
    desk
}

/// A desk whose session has no extension, whether or not it needs one.
fn without_extension(needs_extension: bool) -> Desk {
    let mut desk = Desk::default();
    let mut visitor = visitor(1, START, 0);
    visitor.session.extension = None;
    visitor.policy.needs_extension = needs_extension;
    ask(&mut desk, START, None, Ask::Take(Arrival { visitor, consent: None, here: None, is_typed: false }));
    assert_eq!(connect(&mut desk, START, 1, 1).answer, Ok(()));
    desk
}

fn wish(desk: &mut Desk, now: Timestamp, wish: Wish) -> (Said, Vec<What>) {
    let id = desk.view(now).unwrap().applied + 1;
    let outcome = desk.command(now, Command { id, ask: wish });
    (outcome.answer, outcome.events.into_iter().map(|event| event.what).collect())
}

fn hears(desk: &mut Desk, now: Timestamp, microphone: Microphone) -> Vec<What> {
    wish(desk, now, Wish::Microphone(microphone)).1
}

/// A desk whose agent is ready at a browser phone.
fn ready_at_a_browser_phone() -> Desk {
    let mut desk = at_a(ExtensionKind::BrowserPhone);
    hears(&mut desk, START, Microphone::Working);
    ready(&mut desk, START);
    desk
}

fn missing(desk: &Desk) -> Vec<Missing> {
    desk.view(START).unwrap().missing
}

#[test]
fn nobody_is_ready_whose_extension_is_not_held() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    connect(&mut desk, START, 1, 1).answer.unwrap();
    for call in desk.calls_due(START) {
        desk.called(START, &call, Some(Reply::Lease(Found::Refused(Why::Unknown))));
    }
    assert!(matches!(&missing(&desk)[..], [Missing::Extension(lack)] if lack.why == Why::Unknown));
    assert!(matches!(wish(&mut desk, START, Wish::Ready).0, Said::Refused { why: Refusal::Missing, .. }));
    wish(&mut desk, at(1), Wish::Extension { number: Extension::parse("1007").unwrap() });
    answer_calls(&mut desk, at(1));
    assert_eq!(missing(&desk), []);
    ready(&mut desk, at(2));
}

#[test]
fn whoever_chooses_ready_while_the_lease_is_being_asked_is_ready_when_it_has_answered() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    connect(&mut desk, START, 1, 1).answer.unwrap();
    assert!(matches!(wish(&mut desk, START, Wish::Ready).0, Said::Done { .. }));
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
    answer_calls(&mut desk, at(1));
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn an_agent_who_needs_no_extension_is_ready_without_one() {
    let mut desk = without_extension(false);
    assert_eq!(missing(&desk), []);
    ready(&mut desk, START);
    let mut desk = without_extension(true);
    assert!(matches!(&missing(&desk)[..], [Missing::Extension(lack)] if lack.why == Why::None));
    assert!(matches!(wish(&mut desk, START, Wish::Ready).0, Said::Refused { why: Refusal::Missing, .. }));
}

#[test]
fn only_a_browser_phone_needs_the_microphone() {
    for (kind, needed) in
        [(ExtensionKind::DeskPhone, false), (ExtensionKind::External, false), (ExtensionKind::BrowserPhone, true)]
    {
        let desk = at_a(kind);
        assert_eq!(desk.view(START).unwrap().microphone, MicrophoneView { needed, state: Microphone::Unasked });
        assert_eq!(missing(&desk).is_empty(), !needed, "{kind:?}");
    }
}

#[test]
fn a_microphone_that_falls_silent_takes_the_agent_out_of_ready_and_gives_it_back() {
    let mut desk = ready_at_a_browser_phone();
    let told = hears(&mut desk, at(1), Microphone::Lost);
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
    let unmet = What::State { state: not_ready(Reason::Unmet), cause: Cause::Microphone, by: None };
    assert!(matches!(&told[..], [What::Microphone(_), What::Missing(_), state] if *state == unmet), "{told:?}");
    hears(&mut desk, at(2), Microphone::Working);
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn what_the_agent_has_chosen_meanwhile_stays() {
    let mut desk = ready_at_a_browser_phone();
    hears(&mut desk, at(1), Microphone::Denied);
    wish(&mut desk, at(2), NOT_READY);
    hears(&mut desk, at(3), Microphone::Working);
    assert_eq!(state(&desk), not_ready(Reason::Chosen));
}

#[test]
fn a_loss_waits_for_the_end_of_an_interaction_and_of_its_wrap_up() {
    let mut desk = ready_at_a_browser_phone();
    ask(&mut desk, START, Some(START), offering(1));
    wish(&mut desk, START, Wish::Accept { offer: proposal(1).id });
    let engaged = state(&desk);
    hears(&mut desk, at(1), Microphone::Silent);
    assert_eq!(state(&desk), engaged);
    ask(&mut desk, at(2), Some(at(2)), finished(1));
    assert!(matches!(state(&desk), State::WrapUp { .. }));
    assert!(matches!(wish(&mut desk, at(3), Wish::Ready).0, Said::Refused { why: Refusal::Missing, .. }));
    hears(&mut desk, at(4), Microphone::Working);
    ready(&mut desk, at(5));
}

#[test]
fn ready_that_was_chosen_for_afterwards_waits_for_what_is_missing_then() {
    let mut desk = ready_at_a_browser_phone();
    ask(&mut desk, START, Some(START), offering(1));
    wish(&mut desk, START, Wish::Accept { offer: proposal(1).id });
    wish(&mut desk, at(1), Wish::Ready);
    hears(&mut desk, at(2), Microphone::InUse);
    ask(&mut desk, at(3), Some(at(3)), finished(1));
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
    hears(&mut desk, at(4), Microphone::Working);
    assert_eq!(state(&desk), State::Ready);
}

#[test]
fn an_offer_that_would_not_be_heard_is_given_back() {
    let mut desk = ready_at_a_browser_phone();
    ask(&mut desk, START, Some(START), offering(1));
    let told = hears(&mut desk, at(1), Microphone::Absent);
    let given_back =
        |what: &What| matches!(what, What::Offer { outcome: Verdict::Rejected, reason: Some(Rejection::NotReady), .. });
    assert!(told.iter().any(given_back), "{told:?}");
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
}

#[test]
fn what_comes_back_while_the_desktop_is_lost_counts_when_it_is_heard_again() {
    let mut desk = at_a(ExtensionKind::DeskPhone);
    ready(&mut desk, START);
    sleep(&mut desk, at(40), Some(START));
    assert_eq!(state(&desk), not_ready(Reason::ConnectionLost));
    // A take-over from another desktop, with an extension that has yet to be claimed.
    let mut visitor = visitor(2, at(41), 0);
    visitor.session.extension = Extension::parse("1007").ok();
    let arrival = Arrival { visitor, consent: Some(consent(1, at(41))), here: None, is_typed: true };
    ask(&mut desk, at(41), None, Ask::Take(arrival));
    connect(&mut desk, at(42), 2, 2).answer.unwrap();
    assert_eq!(state(&desk), not_ready(Reason::Unmet));
    answer_calls(&mut desk, at(43));
    assert_eq!(state(&desk), State::Ready);
}
