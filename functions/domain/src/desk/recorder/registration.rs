//! One registration at the gateway: what to ask of it next and when, and until when it may stand there.

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
    /// How many attempts at it failed, and why the last ones did.
    pub(super) failed: u32,
    pub(super) trouble: Option<Code>,
    /// When a request that may have registered or kept something was last sent.
    pub(super) asked: Option<Timestamp>,
    /// The number of the last step that the gateway has reported.
    pub(super) told: u32,
    /// Its lifetime in seconds, and when that is over; as last stated by the gateway.
    pub(super) lifetime: u32,
    pub(super) expires: Option<Timestamp>,
    /// If it is to be unregistered: the session it was for, and the gateway.
    pub(super) left: Option<(Session, GatewayUrl)>,
}

impl Registration {
    /// A registration of the session `sid`, begun at `begun` and asked for at `due`.
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

    /// The call to make now. It counts as sent, and is sent again if there is no reply in time.
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

    /// A request was answered; the next one follows.
    pub(super) fn go_on(&mut self, next: Verb, due: Timestamp) {
        self.next = next;
        self.number += 1;
        self.due = due;
        self.failed = 0;
        self.trouble = None;
    }

    /// There was no reply, or one that says to ask again later.
    pub(super) fn put_off(&mut self, now: Timestamp, why: Code, pause: Option<u64>, most: u64) {
        self.failed += 1;
        // That the gateway was too busy says more than that it failed to answer in the end.
        if self.trouble != Some(Code::BUSY) {
            self.trouble = Some(why);
        }
        let pause = pause.unwrap_or_else(|| spread(&self.id, self.failed, longest_after(self.failed, most)));
        self.due = now.plus(pause);
    }

    /// When the next request may be sent at the earliest: a gateway is not asked twice within one second.
    pub(super) fn after_a_moment(&self, now: Timestamp) -> Timestamp {
        self.asked.map_or(now, |asked| now.max(asked.plus(1)))
    }

    /// When it can no longer stand at the gateway, whatever became of the last request.
    pub(in crate::desk) fn moot(&self) -> Timestamp {
        self.asked.map_or(Timestamp(0), |asked| asked.plus(u64::from(LIMIT + self.lifetime)))
    }

    /// Marks it to be unregistered from now on; `None` if it cannot stand any more.
    pub(super) fn leave(mut self, now: Timestamp, session: &Session, gateway: &GatewayUrl) -> Option<Self> {
        self.go_on(Verb::Unregister, now);
        self.left = Some((session.clone(), gateway.clone()));
        (now < self.moot()).then_some(self)
    }

    /// Whether nothing is left to do after this reply: it is unregistered, the gateway refuses and will go on refusing,
    /// or it expires by itself before the next attempt.
    pub(super) fn is_done(&mut self, reply: &Reply, now: Timestamp) -> bool {
        let Told::Later(why, pause) = reply.told() else { return true };
        self.put_off(now, why, pause, LONGEST_PAUSE);
        self.due >= self.moot()
    }
}
