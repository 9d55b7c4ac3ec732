//! What an agent is doing, and how that changes.

use kv_schema::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, Cause, Desk, Happened, InteractionId, Refusal, What};

/// What an agent who is signed in is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Takes no interaction.
    NotReady {
        /// Why not.
        reason: Reason,
    },
    /// Takes interactions.
    Ready,
    /// Has one.
    InInteraction {
        /// Which one.
        interaction: InteractionId,
    },
    /// Has had one, and is finishing it.
    WrapUp {
        /// Which one.
        interaction: InteractionId,
    },
}

/// Why an agent is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Has just signed in and not said anything yet.
    SignedIn,
    /// Has said so.
    Chosen,
    /// The desktop is not heard from.
    ConnectionLost,
}

/// A state that an agent can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Next {
    /// Ready.
    Ready,
    /// Not ready.
    NotReady,
}

impl State {
    /// Whether there is an interaction, or its wrap-up.
    #[must_use]
    pub const fn is_engaged(&self) -> bool {
        matches!(self, Self::InInteraction { .. } | Self::WrapUp { .. })
    }
}

impl From<Next> for State {
    fn from(next: Next) -> Self {
        match next {
            Next::Ready => Self::Ready,
            Next::NotReady => Self::NotReady { reason: Reason::Chosen },
        }
    }
}

impl Desk {
    /// The agent chooses a state: at once, or during an interaction for afterwards.
    pub(super) fn choose(&mut self, now: Timestamp, next: Next, happened: &mut Happened) -> Result<(), Refusal> {
        let holder = self.holder.as_mut().ok_or(Refusal::NotNow)?;
        if matches!(holder.state, State::InInteraction { .. }) {
            if holder.next != Some(next) {
                holder.next = Some(next);
                self.note(now, What::Next { next: Some(next) }, happened);
            }
            return Ok(());
        }
        self.change(now, next.into(), Cause::Agent, happened);
        Ok(())
    }

    /// Routing has connected an interaction. Only an agent who is ready, and heard, takes one.
    pub(super) fn engage(&mut self, now: Timestamp, interaction: InteractionId, happened: &mut Happened) -> Answer {
        let Some(holder) = &self.holder else { return Answer::NotNow(None) };
        match &holder.state {
            State::InInteraction { interaction: running } if *running == interaction => Answer::Done,
            State::Ready => {
                self.change(now, State::InInteraction { interaction }, Cause::Routing, happened);
                Answer::Done
            }
            state => Answer::NotNow(Some(state.clone())),
        }
    }

    /// The interaction is over: what was chosen for afterwards, or wrap-up. Saying so twice does no harm.
    pub(super) fn release(&mut self, now: Timestamp, interaction: &InteractionId, happened: &mut Happened) -> Answer {
        let Some(holder) = &mut self.holder else { return Answer::NotNow(None) };
        match &holder.state {
            State::InInteraction { interaction: running } if running == interaction => {
                let next = holder.next.take();
                let after = next.map_or(State::WrapUp { interaction: interaction.clone() }, State::from);
                self.change(now, after, Cause::Routing, happened);
                Answer::Done
            }
            State::InInteraction { .. } => Answer::NotNow(Some(holder.state.clone())),
            _ => Answer::Done,
        }
    }

    /// The agent is in another state now. While the desktop is not heard, one that is not engaged is not ready, and what
    /// they are in waits for them to come back.
    pub(super) fn change(&mut self, now: Timestamp, meant: State, cause: Cause, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        let was_engaged = holder.state.is_engaged();
        let state = holder.under_presence(meant);
        if holder.state == state {
            return;
        }
        holder.state = state.clone();
        holder.state_since = now;
        let is_engaged = state.is_engaged();
        self.note(now, What::State { state, cause }, happened);
        if was_engaged && !is_engaged {
            self.end_waiting(now, happened);
        }
    }
}
