//! A1, D3: offers. Each has exactly one outcome.

use super::*;

/// A desk with the offers made to it, as its object stores them.
#[derive(Default)]
struct Object {
    desk: Desk,
    kept: Vec<Offer>,
}

impl Object {
    /// With an agent who is ready.
    fn ready() -> Self {
        let mut desk = connected();
        ready(&mut desk, START);
        Self { desk, kept: Vec::new() }
    }

    fn keep<A>(&mut self, outcome: Outcome<A>) -> (A, Vec<Event>) {
        for offer in outcome.offers {
            let known = self.kept.iter_mut().find(|known| known.id == offer.id);
            match known {
                Some(known) => {
                    assert_eq!(known.outcome, None, "{offer:?} has its outcome");
                    *known = offer;
                }
                None => self.kept.push(offer),
            }
        }
        (outcome.answer, outcome.events)
    }

    fn ask(&mut self, now: Timestamp, ask: Ask) -> Answer {
        let id = ask.offer().cloned();
        let offer = self.kept.iter().find(|offer| Some(&offer.id) == id.as_ref()).cloned();
        let outcome = self.desk.answer(now, Some(now), ask, Known { offer, is_full: false });
        self.keep(outcome).0
    }

    fn command(&mut self, now: Timestamp, wish: Wish) -> Said {
        let id = self.desk.view(now).unwrap().applied + 1;
        let outcome = self.desk.command(now, Command { id, ask: wish });
        self.keep(outcome).0
    }

    fn pass(&mut self, now: Timestamp, heard: Option<Timestamp>) -> Vec<Event> {
        let outcome = self.desk.pass(now, heard);
        self.keep(outcome).1
    }

    /// What came of offer `number`, as routing learns it.
    fn found(&mut self, now: Timestamp, number: u8) -> (Option<Verdict>, Option<Rejection>) {
        told(self.ask(now, Ask::Find { offer: proposal(number).id, wait: 0 }))
    }

    /// The outcome of offer `number` as stored.
    fn outcome(&self, number: u8) -> (Option<Verdict>, Option<Rejection>) {
        let offer = self.kept.iter().find(|offer| offer.id == proposal(number).id).unwrap();
        (offer.outcome, offer.reason)
    }

    fn state(&self) -> State {
        state(&self.desk)
    }
}

fn told(answer: Answer) -> (Option<Verdict>, Option<Rejection>) {
    let Answer::Offer(offer) = answer else { panic!("{answer:?}") };
    (offer.outcome, offer.reason)
}

fn rejected(why: Rejection) -> (Option<Verdict>, Option<Rejection>) {
    (Some(Verdict::Rejected), Some(why))
}

fn accept(number: u8) -> Wish {
    Wish::Accept { offer: proposal(number).id }
}

fn reject(number: u8) -> Wish {
    Wish::Reject { offer: proposal(number).id }
}

fn cancelling(number: u8) -> Ask {
    Ask::Cancel { offer: proposal(number).id, by: "routing".into() }
}

const OPEN: (Option<Verdict>, Option<Rejection>) = (None, None);

#[test]
fn an_offer_that_is_accepted_is_an_interaction() {
    let mut object = Object::ready();
    assert_eq!(told(object.ask(at(1), offering(1))), OPEN);
    let offered = State::Offered { offer: proposal(1).id, interaction: call(1), until: at(21) };
    assert_eq!(object.state(), offered);
    assert_eq!(object.command(at(20), accept(1)), Said::Done { id: 2 });
    assert_eq!(object.state(), State::InInteraction { interaction: call(1) });
    assert_eq!(object.found(at(21), 1), (Some(Verdict::Accepted), None));
    assert_eq!(object.kept[0].decided, Some(at(20)));
}

#[test]
fn a_page_is_told_of_each_offer_its_outcome_and_who_made_it() {
    let mut object = Object::ready();
    let outcome = object.desk.answer(at(1), None, offering(1), Known::default());
    let by = Some("routing".to_owned());
    assert_eq!(outcome.events[0].what, What::State { state: object.state(), cause: Cause::Routing, by });
    object.keep(outcome);
    let outcome = object.desk.command(at(2), Command { id: 2, ask: accept(1) });
    let offer = What::Offer { offer: proposal(1).id, outcome: Verdict::Accepted, reason: None };
    assert_eq!(outcome.events[0].what, offer);
}

#[test]
fn an_agent_who_says_no_stays_ready_and_one_who_says_nothing_does_not() {
    let mut object = Object::ready();
    object.ask(at(1), offering(1));
    object.command(at(2), reject(1));
    assert_eq!((object.outcome(1), object.state()), (rejected(Rejection::Agent), State::Ready));
    object.ask(at(3), offering(2));
    assert_eq!(object.desk.wake_at(), Some(START), "KV has yet to be told of the session");
    object.pass(at(22), Some(at(22)));
    assert_eq!(object.outcome(2), OPEN);
    object.pass(at(23), Some(at(22)));
    assert_eq!((object.outcome(2), object.state()), ((Some(Verdict::TimedOut), None), not_ready(Reason::NoAnswer)));
    assert_eq!(object.command(at(24), accept(2)), Said::Refused { id: 3, why: Refusal::Gone });
    assert_eq!(object.command(at(24), reject(2)), Said::Refused { id: 4, why: Refusal::Gone });
}

#[test]
fn an_offer_is_rejected_at_once_by_whoever_cannot_take_it() {
    let mut object = Object::default();
    assert_eq!(told(object.ask(START, offering(1))), rejected(Rejection::Gone));
    object.desk = connected();
    assert_eq!(told(object.ask(START, offering(2))), rejected(Rejection::NotReady));
    object.desk.change(START, State::Registering, Actor::of(Cause::Recorder), &mut Happened::default());
    assert_eq!(told(object.ask(START, offering(3))), rejected(Rejection::Registering));
    object.desk = in_interaction();
    assert_eq!(told(object.ask(START, offering(4))), rejected(Rejection::Engaged));
    object.desk = connected();
    sleep(&mut object.desk, at(40), None);
    let outcome = object.desk.answer(at(40), None, offering(5), Known::default());
    assert_eq!(told(outcome.answer), rejected(Rejection::NotReady));
    assert_eq!(outcome.events, [], "the page is not told of what never reached it");
}

#[test]
fn of_two_offers_at_once_one_wins() {
    let mut object = Object::ready();
    assert_eq!(told(object.ask(at(1), offering(1))), OPEN);
    assert_eq!(told(object.ask(at(1), offering(2))), rejected(Rejection::Engaged));
    object.command(at(2), accept(1));
    assert_eq!(object.found(at(3), 2), rejected(Rejection::Engaged));
}

#[test]
fn an_offer_that_is_sent_again_is_the_same_offer() {
    let mut object = Object::ready();
    assert_eq!(told(object.ask(at(1), offering(1))), OPEN);
    assert_eq!(told(object.ask(at(5), offering(1))), OPEN);
    assert_eq!(object.state().limit(), Some(at(21)), "it has no more time than before");
    object.command(at(6), reject(1));
    assert_eq!(told(object.ask(at(7), offering(1))), rejected(Rejection::Agent));
    assert_eq!(object.state(), State::Ready, "it is not delivered again");
    // Sent again just as its time runs out: the outcome that passing time gives it, which nobody has stored yet.
    object.ask(at(8), offering(2));
    assert_eq!(told(object.ask(at(28), offering(2))), (Some(Verdict::TimedOut), None));
}

#[test]
fn an_id_stands_for_one_offer() {
    let mut object = Object::ready();
    object.ask(at(1), offering(1));
    let offer = |proposal, by: &str| Ask::Offer { proposal, by: by.into(), is_declared: true };
    let other_call = Proposal { interaction: call(2), ..proposal(1) };
    let longer = Proposal { seconds: 21, ..proposal(1) };
    for ask in [offer(other_call, "routing"), offer(longer, "routing"), offer(proposal(1), "another")] {
        assert_eq!(object.ask(at(2), ask), Answer::Differs);
    }
    assert_eq!(object.found(at(3), 1), OPEN);
    assert_eq!(object.ask(at(3), Ask::Find { offer: proposal(2).id, wait: 0 }), Answer::Unknown);
}

#[test]
fn the_same_interaction_can_be_offered_again_as_another_offer() {
    let mut object = Object::ready();
    object.ask(at(1), offering(1));
    object.command(at(2), reject(1));
    let again = Proposal { id: id("o-1-again"), ..proposal(1) };
    let ask = Ask::Offer { proposal: again, by: "routing".into(), is_declared: true };
    assert_eq!(told(object.ask(at(3), ask)), OPEN);
}

#[test]
fn routing_takes_back_what_was_not_answered_and_learns_what_was() {
    let mut object = Object::ready();
    object.ask(at(1), offering(1));
    assert_eq!(told(object.ask(at(2), cancelling(1))), (Some(Verdict::Cancelled), None));
    assert_eq!(object.state(), State::Ready);
    assert_eq!(told(object.ask(at(3), cancelling(1))), (Some(Verdict::Cancelled), None), "said twice");
    object.ask(at(4), offering(2));
    object.command(at(5), accept(2));
    assert_eq!(told(object.ask(at(6), cancelling(2))), (Some(Verdict::Accepted), None), "it was too late");
    assert!(matches!(object.state(), State::InInteraction { .. }));
    assert_eq!(object.ask(at(7), cancelling(3)), Answer::Unknown);
}

#[test]
fn an_agent_who_may_be_away_is_offered_nothing_and_blamed_for_nothing() {
    let mut object = Object::ready();
    let offer = |object: &mut Object, now, heard, number| {
        let outcome = object.desk.answer(now, Some(heard), offering(number), Known::default());
        told(object.keep(outcome).0)
    };
    assert_eq!(offer(&mut object, at(12), at(0), 1), OPEN, "heard from every ten seconds");
    object.pass(at(20), Some(at(0)));
    assert_eq!((object.outcome(1), object.state()), (rejected(Rejection::ConnectionLost), State::Ready), "suspect");
    assert_eq!(offer(&mut object, at(21), at(0), 2), rejected(Rejection::ConnectionLost));
    connect(&mut object.desk, at(25), 1, 1);
    assert_eq!(offer(&mut object, at(37), at(25), 3), OPEN, "back again");
    object.ask(at(42), cancelling(3));
    assert_eq!(offer(&mut object, at(55), at(42), 4), rejected(Rejection::ConnectionLost), "not after thirteen");
}

#[test]
fn an_offer_that_runs_out_in_silence_is_no_answer_only_of_a_page_that_was_there() {
    for (heard, outcome, state) in [
        (at(20), (Some(Verdict::TimedOut), None), not_ready(Reason::NoAnswer)),
        (at(8), rejected(Rejection::ConnectionLost), State::Ready),
    ] {
        let mut object = Object::ready();
        let asked = object.desk.answer(at(5), Some(at(5)), offering(1), Known::default());
        let limit = object.keep(asked).0;
        assert_eq!(told(limit), OPEN);
        let until = object.state().limit().unwrap();
        object.pass(until, Some(heard));
        assert_eq!((object.outcome(1), object.state()), (outcome, state), "heard at {heard:?}, out at {until:?}");
    }
}

#[test]
fn a_desktop_that_is_lost_gives_the_offer_back_and_is_ready_when_it_returns() {
    let mut object = Object::ready();
    object.ask(
        at(1),
        Ask::Offer { proposal: Proposal { seconds: 300, ..proposal(1) }, by: "r".into(), is_declared: true },
    );
    for seconds in [20, 30] {
        object.pass(at(seconds + 1), None);
    }
    assert_eq!(
        (object.outcome(1), object.state()),
        (rejected(Rejection::ConnectionLost), not_ready(Reason::ConnectionLost))
    );
    connect(&mut object.desk, at(40), 1, 1);
    assert_eq!(object.state(), State::Ready);
}

#[test]
fn an_offer_goes_along_when_the_agent_takes_over_and_is_rejected_when_the_session_ends() {
    let mut object = Object::ready();
    object.ask(at(1), offering(1));
    let taken = take(&mut object.desk, at(5), 2, Some(1), None);
    object.keep(taken);
    assert_eq!((object.outcome(1), object.state().limit()), (OPEN, Some(at(21))));
    connect(&mut object.desk, at(6), 2, 2);
    object.command(at(7), accept(1));
    assert_eq!(object.outcome(1), (Some(Verdict::Accepted), None));

    for end in [Ask::Leave { sid: sid(1) }, Ask::End(Ending::of(EndReason::Forced))] {
        let mut object = Object::ready();
        object.ask(at(1), offering(1));
        object.ask(at(2), end);
        assert_eq!(object.outcome(1), rejected(Rejection::Gone));
        assert_eq!(object.desk.holder(), None);
        assert_eq!(told(object.ask(at(3), offering(1))), rejected(Rejection::Gone), "sent again");
    }
}

#[test]
fn an_offer_that_nobody_takes_over_to_is_given_back() {
    let mut object = Object::ready();
    object.ask(
        at(1),
        Ask::Offer { proposal: Proposal { seconds: 300, ..proposal(1) }, by: "r".into(), is_declared: true },
    );
    let taken = take(&mut object.desk, at(5), 2, Some(1), None);
    object.keep(taken);
    object.pass(at(25), None);
    object.pass(at(35), None);
    assert_eq!(object.outcome(1), rejected(Rejection::ConnectionLost), "the new desktop never came");
}

#[test]
fn a_session_on_a_newer_token_ends_the_offer_of_the_one_before() {
    let mut object = Object::ready();
    object.ask(at(1), offering(1));
    object.ask(at(2), Ask::Stand(visitor(7, START, 4)));
    assert_eq!(object.outcome(1), rejected(Rejection::Gone));
}

#[test]
fn a_state_chosen_while_an_offer_stands_follows_upon_it() {
    let lunch = Next::NotReady { reason: ReasonCode::parse("lunch").ok() };
    let for_lunch = not_ready(Reason::Named(ReasonCode::parse("lunch").unwrap()));
    let chosen = || {
        let mut object = Object::ready();
        object.ask(at(1), offering(1));
        object.command(at(2), Wish::NotReady { reason: ReasonCode::parse("lunch").ok() });
        assert_eq!(object.desk.view(at(2)).unwrap().next, Some(lunch.clone()));
        object
    };
    for answer in [reject(1), Wish::Stay] {
        let mut object = chosen();
        object.command(at(3), answer);
        object.pass(at(21), Some(at(21)));
        assert_eq!(object.state(), for_lunch, "rejected, or without an answer");
    }
    let mut object = chosen();
    let events = object.desk.command(at(3), Command { id: 3, ask: accept(1) });
    let (_, events) = object.keep(events);
    assert_eq!(events.last().unwrap().what, What::Next { next: Some(lunch.clone()) }, "what still waits is told again");
    object.ask(at(9), finished(1));
    assert_eq!(object.state(), for_lunch);
}

#[test]
fn where_the_desk_was_away_nobody_is_to_blame_for_no_answer() {
    let mut object = Object::ready();
    object.ask(at(1), offering(1));
    object.pass(at(3600), None);
    assert_eq!((object.outcome(1), object.state()), ((Some(Verdict::TimedOut), None), State::Ready));
}

#[test]
fn the_hard_end_does_not_fall_into_an_offer() {
    let mut desk = connected();
    ready(&mut desk, START);
    let due = at(SHIFT - 5);
    sleep(&mut desk, due, Some(due));
    ask(&mut desk, due, Some(due), offering(1));
    sleep(&mut desk, at(SHIFT + 10), Some(at(SHIFT + 10)));
    assert!(matches!(state(&desk), State::Offered { .. }));
    let departed = sleep(&mut desk, at(SHIFT + 200), Some(at(SHIFT + 200)));
    assert_eq!(departed[0].ended.reason, EndReason::HardEnd);
}

#[test]
fn a_thousand_offers_are_no_burden_to_the_desk() {
    let mut object = Object { desk: connected(), kept: Vec::new() };
    let before = object.desk.clone();
    for number in 0..1000 {
        let proposal = Proposal { id: id(&format!("o-{number}")), ..proposal(1) };
        object.ask(START, Ask::Offer { proposal, by: "routing".into(), is_declared: true });
    }
    assert_eq!((object.kept.len(), &object.desk), (1000, &before));
}

#[test]
fn a_desk_that_remembers_enough_takes_no_more_but_knows_what_it_knows() {
    let mut desk = connected();
    ready(&mut desk, START);
    let full = |offer| Known { offer, is_full: true };
    assert_eq!(desk.answer(START, None, offering(1), full(None)).answer, Answer::Full);
    let known = desk.answer(START, None, offering(1), Known::default()).offers.pop();
    assert_eq!(told(desk.answer(START, None, offering(1), full(known)).answer), OPEN);
}

#[test]
fn an_agent_who_is_not_declared_gets_no_offers() {
    let ask = Ask::Offer { proposal: proposal(1), by: "routing".into(), is_declared: false };
    let outcome = Desk::default().answer(START, None, ask.clone(), Known::default());
    assert_eq!((outcome.answer, outcome.offers.len()), (Answer::Nobody, 0));
    let mut object = Object::ready();
    assert_eq!(told(object.ask(START, ask)), OPEN, "whoever is signed in is");
}
