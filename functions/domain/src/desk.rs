//! The desk of one agent: which session holds it, what the agent is doing, whether the desktop is still heard.
//!
//! A desk is the one exact truth about its agent, so it lives in a Durable Object, which hands it one event at a time.
//! It is still a function of values: what it decides comes back as an [`Outcome`], and its host stores, sends and
//! closes. Out of scope: tokens and cookies, KV's records except the tombstones that have to be written, and the
//! sockets themselves.

mod ask;
mod calls;
mod due;
mod event;
mod gate;
mod hard_end;
mod holder;
mod interaction;
mod line;
mod offer;
mod over;
mod presence;
mod recorder;
mod rows;
mod socket;
mod state;
mod take;
mod visitor;
mod write;

use std::rc::Rc;

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use kv_schema::sessions::Session;
use serde::{Deserialize, Serialize};

pub use ask::{Answer, Ask, OFFER, Occupant, SEEN, Standing};
pub use calls::{Call, Reply};
use due::Due;
pub use event::{Cause, Connection, Event, What};
pub use gate::{Microphone, MicrophoneView, Missing};
use holder::{Holder, Link};
pub use interaction::{Label, Medium, RoutingId, Subject};
use line::Line;
pub use line::{Asked, Found, Lack, LineView, Why};
pub use offer::{
    Known, MOST_OFFERS, MOST_SECONDS, Offer, Proposal, REMEMBERED_SECONDS, Rejection, USUAL_SECONDS, Verdict,
};
use over::Over;
pub use over::{Departed, Ended, Ending};
pub use recorder::{Code, GatewayCall, GatewayReply, LONGEST_REPLY, Note, RecorderView, Status, Verb};
use recorder::{Recorder, Registration};
pub use rows::Rows;
pub use socket::{Command, Refusal, Said, View, Wish, welcome};
use state::Actor;
pub use state::{Next, Reason, State};
pub use visitor::{Arrival, CONNECT, Connect, Consent, Policy, Visitor};
use write::TOLD_AGAIN;
pub use write::Write;

/// How many events are kept for a page that has missed them.
const MOST_EVENTS: u64 = 500;

/// The highest event number that a page is believed to have seen: far beyond any real one, and far from an overflow.
const MOST_COUNTED: u64 = 1 << 40;

/// How many refused commands are remembered, so that each gets the same answer when it is sent again.
const MOST_REFUSED: usize = 8;

/// What a desk remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Desk {
    /// The number of the last lease given; it never falls.
    lease: u64,
    /// The number of the last event; it never falls.
    last_event: u64,
    /// When a session here was last ended by somebody other than its agent, or would have been, had there been one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cleared_at: Option<Timestamp>,
    /// The session that holds the desk.
    holder: Option<Holder>,
    /// Sessions that are over, oldest first, while a token of theirs could be valid or their state resumed. Each has
    /// its own row.
    #[serde(skip)]
    over: Vec<Rc<Over>>,
    /// The number of the last claim to an extension; it never falls.
    claims: u64,
    /// Claims that are over, whose leases have yet to be told.
    freed: Vec<Line>,
    /// Workstations that have yet to be unregistered with a screen recorder.
    leaving: Vec<Registration>,
}

/// What an event at the desk led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<A> {
    /// For whoever asked.
    pub answer: A,
    /// To be kept, and sent to the holder's page.
    pub events: Vec<Event>,
    /// Sessions that this has ended: their sockets are told why, then closed.
    pub departed: Vec<Departed>,
    /// Offers as they now stand, in order; each is to be kept under its id. One that has its outcome never gets
    /// another.
    pub offers: Vec<Offer>,
}

/// What has happened so far, while one event is being handled.
#[derive(Default)]
struct Happened {
    events: Vec<Event>,
    departed: Vec<Departed>,
    offers: Vec<Offer>,
}

impl Happened {
    fn with<A>(self, answer: A) -> Outcome<A> {
        Outcome { answer, events: self.events, departed: self.departed, offers: self.offers }
    }
}

impl Desk {
    /// Lets time pass. `heard` is when the holder's socket, if one is open, was last heard from. Every other request to
    /// a desk does this first.
    pub fn pass(&mut self, now: Timestamp, heard: Option<Timestamp>) -> Outcome<()> {
        let seen = self.look();
        let mut happened = Happened::default();
        self.catch_up(now, heard, &mut happened);
        self.tell(now, seen.as_ref(), happened).with(())
    }

    fn catch_up(&mut self, now: Timestamp, heard: Option<Timestamp>, happened: &mut Happened) {
        self.excuse_absence(now);
        self.listen(now, heard, happened);
        // If an interaction's limit and the hard end have both passed by now, the hard end waited for the interaction.
        if self.holder.as_ref().is_some_and(|holder| holder.state.is_engaged()) {
            self.mind_hard_end(now, happened);
        }
        self.mind_limit(now, happened);
        self.mind_recorder(now, happened);
        self.mind_hard_end(now, happened);
        self.over.retain(|over| over.matters(now));
    }

    /// When the desk has to be woken; `None` if nothing will change by itself.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.changes_at().into_iter().chain(self.tell_at()).min()
    }

    /// The same while KV is being told something: that needs no wake-up, unless the object stops meanwhile.
    #[must_use]
    pub fn wake_at_while_telling(&self, now: Timestamp) -> Option<Timestamp> {
        let again = self.tell_at().map(|at| at.max(now.plus(TOLD_AGAIN)));
        self.changes_at().into_iter().chain(again).min()
    }

    /// When something next changes by itself.
    fn changes_at(&self) -> Option<Timestamp> {
        let holder = self.holder.iter().flat_map(Holder::dues).min();
        let over = self.over.iter().map(|over| over.until()).min();
        [holder, over, self.call_due()].into_iter().flatten().min()
    }

    /// Answers a question. If it is about an offer ([`Ask::offer`]), `known` must hold what is stored about it.
    pub fn answer(&mut self, now: Timestamp, heard: Option<Timestamp>, ask: Ask, known: Known) -> Outcome<Answer> {
        let seen = self.look();
        let mut happened = Happened::default();
        self.catch_up(now, heard, &mut happened);
        let answer = match ask {
            Ask::Take(arrival) => self.take(now, arrival, &mut happened),
            Ask::Where => self.occupied().unwrap_or(Answer::Nobody),
            Ask::Stand(visitor) => match self.admit(now, visitor, &mut happened) {
                Ok(()) => self.standing().map_or(Answer::Over(None), Answer::Stands),
                Err(ended) => Answer::Over(ended),
            },
            Ask::Recall { sid } => Answer::Over(self.recall(&sid)),
            Ask::Leave { sid } => {
                let holds = self.holder.as_ref().is_some_and(|holder| holder.is(&sid));
                Answer::Ended(if holds { self.end(now, Ending::signed_out(), &mut happened) } else { None })
            }
            Ask::Heed { sid, ending } => {
                let holds = self.holder.as_ref().is_some_and(|holder| holder.is(&sid));
                Answer::Ended(if holds { self.end(now, ending, &mut happened) } else { None })
            }
            Ask::End(ending) => {
                let ended = self.end(now, ending, &mut happened);
                // Any take-over that the agent was asked about before is now void, and nobody who proved who they are
                // before that is asked about another: the password may have changed since.
                self.lease += u64::from(ended.is_some());
                self.cleared_at = Some(now);
                Answer::Ended(ended)
            }
            Ask::Keeps { extension } => {
                let keeps = self.keeps(&extension);
                Answer::Keeps { until: keeps.map(|keeps| keeps.0), is_silent: keeps.is_some_and(|keeps| keeps.1) }
            }
            Ask::Free { extension } => {
                self.hear_of_free(now, &extension);
                Answer::Done
            }
            Ask::Look => Answer::Seen(self.view(now).map(Box::new)),
            Ask::Offer { proposal, by, is_declared } => {
                self.offer(now, (proposal, by, is_declared), known, &mut happened)
            }
            Ask::Find { offer, .. } => Self::find(&offer, known, &happened),
            Ask::Cancel { offer, by } => self.cancel(now, &offer, &by, known, &mut happened),
            Ask::Finish { interaction, by } => {
                self.finish(now, &interaction, Actor { cause: Cause::Routing, by: Some(&by) }, &mut happened);
                Answer::Seen(self.view(now).map(Box::new))
            }
            Ask::Choose { next, by } => {
                let actor = Actor { cause: Cause::Service, by: Some(&by) };
                match self.choose(now, next, actor, &mut happened) {
                    Err(Refusal::NotNow) if self.holder.is_none() => Answer::Nobody,
                    Err(why) => Answer::Refused(why),
                    Ok(()) => Answer::Seen(self.view(now).map(Box::new)),
                }
            }
        };
        self.tell(now, seen.as_ref(), happened).with(answer)
    }

    /// A page connects: either its session may go on, or the page is told what became of it.
    pub fn connect(&mut self, now: Timestamp, connect: Connect) -> Outcome<Result<(), Option<Ended>>> {
        let Connect { visitor, after } = connect;
        let seen = self.look();
        let mut happened = Happened::default();
        self.catch_up(now, None, &mut happened);
        let admitted = self.admit(now, visitor, &mut happened);
        if admitted.is_ok() {
            // A desk that has lost its count continues from the page's; otherwise its events would look like old ones.
            if self.holder.as_ref().is_some_and(|holder| holder.on_its_word) {
                self.last_event = self.last_event.max(after.min(MOST_COUNTED));
            }
            self.register(now, &mut happened);
            self.hear(now, &mut happened);
            self.claim_again(now);
        }
        self.tell(now, seen.as_ref(), happened).with(admitted)
    }

    /// The holder's socket has closed. That is its last sign of life, unless the page had fallen silent before: a
    /// network may give up a socket minutes after the other end has gone.
    pub fn disconnect(&mut self, now: Timestamp) -> Outcome<()> {
        let was_heard = self.holder.as_ref().is_some_and(|holder| matches!(holder.link, Link::Open { .. }));
        let seen = self.look();
        let mut happened = Happened::default();
        self.catch_up(now, was_heard.then_some(now), &mut happened);
        self.tell(now, seen.as_ref(), happened).with(())
    }

    /// The holder's page wants something. Each of its commands is applied once, however often it arrives.
    pub fn command(&mut self, now: Timestamp, command: Command) -> Outcome<Said> {
        let seen = self.look();
        let mut happened = Happened::default();
        self.catch_up(now, Some(now), &mut happened);
        let Command { id, ask } = command;
        let said = match self.apply(now, id, ask, &mut happened) {
            Ok(()) => Said::Done { id },
            Err(why) => Said::Refused { id, why },
        };
        self.tell(now, seen.as_ref(), happened).with(said)
    }

    fn apply(&mut self, now: Timestamp, id: u64, wish: Wish, happened: &mut Happened) -> Result<(), Refusal> {
        if let Some(holder) = self.holder.as_ref().filter(|holder| id <= holder.last_command) {
            let refused = holder.refused.iter().find(|(refused, _)| *refused == id);
            return refused.map_or(Ok(()), |(_, why)| Err(*why));
        }
        let answer = self.wish(now, wish, happened);
        if let Some(holder) = &mut self.holder {
            holder.last_command = id;
            if let Err(why) = answer {
                holder.refused.truncate(MOST_REFUSED - 1);
                holder.refused.insert(0, (id, why));
            }
        }
        answer
    }

    fn wish(&mut self, now: Timestamp, wish: Wish, happened: &mut Happened) -> Result<(), Refusal> {
        match wish {
            Wish::Ready => self.choose(now, Next::Ready, Actor::AGENT, happened),
            Wish::NotReady { reason } => self.choose(now, Next::NotReady { reason }, Actor::AGENT, happened),
            Wish::Stay => self.stay(now, happened),
            Wish::Accept { offer } => self.accept(now, &offer, happened),
            Wish::Reject { offer } => self.reject(now, &offer, happened),
            Wish::End { interaction } => {
                let ended = self.finish(now, &interaction, Actor::AGENT, happened);
                if ended { Ok(()) } else { Err(Refusal::NotNow) }
            }
            Wish::Extension { number } => self.choose_extension(now, number),
            Wish::Register => self.register_again(now, happened),
            Wish::Microphone(microphone) => {
                let holder = self.holder.as_mut().ok_or(Refusal::NotNow)?;
                holder.microphone = microphone;
                Ok(())
            }
        }
    }

    /// The desk as its page sees it; `None` if nobody holds it.
    #[must_use]
    pub fn view(&self, now: Timestamp) -> Option<View> {
        self.holder.as_ref().map(|holder| holder.view(now, self.lease, self.last_event))
    }

    /// The first event of the session that holds the desk; a page is never sent an earlier one.
    #[must_use]
    pub fn first_event(&self) -> u64 {
        self.holder.as_ref().map_or(u64::MAX, |holder| holder.first_event)
    }

    /// The oldest event that a page can have missed.
    #[must_use]
    pub fn oldest_event(&self) -> u64 {
        self.first_event().max(self.last_event.saturating_sub(MOST_EVENTS))
    }

    /// The number of the last event.
    #[must_use]
    pub const fn last_event(&self) -> u64 {
        self.last_event
    }

    /// The session that holds the desk.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.holder.as_ref().map(|holder| &holder.visitor.session)
    }

    /// The id of the session that holds the desk.
    #[must_use]
    pub fn holder(&self) -> Option<&SessionId> {
        self.session().map(|session| &session.sid)
    }

    fn note(&mut self, now: Timestamp, what: What, happened: &mut Happened) {
        self.last_event += 1;
        happened.events.push(Event { seq: self.last_event, at: now, what });
    }
}

#[cfg(test)]
mod tests;
