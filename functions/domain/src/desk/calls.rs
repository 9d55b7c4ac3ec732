//! What others are to be asked: due, carried out by the desk's object, and handed back.
//!
//! As with what KV is told, the desk only says what is due, and is told what has come of it. A call that has begun is due
//! again after its time, whether or not anybody remembers that it has begun: so an object that was restarted meanwhile
//! takes it up again. Each can be repeated without harm: it names a claim, which the one who is asked counts once.

use kv_schema::Timestamp;
use kv_schema::names::InstallName;
use kv_schema::sessions::Session;

use super::line::Found;
use super::{Desk, GatewayCall, GatewayReply, Happened, Outcome};
use crate::extension_lease::{Act, Ask};

/// A question to somebody outside of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// To the lease of an extension: to take it, or to free it.
    Lease {
        /// The install that the session began in.
        install: InstallName,
        /// The question.
        ask: Ask,
    },
    /// To the gateway of a screen recorder.
    Gateway(Box<GatewayCall>),
}

/// What has come of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Of a question to a lease.
    Lease(Found),
    /// Of a gateway.
    Gateway(GatewayReply),
}

impl Call {
    /// Seconds that it may take. What has not come of it by then does not come.
    #[must_use]
    pub const fn seconds(&self) -> u32 {
        match self {
            Self::Lease { .. } => 5,
            Self::Gateway(call) => call.seconds() + 1,
        }
    }
}

/// Seconds that are left to the object, beyond a call's own time, for saying what has come of it.
const LEFT: u64 = 2;

impl Desk {
    /// What others are to be asked now. Each counts as begun.
    pub fn calls_due(&mut self, now: Timestamp) -> Vec<Call> {
        let mut calls = Vec::new();
        self.gateway_calls_due(now, &mut calls);
        let Some(Session { instance, agent, install, .. }) = self.last_session().cloned() else {
            self.freed.clear();
            return calls;
        };
        let freed = self.freed.iter_mut().map(|line| (line, Act::Free));
        let lines = self.holder.iter_mut().flat_map(super::Holder::lines_mut).map(|line| (line, Act::Take));
        let begun = freed.chain(lines).filter_map(|(line, act)| {
            let extension = line.number.clone();
            let ask = Ask { instance: instance.clone(), extension, agent: agent.clone(), claim: line.claim, act };
            let call = Call::Lease { install: install.clone(), ask };
            let due = line.due.as_mut().filter(|due| due.at() <= now)?;
            due.begin(now, u64::from(call.seconds()) + LEFT);
            line.is_asked = true;
            Some(call)
        });
        calls.extend(begun);
        calls
    }

    /// What has come of a call; `None` where nothing has, or not in time: how often not.
    pub fn called(&mut self, now: Timestamp, call: &Call, reply: Option<Reply>) -> Outcome<u32> {
        let seen = self.look();
        let mut happened = Happened::default();
        let failures = match (call, reply) {
            (Call::Lease { ask, .. }, reply) => {
                let found = if let Some(Reply::Lease(found)) = reply { Some(found) } else { None };
                match ask.act {
                    Act::Free => self.let_go(now, ask.claim, found.is_some()),
                    Act::Take | Act::Reserve => self.found(now, &ask.extension, ask.claim, found),
                }
            }
            (Call::Gateway(call), reply) => {
                let reply = if let Some(Reply::Gateway(reply)) = reply { reply } else { GatewayReply::None };
                self.gateway_called(now, call, &reply, &mut happened);
                0
            }
        };
        self.tell(now, seen.as_ref(), happened).with(failures)
    }

    /// When others have to be asked.
    pub(super) fn call_due(&self) -> Option<Timestamp> {
        let lines = self.holder.iter().flat_map(super::Holder::lines);
        let lease = self.freed.iter().chain(lines).filter_map(|line| line.due.as_ref()).map(super::Due::at).min();
        [lease, self.gateway_due()].into_iter().flatten().min()
    }

    /// The session that holds the desk, or the last one that did.
    fn last_session(&self) -> Option<&Session> {
        let holder = self.holder.as_ref().map(|holder| &holder.visitor.session);
        holder.or_else(|| self.over.last().map(|over| &over.session))
    }
}
