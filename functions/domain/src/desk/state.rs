//! What an agent is doing, and how that changes.

use kv_schema::Timestamp;
use kv_schema::names::ReasonCode;
use serde::{Deserialize, Serialize};

use super::offer::{Rejection, Verdict};
use super::{Cause, Desk, Happened, Refusal, RoutingId, Subject, What};

/// What an agent who is signed in is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Is busy: this workstation is being registered with the screen recorder.
    Registering,
    /// Takes no interaction.
    NotReady {
        /// Why not.
        reason: Reason,
    },
    /// Takes interactions.
    Ready,
    /// Is offered one.
    Offered {
        /// The offer.
        offer: RoutingId,
        /// What is offered.
        interaction: Subject,
        /// Until when they may answer.
        until: Timestamp,
    },
    /// Has one.
    InInteraction {
        /// Which one.
        interaction: Subject,
    },
    /// Has had one, and is finishing it.
    WrapUp {
        /// Which one.
        interaction: Subject,
        /// When it is over at the latest; `None` if it lasts as long as the agent wants.
        until: Option<Timestamp>,
    },
}

/// Why an agent is not ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Has just signed in and chosen nothing yet.
    SignedIn,
    /// Has chosen so, without saying why.
    Chosen,
    /// Has chosen so, for a reason on the instance's list.
    Named(ReasonCode),
    /// The desktop is silent.
    ConnectionLost,
    /// Was offered an interaction and did not answer.
    NoAnswer,
    /// Something that being ready takes was lost.
    Unmet,
}

/// A state that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Ready.
    Ready,
    /// Not ready.
    NotReady {
        /// Why, from the instance's list.
        reason: Option<ReasonCode>,
    },
}

impl State {
    /// Whether there is an interaction.
    #[must_use]
    pub const fn is_in_interaction(&self) -> bool {
        matches!(self, Self::InInteraction { .. })
    }

    /// Whether there is an interaction, an offer or a wrap-up, which nothing may interrupt.
    #[must_use]
    pub const fn is_engaged(&self) -> bool {
        matches!(self, Self::Offered { .. } | Self::InInteraction { .. } | Self::WrapUp { .. })
    }

    /// When it ends by itself.
    pub(super) const fn limit(&self) -> Option<Timestamp> {
        match self {
            Self::Offered { until, .. } => Some(*until),
            Self::WrapUp { until, .. } => *until,
            _ => None,
        }
    }
}

impl From<Next> for State {
    fn from(next: Next) -> Self {
        match next {
            Next::Ready => Self::Ready,
            Next::NotReady { reason } => Self::NotReady { reason: reason.map_or(Reason::Chosen, Reason::Named) },
        }
    }
}

/// Who or what changes a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Actor<'a> {
    pub(super) cause: Cause,
    /// Its name, if it is neither the agent nor the desk.
    pub(super) by: Option<&'a str>,
}

impl Actor<'static> {
    pub(super) const AGENT: Self = Self::of(Cause::Agent);
    pub(super) const CONNECTION: Self = Self::of(Cause::Connection);
    pub(super) const LIMIT: Self = Self::of(Cause::Limit);

    pub(super) const fn of(cause: Cause) -> Self {
        Self { cause, by: None }
    }
}

impl Desk {
    /// The agent, or a service on their behalf, chooses a state: for now, or during an interaction for afterwards.
    pub(super) fn choose(
        &mut self,
        now: Timestamp,
        next: Next,
        actor: Actor<'_>,
        happened: &mut Happened,
    ) -> Result<(), Refusal> {
        let holder = self.holder.as_mut().ok_or(Refusal::NotNow)?;
        if let Next::NotReady { reason: Some(reason) } = &next
            && !holder.visitor.policy.reasons.contains(reason)
        {
            return Err(Refusal::NotAllowed);
        }
        match holder.state {
            State::Registering => Err(Refusal::NotNow),
            State::Offered { .. } | State::InInteraction { .. } => {
                self.choose_next(now, Some(next), happened);
                Ok(())
            }
            _ if next == Next::Ready && holder.lacks_something() => Err(Refusal::Missing),
            _ => {
                self.change(now, next.into(), actor, happened);
                Ok(())
            }
        }
    }

    fn choose_next(&mut self, now: Timestamp, next: Option<Next>, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        if holder.next != next {
            holder.next.clone_from(&next);
            self.note(now, What::Next { next }, happened);
        }
    }

    /// Ends a state that has a limit, once that is reached.
    pub(super) fn mind_limit(&mut self, now: Timestamp, happened: &mut Happened) {
        let Some(holder) = &self.holder else { return };
        if holder.state.limit().is_none_or(|limit| now < limit) {
            return;
        }
        match holder.state.limit() {
            Some(limit) if matches!(holder.state, State::Offered { .. }) => self.time_out(now, limit, happened),
            // Whoever had the interaction was ready for it, and is ready again.
            _ => self.change(now, State::Ready, Actor::LIMIT, happened),
        }
    }

    /// The interaction is over: the agent goes to the state chosen for afterwards, or to wrap-up. Saying so twice does
    /// no harm. Returns whether it was there to end.
    pub(super) fn finish(
        &mut self,
        now: Timestamp,
        interaction: &RoutingId,
        actor: Actor<'_>,
        happened: &mut Happened,
    ) -> bool {
        let Some(holder) = &mut self.holder else { return false };
        match &holder.state {
            State::InInteraction { interaction: running } if running.id == *interaction => {
                let interaction = running.clone();
                let until = holder.visitor.policy.wrap_up_seconds.map(|seconds| now.plus(seconds.into()));
                let after = holder.next.take().map_or(State::WrapUp { interaction, until }, State::from);
                self.change(now, after, actor, happened);
                true
            }
            _ => false,
        }
    }

    /// Changes the agent's state. While the desktop is silent, an agent who is not engaged is not ready, and the state
    /// that was meant waits for them to come back.
    pub(super) fn change(&mut self, now: Timestamp, meant: State, actor: Actor<'_>, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        let was_engaged = holder.state.is_engaged();
        let meant = holder.under_recorder(meant);
        let meant = holder.gated(meant);
        let state = holder.under_presence(meant);
        if holder.state == state {
            return;
        }
        holder.state = state.clone();
        holder.state_since = now;
        let is_engaged = state.is_engaged();
        let next = holder.next.take().filter(|_| is_engaged);
        holder.next.clone_from(&next);
        if !matches!(state, State::Offered { .. }) {
            self.decide(now, Verdict::Rejected, Some(Rejection::of(&state)), happened);
        }
        self.note(now, What::State { state, cause: actor.cause, by: actor.by.map(str::to_owned) }, happened);
        if next.is_some() {
            // Pages assume that a change has used up what was chosen; if it still waits, they are told again.
            self.note(now, What::Next { next }, happened);
        }
        if was_engaged && !is_engaged {
            self.end_waiting(now, happened);
        }
    }
}
