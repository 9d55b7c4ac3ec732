//! The lease, question by question.

use super::*;
use crate::fixture;

const NOW: Timestamp = Timestamp(1_000_000);
const LATER: Timestamp = NOW.plus(RESERVED_SECONDS);

fn name(agent: &str) -> Username {
    Username::parse(agent).unwrap()
}

fn ask(agent: &str, claim: u64, act: Act) -> Ask {
    let extension = Extension::parse("1001").unwrap();
    Ask { instance: fixture::id(1), extension, agent: name(agent), claim, act }
}

fn answer(lease: &mut Lease, now: Timestamp, agent: &str, claim: u64, act: Act) -> Answer {
    match lease.answer(now, &ask(agent, claim, act), None) {
        Step::Answer(answer) => answer,
        Step::AskDesk(holder, claim) => panic!("{holder} is to be asked about {claim}"),
    }
}

/// What the first agent's desk has said about the third claim.
fn told(keeps: Keeps) -> Told {
    Told { agent: name("anna"), claim: 3, keeps }
}

/// A lease that the first agent has taken with their third claim.
fn taken() -> Lease {
    let mut lease = Lease::default();
    assert_eq!(answer(&mut lease, NOW, "anna", 3, Act::Take), Answer::Taken);
    lease
}

fn held(until: Option<Timestamp>, is_silent: bool) -> Step {
    Step::Answer(Answer::Held { by: name("anna"), until, is_silent })
}

fn ask_anna(claim: u64) -> Step {
    Step::AskDesk(name("anna"), claim)
}

#[test]
fn another_agent_is_sent_away_only_by_the_word_of_the_holders_desk() {
    let at = NOW.plus(60);
    for (said, expected) in [
        (Keeps::Until { at, is_silent: true }, held(Some(at), true)),
        (Keeps::Unknown, held(None, false)),
        (Keeps::No, Step::Answer(Answer::Taken)),
    ] {
        let mut lease = taken();
        let bert = ask("bert", 1, Act::Take);
        assert_eq!(lease.answer(NOW, &bert, None), ask_anna(3));
        assert_eq!(lease.answer(NOW, &bert, Some(told(said))), expected);
    }
}

#[test]
fn what_a_desk_has_said_of_an_older_claim_says_nothing_of_a_newer_one() {
    let mut lease = taken();
    let bert = ask("bert", 1, Act::Take);
    assert_eq!(lease.answer(NOW, &bert, None), ask_anna(3));
    // While the desk was being asked, its agent has signed in again.
    assert_eq!(answer(&mut lease, NOW, "anna", 4, Act::Take), Answer::Taken);
    assert_eq!(lease.answer(NOW, &bert, Some(told(Keeps::No))), ask_anna(4));
}

#[test]
fn of_two_that_have_asked_one_gets_it() {
    let mut lease = taken();
    assert_eq!(lease.answer(NOW, &ask("bert", 1, Act::Take), Some(told(Keeps::No))), Step::Answer(Answer::Taken));
    let second = lease.answer(NOW, &ask("carl", 1, Act::Take), Some(told(Keeps::No)));
    assert_eq!(second, Step::AskDesk(name("bert"), 1));
}

#[test]
fn a_newer_claim_of_the_same_agent_takes_it_along() {
    let mut lease = taken();
    assert_eq!(answer(&mut lease, NOW, "anna", 3, Act::Take), Answer::Taken, "asked again");
    assert_eq!(answer(&mut lease, NOW, "anna", 4, Act::Take), Answer::Taken);
    assert_eq!(answer(&mut lease, NOW, "anna", 3, Act::Take), Answer::Stale { claim: 4 });
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
    assert_eq!(answer(&mut lease, NOW, "anna", 5, Act::Take), Answer::Stale { claim: 5 });
    assert_eq!(answer(&mut lease, NOW, "anna", 6, Act::Take), Answer::Taken);
}

#[test]
fn a_login_keeps_it_from_others_until_its_desk_has_claimed_it() {
    let mut lease = Lease::default();
    assert_eq!(answer(&mut lease, NOW, "anna", 0, Act::Reserve), Answer::Taken);
    assert!(matches!(answer(&mut lease, NOW, "bert", 0, Act::Reserve), Answer::Held { until: None, .. }));
    assert_eq!(answer(&mut lease, NOW, "anna", 1, Act::Take), Answer::Taken);
    assert_eq!(lease.answer(NOW, &ask("bert", 1, Act::Take), None), ask_anna(1));
}

#[test]
fn a_login_that_came_to_nothing_keeps_it_from_nobody_for_long() {
    let mut lease = Lease::default();
    assert_eq!(answer(&mut lease, NOW, "anna", 0, Act::Reserve), Answer::Taken);
    let bert = ask("bert", 0, Act::Reserve);
    assert_eq!(lease.answer(LATER, &bert, None), ask_anna(0));
    let told = Some(Told { agent: name("anna"), claim: 0, keeps: Keeps::No });
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

#[test]
fn whoever_has_wanted_it_is_told_once_when_it_is_free() {
    let mut lease = taken();
    let keeps = Some(told(Keeps::Until { at: NOW.plus(60), is_silent: false }));
    for agent in ["bert", "carl", "bert"] {
        lease.answer(NOW, &ask(agent, 1, Act::Take), keeps.clone());
    }
    // Somebody who is only signing in has been told on the form.
    lease.answer(NOW, &ask("dora", 0, Act::Reserve), keeps);
    assert_eq!(lease.take_waiting(), []);
    answer(&mut lease, NOW, "anna", 3, Act::Free);
    assert_eq!(lease.take_waiting(), [name("bert"), name("carl")]);
    assert_eq!(lease.take_waiting(), []);
}
