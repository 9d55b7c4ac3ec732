//! Offers: routing offers an interaction to the agent, and each offer has exactly one outcome.
//!
//! An offer is identified by its id, and stays the same however often it is sent. The desk itself remembers only the
//! one waiting for an answer; all others live outside, each in its own row, and are handed in when one is asked about.

use kv_schema::Timestamp;
use serde::{Deserialize, Serialize};

use super::presence::LATE;
use super::state::Actor;
use super::{Answer, Cause, Desk, Happened, Reason, Refusal, RoutingId, State, Subject, What};

/// Seconds that an agent has to answer, if routing does not say.
pub const USUAL_SECONDS: u32 = 20;

/// The most seconds that an agent can be given to answer.
pub const MOST_SECONDS: u32 = 300;

/// Seconds for which an offer is remembered, at least.
pub const REMEMBERED_SECONDS: u64 = 24 * 3600;

/// How many offers a desk remembers within that time. It takes no more: forgetting one early would give it a second
/// outcome.
pub const MOST_OFFERS: u64 = 20_000;

/// An offer as routing makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its id, chosen by routing. Another attempt with the same interaction is another offer.
    pub id: RoutingId,
    /// What is offered.
    pub interaction: Subject,
    /// Seconds that the agent has to answer: 1 to [`MOST_SECONDS`].
    #[serde(default = "usual_seconds")]
    pub seconds: u32,
}

const fn usual_seconds() -> u32 {
    USUAL_SECONDS
}

/// An offer that was made, as it stands and as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its id.
    pub id: RoutingId,
    /// What is offered.
    pub interaction: Subject,
    /// Seconds that the agent has to answer.
    pub seconds: u32,
    /// The service that made it.
    pub by: String,
    /// When it was made.
    pub at: Timestamp,
    /// What came of it; `None` while it waits for an answer.
    pub outcome: Option<Verdict>,
    /// Why it was rejected, if it was.
    pub reason: Option<Rejection>,
    /// When that was decided.
    pub decided: Option<Timestamp>,
}

/// What came of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The agent has the interaction.
    Accepted,
    /// The agent does not take it.
    Rejected,
    /// Nobody answered in time.
    TimedOut,
    /// Routing took it back.
    Cancelled,
}

/// Why an offer was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The workstation is being registered with the screen recorder.
    Registering,
    /// The agent is not ready, or no longer ready.
    NotReady,
    /// The agent already has an offer, an interaction or a wrap-up.
    Engaged,
    /// Nobody is signed in, or the session has ended meanwhile.
    Gone,
    /// The agent declined it.
    Agent,
    /// The desktop was lost before there was an answer, or has been silent for a while.
    ConnectionLost,
}

impl Rejection {
    /// Why an agent in this state does not take an offer.
    pub(super) const fn of(state: &State) -> Self {
        match state {
            State::Registering => Self::Registering,
            State::NotReady { reason: Reason::ConnectionLost } => Self::ConnectionLost,
            State::NotReady { .. } | State::Ready => Self::NotReady,
            State::Offered { .. } | State::InInteraction { .. } | State::WrapUp { .. } => Self::Engaged,
        }
    }
}

/// What is stored outside the desk about the offer in question.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The offer in question.
    pub offer: Option<Offer>,
    /// Whether [`MOST_OFFERS`] are already remembered.
    pub is_full: bool,
}

impl Offer {
    fn new(proposal: Proposal, by: String, now: Timestamp) -> Self {
        let Proposal { id, interaction, seconds } = proposal;
        Self { id, interaction, seconds, by, at: now, outcome: None, reason: None, decided: None }
    }

    /// Whether it is what `by` proposes.
    fn is(&self, proposal: &Proposal, by: &str) -> bool {
        self.interaction == proposal.interaction && self.seconds == proposal.seconds && self.by == by
    }
}

impl Known {
    /// The offer `id` as it stands after what has just happened.
    fn found(self, id: &RoutingId, happened: &Happened) -> Option<Offer> {
        happened.offers.iter().rev().find(|offer| offer.id == *id).cloned().or(self.offer)
    }
}

impl Desk {
    /// Routing offers an interaction: it is delivered to an agent who is ready, and rejected at once for any other. An
    /// agent who is not even declared gets no offers; `is_declared` only matters if nobody is signed in.
    pub(super) fn offer(
        &mut self,
        now: Timestamp,
        (proposal, by, is_declared): (Proposal, String, bool),
        known: Known,
        happened: &mut Happened,
    ) -> Answer {
        let is_full = known.is_full;
        if let Some(offer) = known.found(&proposal.id, happened) {
            return if offer.is(&proposal, &by) { Answer::Offer(Box::new(offer)) } else { Answer::Differs };
        }
        if is_full {
            return Answer::Full;
        }
        let is_doubtful = self.holder.as_ref().is_some_and(|holder| holder.is_doubtful(now));
        let why = match self.holder.as_ref().map(|holder| &holder.state) {
            // It would wait for somebody who may never see it, while another agent could take it.
            Some(State::Ready) if is_doubtful => Some(Rejection::ConnectionLost),
            Some(State::Ready) => None,
            Some(State::NotReady { .. }) => Some(Rejection::NotReady),
            Some(state) => Some(Rejection::of(state)),
            None if is_declared => Some(Rejection::Gone),
            None => return Answer::Nobody,
        };
        let mut offer = Offer::new(proposal, by, now);
        if why.is_some() {
            (offer.outcome, offer.reason, offer.decided) = (Some(Verdict::Rejected), why, Some(now));
            happened.offers.push(offer.clone());
        } else {
            happened.offers.push(offer.clone());
            self.deliver(now, offer.clone(), happened);
        }
        Answer::Offer(Box::new(offer))
    }

    fn deliver(&mut self, now: Timestamp, offer: Offer, happened: &mut Happened) {
        let until = now.plus(offer.seconds.into());
        let state = State::Offered { offer: offer.id.clone(), interaction: offer.interaction.clone(), until };
        let by = offer.by.clone();
        if let Some(holder) = &mut self.holder {
            holder.offer = Some(offer);
        }
        self.change(now, state, Actor { cause: Cause::Routing, by: Some(&by) }, happened);
    }

    /// The offer `id` as it stands.
    pub(super) fn find(id: &RoutingId, known: Known, happened: &Happened) -> Answer {
        known.found(id, happened).map_or(Answer::Unknown, |offer| Answer::Offer(Box::new(offer)))
    }

    /// Routing takes an offer back, unless it has already been answered.
    pub(super) fn cancel(
        &mut self,
        now: Timestamp,
        id: &RoutingId,
        by: &str,
        known: Known,
        happened: &mut Happened,
    ) -> Answer {
        if self.waits_for(id) {
            self.decide(now, Verdict::Cancelled, None, happened);
            let after = self.state_afterwards();
            self.change(now, after, Actor { cause: Cause::Routing, by: Some(by) }, happened);
        }
        Self::find(id, known, happened)
    }

    /// The agent takes the offer.
    pub(super) fn accept(&mut self, now: Timestamp, id: &RoutingId, happened: &mut Happened) -> Result<(), Refusal> {
        let offer = self.holder.as_ref().and_then(|holder| holder.offer.as_ref()).filter(|offer| offer.id == *id);
        let interaction = offer.ok_or(Refusal::Gone)?.interaction.clone();
        self.decide(now, Verdict::Accepted, None, happened);
        self.change(now, State::InInteraction { interaction }, Actor::AGENT, happened);
        Ok(())
    }

    /// The agent declines the offer.
    pub(super) fn reject(&mut self, now: Timestamp, id: &RoutingId, happened: &mut Happened) -> Result<(), Refusal> {
        if !self.waits_for(id) {
            return Err(Refusal::Gone);
        }
        self.decide(now, Verdict::Rejected, Some(Rejection::Agent), happened);
        let after = self.state_afterwards();
        self.change(now, after, Actor::AGENT, happened);
        Ok(())
    }

    /// Nobody answered by `limit`: the agent is no longer ready, or they would get the next offer as well.
    pub(super) fn time_out(&mut self, now: Timestamp, limit: Timestamp, happened: &mut Happened) {
        let is_doubtful = self.holder.as_ref().is_some_and(|holder| holder.is_doubtful(now));
        if is_doubtful && now.since(limit) <= LATE {
            return self.give_up(now, happened);
        }
        self.decide(now, Verdict::TimedOut, None, happened);
        let after = match self.state_afterwards() {
            // If it was the desk that was away, nobody could have answered.
            State::Ready if now.since(limit) <= LATE => State::NotReady { reason: Reason::NoAnswer },
            chosen => chosen,
        };
        self.change(now, after, Actor::LIMIT, happened);
    }

    /// The desktop may be away: the offer goes to somebody else, and the agent is not blamed for letting it ring.
    pub(super) fn give_up(&mut self, now: Timestamp, happened: &mut Happened) {
        self.decide(now, Verdict::Rejected, Some(Rejection::ConnectionLost), happened);
        let after = self.state_afterwards();
        self.change(now, after, Actor::CONNECTION, happened);
    }

    /// What the agent will be doing once an offer that they do not take is over.
    pub(super) fn state_afterwards(&mut self) -> State {
        self.holder.as_mut().and_then(|holder| holder.next.take()).map_or(State::Ready, State::from)
    }

    /// The one place where a delivered offer gets its outcome. From then on it no longer waits for one.
    pub(super) fn decide(
        &mut self,
        now: Timestamp,
        outcome: Verdict,
        reason: Option<Rejection>,
        happened: &mut Happened,
    ) {
        let Some(mut offer) = self.holder.as_mut().and_then(|holder| holder.offer.take()) else { return };
        (offer.outcome, offer.reason, offer.decided) = (Some(outcome), reason, Some(now));
        self.note(now, What::Offer { offer: offer.id.clone(), outcome, reason }, happened);
        happened.offers.push(offer);
    }

    /// Until when the offer `id` waits for an answer; `None` if it does not.
    #[must_use]
    pub fn waits_until(&self, id: &RoutingId) -> Option<Timestamp> {
        if self.waits_for(id) { self.holder.as_ref()?.state.limit() } else { None }
    }

    fn waits_for(&self, id: &RoutingId) -> bool {
        self.holder.as_ref().and_then(|holder| holder.offer.as_ref()).is_some_and(|offer| offer.id == *id)
    }
}
