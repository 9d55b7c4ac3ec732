//! The session that holds a desk.

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Due, Line, Microphone, Next, Occupant, Offer, Reason, Recorder, Refusal, State, View, Visitor,
};

/// The session that holds a desk, and what the agent is doing in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Holder {
    /// The session. The hard end in its record is the one in force.
    pub(super) visitor: Visitor,
    /// Since when it holds the desk.
    pub(super) since: Timestamp,
    /// The number of its first event.
    pub(super) first_event: u64,
    /// What the agent is doing.
    pub(super) state: State,
    /// When that began.
    pub(super) state_since: Timestamp,
    /// What they have chosen to do after the interaction.
    pub(super) next: Option<Next>,
    /// The offer waiting for an answer.
    #[serde(default)]
    pub(super) offer: Option<Offer>,
    /// The screen recorder of its workstation; `None` if there is none.
    #[serde(default)]
    pub(super) recorder: Option<Recorder>,
    /// What the agent will be doing once the workstation is registered.
    #[serde(default)]
    pub(super) afterwards: Option<State>,
    /// Whether the desktop is heard from.
    pub(super) link: Link,
    /// Minutes by which the agent may still move the hard end.
    pub(super) overtime_minutes: u32,
    /// The number of the last command applied or refused.
    pub(super) last_command: u64,
    /// The last commands that were refused, newest first.
    #[serde(default)]
    pub(super) refused: Vec<(u64, Refusal)>,
    /// The hard end that would have applied, while it waits.
    #[serde(default)]
    pub(super) due_end: Option<Timestamp>,
    /// Whether the desk took the session on its token's word. If so, KV is checked for a tombstone before it is
    /// written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) on_its_word: bool,
    /// The extension that it takes calls on, or would take them on.
    #[serde(default)]
    pub(super) line: Option<Line>,
    /// Another extension, which the agent has asked for while still holding the former.
    #[serde(default)]
    pub(super) asked: Option<Line>,
    /// The microphone, as the page has found it.
    #[serde(default)]
    pub(super) microphone: Microphone,
    /// Set while KV has yet to take the session's record.
    pub(super) unwritten: Option<Due>,
}

/// Whether the desktop is heard from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Link {
    /// It has not connected yet.
    Never {
        /// What the agent will be doing once it does.
        meant: State,
        /// Since when it could have connected.
        #[serde(default)]
        awaited: Timestamp,
        /// When the desk last looked.
        #[serde(default)]
        looked: Timestamp,
    },
    /// It is heard.
    Open {
        /// When it was last heard.
        heard: Timestamp,
    },
    /// It has been silent for suspiciously long.
    Suspect {
        /// When it was last heard.
        heard: Timestamp,
    },
    /// It has been silent for so long that the agent is not ready.
    Lost {
        /// When it was last heard.
        heard: Timestamp,
        /// When the desk last looked.
        looked: Timestamp,
        /// What the agent will be doing when they come back, if that is not what they are doing now.
        meant: Option<State>,
    },
}

impl Holder {
    pub(super) fn is(&self, sid: &SessionId) -> bool {
        self.visitor.session.sid == *sid
    }

    /// When it next needs looking at.
    pub(super) fn dues(&self) -> impl Iterator<Item = Timestamp> {
        [Some(self.silence_due()), Some(self.hard_end_due()), self.state.limit()].into_iter().flatten()
    }

    /// What the agent would be doing if the desktop were heard and its workstation registered.
    pub(super) fn meant_state(&self) -> State {
        let meant = match &self.link {
            Link::Never { meant, .. } | Link::Lost { meant: Some(meant), .. } if !self.state.is_engaged() => meant,
            _ => &self.state,
        };
        if *meant == State::Registering { self.after_registering() } else { meant.clone() }
    }

    /// The state of an agent who means to be in `meant`, given whether the desktop is heard.
    pub(super) fn under_presence(&mut self, meant: State) -> State {
        match &mut self.link {
            Link::Never { meant: kept, .. } => {
                kept.clone_from(&meant);
                // Nobody is ready before their desktop has been heard.
                if meant == State::Ready { State::NotReady { reason: Reason::SignedIn } } else { meant }
            }
            Link::Lost { meant: kept, .. } if !meant.is_engaged() => {
                *kept = Some(meant);
                State::NotReady { reason: Reason::ConnectionLost }
            }
            _ => meant,
        }
    }

    pub(super) fn connection(&self) -> Connection {
        match self.link {
            Link::Never { .. } => Connection::Awaited,
            Link::Open { .. } => Connection::Open,
            Link::Suspect { .. } => Connection::Suspect,
            Link::Lost { .. } => Connection::Lost,
        }
    }

    pub(super) fn occupant(&self, lease: u64) -> Occupant {
        let silent_since = match self.link {
            Link::Suspect { heard } | Link::Lost { heard, .. } => Some(heard),
            Link::Never { .. } | Link::Open { .. } => None,
        };
        let (browser, since, state) = (self.visitor.browser, self.since, self.state.clone());
        Occupant { lease, browser, since, state, silent_since }
    }

    pub(super) fn view(&self, now: Timestamp, lease: u64, seq: u64) -> View {
        View {
            now,
            seq,
            applied: self.last_command,
            lease,
            sid: self.visitor.session.sid.clone(),
            install: self.visitor.session.install.clone(),
            browser: self.visitor.browser,
            state: self.state.clone(),
            state_since: self.state_since,
            next: self.next.clone(),
            since: self.since,
            hard_end: self.visitor.session.hard_end,
            waits: self.due_end.is_some(),
            overtime: self.overtime_minutes,
            connection: self.connection(),
            logged_out_seconds: self.visitor.policy.presence.logged_out_seconds,
            extension: self.line_view(),
            microphone: self.microphone_view(),
            missing: self.missing(),
            recorder: self.recorder_view(),
        }
    }
}
