//! The desk, event by event, at times chosen by the test.

mod endings;
mod extension;
mod gate;
mod offers;
mod one_owner;
mod presence;
mod recorder;
mod states;
mod telling_kv;

use std::collections::BTreeMap;

use kv_schema::directory::{ExtensionKind, Presence};
use kv_schema::names::{Extension, InstallName, ReasonCode, Username};
use kv_schema::record::Version;
use kv_schema::sessions::{EndReason, Session};
use serde_json::Value;

use super::*;
use crate::browser::Browser;
use crate::{extension_lease, fixture};

const START: Timestamp = Timestamp(1_000_000);
const SHIFT: u64 = 12 * 3600;

fn at(seconds: u64) -> Timestamp {
    START.plus(seconds)
}

fn sid(number: u128) -> SessionId {
    SessionId::from_bits(number)
}

/// A session that began at `begun`.
fn visitor(number: u128, begun: Timestamp, lease: u64) -> Visitor {
    let browser = Browser::from_user_agent("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0");
    Visitor {
        session: Session {
            v: Version,
            instance: fixture::id(1),
            agent: Username::parse("desk1").unwrap(),
            sid: sid(number),
            install: InstallName::parse("lisbon").unwrap(),
            extension: Extension::parse("1001").ok(),
            auth_time: begun,
            amr: vec!["pwd".to_owned()],
            browser: browser.to_string(),
            hard_end: begun.plus(SHIFT),
        },
        lease,
        browser,
        policy: Policy {
            overtime_minutes: 30,
            allow_extension: true,
            reasons: vec![ReasonCode::parse("lunch").unwrap()],
            ..Policy::default()
        },
        workstation: None,
    }
}

fn take(desk: &mut Desk, now: Timestamp, number: u128, over: Option<u64>, here: Option<u128>) -> Outcome<Answer> {
    let consent = over.map(|over| consent(over, now));
    let arrival = Arrival { visitor: visitor(number, now, 0), consent, here: here.map(sid), is_typed: false };
    ask(desk, now, None, Ask::Take(arrival))
}

/// An agent agrees to take over `over`, whatever goes on there.
fn consent(over: u64, proved_at: Timestamp) -> Consent {
    Consent { over, in_interaction: true, proved_at }
}

/// The answer that gives a session the desk, with the extension that all have in these tests.
fn lease(lease: u64) -> Answer {
    Answer::Taken { lease, extension: Extension::parse("1001").ok() }
}

/// A desk that session 1 has held from the start, with its page connected.
fn connected() -> Desk {
    let mut desk = Desk::default();
    assert_eq!(take(&mut desk, START, 1, None, None).answer, lease(1));
    answer_calls(&mut desk, START);
    assert_eq!(connect(&mut desk, START, 1, 1).answer, Ok(()));
    desk
}

fn connect(desk: &mut Desk, now: Timestamp, number: u128, lease: u64) -> Outcome<Result<(), Option<Ended>>> {
    desk.connect(now, Connect { visitor: visitor(number, START, lease), after: 0 })
}

fn command(desk: &mut Desk, now: Timestamp, id: u64, ask: Wish) -> Said {
    desk.command(now, Command { id, ask }).answer
}

fn ask(desk: &mut Desk, now: Timestamp, heard: Option<Timestamp>, ask: Ask) -> Outcome<Answer> {
    desk.answer(now, heard, ask, Known::default())
}

fn id(text: &str) -> RoutingId {
    RoutingId::try_from(text.to_owned()).unwrap()
}

fn call(number: u8) -> Subject {
    let label = |text: &str| Label::try_from(text.to_owned()).ok();
    let (service, from) = (label("Support").unwrap(), label("+351 21 000 00 00"));
    Subject { id: id(&format!("call-{number}")), kind: Medium::Call, service, from, since: START }
}

/// Offer `o-<number>` of call `number`, with 20 s to answer.
fn proposal(number: u8) -> Proposal {
    Proposal { id: id(&format!("o-{number}")), interaction: call(number), seconds: 20 }
}

fn offering(number: u8) -> Ask {
    Ask::Offer { proposal: proposal(number), by: "routing".into(), is_declared: true }
}

fn finished(number: u8) -> Ask {
    Ask::Finish { interaction: call(number).id, by: "routing".into() }
}

const NOT_READY: Wish = Wish::NotReady { reason: None };

fn ready(desk: &mut Desk, now: Timestamp) {
    let id = desk.view(now).unwrap().applied + 1;
    assert_eq!(command(desk, now, id, Wish::Ready), Said::Done { id });
}

/// A desk whose agent has an interaction.
fn in_interaction() -> Desk {
    let mut desk = connected();
    ready(&mut desk, START);
    ask(&mut desk, START, Some(START), offering(1));
    let accept = Wish::Accept { offer: proposal(1).id };
    assert_eq!(command(&mut desk, START, 2, accept), Said::Done { id: 2 });
    desk
}

fn state(desk: &Desk) -> State {
    desk.view(START).expect("somebody holds the desk").state
}

fn not_ready(reason: Reason) -> State {
    State::NotReady { reason }
}

fn reason_of(outcome: &Outcome<impl Sized>) -> Option<EndReason> {
    outcome.departed.first().map(|departed| departed.ended.reason)
}

/// Wakes the desk whenever it asks to be, up to `until`, with its page heard at `heard`. Returns the sessions ended.
fn sleep(desk: &mut Desk, until: Timestamp, heard: Option<Timestamp>) -> Vec<Departed> {
    let mut departed = Vec::new();
    while let Some(due) = desk.wake_at().filter(|due| *due <= until) {
        tell_kv(desk, due, true);
        answer_calls(desk, due);
        departed.append(&mut desk.pass(due, heard).departed);
    }
    departed
}

/// Tells KV what is due; it takes it or not. Returns how often each has failed.
fn tell_kv(desk: &mut Desk, now: Timestamp, taken: bool) -> Vec<u32> {
    let told: Vec<_> = desk.writes_due(now).into_iter().map(|write| (write, taken)).collect();
    desk.written(now, &told).answer
}

/// What is stored for a desk where nothing was, row by row, in the order of their numbers.
fn kept(desk: &Desk) -> Vec<String> {
    let json = serde_json::to_string(&desk.rows(&Desk::default())).unwrap();
    let rows: BTreeMap<u64, Value> = serde_json::from_str(&json).unwrap();
    rows.values().map(Value::to_string).collect()
}

/// Answers the desk's calls: every extension is free.
fn answer_calls(desk: &mut Desk, now: Timestamp) {
    for call in desk.calls_due(now) {
        if let Call::Gateway(_) = call {
            continue; // which does not answer
        }
        let kind = Some(ExtensionKind::DeskPhone);
        let answer = extension_lease::Answer::Taken;
        desk.called(now, &call, Some(Reply::Lease(Found::Lease { kind, answer })));
    }
}

#[test]
fn what_is_kept_reads_as_it_was_written() {
    let mut desk = in_interaction();
    take(&mut desk, at(1), 2, Some(1), None);
    assert_eq!(Desk::of_rows(&kept(&desk)).unwrap(), desk);
    assert_eq!(Desk::of_rows(&[]).unwrap(), Desk::default());
}

#[test]
fn a_session_that_is_over_for_a_reason_that_only_a_newer_worker_knows_keeps_nobody_from_the_desk() {
    let mut desk = Desk::default();
    take(&mut desk, START, 1, None, None);
    take(&mut desk, at(1), 2, None, None);
    let mut rows = kept(&desk);
    rows[1] = rows[1].replace("\"taken_over\"", "\"moved_on\"");
    let mut desk = Desk::of_rows(&rows).unwrap();
    let before = desk.clone();
    assert_eq!(connect(&mut desk, at(2), 1, 1).answer, Err(None), "over it stays");
    assert_eq!(connect(&mut desk, at(2), 2, 2).answer, Ok(()));
    assert_eq!(desk.rows(&before).gone(), Vec::<u64>::new(), "its row waits for whoever can read it");
    rows[0] = rows[0].replace("\"signed_in\"", "\"moved_on\"");
    assert!(Desk::of_rows(&rows).is_err(), "nobody is given a desk of which nothing is known");
}

#[test]
fn of_sessions_that_are_over_only_what_has_changed_is_written() {
    let mut desk = Desk::default();
    for number in 1..=3 {
        take(&mut desk, at(1), number, None, None);
    }
    let written = |desk: &Desk, before: &Desk| -> Vec<String> {
        serde_json::to_value(desk.rows(before)).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(written(&desk, &Desk::default()), ["1", "2", "3"], "its own, and one for each of the first two leases");
    let before = desk.clone();
    take(&mut desk, at(2), 4, None, None);
    assert_eq!(written(&desk, &before), ["1", "4"]);
    assert_eq!(desk.rows(&before).gone(), Vec::<u64>::new());
    let before = desk.clone();
    sleep(&mut desk, at(SHIFT + 2), None);
    assert_eq!(desk.rows(&before).gone(), [2, 3, 4], "nothing of them matters any more");
}

#[test]
fn a_view_stands_between_what_it_is_handed_on_without() {
    let seen = serde_json::to_string(&ask(&mut connected(), START, None, Ask::Look).answer).unwrap();
    let view = seen.strip_prefix(SEEN).and_then(|rest| rest.strip_suffix('}')).unwrap();
    assert!(view.starts_with("{\"now\":") && view.ends_with('}'), "{view}");
}

#[test]
fn a_welcome_is_json_with_what_was_missed() {
    let view = connected().view(START).unwrap();
    for (missed, count) in [(vec![], 0), (vec![r#"{"seq":1}"#.to_owned(), r#"{"seq":2}"#.to_owned()], 2)] {
        let json: serde_json::Value = serde_json::from_str(&welcome(&view, &missed).unwrap()).unwrap();
        assert_eq!(json["welcome"]["events"].as_array().map(Vec::len), Some(count));
        assert_eq!(json["welcome"]["lease"], 1);
    }
}
