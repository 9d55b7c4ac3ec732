//! The object that hosts an agent's desk, as `functions/edge/src/desk/carrier.rs` does, on a host that may go down or be
//! replaced. What it stores survives; what it has in memory, and its sockets, do not.

use std::collections::{BTreeMap, BTreeSet};

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use onecontact_domain::desk::{
    Answer, Ask, Connect, Consent, Departed, Desk, Event as DeskEvent, Known, Outcome, Said,
};

use serde_json::Value;

use super::dice::Dice;
use super::planted::Bug;
use super::request::{Body, Call, Verdict};
use super::world::{Event, Ms, World, short};

const A_YEAR: u64 = 366 * 24 * 60 * 60;

pub(crate) struct Host {
    pub(crate) is_up: bool,
    /// Grows with each start of the object.
    pub(crate) life: u64,
    pub(crate) skew: Ms,
    /// What is stored of the desk, row by row.
    kept: BTreeMap<u64, String>,
    kept_before: BTreeMap<u64, String>,
    pub(crate) events: BTreeMap<u64, String>,
    pub(crate) offers: BTreeMap<String, String>,
    desk: Option<Desk>,
    planned: Option<Timestamp>,
    alarm: Option<Timestamp>,
    alarms: u64,
    pub(crate) is_telling: bool,
    /// The questions to leases for which the object is waiting.
    pub(crate) under_way: BTreeSet<u64>,
    /// The sockets that the object has.
    pub(crate) sockets: Vec<usize>,
}

impl Host {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self {
            is_up: true,
            life: 0,
            skew: dice.between(0, 2_000),
            kept: BTreeMap::new(),
            kept_before: BTreeMap::new(),
            events: BTreeMap::new(),
            offers: BTreeMap::new(),
            desk: None,
            planned: None,
            alarm: None,
            alarms: 0,
            is_telling: false,
            under_way: BTreeSet::new(),
            sockets: Vec::new(),
        }
    }

    /// The object sleeps, or its host is gone.
    fn forget(&mut self) {
        self.desk = None;
        self.planned = None;
    }

    fn load(&mut self) -> Desk {
        self.desk.take().unwrap_or_else(|| {
            let rows: Vec<String> = self.kept.values().cloned().collect();
            Desk::of_rows(&rows).expect("what is kept can be read")
        })
    }

    fn keep(&mut self, desk: &Desk, before: &Desk) {
        self.kept_before.clone_from(&self.kept);
        let rows = desk.rows(before);
        let json = serde_json::to_string(&rows).expect("a desk becomes JSON");
        let written: BTreeMap<u64, Value> = serde_json::from_str(&json).expect("rows by number");
        self.kept.extend(written.into_iter().map(|(number, row)| (number, row.to_string())));
        for number in rows.gone() {
            self.kept.remove(&number);
        }
    }

    pub(crate) fn desk(&mut self) -> &Desk {
        let desk = self.load();
        self.desk.insert(desk)
    }
}

impl World {
    /// The time at a desk. Its host's clock may be off by a second either way.
    pub(crate) fn desk_time(&self, agent: usize) -> Timestamp {
        Timestamp((self.now + self.hosts[agent].skew - 1_000) / 1000)
    }

    pub(crate) fn handle<A>(&mut self, agent: usize, event: impl FnOnce(&mut Desk, Timestamp) -> Outcome<A>) -> A {
        self.touched = Some(agent);
        let now = self.desk_time(agent);
        let mut desk = self.hosts[agent].load();
        let before = desk.clone();
        let Outcome { answer, events, departed, offers } = event(&mut desk, now);
        let calls = desk.calls_due(now);
        if desk.holder() != before.holder() || !departed.is_empty() {
            self.has_changed_hands = true;
        }
        self.watch_outcome(agent, &before, now, &events, &departed);
        let is_alarm = self.hosts[agent].alarm.is_none();
        self.keep_offers(agent, &offers, is_alarm);
        self.settle(agent, desk, &before, events, departed);
        self.tell_kv(agent);
        self.plan(agent);
        self.call(agent, calls);
        answer
    }

    pub(crate) fn settle(
        &mut self,
        agent: usize,
        desk: Desk,
        before: &Desk,
        events: Vec<DeskEvent>,
        departed: Vec<Departed>,
    ) {
        if desk != *before {
            let host = &mut self.hosts[agent];
            host.keep(&desk, before);
            for event in &events {
                host.events.insert(event.seq, serde_json::to_string(event).expect("an event becomes JSON"));
            }
            if !events.is_empty() && desk.oldest_event() != before.oldest_event() {
                host.events.retain(|seq, _| *seq >= desk.oldest_event());
            }
        }
        for departed in departed {
            self.end(agent, departed);
        }
        if let Some(holder) = desk.holder().cloned() {
            for event in events {
                self.tell(agent, &holder, &Said::Event(event));
            }
        }
        self.hosts[agent].desk = Some(desk);
    }

    pub(crate) fn plan(&mut self, agent: usize) {
        let (now, tells_once) = (self.desk_time(agent), self.bug == Some(Bug::TellsOnce));
        let host = &mut self.hosts[agent];
        let wake_at = if host.is_telling {
            host.desk().wake_at_while_telling(if tells_once { now.plus(A_YEAR) } else { now })
        } else {
            host.desk().wake_at()
        };
        let Some(at) = wake_at.filter(|at| host.planned != Some(*at)) else { return };
        if self.bug == Some(Bug::OversleepsSilence) && host.alarm.is_some() && host.planned.is_some() {
            return;
        }
        host.planned = Some(at);
        host.alarm = Some(at);
        self.schedule_alarm(agent);
    }

    pub(crate) fn schedule_alarm(&mut self, agent: usize) {
        let Some(at) = self.hosts[agent].alarm else { return };
        self.hosts[agent].alarms += 1;
        let number = self.hosts[agent].alarms;
        let due = (at.0 * 1000 + 1_000).saturating_sub(self.hosts[agent].skew);
        // Mostly on time, sometimes a second late, or a moment early.
        let late = if self.dice.percent(10) { self.dice.between(0, 1_500) } else { self.dice.between(0, 20) };
        let early = if self.dice.percent(10) { 5 } else { 0 };
        let wait = (due + late).saturating_sub(self.now + early);
        self.after(wait, Event::Alarm { agent, number });
    }

    pub(crate) fn alarm(&mut self, agent: usize, number: u64) {
        let host = &mut self.hosts[agent];
        if !host.is_up || host.alarms != number {
            return;
        }
        host.alarm = None;
        self.sleep_perhaps(agent);
        self.hosts[agent].planned = None;
        let heard = self.heard(agent);
        self.handle(agent, |desk, now| desk.pass(now, heard));
        self.cut_an_interaction_short(agent);
    }

    /// The object may have slept: then everything is read again.
    pub(crate) fn sleep_perhaps(&mut self, agent: usize) {
        if self.dice.percent(30) {
            self.hosts[agent].forget();
        }
    }

    /// When the holder's page was last heard from, if it has a socket.
    pub(crate) fn heard(&mut self, agent: usize) -> Option<Timestamp> {
        if self.bug == Some(Bug::HearsNobody) {
            return None;
        }
        let holder = self.holder(agent)?;
        self.sockets_of(agent, &holder).into_iter().filter_map(|socket| self.sockets[socket].answered).max()
    }

    pub(crate) fn holder(&mut self, agent: usize) -> Option<SessionId> {
        self.hosts[agent].desk().holder().cloned()
    }

    pub(crate) fn at_desk(&mut self, call: Call) {
        let agent = call.agent;
        if !self.hosts[agent].is_up {
            let wait = self.dice.between(50, 2_000);
            return self.after(wait, Event::Answered(call, Verdict::Unreachable));
        }
        self.sleep_perhaps(agent);
        let verdict = match &call.body {
            Body::Ask(json) => {
                let ask: Ask = serde_json::from_str(json).expect("a question can be read");
                let answer = self.answer(agent, &ask);
                Verdict::Answer(serde_json::to_string(&answer).expect("an answer becomes JSON"))
            }
            Body::Connect(json) => {
                let connect: Connect = serde_json::from_str(json).expect("a question can be read");
                self.link(&call, connect)
            }
        };
        if let Verdict::Linked(socket) = verdict {
            let wait = self.sockets[socket].linked_at - self.now;
            let on_the_way = self.dice.between(0, wait);
            return self.after(on_the_way, Event::Answered(call, verdict));
        }
        // The answer may be lost even if the question was not.
        let (verdict, wait) = if !self.is_resting() && self.dice.percent(2) {
            (Verdict::Unreachable, 2_000)
        } else {
            (verdict, self.delay())
        };
        self.after(wait, Event::Answered(call, verdict));
    }

    pub(crate) fn answer(&mut self, agent: usize, ask: &Ask) -> Answer {
        let heard = self.heard(agent);
        let given = self.bugged(agent, ask.clone());
        let now = self.desk_time(agent);
        let before = self.hosts[agent].desk().view(now);
        let known = self.known(agent, &given);
        let answer = self.handle(agent, |desk, now| desk.answer(now, heard, given, known));
        self.say(|_| format!("desk{}: {} → {}", agent + 1, asked_words(ask), answer_words(&answer)));
        self.watch_answer(agent, before, ask, &answer);
        if self.bug == Some(Bug::BuriesTheLiving)
            && let (Ask::Take(arrival), Answer::Taken { .. }) = (ask, &answer)
        {
            let key = kv_schema::sessions::Revoked::key_of(&arrival.visitor.session.sid);
            self.kv_write(&key, Some("{}".to_owned()), 3_600);
        }
        answer
    }

    pub(crate) fn bugged(&mut self, agent: usize, mut ask: Ask) -> Ask {
        let now = self.desk_time(agent);
        let holder = self.hosts[agent].desk().view(now);
        match (&mut ask, self.bug) {
            (Ask::Take(arrival), Some(Bug::TakesOverUnasked)) => {
                arrival.consent = holder.map(|view| Consent { over: view.lease, in_interaction: true, proved_at: now });
            }
            (Ask::Stand(visitor), Some(Bug::AcceptsAnOlderLease)) if holder.is_some() => {
                visitor.lease = holder.map_or(0, |view| view.lease) + 1;
            }
            _ => {}
        }
        ask
    }

    /// The host goes down, with everything that is not stored.
    pub(crate) fn host_goes_down(&mut self, agent: usize, length: Ms) {
        if !self.hosts[agent].is_up {
            return;
        }
        self.say(|_| format!("desk{}'s host is down for {length} ms", agent + 1));
        for socket in std::mem::take(&mut self.hosts[agent].sockets) {
            let page_is_told = self.dice.percent(80);
            self.cut(socket, page_is_told);
        }
        let skew = self.dice.between(0, 2_000);
        let host = &mut self.hosts[agent];
        host.is_up = false;
        host.life += 1;
        host.is_telling = false;
        host.under_way.clear();
        host.skew = skew;
        host.forget();
        if self.bug == Some(Bug::LosesWrites) {
            host.kept = host.kept_before.clone();
        }
        self.watch.desks[agent].down.push((self.now, Ms::MAX));
        self.after(length, Event::HostIsBack { agent });
    }

    pub(crate) fn host_is_back(&mut self, agent: usize) {
        if self.hosts[agent].is_up {
            return;
        }
        self.hosts[agent].is_up = true;
        if let Some((_, to)) = self.watch.desks[agent].down.last_mut() {
            *to = self.now;
        }
        // An alarm that was missed goes off now. One that had gone off was handled at once.
        self.schedule_alarm(agent);
    }

    pub(crate) fn cut_an_interaction_short(&mut self, agent: usize) {
        if self.bug != Some(Bug::CutsInteractions) {
            return;
        }
        let now = self.desk_time(agent);
        if self.hosts[agent].desk().view(now).is_some_and(|view| view.waits) {
            let json = r#"{"reason":"hard_end"}"#;
            let ending = serde_json::from_str(json).expect("an ending can be read");
            self.handle(agent, |desk, now| desk.answer(now, None, Ask::End(ending), Known::default()));
        }
    }
}

fn asked_words(ask: &Ask) -> String {
    match ask {
        Ask::Take(arrival) => {
            let here = arrival.here.as_ref().map(short);
            format!("take by {}, {:?}, here {here:?}", short(&arrival.visitor.session.sid), arrival.consent)
        }
        Ask::Stand(visitor) => format!("may {} go on", short(&visitor.session.sid)),
        Ask::Leave { sid } => format!("{} leaves", short(sid)),
        other => format!("{other:?}"),
    }
}

fn answer_words(answer: &Answer) -> String {
    match answer {
        Answer::Occupied(occupant) => format!("occupied by lease {}", occupant.lease),
        Answer::Over(ended) => format!("over: {:?}", ended.as_ref().map(|ended| ended.reason)),
        other => format!("{other:?}"),
    }
}
