//! What the page is shown besides the agent's state, and what keeps the agent from being ready (D4).

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use serde::{Deserialize, Serialize};

use super::line::LineView;
use super::state::Actor;
use super::{Cause, Code, Desk, Happened, Holder, Reason, Recorder, State, Status, What};

/// What a page is shown, at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    sid: SessionId,
    line: Option<LineView>,
    recorder: Option<(Status, Timestamp, Option<Code>, u32)>,
    missing: Vec<Missing>,
}

/// Something that keeps an agent from being ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The workstation is not registered with the screen recorder.
    Recorder {
        /// How it stands.
        why: Status,
    },
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
    pub(super) fn missing(&self) -> Vec<Missing> {
        self.lacks_recorder().map(|why| Missing::Recorder { why }).into_iter().collect()
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
        Some(Seen {
            sid: holder.visitor.session.sid.clone(),
            line: holder.line_view(),
            recorder: holder.recorder.as_ref().map(Recorder::mark),
            missing: holder.missing(),
        })
    }

    /// Tells the page what it is shown now and was not `before`. Another session's page sees it when it connects.
    pub(super) fn tell(&mut self, now: Timestamp, before: Option<&Seen>, mut happened: Happened) -> Happened {
        let (Some(before), Some(after)) = (before, self.look()) else { return happened };
        if after.sid != before.sid {
            return happened;
        }
        if after.line != before.line {
            self.note(now, What::Extension(after.line), &mut happened);
        }
        if after.recorder != before.recorder
            && let Some(recorder) = self.holder.as_ref().and_then(Holder::recorder_view)
        {
            self.note(now, What::Recorder(recorder), &mut happened);
        }
        if after.missing != before.missing {
            self.note(now, What::Missing(after.missing), &mut happened);
        }
        happened
    }

    /// Something that ready needs may have been lost: whoever is ready, or is offered something, is not any more then.
    pub(super) fn mind_gate(&mut self, now: Timestamp, cause: Cause, happened: &mut Happened) {
        let Some(holder) = &self.holder else { return };
        if matches!(holder.state, State::Ready | State::Offered { .. }) && !holder.missing().is_empty() {
            self.change(now, State::Ready, Actor::of(cause), happened);
        }
    }
}
