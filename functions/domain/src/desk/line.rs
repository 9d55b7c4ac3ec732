//! The extension that a session takes calls on: claimed after login, freed when it ends, moved along by a take-over.
//!
//! The desk claims it, its object carries the claim to the extension's lease (see [`super::calls`]), and the lease's
//! reply comes back. Out of scope: what a lease decides ([`crate::extension_lease`]).

use kv_schema::Timestamp;
use kv_schema::directory::ExtensionKind;
use kv_schema::names::{Extension, Username};
use serde::{Deserialize, Serialize};

use super::{Desk, Due, Holder, Link, Refusal};
use crate::extension_lease::Answer;

/// The most ended claims kept until their leases have been told. A dropped one is found out when somebody else wants
/// the extension.
const MOST_FREED: usize = 8;
/// Seconds after which to ask a lease again whose extension another agent held.
const ASKED_AGAIN: u64 = 300;
/// Failures after which a page is told that the lease cannot be reached.
const WORTH_TELLING: u32 = 2;

/// An extension that a session wants, or has wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Its number.
    pub(super) number: Extension,
    /// The number of the desk's claim to it.
    pub(super) claim: u64,
    /// What rings, once known.
    pub(super) kind: Option<ExtensionKind>,
    /// Why it is not held; `None` if it is.
    pub(super) why: Option<Why>,
    /// The latest time it should become free, if another agent holds it.
    pub(super) free_at: Option<Timestamp>,
    /// Whether that agent's desktop is silent.
    pub(super) is_silent: bool,
    /// Who that agent is, if the instance lets its agents know.
    pub(super) by: Option<Username>,
    /// When to ask the lease next: to take the extension or, once the claim is over, to free it.
    pub(super) due: Option<Due>,
    /// Whether it has been asked and has not answered yet.
    pub(super) is_asked: bool,
}

/// Why an extension is not held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lack {
    /// Why.
    pub why: Why,
    /// The latest time it should become free, if another agent holds it.
    pub free_at: Option<Timestamp>,
    /// Whether that agent's desktop is silent: the extension may become free then, or they may reconnect.
    pub is_silent: bool,
    /// Who that agent is, if the instance lets its agents know.
    pub by: Option<Username>,
}

/// Why an extension is not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// There is none to hold, and this agent needs one.
    None,
    /// The lease is being asked.
    Asking,
    /// The instance has no such extension.
    Unknown,
    /// The instance has no such extension, but another one at the same install does.
    OtherInstance,
    /// This agent may not use it.
    NotAllowed,
    /// Another agent holds it.
    Held,
    /// Whoever knows cannot be reached at present.
    Unavailable,
}

impl Why {
    /// Its name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "no_extension",
            Self::Asking => "asking",
            Self::Unknown => "unknown_extension",
            Self::OtherInstance => "other_instance",
            Self::NotAllowed => "not_allowed",
            Self::Held => "held",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What came of asking for an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The agent cannot have it, by what operators have declared.
    Refused(Why),
    /// The lease has answered.
    Lease {
        /// What rings, if that was looked up.
        kind: Option<ExtensionKind>,
        /// The lease's answer.
        answer: Answer,
    },
}

impl Found {
    /// Why the extension is not available, if it is not.
    #[must_use]
    pub fn lack(&self, tells_holder: bool) -> Option<Lack> {
        let (why, free_at, is_silent, by) = match self {
            Self::Refused(why) => (*why, None, false, None),
            Self::Lease { answer: Answer::Held { by, until, is_silent }, .. } => {
                (Why::Held, *until, *is_silent, tells_holder.then(|| by.clone()))
            }
            Self::Lease { .. } => return None,
        };
        Some(Lack { why, free_at, is_silent, by })
    }
}

/// The extension as the page sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineView {
    /// Its number.
    pub number: Extension,
    /// What rings, once known.
    pub kind: Option<ExtensionKind>,
    /// Whether it is held.
    pub held: bool,
    /// Another extension, asked for while this one is held.
    pub asked: Option<Asked>,
}

/// An extension that was asked for in place of the one that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Its number.
    pub number: Extension,
    /// Why it is not held.
    pub lacks: Lack,
}

impl Line {
    fn new(number: Extension, claim: u64, now: Timestamp) -> Self {
        let (why, due) = (Some(Why::Asking), Some(Due::since(now)));
        Self { number, claim, kind: None, why, free_at: None, is_silent: false, by: None, due, is_asked: false }
    }

    pub(super) const fn is_held(&self) -> bool {
        self.why.is_none()
    }

    /// Why it is not held.
    pub(super) fn lack(&self) -> Option<Lack> {
        let (free_at, is_silent, by) = (self.free_at, self.is_silent, self.by.clone());
        self.why.map(|why| Lack { why, free_at, is_silent, by })
    }

    /// Whether it is held, or may become so before we hear of it.
    const fn is_claimed(&self) -> bool {
        self.is_asked || matches!(self.why, None | Some(Why::Asking | Why::Unavailable))
    }

    /// Takes what came of asking; returns how often nothing did.
    fn learn(&mut self, now: Timestamp, found: Option<Found>, tells_holder: bool) -> u32 {
        let Some(found) = found else {
            let failed = self.due.as_mut().map_or(0, |due| due.fail(now));
            if failed >= WORTH_TELLING && self.why == Some(Why::Asking) {
                self.why = Some(Why::Unavailable);
            }
            return failed;
        };
        self.is_asked = false;
        if let Found::Lease { kind, .. } = found {
            self.kind = kind;
        }
        (self.why, self.free_at, self.is_silent, self.by) = match found.lack(tells_holder) {
            Some(lack) => (Some(lack.why), lack.free_at, lack.is_silent, lack.by),
            None => (None, None, false, None),
        };
        // The lease reports when it is free; but that may be lost on the way, and a session may end without a word.
        self.due = (self.why == Some(Why::Held)).then(|| {
            let later = now.plus(ASKED_AGAIN);
            Due::since(self.free_at.map_or(later, |free_at| free_at.clamp(now, later)).plus(1))
        });
        0
    }
}

impl Holder {
    /// The extension as the page sees it.
    pub(super) fn line_view(&self) -> Option<LineView> {
        let line = self.line.as_ref()?;
        let asked = self
            .asked
            .as_ref()
            .and_then(|asked| asked.lack().map(|lacks| Asked { number: asked.number.clone(), lacks }));
        Some(LineView { number: line.number.clone(), kind: line.kind, held: line.is_held(), asked })
    }

    /// The extensions that it wants.
    pub(super) fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.line.iter_mut().chain(&mut self.asked)
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.line.iter().chain(&self.asked)
    }

    /// Until when it keeps what it holds, as things stand, and whether that is because its desktop is silent.
    fn keeps(&self) -> (Timestamp, bool) {
        let hard_end = self.visitor.session.hard_end;
        let silence = u64::from(self.visitor.policy.presence.logged_out_seconds);
        let is_silent = !matches!(self.link, Link::Open { .. });
        let over = is_silent.then(|| self.silent_since().plus(silence)).filter(|over| *over < hard_end);
        (over.unwrap_or(hard_end), over.is_some())
    }
}

impl Desk {
    /// Until when the session that holds the desk keeps this extension, if it has it or is about to.
    pub(super) fn keeps(&self, number: &Extension) -> Option<(Timestamp, bool)> {
        let holder = self.holder.as_ref()?;
        holder.lines().any(|line| line.number == *number && line.is_claimed()).then(|| holder.keeps())
    }

    /// An extension that the agent wants is free: its lease is asked again.
    pub(super) fn hear_of_free(&mut self, now: Timestamp, number: &Extension) {
        let holder = self.holder.iter_mut();
        for line in holder.flat_map(Holder::lines_mut).filter(|line| line.number == *number) {
            if line.why == Some(Why::Held) {
                line.due = Some(Due::since(now));
            }
        }
    }

    /// Makes a new claim. An extension that this desk held until this very moment stays held: it only moves to the new
    /// claim.
    fn claim(&mut self, now: Timestamp, number: Extension) -> Line {
        self.claims += 1;
        let mut line = Line::new(number, self.claims, now);
        let former = self.freed.iter().find(|freed| freed.number == line.number && freed.due == line.due);
        if let Some(former) = former.filter(|former| former.is_held()) {
            (line.why, line.kind) = (None, former.kind);
        }
        self.freed.retain(|freed| freed.number != line.number);
        line
    }

    /// The session that has just taken the desk claims its extension.
    pub(super) fn claim_first(&mut self, now: Timestamp) {
        let number = self.holder.as_ref().and_then(|holder| holder.visitor.session.extension.clone());
        let line = number.map(|number| self.claim(now, number));
        if let Some(holder) = &mut self.holder {
            holder.line = line;
        }
    }

    /// The desktop is there, for the first time or again: an extension that is not claimed is claimed again. So is that
    /// of a session that began before extensions were held.
    pub(super) fn claim_again(&mut self, now: Timestamp) {
        let holder = self.holder.as_ref();
        if holder.is_some_and(|holder| holder.line.as_ref().is_none_or(|line| !line.is_claimed())) {
            self.claim_first(now);
        }
    }

    /// A claim is over: the lease is to be told.
    pub(super) fn free(&mut self, now: Timestamp, line: Line) {
        if !line.is_claimed() {
            return;
        }
        self.freed.push(Line { due: Some(Due::since(now)), ..line });
        let too_many = self.freed.len().saturating_sub(MOST_FREED);
        self.freed.drain(..too_many);
    }

    /// The agent wants this extension, or tries again for one that was not available before.
    pub(super) fn choose_extension(&mut self, now: Timestamp, number: Extension) -> Result<(), Refusal> {
        let holder = self.holder.as_mut().ok_or(Refusal::NotNow)?;
        let is_same = holder.line.as_ref().is_some_and(|line| line.number == number);
        if !is_same && !holder.visitor.policy.allow_extension {
            return Err(Refusal::NotAllowed);
        }
        if !is_same && holder.state.is_engaged() {
            // A call is on the one that is held.
            return Err(Refusal::NotNow);
        }
        let is_held = holder.line.as_ref().is_some_and(Line::is_held);
        // What was asked for before is no longer wanted.
        if let Some(asked) = holder.asked.take() {
            self.free(now, asked);
        }
        if !(is_same && is_held) {
            let line = self.claim(now, number);
            self.want(now, line, is_held);
        }
        Ok(())
    }

    /// An extension that is held is kept until another one is held.
    fn want(&mut self, now: Timestamp, line: Line, is_held: bool) {
        let Some(holder) = &mut self.holder else { return };
        if is_held {
            holder.asked = Some(line);
        } else if let Some(former) = self.change_line(now, line) {
            self.free(now, former);
        }
    }

    /// Makes this the session's extension; returns the former one, if its number was another.
    fn change_line(&mut self, now: Timestamp, line: Line) -> Option<Line> {
        let holder = self.holder.as_mut()?;
        let number = Some(line.number.clone());
        if holder.visitor.session.extension != number {
            holder.visitor.session.extension = number;
            holder.unwritten = Some(Due::since(now));
        }
        holder.line.replace(line).filter(|former| holder.line.as_ref().is_none_or(|line| line.number != former.number))
    }

    /// Takes what came of asking for an extension with this claim, which may no longer be wanted. Returns how often it
    /// failed.
    pub(super) fn found(&mut self, now: Timestamp, number: &Extension, claim: u64, found: Option<Found>) -> u32 {
        let is_wanted = self.wants(number);
        let wanted = self.holder.as_mut().and_then(|holder| {
            let tells_holder = holder.visitor.policy.tells_holder;
            holder.lines_mut().find(|line| line.claim == claim).map(|line| (line, tells_holder))
        });
        let failures = match (wanted, found) {
            (Some((line, _)), Some(Found::Lease { answer: Answer::Stale { claim: newer }, .. })) => {
                // The desk has lost its count.
                self.claims = self.claims.max(newer).saturating_add(1);
                (line.claim, line.due) = (self.claims, Some(Due::since(now)));
                0
            }
            (Some((line, tells_holder)), found) => line.learn(now, found, tells_holder),
            (None, Some(Found::Lease { answer: Answer::Taken, .. })) if !is_wanted => {
                // Too late: nobody wants it any more.
                self.free(now, Line::new(number.clone(), claim, now));
                0
            }
            // A newer claim to it is under way. Freeing this one meanwhile would give the extension to somebody else.
            (None, _) => 0,
        };
        let holder = self.holder.as_mut();
        if let Some(line) = holder.and_then(|holder| holder.asked.take_if(|asked| asked.is_held()))
            && let Some(former) = self.change_line(now, line)
        {
            self.free(now, former);
        }
        failures
    }

    /// Whether the session that holds the desk claims this extension.
    fn wants(&self, number: &Extension) -> bool {
        self.holder.iter().flat_map(Holder::lines).any(|line| line.number == *number && line.is_claimed())
    }

    /// Takes what came of freeing an extension; returns how often it failed.
    pub(super) fn let_go(&mut self, now: Timestamp, claim: u64, is_free: bool) -> u32 {
        if is_free {
            self.freed.retain(|freed| freed.claim != claim);
        }
        self.freed
            .iter_mut()
            .find(|freed| freed.claim == claim)
            .and_then(|freed| freed.due.as_mut())
            .map_or(0, |due| due.fail(now))
    }
}
