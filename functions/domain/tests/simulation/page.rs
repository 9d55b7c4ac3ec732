//! The desktop's side of the socket, as in `assets/src/link`: when it connects, pings, gives up, learns why, renews,
//! and when it is over. Only the decisions; what it wants done comes out as [`Do`].

use kv_schema::names::SessionId;
use onecontact_domain::desk::Ended;
use serde::Deserialize;

use super::dice::Dice;
use super::world::Ms;

const PING: Ms = 10_000;
const SILENCE: Ms = 20_000;
const PATIENCE: Ms = 10_000;
const RENEWAL: Ms = 5 * 60_000;
const LAST_RENEWAL: Ms = 60_000;
const RENEW_AGAIN: Ms = 30_000;
const LONGEST_WAIT: Ms = 30_000;

/// What a page wants done.
#[derive(Debug)]
pub(crate) enum Do {
    Open { after: u64 },
    Send(String),
    Close,
    Learn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Waiting,
    Connecting,
    Open,
    Aside,
    Over,
}

#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) id: u64,
    pub(crate) wish: String,
    sent: bool,
}

/// What a reload does not lose.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    sid: Option<SessionId>,
    failures: u32,
    due: Ms,
    last: u64,
    pending: Vec<Command>,
}

impl Memory {
    /// What a page of session `sid` continues with.
    pub(crate) fn for_session(self, sid: Option<&SessionId>) -> Self {
        if sid.is_some() && self.sid.as_ref() == sid {
            return self;
        }
        Self { failures: self.failures, due: self.due, ..Self::default() }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) seq: u64,
    pub(crate) what: serde_json::Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Welcome {
    pub(crate) sid: SessionId,
    pub(crate) seq: u64,
    applied: u64,
    pub(crate) state: serde_json::Value,
    hard_end: u64,
    pub(crate) events: Vec<Seen>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromDesk {
    Welcome(Welcome),
    Event(Seen),
    Done { id: u64 },
    Refused { id: u64 },
    Ended(Ended),
}

impl FromDesk {
    /// The offer that it shows the agent.
    pub(crate) fn offer(&self) -> Option<String> {
        let state = match self {
            Self::Welcome(welcome) => &welcome.state,
            Self::Event(event) => &event.what["state"]["state"],
            _ => return None,
        };
        state["offered"]["offer"].as_str().map(str::to_owned)
    }
}

/// Whether a wish is for a state: of several, the last one counts.
fn is_choice(wish: &str) -> bool {
    wish.contains("ready")
}

/// What was learned by asking for the session part.
pub(crate) enum Learned {
    Session,
    Over(Option<Ended>),
    Unreachable,
}

pub(crate) struct Page {
    pub(crate) phase: Phase,
    failures: u32,
    due: Ms,
    pub(crate) sid: Option<SessionId>,
    pub(crate) seq: u64,
    hard_end: Ms,
    last: u64,
    pending: Vec<Command>,
    refusals: u32,
    began: Ms,
    heard: Ms,
    pinged: Ms,
    renewed: Ms,
    pub(crate) ended: Option<Ended>,
    /// When it wants to be woken.
    pub(crate) wake: Option<Ms>,
    pub(crate) wants: Vec<Do>,
}

impl Page {
    pub(crate) fn start(memory: Memory, now: Ms) -> Self {
        let mut page = Self {
            phase: Phase::Waiting,
            failures: memory.failures,
            due: memory.due.min(now + LONGEST_WAIT),
            sid: None,
            seq: 0,
            hard_end: Ms::MAX / 2,
            last: memory.last,
            pending: memory.pending,
            refusals: 0,
            began: now,
            heard: now,
            pinged: now,
            renewed: now,
            ended: None,
            wake: None,
            wants: Vec::new(),
        };
        page.wait(now);
        page
    }

    pub(crate) fn memory(&self) -> Option<Memory> {
        if self.phase == Phase::Over {
            return None;
        }
        let (sid, pending) = (self.sid.clone()?, self.pending.clone());
        Some(Memory { sid: Some(sid), failures: self.failures, due: self.due, last: self.last, pending })
    }

    pub(crate) fn hurry(&mut self, now: Ms) {
        if matches!(self.phase, Phase::Waiting | Phase::Aside) {
            self.connect(now);
        }
    }

    /// The agent wants something. Of choices not sent yet, only the last one remains.
    pub(crate) fn ask(&mut self, wish: &str, now: Ms) {
        if self.phase == Phase::Over {
            return;
        }
        let unsent = self.pending.iter().filter(|command| !command.sent).count() as u64;
        self.last -= unsent;
        self.pending.retain(|command| command.sent || !(is_choice(&command.wish) && is_choice(wish)));
        self.pending.push(Command { id: 0, wish: wish.to_owned(), sent: false });
        self.number();
        if self.phase == Phase::Open {
            self.send_pending(false);
        }
        self.schedule(now);
    }

    pub(crate) fn heard(&mut self, message: Option<FromDesk>, now: Ms) {
        if !matches!(self.phase, Phase::Connecting | Phase::Open) {
            return;
        }
        self.heard = now;
        match message {
            None => {}
            Some(FromDesk::Welcome(welcome)) => self.greet(welcome, now),
            Some(FromDesk::Event(event)) => {
                self.seq = self.seq.max(event.seq);
                if let Some(moved) = event.what.get("hard_end") {
                    self.hard_end = moved["hard_end"].as_u64().unwrap_or_default() * 1000;
                    self.renewed = 0;
                }
            }
            Some(FromDesk::Done { id } | FromDesk::Refused { id }) => self.pending.retain(|command| command.id != id),
            Some(FromDesk::Ended(ended)) => return self.end(Some(ended)),
        }
        self.schedule(now);
    }

    pub(crate) fn closed(&mut self, code: u16, dice: &mut Dice, now: Ms) {
        if !matches!(self.phase, Phase::Connecting | Phase::Open) {
            return;
        }
        if code == 4000 {
            self.enter(Phase::Aside, now);
        } else {
            self.lose(code == 4001, dice, now);
        }
    }

    pub(crate) fn learned(&mut self, learned: Learned, dice: &mut Dice, now: Ms) {
        if self.phase == Phase::Over {
            return;
        }
        match learned {
            Learned::Unreachable => self.renewed = (now + RENEW_AGAIN).saturating_sub(RENEWAL),
            Learned::Over(ended) => {
                self.refusals += 1;
                if ended.is_some() || self.refusals > 1 {
                    return self.end(ended);
                }
                if self.phase == Phase::Open {
                    self.renewed = now - RENEWAL + dice.between(0, 1000);
                }
            }
            Learned::Session => {
                self.refusals = 0;
                self.renewed = now;
            }
        }
        self.schedule(now);
    }

    pub(crate) fn woken(&mut self, dice: &mut Dice, now: Ms) {
        match self.phase {
            Phase::Waiting if now >= self.due => return self.connect(now),
            Phase::Connecting if now >= self.began + PATIENCE => return self.lose(true, dice, now),
            Phase::Open => {
                if now >= self.heard + SILENCE {
                    return self.lose(false, dice, now);
                }
                if now >= self.pinged + PING {
                    self.pinged = now;
                    self.wants.push(Do::Send("ping".to_owned()));
                }
                if now >= self.renewal_due() {
                    self.renewed = now;
                    self.wants.push(Do::Learn);
                }
            }
            _ => {}
        }
        self.schedule(now);
    }

    fn greet(&mut self, welcome: Welcome, now: Ms) {
        if self.sid.as_ref().is_some_and(|sid| *sid != welcome.sid) {
            self.pending.clear();
            self.last = 0;
        }
        self.sid = Some(welcome.sid);
        self.seq = welcome.seq;
        self.hard_end = welcome.hard_end * 1000;
        let unsent = self.pending.iter().filter(|command| !command.sent).count() as u64;
        self.last = (self.last - unsent).max(welcome.applied);
        self.number();
        self.refusals = 0;
        self.pinged = now;
        self.send_pending(true);
        self.enter(Phase::Open, now);
    }

    fn number(&mut self) {
        for command in self.pending.iter_mut().filter(|command| !command.sent) {
            self.last += 1;
            command.id = self.last;
        }
    }

    fn send_pending(&mut self, again: bool) {
        for command in self.pending.iter_mut().filter(|command| again || !command.sent) {
            command.sent = true;
            self.wants.push(Do::Send(format!(r#"{{"id":{},"ask":{}}}"#, command.id, command.wish)));
        }
    }

    fn connect(&mut self, now: Ms) {
        self.wants.push(Do::Open { after: self.seq });
        self.heard = now;
        self.enter(Phase::Connecting, now);
    }

    fn lose(&mut self, learn: bool, dice: &mut Dice, now: Ms) {
        self.wants.push(Do::Close);
        let stood = self.phase == Phase::Open;
        if stood && now >= self.began + PING {
            self.failures = 0;
        }
        let most = if self.failures == 0 { 0 } else { LONGEST_WAIT.min(1000 << (self.failures - 1).min(6)) };
        self.due = now + dice.between(0, most);
        self.failures += 1;
        self.wait(now);
        if learn || !stood {
            self.wants.push(Do::Learn);
        }
    }

    fn wait(&mut self, now: Ms) {
        if now >= self.due {
            self.connect(now);
        } else {
            self.enter(Phase::Waiting, now);
        }
    }

    fn end(&mut self, ended: Option<Ended>) {
        self.ended = ended;
        self.wants.push(Do::Close);
        self.phase = Phase::Over;
        self.wake = None;
    }

    fn enter(&mut self, phase: Phase, now: Ms) {
        self.phase = phase;
        self.began = now;
        self.schedule(now);
    }

    fn renewal_due(&self) -> Ms {
        let due = self.renewed + RENEWAL;
        let last = self.hard_end.saturating_sub(LAST_RENEWAL);
        if self.renewed < last { due.min(last) } else { due }
    }

    fn schedule(&mut self, now: Ms) {
        let wake = match self.phase {
            Phase::Waiting => Some(self.due),
            Phase::Connecting => Some(self.began + PATIENCE),
            Phase::Open => Some((self.pinged + PING).min(self.heard + SILENCE).min(self.renewal_due())),
            Phase::Aside | Phase::Over => None,
        };
        self.wake = wake.map(|at| at.max(now));
    }
}
