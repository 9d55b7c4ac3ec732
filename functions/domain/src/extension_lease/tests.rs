//! The lease, question by question.

use super::*;
use crate::fixture;

const NOW: Timestamp = Timestamp(1_000_000);
const LATER: Timestamp = NOW.plus(RESERVED_SECONDS);

fn claim(agent: &str, number: u64) -> Claim {
    Claim { agent: Username::parse(agent).unwrap(), number }
}

fn ask(agent: &str, number: u64, act: Act) -> Ask {
    let extension = Extension::parse("1001").unwrap();
    Ask { instance: fixture::id(1), extension, claim: claim(agent, number), act }
}

fn answer(lease: &mut Lease, now: Timestamp, agent: &str, number: u64, act: Act) -> Answer {
    match lease.answer(now, &ask(agent, number, act), None) {
        Step::Answer(answer) => answer,
        Step::AskDesk(holder) => panic!("{holder:?} is to be asked"),
    }
}

/// A lease that the first agent has taken with their third claim.
fn taken() -> Lease {
    let mut lease = Lease::default();
    assert_eq!(answer(&mut lease, NOW, "anna", 3, Act::Take), Answer::Taken);
    lease
}

fn held(keeps: Option<Keeps>) -> Step {
    Step::Answer(Answer::Held { by: claim("anna", 3).agent, keeps })
}

#[test]
fn another_agent_is_sent_away_only_by_the_word_of_the_holders_desk() {
    let keeps = Keeps { until: NOW.plus(60), is_silent: true };
    for (told, expected) in [
        (Told::Keeps(keeps), held(Some(keeps))),
        (Told::Nothing, held(None)),
        (Told::Free, Step::Answer(Answer::Taken)),
    ] {
        let mut lease = taken();
        let bert = ask("bert", 1, Act::Take);
        assert_eq!(lease.answer(NOW, &bert, None), Step::AskDesk(claim("anna", 3)));
        assert_eq!(lease.answer(NOW, &bert, Some((claim("anna", 3), told))), expected);
    }
}

#[test]
fn what_a_desk_has_said_of_an_older_claim_says_nothing_of_a_newer_one() {
    let mut lease = taken();
    let bert = ask("bert", 1, Act::Take);
    assert_eq!(lease.answer(NOW, &bert, None), Step::AskDesk(claim("anna", 3)));
    // While the desk was being asked, its agent has signed in again.
    assert_eq!(answer(&mut lease, NOW, "anna", 4, Act::Take), Answer::Taken);
    assert_eq!(lease.answer(NOW, &bert, Some((claim("anna", 3), Told::Free))), Step::AskDesk(claim("anna", 4)));
}

#[test]
fn of_two_that_have_asked_one_gets_it() {
    let mut lease = taken();
    let told = || Some((claim("anna", 3), Told::Free));
    assert_eq!(lease.answer(NOW, &ask("bert", 1, Act::Take), told()), Step::Answer(Answer::Taken));
    assert_eq!(lease.answer(NOW, &ask("carl", 1, Act::Take), told()), Step::AskDesk(claim("bert", 1)));
}

#[test]
fn a_newer_claim_of_the_same_agent_takes_it_along() {
    let mut lease = taken();
    assert_eq!(answer(&mut lease, NOW, "anna", 3, Act::Take), Answer::Taken, "asked again");
    assert_eq!(answer(&mut lease, NOW, "anna", 4, Act::Take), Answer::Taken);
    assert_eq!(answer(&mut lease, NOW, "anna", 3, Act::Take), Answer::Stale { number: 4 });
}

#[test]
fn a_late_free_of_an_older_claim_frees_nothing() {
    let mut lease = taken();
    assert_eq!(answer(&mut lease, NOW, "anna", 2, Act::Free), Answer::Free);
    assert_eq!(answer(&mut lease, NOW, "bert", 9, Act::Free), Answer::Free);
    assert_eq!(lease, taken());
}

#[test]
fn a_claim_that_was_freed_before_it_arrived_does_not_come_back() {
    let mut lease = taken();
    assert_eq!(answer(&mut lease, NOW, "anna", 5, Act::Free), Answer::Free);
    assert_eq!(answer(&mut lease, NOW, "anna", 5, Act::Take), Answer::Stale { number: 5 });
    assert_eq!(answer(&mut lease, NOW, "anna", 6, Act::Take), Answer::Taken);
}

#[test]
fn a_login_keeps_it_from_others_until_its_desk_has_claimed_it() {
    let mut lease = Lease::default();
    assert_eq!(answer(&mut lease, NOW, "anna", 0, Act::Reserve), Answer::Taken);
    assert!(matches!(answer(&mut lease, NOW, "bert", 0, Act::Reserve), Answer::Held { keeps: None, .. }));
    assert_eq!(answer(&mut lease, NOW, "anna", 1, Act::Take), Answer::Taken);
    assert_eq!(lease.answer(NOW, &ask("bert", 1, Act::Take), None), Step::AskDesk(claim("anna", 1)));
}

#[test]
fn a_login_that_came_to_nothing_keeps_it_from_nobody_for_long() {
    let mut lease = Lease::default();
    assert_eq!(answer(&mut lease, NOW, "anna", 0, Act::Reserve), Answer::Taken);
    let bert = ask("bert", 0, Act::Reserve);
    assert_eq!(lease.answer(LATER, &bert, None), Step::AskDesk(claim("anna", 0)));
    let told = Some((claim("anna", 0), Told::Free));
    assert_eq!(lease.answer(LATER, &bert, told), Step::Answer(Answer::Taken));
}

#[test]
fn a_login_in_the_place_of_the_same_agents_session_loses_it_to_nobody_in_between() {
    let mut lease = taken();
    assert_eq!(answer(&mut lease, NOW, "anna", 0, Act::Reserve), Answer::Taken);
    assert_eq!(answer(&mut lease, NOW, "anna", 3, Act::Free), Answer::Free);
    assert!(matches!(answer(&mut lease, NOW, "bert", 1, Act::Take), Answer::Held { .. }));
    assert_eq!(answer(&mut lease, NOW, "anna", 4, Act::Take), Answer::Taken);
}
