//! Claiming an extension, losing the race for one, taking another, letting go.

use super::*;
use crate::extension_lease::{self, Act, Keeps};

fn number(digits: &str) -> Extension {
    Extension::parse(digits).unwrap()
}

/// What is to be asked of leases: the extension, the number of the claim, and what for.
fn due(desk: &mut Desk, now: Timestamp) -> Vec<(String, u64, Act)> {
    let told = |call: Call| {
        let Call::Lease { ask, .. } = call else { panic!("{call:?}") };
        (ask.extension.to_string(), ask.claim.number, ask.act)
    };
    desk.calls_due(now).into_iter().map(told).collect()
}

fn asked(digits: &str, claim: u64, act: Act) -> (String, u64, Act) {
    (digits.to_owned(), claim, act)
}

/// What a lease, or whoever stands before it, has said to the first question that is due.
fn reply(desk: &mut Desk, now: Timestamp, reply: impl Into<Option<Found>>) -> Vec<What> {
    let call = desk.calls_due(now).into_iter().next().expect("something is due");
    desk.called(now, &call, reply.into().map(Reply::Lease)).events.into_iter().map(|event| event.what).collect()
}

const fn answered(answer: extension_lease::Answer) -> Found {
    Found::Lease { kind: Some(ExtensionKind::DeskPhone), answer }
}

const fn taken() -> extension_lease::Answer {
    extension_lease::Answer::Taken
}

fn held_by_another(until: Option<Timestamp>) -> Found {
    let by = Username::parse("desk2").unwrap();
    answered(extension_lease::Answer::Held { by, keeps: until.map(|until| Keeps { until, is_silent: false }) })
}

/// The extension as the page sees it, and why it is not held.
fn line(desk: &Desk) -> (String, Option<Why>) {
    let line = desk.holder.as_ref().unwrap().line.as_ref().unwrap();
    (line.number.to_string(), line.lacks.as_ref().map(|lack| lack.why))
}

fn wish(desk: &mut Desk, now: Timestamp, digits: &str) -> Said {
    let id = desk.view(now).unwrap().applied + 1;
    command(desk, now, id, Wish::Extension { number: number(digits) })
}

/// A desk whose session holds 1001.
fn holding() -> Desk {
    let mut desk = connected();
    assert_eq!(reply(&mut desk, START, answered(taken())).len(), 1, "the page is told");
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
    for write in desk.writes_due(START) {
        desk.written(START, &write, true);
    }
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
    reply(&mut desk, at(6), answered(taken()));
    assert_eq!(line(&desk).1, None);
}

#[test]
fn a_take_over_moves_it_along_and_frees_nothing_in_between() {
    let mut desk = holding();
    take(&mut desk, at(5), 2, Some(1), None);
    assert_eq!(due(&mut desk, at(5)), [asked("1001", 2, Act::Take)]);
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
}

#[test]
fn only_where_policy_says_so_is_the_holder_named() {
    for tells_holder in [false, true] {
        let mut desk = connected();
        desk.holder.as_mut().unwrap().visitor.policy.tells_holder = tells_holder;
        reply(&mut desk, START, held_by_another(None));
        let line = desk.holder.as_ref().unwrap().line.clone().unwrap();
        assert_eq!(line.lacks.unwrap().by.is_some(), tells_holder);
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
    reply(&mut desk, at(61), answered(taken()));
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
    reply(&mut desk, at(20), answered(taken()));
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
    desk.called(at(1), &first[0], Some(Reply::Lease(answered(taken()))));
    assert_eq!(line(&desk), ("1003".to_owned(), Some(Why::Asking)));
    let due = due(&mut desk, at(1));
    assert!(due.contains(&asked("1001", 1, Act::Free)) && due.contains(&asked("1003", 2, Act::Take)), "{due:?}");
}

#[test]
fn a_desk_that_has_lost_its_count_goes_on_from_the_leases() {
    let mut desk = connected();
    reply(&mut desk, START, answered(extension_lease::Answer::Stale { number: 40 }));
    assert_eq!(due(&mut desk, START), [asked("1001", 41, Act::Take)]);
}

#[test]
fn the_desk_says_how_long_its_session_keeps_the_extension() {
    let mut desk = connected();
    let keeps = |desk: &mut Desk, now: Timestamp, heard, digits| match desk
        .answer(now, heard, Ask::Keeps { extension: number(digits) }, Known::default())
        .answer
    {
        Answer::Keeps(keeps) => keeps.map(|keeps| (keeps.until, keeps.is_silent)),
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
fn a_session_whose_desktop_never_came_lets_it_go_and_takes_it_again_when_it_comes() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    reply(&mut desk, START, answered(taken()));
    let asked_for = || Ask::Keeps { extension: number("1001") };
    assert!(matches!(ask(&mut desk, at(299), None, asked_for()).answer, Answer::Keeps(Some(_))));
    assert_eq!(ask(&mut desk, at(300), None, asked_for()).answer, Answer::Keeps(None));
    assert_eq!(due(&mut desk, at(300)), []);
    connect(&mut desk, at(400), 1, 1).answer.unwrap();
    assert_eq!(due(&mut desk, at(400)), [asked("1001", 2, Act::Take)]);
}
