//! One registration at the gateway: what is asked of it next, when, and until when it may stand there.

use kv_schema::Timestamp;
use kv_schema::directory::GatewayUrl;
use kv_schema::names::SessionId;
use kv_schema::sessions::Session;
use serde::{Deserialize, Serialize};

use super::call::{GatewayCall, LIMIT, Verb};
use super::code::Code;
use super::pause::{longest_after, spread};
use super::reply::{LONGEST_LIFE, Reply, Told};
use crate::desk::Call;
use crate::workstation::Workstation;

/// Seconds of the longest pause between two attempts to unregister.
const LONGEST_PAUSE: u64 = 30;

/// A registration, as far as it is known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::desk) struct Registration {
    pub(super) id: String,
    /// What is asked next.
    pub(super) next: Verb,
    /// The number of that request.
    pub(super) number: u32,
    /// When to send it.
    pub(super) due: Timestamp,
    /// Attempts at it that had no answer, and why the last ones had none.
    pub(super) failed: u32,
    pub(super) trouble: Option<Code>,
    /// When a request was last sent that may have registered something, or kept it.
    pub(super) asked: Option<Timestamp>,
    /// The number of the last step that the gateway has told of.
    pub(super) told: u32,
    /// Seconds that it lives, and when that is over; as the gateway said last.
    pub(super) lifetime: u32,
    pub(super) expires: Option<Timestamp>,
    /// Where it is to be unregistered: the session that it was for, and the gateway.
    pub(super) left: Option<(Session, GatewayUrl)>,
}

impl Registration {
    /// A registration of the session `sid` that is begun at `begun`, and asked for at `due`.
    pub(super) fn new(sid: &SessionId, begun: Timestamp, due: Timestamp) -> Self {
        Self {
            id: [sid.as_str(), "-", &begun.0.to_string()].concat(),
            next: Verb::Register,
            number: 1,
            due,
            failed: 0,
            trouble: None,
            asked: None,
            told: 0,
            lifetime: LONGEST_LIFE,
            expires: None,
            left: None,
        }
    }

    /// What the gateway is asked now. It counts as asked, and is asked again when it has not answered in time.
    pub(super) fn call(
        &mut self,
        now: Timestamp,
        session: &Session,
        gateway: &GatewayUrl,
        workstation: Option<&Workstation>,
    ) -> Call {
        let call = GatewayCall {
            verb: self.next,
            registration: self.id.clone(),
            number: self.number,
            after: self.told,
            gateway: gateway.clone(),
            session: session.clone(),
            workstation: workstation.filter(|_| self.next == Verb::Register).cloned(),
        };
        self.due = now.plus(call.patience());
        if self.next != Verb::Unregister {
            self.asked = Some(now);
        }
        Call::Gateway(Box::new(call))
    }

    /// A request was answered: another one follows.
    pub(super) fn go_on(&mut self, next: Verb, due: Timestamp) {
        self.next = next;
        self.number += 1;
        self.due = due;
        self.failed = 0;
        self.trouble = None;
    }

    /// There was no answer, or that it has to be asked for later.
    pub(super) fn put_off(&mut self, now: Timestamp, why: Code, pause: Option<u64>, most: u64) {
        self.failed += 1;
        // That the gateway has too much to do says more than that it did not answer at last.
        if self.trouble != Some(Code::BUSY) {
            self.trouble = Some(why);
        }
        let pause = pause.unwrap_or_else(|| spread(&self.id, self.failed, longest_after(self.failed, most)));
        self.due = now.plus(pause);
    }

    /// When the next request may be sent at the earliest: a gateway is not asked twice within a second.
    pub(super) fn after_a_moment(&self, now: Timestamp) -> Timestamp {
        self.asked.map_or(now, |asked| now.max(asked.plus(1)))
    }

    /// When it does not stand at the gateway any more, whatever became of the last request.
    pub(in crate::desk) fn moot(&self) -> Timestamp {
        self.asked.map_or(Timestamp(0), |asked| asked.plus(u64::from(LIMIT + self.lifetime)))
    }

    /// It is to be unregistered from now on, where it may stand.
    pub(super) fn leave(mut self, now: Timestamp, session: &Session, gateway: &GatewayUrl) -> Option<Self> {
        self.go_on(Verb::Unregister, now);
        self.left = Some((session.clone(), gateway.clone()));
        (now < self.moot()).then_some(self)
    }

    /// Whether nothing is left to do after this answer: it is unregistered, the gateway refuses and will go on refusing, or
    /// it is over by itself before the next attempt.
    pub(super) fn is_done(&mut self, reply: &Reply, now: Timestamp) -> bool {
        let Told::Later(why, pause) = reply.told() else { return true };
        self.put_off(now, why, pause, LONGEST_PAUSE);
        self.due >= self.moot()
    }
}
