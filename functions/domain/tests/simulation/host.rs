//! The object that carries an agent's desk, as `functions/edge/src/desk/object.rs` does, on a host that may go down or be
//! another one from now on. What it keeps survives; what it has in memory, and its sockets, do not.

use std::collections::{BTreeMap, VecDeque};

use kv_schema::names::SessionId;
use kv_schema::{Record, Timestamp};
use onecontact_domain::desk::{
    Answer, Ask, Command, Connect, Departed, Desk, Event as DeskEvent, MOST_EVENTS, Outcome, Said, Write, welcome,
};

use super::dice::Dice;
use super::planted::Bug;
use super::site::{Body, Call, Verdict};
use super::world::{Event, Ms, SITES, World, seconds, short};

/// One socket, and how far each side knows of it.
pub(crate) struct Socket {
    pub(crate) agent: usize,
    pub(crate) sid: SessionId,
    pub(crate) browser: usize,
    pub(crate) load: u64,
    pub(crate) site: usize,
    /// Nothing comes through any more, and nobody has been told.
    pub(crate) is_cut: bool,
    /// When its ping was last answered, by the host's clock.
    answered: Option<Timestamp>,
    /// When the page learns that it stands.
    pub(crate) linked_at: Ms,
    /// What is sent arrives in order.
    arrives_at_desk: Ms,
    arrives_at_page: Ms,
}

pub(crate) struct Host {
    pub(crate) is_up: bool,
    /// Grows with each start of the object.
    pub(crate) life: u64,
    pub(crate) skew: Ms,
    kept: String,
    kept_before: String,
    events: BTreeMap<u64, String>,
    desk: Option<Desk>,
    planned: Option<Timestamp>,
    alarm: Option<Timestamp>,
    alarms: u64,
    is_telling: bool,
    /// The sockets that the object has.
    pub(crate) sockets: Vec<usize>,
}

impl Host {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self {
            is_up: true,
            life: 0,
            skew: dice.between(0, 2_000),
            kept: "{}".to_owned(),
            kept_before: "{}".to_owned(),
            events: BTreeMap::new(),
            desk: None,
            planned: None,
            alarm: None,
            alarms: 0,
            is_telling: false,
            sockets: Vec::new(),
        }
    }

    /// The object sleeps, or its host is gone.
    fn forget(&mut self) {
        self.desk = None;
        self.planned = None;
    }

    fn load(&mut self) -> Desk {
        self.desk.take().unwrap_or_else(|| serde_json::from_str(&self.kept).expect("what is kept can be read"))
    }

    pub(crate) fn desk(&mut self) -> &Desk {
        let desk = self.load();
        self.desk.insert(desk)
    }
}

impl World {
    /// The time at a desk. Its host's clock may be a second off either way.
    pub(crate) fn desk_time(&self, agent: usize) -> Timestamp {
        Timestamp((self.now + self.hosts[agent].skew - 1_000) / 1000)
    }

    pub(crate) fn handle<A>(&mut self, agent: usize, event: impl FnOnce(&mut Desk, Timestamp) -> Outcome<A>) -> A {
        self.touched = Some(agent);
        let now = self.desk_time(agent);
        let mut desk = self.hosts[agent].load();
        let before = desk.clone();
        let Outcome { answer, events, departed } = event(&mut desk, now);
        if desk.holder() != before.holder() || !departed.is_empty() {
            self.has_changed_hands = true;
        }
        self.watch_outcome(agent, &before, now, &events, &departed);
        self.settle(agent, desk, &before, events, departed);
        answer
    }

    fn settle(&mut self, agent: usize, desk: Desk, before: &Desk, events: Vec<DeskEvent>, departed: Vec<Departed>) {
        if desk != *before {
            let host = &mut self.hosts[agent];
            let json = serde_json::to_string(&desk).expect("a desk becomes JSON");
            host.kept_before = std::mem::replace(&mut host.kept, json);
            for event in &events {
                host.events.insert(event.seq, serde_json::to_string(event).expect("an event becomes JSON"));
            }
            if !events.is_empty() {
                let oldest = desk.first_event().max(desk.last_event().saturating_sub(MOST_EVENTS));
                host.events.retain(|seq, _| *seq >= oldest);
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
        self.plan(agent, desk.wake_at());
        self.hosts[agent].desk = Some(desk);
    }

    fn plan(&mut self, agent: usize, wake_at: Option<Timestamp>) {
        let host = &mut self.hosts[agent];
        let Some(at) = wake_at.filter(|at| host.planned != Some(*at)) else { return };
        if self.bug == Some(Bug::OversleepsSilence) && host.alarm.is_some() && host.planned.is_some() {
            return;
        }
        host.planned = Some(at);
        host.alarm = Some(at);
        self.schedule_alarm(agent);
    }

    fn schedule_alarm(&mut self, agent: usize) {
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
        if host.is_telling {
            return self.after(50, Event::Alarm { agent, number });
        }
        host.alarm = None;
        self.sleep_perhaps(agent);
        self.hosts[agent].planned = None;
        let heard = self.heard(agent);
        self.handle(agent, |desk, now| desk.pass(now, heard));
        self.cut_an_interaction_short(agent);
        let now = self.desk_time(agent);
        let due = self.hosts[agent].desk.as_ref().map(|desk| desk.writes_due(now)).unwrap_or_default();
        self.tell_next(agent, due.into());
    }

    fn tell_next(&mut self, agent: usize, writes: VecDeque<Write>) {
        self.hosts[agent].is_telling = !writes.is_empty();
        if !writes.is_empty() {
            let (wait, life) = (self.delay(), self.hosts[agent].life);
            self.after(wait, Event::Put { agent, life, writes });
        }
    }

    /// KV is told one thing; a session that is over is then taken off its list.
    pub(crate) fn put(&mut self, agent: usize, life: u64, writes: VecDeque<Write>) {
        if self.hosts[agent].life != life {
            return;
        }
        let Some(write) = writes.front() else { return };
        let now = self.desk_time(agent);
        let (json, ttl) = match write {
            Write::Session { record, .. } => (record.json(), record.ttl(now)),
            Write::Tombstone(revoked) => (revoked.json(), revoked.ttl(now)),
        };
        let text = Some(json.expect("a record becomes JSON"));
        let taken = self.kv_write(&write.key(), text, ttl);
        self.say(|_| format!("desk{} tells KV {}: {taken}", agent + 1, key_words(&write.key())));
        if taken && matches!(write, Write::Tombstone(_)) {
            let wait = self.delay();
            return self.after(wait, Event::Deleted { agent, life, writes });
        }
        self.written(agent, writes, taken);
    }

    pub(crate) fn delete(&mut self, agent: usize, life: u64, writes: VecDeque<Write>) {
        if self.hosts[agent].life != life {
            return;
        }
        let Some(Write::Tombstone(revoked)) = writes.front() else { return };
        let taken = self.kv_write(&revoked.session_key(), None, 0);
        self.written(agent, writes, taken);
    }

    fn written(&mut self, agent: usize, mut writes: VecDeque<Write>, taken: bool) {
        let taken = taken || self.bug == Some(Bug::ForgetsTombstones);
        if let Some(write) = writes.pop_front() {
            self.handle(agent, |desk, now| desk.written(now, &write, taken));
        }
        self.tell_next(agent, writes);
    }

    pub(crate) fn kv_write(&mut self, key: &str, text: Option<String>, ttl: u64) -> bool {
        let latest = self.weather.lag;
        let lags: [Ms; SITES] = std::array::from_fn(|_| self.dice.between(0, latest));
        let taken = self.kv.write(key, text, ttl, self.now, lags).is_ok();
        // What was taken is now and then answered as if it had not been.
        taken && !self.dice.percent(2)
    }

    /// The object may have slept: then everything is read anew.
    fn sleep_perhaps(&mut self, agent: usize) {
        if self.dice.percent(30) {
            self.hosts[agent].forget();
        }
    }

    /// When the holder's page was last heard from, where it has a socket.
    fn heard(&mut self, agent: usize) -> Option<Timestamp> {
        if self.bug == Some(Bug::HearsNobody) {
            return None;
        }
        let holder = self.holder(agent)?;
        self.sockets_of(agent, &holder).into_iter().filter_map(|socket| self.sockets[socket].answered).max()
    }

    fn holder(&mut self, agent: usize) -> Option<SessionId> {
        self.hosts[agent].desk().holder().cloned()
    }

    fn sockets_of(&self, agent: usize, sid: &SessionId) -> Vec<usize> {
        let all = self.hosts[agent].sockets.iter().copied();
        all.filter(|number| self.sockets[*number].sid == *sid).collect()
    }

    /// Every socket that a desk still has.
    pub(crate) fn open_sockets(&self) -> Vec<usize> {
        self.hosts.iter().flat_map(|host| host.sockets.iter().copied()).collect()
    }

    fn drop_at_desk(&mut self, socket: usize) {
        let agent = self.sockets[socket].agent;
        self.hosts[agent].sockets.retain(|other| *other != socket);
    }

    fn is_at_desk(&self, socket: usize) -> bool {
        self.hosts[self.sockets[socket].agent].sockets.contains(&socket)
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
        // The answer may be lost where the question was not.
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
        let answer = self.handle(agent, |desk, now| desk.answer(now, heard, given));
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

    fn bugged(&mut self, agent: usize, mut ask: Ask) -> Ask {
        let now = self.desk_time(agent);
        let holder = self.hosts[agent].desk().view(now);
        match (&mut ask, self.bug) {
            (Ask::Take(arrival), Some(Bug::TakesOverUnasked)) => arrival.over = holder.map(|view| view.lease),
            (Ask::Stand(visitor), Some(Bug::AcceptsAnOlderLease)) if holder.is_some() => {
                visitor.lease = holder.map_or(0, |view| view.lease) + 1;
            }
            _ => {}
        }
        ask
    }

    fn link(&mut self, call: &Call, connect: Connect) -> Verdict {
        let (agent, after) = (call.agent, connect.after);
        let sid = connect.visitor.session.sid.clone();
        let admitted = self.handle(agent, |desk, now| desk.connect(now, connect));
        let words = if admitted.is_ok() { "admitted" } else { "refused" };
        self.say(|_| format!("desk{}: socket of {} after {after}: {words}", agent + 1, short(&sid)));
        if let Err(ended) = admitted {
            return Verdict::Answer(serde_json::to_string(&Answer::Over(ended)).expect("an answer becomes JSON"));
        }
        self.watch_connected(agent, &sid);
        for former in self.sockets_of(agent, &sid) {
            self.close(former, 4000);
        }
        let Some(request) = &call.request else { return Verdict::Unreachable };
        let linked_at = self.now + self.delay() + self.delay();
        let socket = self.sockets.len();
        self.sockets.push(Socket {
            agent,
            sid,
            browser: request.browser,
            load: request.load,
            site: request.site,
            is_cut: false,
            answered: None,
            linked_at,
            arrives_at_desk: linked_at + 1,
            arrives_at_page: linked_at + 1,
        });
        self.hosts[agent].sockets.push(socket);
        self.welcome(socket, after);
        Verdict::Linked(socket)
    }

    fn welcome(&mut self, socket: usize, after: u64) {
        let agent = self.sockets[socket].agent;
        let now = self.desk_time(agent);
        let host = &mut self.hosts[agent];
        let desk = host.desk().clone();
        let mut seen = after.max(desk.first_event().saturating_sub(1));
        match self.bug {
            Some(Bug::LosesAnEvent) => seen += 1,
            Some(Bug::DoublesAnEvent) => seen = seen.saturating_sub(1).max(desk.first_event().saturating_sub(1)),
            _ => {}
        }
        let missed: Vec<String> = host.events.range(seen + 1..).map(|(_, json)| json.clone()).collect();
        let text = desk.view(now).and_then(|view| welcome(&view, &missed)).expect("somebody holds the desk");
        self.send_to_page(socket, text);
    }

    fn tell(&mut self, agent: usize, to: &SessionId, said: &Said) {
        let text = serde_json::to_string(said).expect("what is said becomes JSON");
        for socket in self.sockets_of(agent, to) {
            self.send_to_page(socket, text.clone());
        }
    }

    fn end(&mut self, agent: usize, departed: Departed) {
        let Departed { session, ended } = departed;
        self.say(|_| format!("desk{}: {} is over: {}", agent + 1, short(&session.sid), ended.reason.name()));
        if self.bug == Some(Bug::ForgetsToFence) {
            return;
        }
        self.tell(agent, &session.sid, &Said::Ended(ended));
        for socket in self.sockets_of(agent, &session.sid) {
            self.close(socket, 4001);
        }
    }

    fn send_to_page(&mut self, socket: usize, text: String) {
        let at = (self.now + self.delay()).max(self.sockets[socket].arrives_at_page);
        self.sockets[socket].arrives_at_page = at;
        self.after(at - self.now, Event::ToPage { socket, text });
    }

    pub(crate) fn send_to_desk(&mut self, socket: usize, text: String) {
        let at = (self.now + self.delay()).max(self.sockets[socket].arrives_at_desk);
        self.sockets[socket].arrives_at_desk = at;
        self.after(at - self.now, Event::ToDesk { socket, text });
    }

    /// The object closes a socket.
    fn close(&mut self, socket: usize, code: u16) {
        self.drop_at_desk(socket);
        let at = (self.now + self.delay()).max(self.sockets[socket].arrives_at_page);
        self.after(at - self.now, Event::ClosedAtPage { socket, code });
    }

    /// The page closes a socket: the object learns it if anything still comes through.
    pub(crate) fn hang_up(&mut self, socket: usize) {
        let at = (self.now + self.delay()).max(self.sockets[socket].arrives_at_desk);
        self.after(at - self.now, Event::ClosedAtDesk { socket, clean: true });
    }

    /// Nothing comes through a socket any more. The page may be told; the object may be told, late or never.
    pub(crate) fn cut(&mut self, socket: usize, page_is_told: bool) {
        if self.sockets[socket].is_cut {
            return;
        }
        self.sockets[socket].is_cut = true;
        if page_is_told {
            let wait = self.delay();
            self.after(wait, Event::ClosedAtPage { socket, code: 1006 });
        }
        if self.dice.percent(70) {
            let wait = self.dice.between(100, 150_000);
            self.after(wait, Event::ClosedAtDesk { socket, clean: false });
        }
    }

    pub(crate) fn arrive_at_desk(&mut self, socket: usize, text: &str) {
        let Socket { agent, is_cut, .. } = self.sockets[socket];
        if is_cut || !self.is_at_desk(socket) || !self.hosts[agent].is_up {
            return;
        }
        let sid = self.sockets[socket].sid.clone();
        self.watch_heard(agent, &sid);
        if text == "ping" {
            // Rounded up, as the object does.
            let now = self.now + 999 + self.hosts[agent].skew - 1_000;
            self.sockets[socket].answered = Some(seconds(now));
            return self.send_to_page(socket, "pong".to_owned());
        }
        self.sleep_perhaps(agent);
        if self.holder(agent).as_ref() != Some(&sid) && self.bug != Some(Bug::ForgetsToFence) {
            return self.close(socket, 4001);
        }
        let command: Command = serde_json::from_str(text).expect("a page sends what can be read");
        self.command(agent, socket, &sid, command);
    }

    fn command(&mut self, agent: usize, socket: usize, sid: &SessionId, command: Command) {
        let now = self.desk_time(agent);
        let before = self.hosts[agent].desk().view(now);
        let mut given = command;
        if self.bug == Some(Bug::RepeatsCommands) {
            given.id = before.as_ref().map_or(0, |view| view.applied) + 1;
        }
        let mut answer = self.handle(agent, |desk, now| desk.command(now, given));
        if let Said::Done { id } = &mut answer {
            *id = command.id;
        }
        self.say(|_| format!("desk{}: {} {:?} → {}", agent + 1, short(sid), command, said_words(&answer)));
        self.watch_command(agent, sid, before, command, &answer);
        let text = serde_json::to_string(&answer).expect("what is said becomes JSON");
        self.send_to_page(socket, text);
    }

    pub(crate) fn closed_at_desk(&mut self, socket: usize, clean: bool) {
        let Socket { agent, is_cut, .. } = self.sockets[socket];
        if !self.is_at_desk(socket) || !self.hosts[agent].is_up || (clean && is_cut) {
            return;
        }
        let sid = self.sockets[socket].sid.clone();
        self.drop_at_desk(socket);
        self.sleep_perhaps(agent);
        if self.holder(agent).as_ref() != Some(&sid) || !self.sockets_of(agent, &sid).is_empty() {
            return;
        }
        self.say(|_| format!("desk{}: the socket of {} is closed, clean: {clean}", agent + 1, short(&sid)));
        if clean {
            self.watch_heard(agent, &sid);
        }
        if self.bug == Some(Bug::HearsTheDead) {
            self.handle(agent, |desk, now| desk.pass(now, Some(now)));
        } else {
            self.handle(agent, Desk::disconnect);
        }
    }

    /// The host goes down, with everything that is not kept.
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
        // An alarm that was missed goes off now; one that had gone off and was not finished goes off again.
        let now = self.desk_time(agent);
        self.hosts[agent].alarm.get_or_insert(now);
        self.schedule_alarm(agent);
    }

    fn cut_an_interaction_short(&mut self, agent: usize) {
        if self.bug != Some(Bug::CutsInteractions) {
            return;
        }
        let now = self.desk_time(agent);
        if self.hosts[agent].desk().view(now).is_some_and(|view| view.waits) {
            let json = r#"{"reason":"hard_end"}"#;
            let ending = serde_json::from_str(json).expect("an ending can be read");
            self.handle(agent, |desk, now| desk.answer(now, None, Ask::End(ending)));
        }
    }
}

fn asked_words(ask: &Ask) -> String {
    match ask {
        Ask::Take(arrival) => {
            let here = arrival.here.as_ref().map(short);
            format!("take by {}, over {:?}, here {here:?}", short(&arrival.visitor.session.sid), arrival.over)
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

fn said_words(said: &Said) -> String {
    serde_json::to_string(said).unwrap_or_default()
}

fn key_words(key: &str) -> String {
    let (kind, id) = (key.split(':').next().unwrap_or_default(), key.rsplit(':').next().unwrap_or_default());
    SessionId::parse(id).map_or_else(|_| key.to_owned(), |sid| format!("{kind} {}", short(&sid)))
}
