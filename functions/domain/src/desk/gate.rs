//! What keeps an agent from being ready (D4), and what their page is shown about it.
//!
//! An agent is ready only with everything that it takes: an extension that is held and, for a browser phone, a
//! microphone that delivers sound. Losing one takes them out of ready; getting it back makes them ready again. An
//! interaction or a wrap-up is not interrupted. Out of scope: the status of each, which is for its own module.

use kv_schema::Timestamp;
use kv_schema::directory::ExtensionKind;
use kv_schema::names::SessionId;
use serde::{Deserialize, Serialize};

use super::line::{Lack, LineView, Why};
use super::state::Actor;
use super::{Cause, Code, Desk, Happened, Holder, Reason, Recorder, State, Status, What};

/// What a page is shown, at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    sid: SessionId,
    line: Option<LineView>,
    recorder: Option<(Status, Timestamp, Option<Code>, u32, bool)>,
    microphone: MicrophoneView,
    missing: Vec<Missing>,
}

/// Something that keeps an agent from being ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The extension is not held.
    Extension(Lack),
    /// The workstation is not registered with the screen recorder.
    Recorder {
        /// Its status.
        why: Status,
    },
    /// The microphone does not deliver sound.
    Microphone {
        /// Its status.
        why: Microphone,
    },
}

/// The microphone as the page sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MicrophoneView {
    /// Whether the agent is only ready with one.
    pub needed: bool,
    /// Its status.
    pub state: Microphone,
}

/// The status of the microphone, as the page has found it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Microphone {
    /// The agent has not been asked for it yet.
    #[default]
    Unasked,
    /// It delivers sound.
    Working,
    /// It delivers only silence: the system has muted it.
    Silent,
    /// The agent or the browser does not allow it.
    Denied,
    /// There is none.
    Absent,
    /// Another application has it.
    InUse,
    /// It was there, and no longer is.
    Lost,
}

impl Holder {
    /// What keeps the agent from being ready; empty if nothing does. An agent with an extension needs to hold it; one
    /// without needs one only if operators say so.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let none = || Lack { why: Why::None, free_at: None, is_silent: false, by: None };
        let extension = match &self.line {
            Some(line) => line.lack(),
            None => self.visitor.policy.needs_extension.then(none),
        };
        let MicrophoneView { needed, state } = self.microphone_view();
        let microphone = (needed && state != Microphone::Working).then_some(Missing::Microphone { why: state });
        let recorder = self.lacks_recorder().map(|why| Missing::Recorder { why });
        [extension.map(Missing::Extension), recorder, microphone].into_iter().flatten().collect()
    }

    /// Whether something is missing that will not come by itself. While the lease is still being asked, an agent may
    /// choose to be ready, and becomes so when it answers.
    pub(super) fn lacks_something(&self) -> bool {
        let comes = |missing: &Missing| matches!(missing, Missing::Extension(lack) if lack.why == Why::Asking);
        self.missing().iter().any(|missing| !comes(missing))
    }

    /// The microphone as the page sees it.
    pub(super) fn microphone_view(&self) -> MicrophoneView {
        let line = self.line.as_ref().filter(|line| line.is_held());
        let needed = line.is_some_and(|line| line.kind == Some(ExtensionKind::BrowserPhone));
        MicrophoneView { needed, state: self.microphone }
    }

    /// The state of an agent who means to be in `meant`, given what they lack.
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
            microphone: holder.microphone_view(),
            missing: holder.missing(),
        })
    }

    /// Tells the page what has changed since `before`, and brings the agent's state in line with what is missing.
    /// Another session's page sees it when it connects.
    pub(super) fn tell(&mut self, now: Timestamp, before: Option<&Seen>, mut happened: Happened) -> Happened {
        let (Some(before), Some(after)) = (before, self.look()) else { return happened };
        if after.sid != before.sid {
            return happened;
        }
        let is_missing = !after.missing.is_empty();
        let cause = if after.recorder != before.recorder {
            Cause::Recorder
        } else if after.line == before.line && after.microphone != before.microphone {
            Cause::Microphone
        } else {
            Cause::Extension
        };
        if after.line != before.line {
            self.note(now, What::Extension(after.line), &mut happened);
        }
        if after.microphone != before.microphone {
            self.note(now, What::Microphone(after.microphone), &mut happened);
        }
        if after.recorder != before.recorder
            && let Some(recorder) = self.holder.as_ref().and_then(Holder::recorder_view)
        {
            self.note(now, What::Recorder(recorder), &mut happened);
        }
        if after.missing != before.missing {
            self.note(now, What::Missing(after.missing), &mut happened);
        }
        self.regate(now, is_missing, Actor::of(cause), &mut happened);
        happened
    }

    /// Takes an agent who lacks something out of ready, and makes one ready again who no longer does.
    fn regate(&mut self, now: Timestamp, is_missing: bool, actor: Actor<'_>, happened: &mut Happened) {
        let state = self.holder.as_ref().map(|holder| &holder.state);
        match (state, is_missing) {
            (Some(State::Ready), true) | (Some(State::NotReady { reason: Reason::Unmet }), false) => {
                self.change(now, State::Ready, actor, happened);
            }
            // An agent who took the call would not hear it: routing finds somebody else.
            (Some(State::Offered { .. }), true) => {
                let after = self.state_afterwards();
                self.change(now, after, actor, happened);
            }
            _ => {}
        }
    }
}
