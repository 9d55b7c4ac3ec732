//! The lease of one extension: which agent holds it.
//!
//! It is a function of values, hosted by one Durable Object for each extension. An agent's desk *claims* an extension
//! for the session that holds the desk, and numbers its claims; of two claims by one agent the higher number is the
//! newer, so whatever arrives late changes nothing. A lease ends when the desk frees it. It is never simply assumed to
//! stand: before anybody is told that another agent holds the extension, that agent's desk is asked whether it still
//! does. So nobody is locked out by a session that is over, whatever was lost on the way.
//!
//! Out of scope: which extensions there are and who may use them, which operators declare.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstanceId, Username};
use serde::{Deserialize, Serialize};

/// Seconds for which an extension is kept for a login whose desk has not claimed it yet.
const RESERVED_SECONDS: u64 = 15;

/// The most agents who wanted it that are told when it is free; anybody else has to try again by themselves.
const MOST_WAITING: usize = 16;

/// What a lease remembers. Claims are numbered by the desks of their agents, from 1; 0 stands for a login whose desk
/// has not claimed it yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lease {
    /// Who holds it.
    holder: Option<Username>,
    /// The number of their claim.
    claim: u64,
    /// Until when it is kept for a login.
    reserved_until: Timestamp,
    /// Whose claim was freed last.
    freed_by: Option<Username>,
    /// The number of that claim, which does not come back.
    freed: u64,
    /// Who has wanted it since.
    waiting: Vec<Username>,
}

/// A question to a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The instance of the extension and of the agent.
    pub instance: InstanceId,
    /// The extension.
    pub extension: Extension,
    /// The agent it is for.
    pub agent: Username,
    /// The number of the claim.
    pub claim: u64,
    /// What is to be done with it.
    pub act: Act,
}

/// What is to be done with a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The agent is signing in: nobody else may have it until their desk claims it.
    Reserve,
    /// The extension is to be the agent's.
    Take,
    /// It is no longer needed.
    Free,
}

/// A lease's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The extension is the agent's.
    Taken,
    /// It is not the agent's, or no longer.
    Free,
    /// Another agent holds it.
    Held {
        /// Who.
        by: Username,
        /// The latest time they keep it, as things stand; `None` if their desk does not say.
        until: Option<Timestamp>,
        /// Whether that is because their desktop is silent: they may still reconnect before then.
        is_silent: bool,
    },
    /// The lease knows a newer claim of the same agent.
    Stale {
        /// Its number.
        claim: u64,
    },
}

/// What a holder's desk has said about a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The agent.
    pub agent: Username,
    /// The number of their claim.
    pub claim: u64,
    /// Whether it holds the extension, if it could be asked.
    pub keeps: Keeps,
}

/// Whether a desk holds an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// It does not.
    No,
    /// It does, at the latest until then, as things stand.
    Until {
        /// When.
        at: Timestamp,
        /// Whether that is because its desktop is silent.
        is_silent: bool,
    },
    /// It could not be asked.
    Unknown,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The answer.
    Answer(Answer),
    /// This agent's desk has to be asked first, about this claim.
    AskDesk(Username, u64),
}

impl Lease {
    /// Answers `ask`. `told` is the reply of a desk that a previous step said to ask. The lease may have answered
    /// somebody else since, and then that reply may no longer be of use.
    pub fn answer(&mut self, now: Timestamp, ask: &Ask, told: Option<Told>) -> Step {
        if ask.act == Act::Free {
            self.free(now, ask);
            return Step::Answer(Answer::Free);
        }
        let Some(holder) = &self.holder else { return Step::Answer(self.give(now, ask)) };
        if *holder == ask.agent {
            return Step::Answer(self.move_on(now, ask));
        }
        let by = holder.clone();
        let held = |until, is_silent| Answer::Held { by: by.clone(), until, is_silent };
        let answer = if now < self.reserved_until {
            held(None, false)
        } else {
            match told.filter(|told| told.agent == *holder && told.claim == self.claim).map(|told| told.keeps) {
                None => return Step::AskDesk(by, self.claim),
                Some(Keeps::No) => return Step::Answer(self.give(now, ask)),
                Some(Keeps::Until { at, is_silent }) => held(Some(at), is_silent),
                // Nobody gets what may well be somebody else's.
                Some(Keeps::Unknown) => held(None, false),
            }
        };
        let is_new = !self.waiting.contains(&ask.agent);
        if ask.act == Act::Take && is_new && self.waiting.len() < MOST_WAITING {
            self.waiting.push(ask.agent.clone());
        }
        Step::Answer(answer)
    }

    /// Takes those who have waited for it, if it is free now.
    pub fn take_waiting(&mut self) -> Vec<Username> {
        if self.holder.is_none() { std::mem::take(&mut self.waiting) } else { Vec::new() }
    }

    /// Gives the extension to an agent, except for a claim that was freed before it arrived.
    fn give(&mut self, now: Timestamp, ask: &Ask) -> Answer {
        if ask.act == Act::Take && self.freed >= ask.claim && self.freed_by.as_ref() == Some(&ask.agent) {
            return Answer::Stale { claim: self.freed };
        }
        self.reserved_until = if ask.act == Act::Reserve { now.plus(RESERVED_SECONDS) } else { Timestamp::default() };
        self.holder = Some(ask.agent.clone());
        self.claim = ask.claim;
        self.waiting.retain(|agent| *agent != ask.agent);
        Answer::Taken
    }

    /// The extension is the agent's already: it moves to their newest claim.
    fn move_on(&mut self, now: Timestamp, ask: &Ask) -> Answer {
        if ask.act == Act::Reserve {
            // If the session that has it ends meanwhile, it is still kept for the one to come.
            self.reserved_until = now.plus(RESERVED_SECONDS);
            Answer::Taken
        } else if ask.claim < self.claim {
            Answer::Stale { claim: self.claim }
        } else {
            self.give(now, ask)
        }
    }

    /// Frees the extension of a claim, and of any earlier one by the same agent.
    fn free(&mut self, now: Timestamp, ask: &Ask) {
        if self.holder.as_ref().is_some_and(|holder| *holder != ask.agent || self.claim > ask.claim) {
            return;
        }
        if self.holder.is_some() && now < self.reserved_until {
            self.claim = 0;
        } else {
            self.holder = None;
        }
        (self.freed, self.freed_by) = (ask.claim, Some(ask.agent.clone()));
    }
}

#[cfg(test)]
mod tests;
