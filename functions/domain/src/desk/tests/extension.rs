//! Claiming an extension, losing the race for one, taking another, letting go.

use super::*;
use crate::extension_lease::{self, Act};

fn number(digits: &str) -> Extension {
    Extension::parse(digits).unwrap()
}

/// What leases are to be asked: the extension, the number of the claim, and what for.
fn due(desk: &mut Desk, now: Timestamp) -> Vec<(String, u64, Act)> {
    let told = |call: Call| {
        let Call::Lease { ask, .. } = call else { panic!("{call:?}") };
        (ask.extension.to_string(), ask.claim, ask.act)
    };
    desk.calls_due(now).into_iter().map(told).collect()
}

fn asked(digits: &str, claim: u64, act: Act) -> (String, u64, Act) {
    (digits.to_owned(), claim, act)
}

/// Gives the first due question this answer, from a lease or whoever stands before it.
fn reply(desk: &mut Desk, now: Timestamp, reply: impl Into<Option<Found>>) -> Vec<What> {
    let call = desk.calls_due(now).into_iter().next().expect("something is due");
    desk.called(now, &call, reply.into().map(Reply::Lease)).events.into_iter().map(|event| event.what).collect()
}

const fn answered(answer: extension_lease::Answer) -> Found {
    Found::Lease { kind: Some(ExtensionKind::DeskPhone), answer }
}

fn held_by_another(until: Option<Timestamp>) -> Found {
    let by = Username::parse("desk2").unwrap();
    answered(extension_lease::Answer::Held { by, until, is_silent: false })
}

const TAKEN: extension_lease::Answer = extension_lease::Answer::Taken;

/// The extension as the page sees it, and why it is not held.
fn line(desk: &Desk) -> (String, Option<Why>) {
    let line = desk.holder.as_ref().unwrap().line.as_ref().unwrap();
    (line.number.to_string(), line.why)
}

fn wish(desk: &mut Desk, now: Timestamp, digits: &str) -> Said {
    let id = desk.view(now).unwrap().applied + 1;
    command(desk, now, id, Wish::Extension { number: number(digits) })
}

/// A desk whose page is connected, and whose lease has not answered yet.
fn connected() -> Desk {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    assert_eq!(connect(&mut desk, START, 1, 1).answer, Ok(()));
    desk
}

/// A desk whose session holds 1001.
fn holding() -> Desk {
    let mut desk = connected();
    let told = reply(&mut desk, START, answered(TAKEN));
    assert!(matches!(told[..], [What::Extension(_), What::Missing(_)]), "{told:?}");
    assert_eq!(line(&desk), ("1001".to_owned(), None));
    desk
}

#[test]
fn a_session_claims_its_extension_when_it_begins_and_frees_it_when_it_ends() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    assert_eq!(due(&mut desk, START), [asked("1001", 1, Act::Take)]);
    assert_eq!(due(&mut desk, START), [], "it is under way");
    ask(&mut desk, at(1), None, Ask::Leave { sid: sid(1) });
    assert_eq!(
        due(&mut desk, at(1)),
        [asked("1001", 1, Act::Free)],
        "also where nobody knows yet whether it was taken"
    );
}

#[test]
fn what_was_under_way_when_the_object_stopped_is_taken_up_again() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    assert_eq!(desk.calls_due(START).len(), 1);
    tell_kv(&mut desk, START, true);
    let again = desk.wake_at().unwrap();
    assert!(again <= at(10), "{again:?}");
    let mut desk: Desk = serde_json::from_str(&serde_json::to_string(&desk).unwrap()).unwrap();
    assert_eq!(due(&mut desk, again), [asked("1001", 1, Act::Take)]);
}

#[test]
fn a_lease_that_does_not_answer_is_asked_again() {
    let mut desk = connected();
    assert_eq!(reply(&mut desk, START, None), [], "once is everyday");
    assert_eq!(due(&mut desk, at(1)), []);
    reply(&mut desk, at(2), None);
    assert_eq!(line(&desk).1, Some(Why::Unavailable));
    reply(&mut desk, at(6), answered(TAKEN));
    assert_eq!(line(&desk).1, None);
}

#[test]
fn a_take_over_moves_it_along_and_frees_nothing_in_between() {
    let mut desk = holding();
    take(&mut desk, at(5), 2, Some(1), None);
    assert_eq!(line(&desk), ("1001".to_owned(), None), "it was held, and is");
    assert_eq!(due(&mut desk, at(5)), [asked("1001", 2, Act::Take)]);
}

#[test]
fn an_answer_to_an_older_claim_frees_nothing_that_a_newer_one_is_about_to_have() {
    let mut desk = holding();
    take(&mut desk, at(5), 2, Some(1), None);
    let call = desk.calls_due(at(5)).into_iter().next().unwrap();
    take(&mut desk, at(6), 3, Some(2), None);
    assert_eq!(due(&mut desk, at(6)), [asked("1001", 3, Act::Take)]);
    desk.called(at(7), &call, Some(Reply::Lease(answered(TAKEN))));
    assert_eq!(
        due(&mut desk, at(7)),
        [],
        "freed now, the extension might be another agent's before the newer claim arrives"
    );
    assert_eq!(line(&desk), ("1001".to_owned(), None));
}

#[test]
fn what_was_freed_before_is_not_held_by_whoever_signs_in_next() {
    let mut desk = holding();
    ask(&mut desk, at(5), None, Ask::Leave { sid: sid(1) });
    assert_eq!(due(&mut desk, at(5)), [asked("1001", 1, Act::Free)]);
    take(&mut desk, at(5), 2, None, None);
    assert_eq!(line(&desk), ("1001".to_owned(), Some(Why::Asking)));
}

#[test]
fn an_extension_that_another_agent_holds_is_asked_for_again_when_it_may_be_free() {
    let mut desk = connected();
    reply(&mut desk, START, held_by_another(Some(at(100))));
    let view = desk.view(START).unwrap();
    let lack = view.extension.map(|line| line.held);
    assert_eq!((line(&desk).1, lack), (Some(Why::Held), Some(false)));
    assert_eq!(due(&mut desk, at(100)), []);
    assert_eq!(due(&mut desk, at(101)), [asked("1001", 1, Act::Take)]);
    // The lease's message may be lost on the way: after a while it is asked in any case.
    let mut desk = connected();
    reply(&mut desk, START, held_by_another(Some(at(SHIFT))));
    assert_eq!(due(&mut desk, at(300)), []);
    assert_eq!(due(&mut desk, at(301)), [asked("1001", 1, Act::Take)]);
}

#[test]
fn a_page_that_connects_again_has_it_tried_again() {
    let mut desk = connected();
    reply(&mut desk, START, held_by_another(Some(at(SHIFT))));
    connect(&mut desk, at(5), 1, 1).answer.unwrap();
    assert_eq!(due(&mut desk, at(5)), [asked("1001", 2, Act::Take)]);
    reply(&mut desk, at(20), answered(TAKEN));
    connect(&mut desk, at(25), 1, 1).answer.unwrap();
    assert_eq!(due(&mut desk, at(25)), [], "what is held is held");
}

#[test]
fn only_where_policy_says_so_is_the_holder_named() {
    for tells_holder in [false, true] {
        let mut desk = connected();
        desk.holder.as_mut().unwrap().visitor.policy.tells_holder = tells_holder;
        reply(&mut desk, START, held_by_another(None));
        let line = desk.holder.as_ref().unwrap().line.clone().unwrap();
        assert_eq!(line.by.is_some(), tells_holder);
    }
}

#[test]
fn the_extension_that_is_held_stays_until_another_one_is() {
    let mut desk = holding();
    assert_eq!(wish(&mut desk, at(1), "1003"), Said::Done { id: 1 });
    assert_eq!(line(&desk), ("1001".to_owned(), None));
    reply(&mut desk, at(1), Found::Refused(Why::Unknown));
    let asked_for = desk.view(at(1)).unwrap().extension.unwrap().asked.unwrap();
    assert_eq!((asked_for.number.as_str(), asked_for.lacks.why), ("1003", Why::Unknown));
    assert_eq!(due(&mut desk, at(60)), [], "nothing is asked again, and nothing is freed");

    wish(&mut desk, at(61), "1004");
    reply(&mut desk, at(61), answered(TAKEN));
    assert_eq!(line(&desk), ("1004".to_owned(), None));
    assert_eq!(due(&mut desk, at(61)), [asked("1001", 1, Act::Free)]);
    assert_eq!(desk.holder.as_ref().unwrap().visitor.session.extension, Some(number("1004")));
}

#[test]
fn an_extension_that_could_not_be_had_gives_way_to_another_at_once() {
    let mut desk = connected();
    reply(&mut desk, START, held_by_another(None));
    wish(&mut desk, at(1), "1003");
    assert_eq!(line(&desk), ("1003".to_owned(), Some(Why::Asking)));
    assert_eq!(due(&mut desk, at(1)), [asked("1003", 2, Act::Take)], "nothing was held that could be freed");
}

#[test]
fn the_same_extension_is_tried_again() {
    let mut desk = connected();
    reply(&mut desk, START, held_by_another(None));
    wish(&mut desk, at(1), "1001");
    assert_eq!(due(&mut desk, at(1)), [asked("1001", 2, Act::Take)]);
    reply(&mut desk, at(20), answered(TAKEN));
    wish(&mut desk, at(30), "1001");
    assert_eq!(due(&mut desk, at(30)), [], "it is held already");
}

#[test]
fn another_extension_is_refused_where_the_install_does_not_allow_one_and_during_an_interaction() {
    let mut desk = holding();
    desk.holder.as_mut().unwrap().visitor.policy.allow_extension = false;
    assert_eq!(wish(&mut desk, START, "1003"), Said::Refused { id: 1, why: Refusal::NotAllowed });
    assert_eq!(wish(&mut desk, START, "1001"), Said::Done { id: 2 }, "the same again is no other one");
    let mut desk = in_interaction();
    let id = desk.view(START).unwrap().applied + 1;
    assert_eq!(wish(&mut desk, START, "1003"), Said::Refused { id, why: Refusal::NotNow });
}

#[test]
fn what_is_not_wanted_any_more_when_it_is_given_is_given_back() {
    let mut desk = connected();
    let first = desk.calls_due(START);
    wish(&mut desk, at(1), "1003");
    desk.called(at(1), &first[0], Some(Reply::Lease(answered(TAKEN))));
    assert_eq!(line(&desk), ("1003".to_owned(), Some(Why::Asking)));
    let due = due(&mut desk, at(1));
    assert!(due.contains(&asked("1001", 1, Act::Free)) && due.contains(&asked("1003", 2, Act::Take)), "{due:?}");
}

#[test]
fn a_desk_that_has_lost_its_count_goes_on_from_the_leases() {
    let mut desk = connected();
    reply(&mut desk, START, answered(extension_lease::Answer::Stale { claim: 40 }));
    assert_eq!(due(&mut desk, START), [asked("1001", 41, Act::Take)]);
}

#[test]
fn the_desk_says_how_long_its_session_keeps_the_extension() {
    let mut desk = connected();
    let keeps = |desk: &mut Desk, now: Timestamp, heard, digits| match desk
        .answer(now, heard, Ask::Keeps { extension: number(digits) }, Known::default())
        .answer
    {
        Answer::Keeps { until, is_silent } => until.map(|until| (until, is_silent)),
        other => panic!("{other:?}"),
    };
    assert_eq!(keeps(&mut desk, START, Some(START), "1002"), None);
    assert_eq!(
        keeps(&mut desk, START, Some(START), "1001"),
        Some((at(SHIFT), false)),
        "also while it is being asked for"
    );
    assert_eq!(keeps(&mut desk, at(25), Some(START), "1001"), Some((at(300), true)));
    sleep(&mut desk, at(299), Some(START));
    assert_eq!(keeps(&mut desk, at(301), Some(START), "1001"), None, "the session is over");
}

#[test]
fn an_extension_that_is_asked_for_again_is_not_given_up_before_the_answer() {
    let mut desk = connected();
    reply(&mut desk, START, held_by_another(Some(at(100))));
    let keeps = |desk: &mut Desk| ask(desk, at(101), Some(at(101)), Ask::Keeps { extension: number("1001") }).answer;
    assert!(matches!(keeps(&mut desk), Answer::Keeps { until: None, .. }));
    assert_eq!(due(&mut desk, at(101)), [asked("1001", 1, Act::Take)]);
    assert!(matches!(keeps(&mut desk), Answer::Keeps { until: Some(_), .. }), "it may be given to this one now");
}

#[test]
fn a_session_whose_desktop_never_came_lets_it_go() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    reply(&mut desk, START, answered(TAKEN));
    let asked_for = || Ask::Keeps { extension: number("1001") };
    sleep(&mut desk, at(299), None);
    assert_eq!(
        ask(&mut desk, at(299), None, asked_for()).answer,
        Answer::Keeps { until: Some(at(300)), is_silent: true }
    );
    assert_eq!(ask(&mut desk, at(300), None, asked_for()).answer, Answer::Keeps { until: None, is_silent: false });
    assert_eq!(due(&mut desk, at(300)), [asked("1001", 1, Act::Free)]);
}

#[test]
fn a_desk_that_was_away_keeps_it_for_as_long_as_it_waits_for_the_desktop() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    reply(&mut desk, START, answered(TAKEN));
    // It wanted to look after 20 seconds.
    desk.pass(at(20 + 3600), None);
    let keeps = ask(&mut desk, at(20 + 3600), None, Ask::Keeps { extension: number("1001") }).answer;
    assert_eq!(keeps, Answer::Keeps { until: Some(at(3600 + 300)), is_silent: true });
    assert_eq!(sleep(&mut desk, at(3600 + 300), None)[0].ended.at, at(3600 + 300), "it says when");
}

#[test]
fn an_extension_that_is_free_is_asked_for_at_once_by_whoever_has_wanted_it() {
    let mut desk = connected();
    reply(&mut desk, START, held_by_another(Some(at(SHIFT))));
    for (digits, expected) in [("1002", vec![]), ("1001", vec![asked("1001", 1, Act::Take)])] {
        assert_eq!(ask(&mut desk, at(5), None, Ask::Free { extension: number(digits) }).answer, Answer::Done);
        assert_eq!(due(&mut desk, at(5)), expected);
    }
}

#[test]
fn whoever_takes_over_has_their_own_extension_but_where_a_call_is_on_the_other_one() {
    let arrive = |desk: &mut Desk, is_typed| {
        let mut visitor = visitor(2, at(5), 0);
        visitor.session.extension = Some(number("1007"));
        ask(
            desk,
            at(5),
            Some(at(5)),
            Ask::Take(Arrival { visitor, consent: Some(consent(1, at(5))), here: None, is_typed }),
        )
        .answer
    };
    let with = |digits| Answer::Taken { lease: 2, extension: Some(number(digits)) };
    assert_eq!(arrive(&mut connected(), false), with("1007"));
    assert_eq!(arrive(&mut in_interaction(), false), with("1001"));
    assert_eq!(arrive(&mut in_interaction(), true), with("1007"));
}
