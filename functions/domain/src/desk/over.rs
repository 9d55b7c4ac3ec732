//! Sessions that are over: why, by whom, when.

use std::rc::Rc;

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use kv_schema::record::Version;
use kv_schema::sessions::{EndReason, Revoked, Session};
use serde::{Deserialize, Serialize};

use super::offer::{Rejection, Verdict};
use super::take::STATE_KEPT;
use super::{Desk, Due, Happened, State};
use crate::browser::Browser;
use crate::token::{Kind, SessionClaims};

/// How many ended sessions are remembered, besides those not yet in KV: more than anybody has in a shift.
const MOST_OVER: usize = 32;

/// How a session is ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Why.
    pub reason: EndReason,
    /// By whom, if it was neither the agent nor the desk.
    #[serde(default)]
    pub by: Option<String>,
    /// The browser that took over.
    #[serde(default)]
    pub browser: Option<Browser>,
}

impl Ending {
    /// An ending for `reason` alone.
    #[must_use]
    pub const fn of(reason: EndReason) -> Self {
        Self { reason, by: None, browser: None }
    }

    pub(super) const fn signed_out() -> Self {
        Self::of(EndReason::SignedOut)
    }

    pub(super) const fn replaced() -> Self {
        Self::of(EndReason::Replaced)
    }

    pub(super) const fn connection_lost() -> Self {
        Self::of(EndReason::ConnectionLost)
    }

    pub(super) const fn hard_end() -> Self {
        Self::of(EndReason::HardEnd)
    }

    pub(super) const fn taken_over(browser: Browser) -> Self {
        Self { reason: EndReason::TakenOver, by: None, browser: Some(browser) }
    }
}

/// What a page is told about a session that was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The session.
    pub sid: SessionId,
    /// Why.
    pub reason: EndReason,
    /// By whom, if it was neither the agent nor the desk.
    pub by: Option<String>,
    /// The browser that took over.
    pub browser: Option<Browser>,
    /// When.
    pub at: Timestamp,
}

/// A session that has just been ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departed {
    /// Its record, as it was.
    pub session: Session,
    /// What its page is told.
    pub ended: Ended,
}

/// A session that is over, as the desk remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Over {
    /// The lease that it had; no other remembered session had the same one.
    pub(super) lease: u64,
    pub(super) ended: Ended,
    /// Its record, as it was.
    pub(super) session: Session,
    /// What the agent was doing.
    state: State,
    /// Set while KV has yet to take the tombstone.
    pub(super) unwritten: Option<Due>,
}

impl Over {
    /// When none of its tokens can be valid any more and nobody can resume what it was doing.
    pub(super) fn until(&self) -> Timestamp {
        self.session.hard_end.max(self.ended.at.plus(STATE_KEPT))
    }

    pub(super) fn matters(&self, now: Timestamp) -> bool {
        now < self.until()
    }

    /// What the agent was doing, if the session ran out recently.
    pub(super) fn state_at(&self, now: Timestamp) -> Option<State> {
        let ran_out = matches!(self.ended.reason, EndReason::HardEnd | EndReason::ConnectionLost);
        (ran_out && now.since(self.ended.at) <= STATE_KEPT).then(|| self.state.clone())
    }

    pub(super) fn tombstone(&self) -> Revoked {
        let Session { sid, instance, agent, hard_end, .. } = self.session.clone();
        let Ended { reason, by, at, .. } = self.ended.clone();
        // A hard end that waited for an interaction was later at one time, and tokens were issued to last until then.
        let hard_end = hard_end.max(at.plus(SessionClaims::LIFETIME));
        Revoked { v: Version, sid, instance, agent, reason, by, at, hard_end }
    }
}

impl Desk {
    /// Ends the session that holds the desk, if one does.
    pub(super) fn end(&mut self, now: Timestamp, ending: Ending, happened: &mut Happened) -> Option<SessionId> {
        // Nobody will answer its offer any more.
        self.decide(now, Verdict::Rejected, Some(Rejection::Gone), happened);
        let holder = self.holder.take()?;
        let state = match holder.meant_state() {
            State::Offered { .. } => holder.next.map_or(State::Ready, State::from),
            state => state,
        };
        for line in [holder.line, holder.asked].into_iter().flatten() {
            self.free(now, line);
        }
        self.leave_recorder(holder.recorder, &holder.visitor, now);
        let session = holder.visitor.session;
        let sid = session.sid.clone();
        let Ending { reason, by, browser } = ending;
        let ended = Ended { sid: sid.clone(), reason, by, browser, at: now };
        happened.departed.push(Departed { session: session.clone(), ended: ended.clone() });
        let (lease, unwritten) = (self.lease, Some(Due::since(now)));
        self.over.push(Rc::new(Over { lease, ended, session, state, unwritten }));
        let mut too_many = self.over.len().saturating_sub(MOST_OVER);
        self.over.retain(|over| {
            let is_let_go = too_many > 0 && over.unwritten.is_none();
            too_many -= usize::from(is_let_go);
            !is_let_go
        });
        Some(sid)
    }

    /// What became of a session that is over.
    pub(super) fn recall(&self, sid: &SessionId) -> Option<Ended> {
        self.over.iter().rev().find(|over| over.ended.sid == *sid).map(|over| over.ended.clone())
    }
}
