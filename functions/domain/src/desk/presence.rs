//! Truthful presence (D5): it depends on how long a desktop has been silent, whatever its browser does.

use kv_schema::Timestamp;

use super::state::Actor;
use super::{Cause, Connection, Desk, Ending, Happened, Holder, Link, State, What};

/// Seconds by which the desk itself may be woken late. Beyond that, the desk was away, not the desktop.
pub(super) const LATE: u64 = 10;

/// Seconds of silence after which it is doubtful that a desktop would see an offer; it sends a sign of life every ten.
const DOUBT: u64 = 13;

impl Holder {
    /// Whether the desktop may be away, even if nothing says so yet.
    pub(super) fn is_doubtful(&self, now: Timestamp) -> bool {
        let is_open = matches!(self.link, Link::Open { .. });
        !is_open || self.heard().is_some_and(|heard| now.since(heard) >= DOUBT)
    }

    pub(super) fn heard(&self) -> Option<Timestamp> {
        match self.link {
            Link::Never { .. } => None,
            Link::Open { heard } | Link::Suspect { heard } | Link::Lost { heard, .. } => Some(heard),
        }
    }

    /// Since when there has been no sign of the desktop. One that has never sent any could have done so since the
    /// login.
    pub(super) fn silent_since(&self) -> Timestamp {
        match self.link {
            Link::Never { awaited, .. } => awaited.max(self.since),
            Link::Open { heard } | Link::Suspect { heard } | Link::Lost { heard, .. } => heard,
        }
    }

    /// When the silence may next change its meaning.
    pub(super) fn silence_due(&self) -> Timestamp {
        let presence = &self.visitor.policy.presence;
        let after = |since: Timestamp, seconds: u32| since.plus(seconds.into());
        match self.link {
            Link::Open { heard } => after(heard, presence.suspect_seconds),
            Link::Suspect { heard } => after(heard, presence.not_ready_seconds),
            // It is looked at in between; otherwise a desk that was away meanwhile would not notice that it was.
            Link::Never { looked, .. } | Link::Lost { looked, .. } => {
                after(self.silent_since(), presence.logged_out_seconds).min(after(looked, presence.suspect_seconds))
            }
        }
    }

    fn set_heard(&mut self, at: Timestamp) {
        match &mut self.link {
            Link::Never { .. } => {}
            Link::Open { heard } | Link::Suspect { heard } | Link::Lost { heard, .. } => *heard = (*heard).max(at),
        }
    }
}

impl Desk {
    /// If the desk was woken later than it was due, it was itself asleep (its object moved, or its host down) and could
    /// hear nobody: that time does not count as silence.
    pub(super) fn excuse_absence(&mut self, now: Timestamp) {
        let Some(holder) = &mut self.holder else { return };
        let late = now.since(holder.silence_due());
        if late > LATE {
            let excused = holder.silent_since().plus(late).min(now);
            match &mut holder.link {
                Link::Never { awaited, .. } => *awaited = excused,
                _ => holder.set_heard(excused),
            }
        }
    }

    /// Records when the holder's desktop was last heard, and acts on what its silence means by now.
    pub(super) fn listen(&mut self, now: Timestamp, heard: Option<Timestamp>, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        if let Some(heard) = heard {
            holder.set_heard(heard);
        }
        let presence = holder.visitor.policy.presence;
        let silence = now.since(holder.silent_since());
        if silence >= presence.logged_out_seconds.into() {
            self.end(now, Ending::connection_lost(), happened);
            return;
        }
        // Nobody assumes that a desktop is there that has never connected.
        if let Link::Never { looked, .. } = &mut holder.link {
            *looked = now;
        }
        let Some(heard) = holder.heard() else { return };
        if silence >= presence.not_ready_seconds.into() {
            self.lose(now, heard, happened);
        } else if silence >= presence.suspect_seconds.into() {
            self.suspect(now, heard, happened);
        } else {
            self.restore(now, heard, happened);
        }
    }

    /// The desktop is heard from now.
    pub(super) fn hear(&mut self, now: Timestamp, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        holder.set_heard(now);
        self.restore(now, now, happened);
    }

    fn suspect(&mut self, now: Timestamp, heard: Timestamp, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        if matches!(holder.link, Link::Open { .. }) {
            holder.link = Link::Suspect { heard };
            let is_offered = holder.offer.is_some() && holder.state.limit().is_some_and(|limit| now < limit);
            self.note(now, What::Connection(Connection::Suspect), happened);
            if is_offered {
                self.give_up(now, happened);
            }
        }
    }

    fn lose(&mut self, now: Timestamp, heard: Timestamp, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        if let Link::Lost { looked, .. } = &mut holder.link {
            *looked = now;
            return;
        }
        holder.link = Link::Lost { heard, looked: now, meant: None };
        let state = holder.state.clone();
        self.note(now, What::Connection(Connection::Lost), happened);
        match state {
            // Nobody sees it: routing learns so at once, and the agent's state is restored when they come back.
            State::Offered { .. } => {
                let after = self.state_afterwards();
                self.change(now, after, Actor::CONNECTION, happened);
            }
            // Whoever has an interaction keeps it: the call itself may well go on.
            State::InInteraction { .. } | State::WrapUp { .. } => {}
            state => self.change(now, state, Actor::CONNECTION, happened),
        }
    }

    /// Restores what was before the silence.
    fn restore(&mut self, now: Timestamp, heard: Timestamp, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        let (meant, actor) = match std::mem::replace(&mut holder.link, Link::Open { heard }) {
            Link::Open { .. } => return,
            Link::Suspect { .. } => (None, Actor::CONNECTION),
            // What it was before signing in again, or before the take-over: as the agent had chosen.
            Link::Never { meant, .. } => (Some(meant), Actor::AGENT),
            Link::Lost { meant, .. } => (meant, Actor::CONNECTION),
        };
        if actor.cause == Cause::Connection {
            self.note(now, What::Connection(Connection::Open), happened);
        }
        if let Some(meant) = meant {
            self.change(now, meant, actor, happened);
        }
    }
}
