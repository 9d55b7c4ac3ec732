//! What a desktop page has seen, checked as it arrives: events are numbered without a gap, and what they say adds up to
//! what the desk says.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;

/// A numbered event of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number.
    pub seq: u64,
    /// When, in seconds since 1970.
    pub at: u64,
    /// What happened.
    pub what: Value,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It was applied.
    Done,
    /// It was refused, for this reason.
    Refused(String),
}

/// What a page has seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every event, in order.
    pub events: Vec<Event>,
    /// The state, after all events.
    pub state: Value,
    /// What the agent has chosen for after the interaction.
    pub next: Value,
    /// The extension, after all events; `None` before the first welcome.
    pub extension: Option<Value>,
    /// The screen recorder, after all events.
    pub recorder: Value,
    /// What keeps the agent from being ready, after all events; `None` before the first welcome.
    pub missing: Option<Value>,
    /// The last welcome.
    pub welcome: Value,
    /// When each welcome was received.
    pub welcomed: Vec<Instant>,
    /// Whether there is a connection, past its welcome.
    pub connected: bool,
    /// When connections were lost.
    pub lost: Vec<Instant>,
    /// The answers to commands, by their numbers.
    pub answers: BTreeMap<u64, Answer>,
    /// The code with which the other side closed a socket, each time.
    pub closed: Vec<u16>,
    /// Statuses of refused handshakes; 0 if the connection broke.
    pub refusals: Vec<u16>,
    /// How the session ended: what the desk said, or the answer to a page that asked why it gets no socket.
    pub ended: Option<Value>,
    /// What must never happen, but did.
    pub faults: Vec<String>,
}

impl Seen {
    /// The number of the last event.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.events.last().map_or(0, |event| event.seq)
    }

    /// Whether the agent is not ready for this reason.
    #[must_use]
    pub fn is_not_ready_because(&self, reason: &str) -> bool {
        self.state["not_ready"]["reason"] == reason
    }

    /// Whether this extension is held.
    #[must_use]
    pub fn holds(&self, number: &str) -> bool {
        self.extension.as_ref().is_some_and(|extension| extension["number"] == number && extension["held"] == true)
    }

    /// The steps of registering that the agent has been shown so far.
    #[must_use]
    pub fn notes(&self) -> Vec<&str> {
        let notes = self.recorder["notes"].as_array().into_iter().flatten();
        notes.filter_map(|note| note["note"].as_str()).collect()
    }

    /// Why the extension is not held, as the desk says.
    #[must_use]
    pub fn lack(&self) -> Option<&Value> {
        let missing = self.missing.as_ref()?.as_array()?;
        missing.iter().find_map(|missing| missing.get("extension"))
    }

    /// Whether the extension is not held for this reason.
    #[must_use]
    pub fn lacks(&self, why: &str) -> bool {
        self.lack().is_some_and(|lack| lack["why"] == why)
    }

    pub(super) fn take(&mut self, text: &str) {
        let Ok(message) = serde_json::from_str::<Value>(text) else {
            return self.faults.push(format!("no JSON: {text}"));
        };
        let kind = message.as_object().and_then(|object| object.keys().next().cloned()).unwrap_or_default();
        let content = &message[&kind];
        match kind.as_str() {
            "welcome" => self.welcome(content),
            "event" => self.event(content),
            "done" => self.answer(content, Answer::Done),
            "refused" => self.answer(content, Answer::Refused(content["why"].as_str().unwrap_or_default().to_owned())),
            "ended" => self.ended = Some(content.clone()),
            _ => self.faults.push(format!("not understood: {text}")),
        }
    }

    fn welcome(&mut self, welcome: &Value) {
        for event in welcome["events"].as_array().into_iter().flatten() {
            self.event(event);
        }
        if welcome["seq"] != self.last() {
            self.faults.push(format!("welcomed at event {}, having seen {}", welcome["seq"], self.last()));
        }
        if self.state.is_null() {
            self.state = welcome["state"].clone(); // what a session begins with is no event
        }
        if self.recorder.is_null() {
            self.recorder = welcome["recorder"].clone(); // nor is what is registered already
        }
        let extension = &*self.extension.get_or_insert_with(|| welcome["extension"].clone());
        let missing = &*self.missing.get_or_insert_with(|| welcome["missing"].clone());
        let all = [
            ("state", &self.state),
            ("next", &self.next),
            ("extension", extension),
            ("missing", missing),
            ("recorder", &self.recorder),
        ];
        for (name, seen) in all {
            if welcome[name] != *seen {
                let fault = format!("the welcome says {name} {}, the events said {seen}", welcome[name]);
                self.faults.push(fault);
            }
        }
        self.welcome = welcome.clone();
        self.welcomed.push(Instant::now());
        self.connected = true;
    }

    fn event(&mut self, event: &Value) {
        let (seq, last) = (event["seq"].as_u64().unwrap_or_default(), self.last());
        let is_first = self.events.is_empty();
        if seq <= last {
            self.faults.push(format!("event {seq} came again after {last}"));
        } else if !is_first && seq > last + 1 {
            self.faults.push(format!("after event {last} came {seq}"));
        }
        let what = &event["what"];
        if what.get("signed_in").is_some() != is_first {
            self.faults.push(format!("event {seq}, first: {is_first}, is {what}"));
        }
        if let Some(change) = what.get("state") {
            self.state = change["state"].clone();
            self.next = Value::Null; // it was for after what has ended now
        }
        if let Some(recorder) = what.get("recorder") {
            self.recorder = recorder.clone();
        }
        if let Some(change) = what.get("next") {
            self.next = change["next"].clone();
        }
        if let Some(extension) = what.get("extension") {
            self.extension = Some(extension.clone());
        }
        if let Some(missing) = what.get("missing") {
            self.missing = Some(missing.clone());
        }
        let at = event["at"].as_u64().unwrap_or_default();
        self.events.push(Event { seq, at, what: what.clone() });
    }

    fn answer(&mut self, content: &Value, answer: Answer) {
        let command = content["id"].as_u64().unwrap_or_default();
        match self.answers.get(&command) {
            Some(before) if *before != answer => {
                self.faults.push(format!("command {command} was answered {before:?}, then {answer:?}"));
            }
            _ => drop(self.answers.insert(command, answer)),
        }
    }
}
