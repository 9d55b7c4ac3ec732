//! What the page is shown besides the agent's state, and what keeps the agent from being ready (D4).

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use serde::{Deserialize, Serialize};

use super::line::LineView;
use super::{Desk, Happened, Holder, Reason, State, What};

/// What a page is shown, at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    sid: SessionId,
    line: Option<LineView>,
}

/// Something that keeps an agent from being ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The microphone does not deliver sound.
    Microphone {
        /// How it stands with it.
        why: Microphone,
    },
}

/// How it stands with the microphone, as the page has found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Microphone {
    /// The agent was not asked for it yet.
    Unasked,
    /// It delivers sound.
    Working,
    /// It delivers nothing but silence: the system has muted it.
    Silent,
    /// The agent, or the browser, does not allow it.
    Denied,
    /// There is none.
    Absent,
    /// Another application has it.
    InUse,
    /// It was there, and is not any more.
    Lost,
}

impl Holder {
    /// What keeps the agent from being ready; nothing where it is empty.
    #[expect(clippy::unused_self, reason = "nothing is needed yet")]
    pub(super) const fn missing(&self) -> Vec<Missing> {
        Vec::new()
    }

    /// What an agent is doing who means to be in `meant`, as far as they have what it needs.
    pub(super) fn gated(&self, meant: State) -> State {
        if meant == State::Ready && !self.missing().is_empty() {
            State::NotReady { reason: Reason::Unmet }
        } else {
            meant
        }
    }
}

impl Desk {
    /// What the page is shown now.
    pub(super) fn look(&self) -> Option<Seen> {
        let holder = self.holder.as_ref()?;
        Some(Seen { sid: holder.visitor.session.sid.clone(), line: holder.line_view() })
    }

    /// Tells the page what it is shown now and was not `before`. Another session's page sees it when it connects.
    pub(super) fn tell(&mut self, now: Timestamp, before: Option<&Seen>, mut happened: Happened) -> Happened {
        let (Some(before), Some(after)) = (before, self.look()) else { return happened };
        if after.sid == before.sid && after.line != before.line {
            self.note(now, What::Extension(after.line), &mut happened);
        }
        happened
    }
}
