//! The extension that a session takes calls on: claimed after the login, freed at its end, moved along by a take-over.
//!
//! The desk claims, its object carries the claim to the extension's lease (see [`super::calls`]), and what the lease says
//! comes back. Out of scope: what a lease decides ([`crate::extension_lease`]).

use kv_schema::Timestamp;
use kv_schema::directory::ExtensionKind;
use kv_schema::names::{Extension, Username};
use serde::{Deserialize, Serialize};

use super::{Desk, Due, Holder, Link, Refusal};
use crate::extension_lease::{Answer, Keeps};

/// Claims that are over and that the lease has yet to be told of. One that is dropped is found out when somebody else
/// wants the extension.
const MOST_FREED: usize = 8;
/// Failures after which a page is told that the lease cannot be asked.
const WORTH_TELLING: u32 = 2;

/// An extension that a session wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Its number.
    pub(super) number: Extension,
    /// The number of the desk's claim to it.
    pub(super) claim: u64,
    /// What rings, once that is known.
    pub(super) kind: Option<ExtensionKind>,
    /// Why it is not held; `None` where it is.
    pub(super) lacks: Option<Lack>,
    /// When the lease has to be asked.
    pub(super) due: Option<Due>,
}

/// A claim that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Freed {
    pub(super) number: Extension,
    pub(super) claim: u64,
    pub(super) due: Due,
}

/// Why an extension is not held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    /// Why.
    pub why: Why,
    /// When it may be free, where another agent holds it: at the latest, as it looks now.
    pub free_at: Option<Timestamp>,
    /// Whether that agent's desktop is not heard, so that it may be free then, or they come back.
    pub is_silent: bool,
    /// Who that is, where the instance lets its agents know.
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
    /// The instance has none, but another one at the same install does.
    OtherInstance,
    /// It is not for this agent.
    NotAllowed,
    /// Another agent holds it.
    Held,
    /// Whoever knows cannot be asked at present.
    Unavailable,
}

impl Why {
    /// Nothing more is known.
    #[must_use]
    pub const fn alone(self) -> Lack {
        Lack { why: self, free_at: None, is_silent: false, by: None }
    }
}

/// What has come of asking for an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It cannot be the agent's by what operators have declared.
    Refused(Why),
    /// The lease has answered.
    Lease {
        /// What rings, where that was looked up.
        kind: Option<ExtensionKind>,
        /// What it has said.
        answer: Answer,
    },
}

/// The extension as the page sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineView {
    /// Its number.
    pub number: Extension,
    /// What rings, once that is known.
    pub kind: Option<ExtensionKind>,
    /// Whether it is held.
    pub held: bool,
    /// Another one that was asked for while this one is held.
    pub asked: Option<Asked>,
}

/// An extension that was asked for in the place of one that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Its number.
    pub number: Extension,
    /// Why it is not held.
    pub lacks: Lack,
}

impl Line {
    fn new(number: Extension, claim: u64, now: Timestamp) -> Self {
        Self { number, claim, kind: None, lacks: Some(Why::Asking.alone()), due: Some(Due::since(now)) }
    }

    pub(super) const fn is_held(&self) -> bool {
        self.lacks.is_none()
    }

    /// Whether it is held, or may be before anybody hears of it.
    fn is_claimed(&self) -> bool {
        self.lacks.as_ref().is_none_or(|lack| matches!(lack.why, Why::Asking | Why::Unavailable))
    }

    /// Takes note of what has come of asking; how often nothing has.
    fn learn(&mut self, now: Timestamp, found: Option<Found>, tells_holder: bool) -> u32 {
        match found {
            None => {
                let failed = self.due.as_mut().map_or(0, |due| due.fail(now));
                if failed >= WORTH_TELLING && !self.is_held() {
                    self.lacks = Some(Why::Unavailable.alone());
                }
                return failed;
            }
            Some(Found::Refused(why)) => (self.lacks, self.due) = (Some(why.alone()), None),
            Some(Found::Lease { kind, answer }) => {
                self.kind = kind;
                (self.lacks, self.due) = match answer {
                    Answer::Held { by, keeps } => {
                        let lack = Lack {
                            free_at: keeps.map(|keeps| keeps.until),
                            is_silent: keeps.is_some_and(|keeps| keeps.is_silent),
                            by: tells_holder.then_some(by),
                            ..Why::Held.alone()
                        };
                        // Asked again when it is said to be free: once, not over and over.
                        let due = lack.free_at.map(|free_at| Due::since(free_at.max(now).plus(1)));
                        (Some(lack), due)
                    }
                    _ => (None, None),
                };
            }
        }
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
            .and_then(|asked| asked.lacks.clone().map(|lacks| Asked { number: asked.number.clone(), lacks }));
        Some(LineView { number: line.number.clone(), kind: line.kind, held: line.is_held(), asked })
    }

    /// The extensions that it wants.
    pub(super) fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.line.iter_mut().chain(&mut self.asked)
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.line.iter().chain(&self.asked)
    }

    /// Until when it keeps what it holds, as it looks now.
    fn keeps(&self) -> Keeps {
        let hard_end = self.visitor.session.hard_end;
        let silence = u64::from(self.visitor.policy.presence.logged_out_seconds);
        let silent_since = match self.link {
            Link::Suspect { heard } | Link::Lost { heard, .. } => Some(heard),
            Link::Never { .. } => Some(self.since),
            Link::Open { .. } => None,
        };
        let over = silent_since.map(|since| since.plus(silence)).filter(|over| *over < hard_end);
        Keeps { until: over.unwrap_or(hard_end), is_silent: over.is_some() }
    }
}

impl Desk {
    /// Whether the session that holds the desk has, or is about to have, this extension. A session whose desktop has not
    /// connected within the time after which another one would be logged out lets it go: it takes it again when it comes.
    pub(super) fn keeps(&mut self, now: Timestamp, number: &Extension) -> Option<Keeps> {
        let holder = self.holder.as_mut()?;
        let keeps = holder.keeps();
        let is_awaited = matches!(holder.link, Link::Never { .. });
        let line = holder.lines_mut().find(|line| line.number == *number && line.is_claimed())?;
        if is_awaited && now >= keeps.until {
            (line.lacks, line.due) = (Some(Why::None.alone()), None);
            return None;
        }
        Some(keeps)
    }

    fn claim(&mut self, now: Timestamp, number: Extension) -> Line {
        self.claims += 1;
        // Whatever of it was to be freed moves along.
        self.freed.retain(|freed| freed.number != number);
        Line::new(number, self.claims, now)
    }

    /// The session that has just taken the desk claims its extension.
    pub(super) fn claim_first(&mut self, now: Timestamp) {
        let number = self.holder.as_ref().and_then(|holder| holder.visitor.session.extension.clone());
        let line = number.map(|number| self.claim(now, number));
        if let Some(holder) = &mut self.holder {
            holder.line = line;
        }
    }

    /// The desktop is there: an extension that was let go while it was awaited is claimed again.
    pub(super) fn claim_again(&mut self, now: Timestamp) {
        let line = self.holder.as_ref().and_then(|holder| holder.line.as_ref());
        let Some(number) = line.filter(|line| line.lacks.as_ref().is_some_and(|lack| lack.why == Why::None)) else {
            return;
        };
        let line = self.claim(now, number.number.clone());
        if let Some(holder) = &mut self.holder {
            holder.line = Some(line);
        }
    }

    /// A claim is over: the lease is told.
    pub(super) fn free(&mut self, now: Timestamp, line: Line) {
        if !line.is_claimed() {
            return;
        }
        self.freed.push(Freed { number: line.number, claim: line.claim, due: Due::since(now) });
        let too_many = self.freed.len().saturating_sub(MOST_FREED);
        self.freed.drain(..too_many);
    }

    /// The agent wants this extension; or the same one again, which could not be had before.
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
        // What was asked for before is not wanted any more.
        if let Some(asked) = holder.asked.take() {
            self.free(now, asked);
        }
        if !(is_same && is_held) {
            let line = self.claim(now, number);
            self.want(now, line, is_held);
        }
        Ok(())
    }

    /// An extension that is held stays until another one is.
    fn want(&mut self, now: Timestamp, line: Line, is_held: bool) {
        let Some(holder) = &mut self.holder else { return };
        if is_held {
            holder.asked = Some(line);
        } else if let Some(former) = self.change_line(now, line) {
            self.free(now, former);
        }
    }

    /// The session's extension is this one from here on.
    fn change_line(&mut self, now: Timestamp, line: Line) -> Option<Line> {
        let holder = self.holder.as_mut()?;
        let number = Some(line.number.clone());
        if holder.visitor.session.extension != number {
            holder.visitor.session.extension = number;
            holder.unwritten = Some(Due::since(now));
        }
        holder.line.replace(line).filter(|former| holder.line.as_ref().is_none_or(|line| line.number != former.number))
    }

    /// What has come of asking for an extension: for the claim of this number, which may not be wanted any more.
    pub(super) fn found(&mut self, now: Timestamp, number: &Extension, claim: u64, found: Option<Found>) -> u32 {
        let wanted = self.holder.as_mut().and_then(|holder| {
            let tells_holder = holder.visitor.policy.tells_holder;
            holder.lines_mut().find(|line| line.claim == claim).map(|line| (line, tells_holder))
        });
        let failures = match (wanted, found) {
            (Some((line, _)), Some(Found::Lease { answer: Answer::Stale { number: newer }, .. })) => {
                // The desk has lost its count.
                self.claims = self.claims.max(newer) + 1;
                (line.claim, line.due) = (self.claims, Some(Due::since(now)));
                0
            }
            (Some((line, tells_holder)), found) => line.learn(now, found, tells_holder),
            (None, Some(Found::Lease { answer: Answer::Taken, .. })) => {
                // Too late: nobody wants it any more, or a newer claim has it already.
                self.freed.push(Freed { number: number.clone(), claim, due: Due::since(now) });
                0
            }
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

    /// What has come of freeing an extension: how often nothing has.
    pub(super) fn let_go(&mut self, now: Timestamp, claim: u64, is_free: bool) -> u32 {
        if is_free {
            self.freed.retain(|freed| freed.claim != claim);
        }
        self.freed.iter_mut().find(|freed| freed.claim == claim).map_or(0, |freed| freed.due.fail(now))
    }
}
