//! Sockets between pages and desks: what is sent arrives in order or not at all, and either side may be the last to
//! know.

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use onecontact_domain::desk::{Answer, Command, Connect, Departed, Desk, Said, welcome};

use super::planted::Bug;
use super::request::{Call, Verdict};
use super::world::{Event, Ms, World, seconds, short};

/// One socket, and how much each side knows about it.
pub(crate) struct Socket {
    pub(crate) agent: usize,
    pub(crate) sid: SessionId,
    pub(crate) browser: usize,
    pub(crate) load: u64,
    pub(crate) site: usize,
    /// Whether nothing comes through any more, and nobody has been told.
    pub(crate) is_cut: bool,
    /// When its ping was last answered, by the host's clock.
    pub(crate) answered: Option<Timestamp>,
    /// When the page learns that it is open.
    pub(crate) linked_at: Ms,
    /// What is sent arrives in order.
    arrives_at_desk: Ms,
    arrives_at_page: Ms,
}

impl World {
    pub(crate) fn sockets_of(&self, agent: usize, sid: &SessionId) -> Vec<usize> {
        let all = self.hosts[agent].sockets.iter().copied();
        all.filter(|number| self.sockets[*number].sid == *sid).collect()
    }

    /// Every socket that a desk still has.
    pub(crate) fn open_sockets(&self) -> Vec<usize> {
        self.hosts.iter().flat_map(|host| host.sockets.iter().copied()).collect()
    }

    pub(crate) fn drop_at_desk(&mut self, socket: usize) {
        let agent = self.sockets[socket].agent;
        self.hosts[agent].sockets.retain(|other| *other != socket);
    }

    pub(crate) fn is_at_desk(&self, socket: usize) -> bool {
        self.hosts[self.sockets[socket].agent].sockets.contains(&socket)
    }

    pub(crate) fn link(&mut self, call: &Call, connect: Connect) -> Verdict {
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

    pub(crate) fn welcome(&mut self, socket: usize, after: u64) {
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

    pub(crate) fn tell(&mut self, agent: usize, to: &SessionId, said: &Said) {
        let text = serde_json::to_string(said).expect("what is said becomes JSON");
        for socket in self.sockets_of(agent, to) {
            self.send_to_page(socket, text.clone());
        }
    }

    pub(crate) fn end(&mut self, agent: usize, departed: Departed) {
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

    pub(crate) fn send_to_page(&mut self, socket: usize, text: String) {
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
    pub(crate) fn close(&mut self, socket: usize, code: u16) {
        self.drop_at_desk(socket);
        let at = (self.now + self.delay()).max(self.sockets[socket].arrives_at_page);
        self.after(at - self.now, Event::ClosedAtPage { socket, code });
    }

    /// The page closes a socket: the object learns of it if anything still gets through.
    pub(crate) fn hang_up(&mut self, socket: usize) {
        let at = (self.now + self.delay()).max(self.sockets[socket].arrives_at_desk);
        self.after(at - self.now, Event::ClosedAtDesk { socket, clean: true });
    }

    /// Nothing gets through a socket any more. The page may be told; the object may be told, late or never.
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
        self.command(agent, socket, &sid, &command);
    }

    pub(crate) fn command(&mut self, agent: usize, socket: usize, sid: &SessionId, command: &Command) {
        let now = self.desk_time(agent);
        let before = self.hosts[agent].desk().view(now);
        let mut given = command.clone();
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
}

fn said_words(said: &Said) -> String {
    serde_json::to_string(said).unwrap_or_default()
}
