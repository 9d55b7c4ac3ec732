//! R1 to R3: the screen recorder.

mod faults;
mod leaving;
mod registered;
mod registering;
mod schedules;

use kv_schema::directory::{ExtensionKind, Gateway, GatewayUrl, Recorder};

use super::*;
use crate::desk::recorder::{Code, GatewayCall, GatewayReply, Status, Verb};
use crate::workstation::Workstation;

const DEADLINE: u64 = 20;

fn gateway() -> Gateway {
    let gateway = GatewayUrl::parse("https://recorder.example/gateway").unwrap();
    Gateway { gateway, deadline_seconds: u32::try_from(DEADLINE).unwrap() }
}

fn required() -> Recorder {
    Recorder::Required(gateway())
}

fn optional() -> Recorder {
    Recorder::Optional(gateway())
}

/// Session `number` at `workstation`, with a recorder.
fn recorded(number: u128, workstation: u128, lease: u64, recorder: &Recorder) -> Visitor {
    let mut visitor = visitor(number, START, lease);
    visitor.policy.recorder = recorder.clone();
    visitor.workstation = Some(Workstation::from_bits(workstation));
    visitor
}

fn take_recorded(desk: &mut Desk, now: Timestamp, over: Option<u64>, here: Option<u128>, visitor: Visitor) -> Answer {
    let consent = over.map(|over| consent(over, now));
    ask(desk, now, None, Ask::Take(Arrival { visitor, consent, here: here.map(sid), is_typed: false })).answer
}

fn connect_recorded(desk: &mut Desk, now: Timestamp, visitor: Visitor) -> Vec<Event> {
    let outcome = desk.connect(now, Connect { visitor, after: 0 });
    assert_eq!(outcome.answer, Ok(()));
    outcome.events
}

/// A desk that session 1 has taken at workstation 1, whose page has just connected: it registers.
fn registering(recorder: &Recorder) -> Desk {
    let mut desk = Desk::default();
    let taken = take_recorded(&mut desk, START, None, None, recorded(1, 1, 0, recorder));
    assert_eq!(taken, lease(1));
    connect_recorded(&mut desk, START, recorded(1, 1, 1, recorder));
    desk
}

/// The same, registered for a minute at a time.
fn registered(recorder: &Recorder) -> Desk {
    let mut desk = registering(recorder);
    let call = only_call(&mut desk, START);
    answer(&mut desk, START, &call, 200, REGISTERED);
    assert_eq!(status(&desk), Status::Registered);
    desk
}

const REGISTERED: &str = r#"{"status":"registered","expires_in":60}"#;
const AT_IT: &str = r#"{"status":"registering"}"#;

fn calls(desk: &mut Desk, now: Timestamp) -> Vec<GatewayCall> {
    let mut calls = Vec::new();
    for call in desk.calls_due(now) {
        match call {
            Call::Gateway(call) => calls.push(*call),
            call @ Call::Lease { .. } => free_extension(desk, now, &call),
        }
    }
    calls
}

fn free_extension(desk: &mut Desk, now: Timestamp, call: &Call) {
    let (kind, answer) = (Some(ExtensionKind::DeskPhone), extension_lease::Answer::Taken);
    desk.called(now, call, Some(Reply::Lease(Found::Lease { kind, answer })));
}

fn only_call(desk: &mut Desk, now: Timestamp) -> GatewayCall {
    let mut calls = calls(desk, now);
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls.remove(0)
}

fn answer(desk: &mut Desk, now: Timestamp, call: &GatewayCall, status: u16, body: &str) -> Vec<Event> {
    reply(desk, now, call, &GatewayReply::Answer { status, retry_after: None, body: body.to_owned() })
}

fn reply(desk: &mut Desk, now: Timestamp, call: &GatewayCall, reply: &GatewayReply) -> Vec<Event> {
    desk.called(now, &Call::Gateway(Box::new(call.clone())), Some(Reply::Gateway(reply.clone()))).events
}

/// Asks the gateway whatever is due until `until`, with the page heard all the while; there are no replies.
fn in_vain(desk: &mut Desk, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, GatewayCall)> {
    let mut asked = Vec::new();
    for second in from.0..=until.0 {
        let now = Timestamp(second);
        desk.pass(now, Some(now));
        for call in calls(desk, now) {
            reply(desk, now, &call, &GatewayReply::None);
            asked.push((now, call));
        }
    }
    asked
}

fn view(desk: &Desk) -> RecorderView {
    desk.view(START).expect("somebody holds the desk").recorder.expect("there is a recorder")
}

fn status(desk: &Desk) -> Status {
    view(desk).status
}

fn notes(desk: &Desk) -> Vec<&'static str> {
    view(desk).notes.iter().map(|note| note.note.name()).collect()
}

fn missing(desk: &Desk) -> Vec<Missing> {
    desk.view(START).expect("somebody holds the desk").missing
}

fn wish(desk: &mut Desk, now: Timestamp, wish: Wish) -> Said {
    let id = desk.view(now).unwrap().applied + 1;
    command(desk, now, id, wish)
}

fn refused(said: &Said) -> Option<Refusal> {
    if let Said::Refused { why, .. } = said { Some(*why) } else { None }
}
