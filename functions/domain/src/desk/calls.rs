//! Questions to others: due here, carried out by the desk's object, and their replies handed back.
//!
//! As with KV, the desk only says what is due, and is told what came of it. A call that has begun falls due again after
//! its time, whether or not anybody remembers that it began: so an object that was restarted meanwhile picks it up
//! again. Repeating one does no harm: each names its claim or request, which the callee counts only once.

use kv_schema::Timestamp;
use kv_schema::names::InstallName;
use kv_schema::sessions::Session;

use super::line::Found;
use super::{Desk, GatewayCall, GatewayReply, Happened, Outcome};
use crate::extension_lease::{Act, Ask};

/// A question to somebody outside the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// To the lease of an extension: take it, or free it.
    Lease {
        /// The install that the session began in.
        install: InstallName,
        /// The question.
        ask: Ask,
    },
    /// To the gateway of a screen recorder.
    Gateway(Box<GatewayCall>),
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// From a lease.
    Lease(Found),
    /// From a gateway.
    Gateway(GatewayReply),
}

impl Call {
    /// Seconds that it may take. After that, no reply is expected.
    #[must_use]
    pub const fn seconds(&self) -> u32 {
        match self {
            Self::Lease { .. } => 5,
            Self::Gateway(call) => call.seconds() + 1,
        }
    }
}

/// Seconds that the object has, beyond a call's own time, to report what came of it.
const LEFT: u64 = 2;

impl Desk {
    /// The calls to make now. Each counts as begun.
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

    /// Takes what came of a call: `None` if nothing did, or not in time. Returns how often a question to a lease has
    /// failed.
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

    /// When the next call is due.
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
