//! The lease of one extension: which agent holds it.
//!
//! It is a function of values, carried by one Durable Object for each extension. An agent's desk *claims* an extension
//! for the session that holds the desk, and numbers its claims; of two claims of one agent the higher number is the newer
//! one, so that whatever arrives late changes nothing. A lease ends where the desk frees it. It is never believed to
//! stand: before somebody is told that another agent holds the extension, that agent's desk is asked whether it still
//! does. So nobody is locked out by a session that is over, whatever was lost on the way.
//!
//! Out of scope: which extensions there are and who may use them, which operators declare.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstanceId, Username};
use serde::{Deserialize, Serialize};

/// Seconds for which an extension is kept for a login whose desk has not claimed it yet.
const RESERVED_SECONDS: u64 = 15;

/// What a lease remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lease {
    /// Who holds it.
    holder: Option<Claim>,
    /// Until when it is only reserved; zero where it is not.
    reserved_until: Timestamp,
    /// The last claim that was freed: it does not come back.
    freed: Option<Claim>,
}

/// An agent's claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The agent.
    pub agent: Username,
    /// The number of the claim, which their desk counts from 1; 0 for a reservation.
    pub number: u64,
}

/// A question to a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The instance of the extension and of the agent.
    pub instance: InstanceId,
    /// The extension.
    pub extension: Extension,
    /// For whom.
    pub claim: Claim,
    /// What is to become of it.
    pub act: Act,
}

/// What is to become of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The agent is signing in: nobody else shall have it until their desk claims it.
    Reserve,
    /// The extension is to be the agent's.
    Take,
    /// It is not needed any more.
    Free,
}

/// A lease's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The extension is the agent's.
    Taken,
    /// It is not the agent's, or not any more.
    Free,
    /// Another agent holds it.
    Held {
        /// Who.
        by: Username,
        /// How long, as far as their desk could be asked and knows.
        keeps: Option<Keeps>,
    },
    /// The lease knows a newer claim of the same agent.
    Stale {
        /// Its number.
        number: u64,
    },
}

/// That a desk does hold an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeps {
    /// Until when at the latest, as it looks now.
    pub until: Timestamp,
    /// Whether that is because its desktop is not heard: it may still come back before.
    pub is_silent: bool,
}

/// What the desk of a holder has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It does not hold the extension.
    Free,
    /// It does.
    Keeps(Keeps),
    /// It could not be asked.
    Nothing,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The answer.
    Answer(Answer),
    /// The desk of this claim's agent has to be asked first.
    AskDesk(Claim),
}

impl Lease {
    /// Answers `ask`, where `told` is what a desk has said that this has told to ask before. Meanwhile the lease may have
    /// answered somebody else, and what the desk has said may be of no use any more.
    pub fn answer(&mut self, now: Timestamp, ask: &Ask, told: Option<(Claim, Told)>) -> Step {
        if ask.act == Act::Free {
            return Step::Answer(self.free(now, &ask.claim));
        }
        let Some(holder) = &self.holder else { return Step::Answer(self.give(now, ask)) };
        if holder.agent == ask.claim.agent {
            return Step::Answer(self.move_on(now, ask, holder.number));
        }
        let held = |keeps| Step::Answer(Answer::Held { by: holder.agent.clone(), keeps });
        if now < self.reserved_until {
            return held(None);
        }
        match told.filter(|(asked, _)| asked == holder) {
            None => Step::AskDesk(holder.clone()),
            Some((_, Told::Free)) => Step::Answer(self.give(now, ask)),
            Some((_, Told::Keeps(keeps))) => held(Some(keeps)),
            // Nobody gets what may well be somebody else's.
            Some((_, Told::Nothing)) => held(None),
        }
    }

    /// Gives the extension to an agent; not for a claim that was freed before it has arrived.
    fn give(&mut self, now: Timestamp, ask: &Ask) -> Answer {
        let Ask { claim, act, .. } = ask;
        let freed = self.freed.as_ref().filter(|freed| freed.agent == claim.agent && freed.number >= claim.number);
        if let (Some(freed), Act::Take) = (freed, act) {
            return Answer::Stale { number: freed.number };
        }
        self.reserved_until = if *act == Act::Reserve { now.plus(RESERVED_SECONDS) } else { Timestamp::default() };
        self.holder = Some(claim.clone());
        Answer::Taken
    }

    /// The extension is the agent's already: it moves along to their newest claim.
    fn move_on(&mut self, now: Timestamp, ask: &Ask, number: u64) -> Answer {
        match ask.act {
            Act::Reserve => {
                // Should the session that has it end meanwhile, it is still kept for the one that is coming.
                self.reserved_until = now.plus(RESERVED_SECONDS);
                Answer::Taken
            }
            _ if ask.claim.number < number => Answer::Stale { number },
            _ => self.give(now, ask),
        }
    }

    /// Frees the extension of a claim, and of any that the same agent had before.
    fn free(&mut self, now: Timestamp, claim: &Claim) -> Answer {
        match &mut self.holder {
            Some(holder) if holder.agent != claim.agent || holder.number > claim.number => return Answer::Free,
            Some(holder) if now < self.reserved_until => holder.number = 0,
            _ => self.holder = None,
        }
        self.freed = Some(claim.clone());
        Answer::Free
    }
}

#[cfg(test)]
mod tests;
