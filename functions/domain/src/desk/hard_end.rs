//! The hard end of a session (C4): it never falls into an interaction, and the agent may move it once if policy allows.

use kv_schema::Timestamp;

use super::{Desk, Due, Ending, Happened, Holder, Refusal, What};

/// Seconds by which a hard end that falls into an interaction is moved at a time: the lifetime of a token.
const WAITS: u64 = 15 * 60;
/// Seconds before such a hard end at which it is moved, so that its token can be renewed in time.
const BEFORE: u64 = 2 * 60;
/// Seconds left after the interaction that a hard end waited for: the length of the warning before any other hard end.
const AFTERWARDS: u64 = 60;

impl Holder {
    /// When the hard end next needs looking at.
    pub(super) fn hard_end_due(&self) -> Timestamp {
        let hard_end = self.visitor.session.hard_end;
        if self.state.is_engaged() { Timestamp(hard_end.0.saturating_sub(BEFORE)) } else { hard_end }
    }
}

impl Desk {
    /// Ends a session whose time is over, or moves its hard end while there is an interaction.
    pub(super) fn mind_hard_end(&mut self, now: Timestamp, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        if now < holder.hard_end_due() {
            return;
        }
        if !holder.state.is_engaged() {
            self.end(now, Ending::hard_end(), happened);
            return;
        }
        holder.due_end.get_or_insert(holder.visitor.session.hard_end);
        self.move_hard_end(now.plus(BEFORE + WAITS), now, happened);
    }

    /// The interaction that the hard end waited for is over.
    pub(super) fn end_waiting(&mut self, now: Timestamp, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        if let Some(due) = holder.due_end.take() {
            self.move_hard_end(now.plus(AFTERWARDS).max(due), now, happened);
        }
    }

    /// The agent stays signed in: the hard end is moved once, by as much as the install allows.
    pub(super) fn stay(&mut self, now: Timestamp, happened: &mut Happened) -> Result<(), Refusal> {
        let holder = self.holder.as_mut().ok_or(Refusal::NotNow)?;
        if holder.due_end.is_some() {
            return Err(Refusal::NotNow);
        }
        let minutes = std::mem::take(&mut holder.overtime_minutes);
        if minutes == 0 {
            return Err(Refusal::NotAllowed);
        }
        let hard_end = holder.visitor.session.hard_end.plus(u64::from(minutes) * 60);
        self.move_hard_end(hard_end, now, happened);
        Ok(())
    }

    fn move_hard_end(&mut self, to: Timestamp, now: Timestamp, happened: &mut Happened) {
        let Some(holder) = &mut self.holder else { return };
        holder.visitor.session.hard_end = to;
        holder.unwritten = Some(Due::since(now));
        let (waits, overtime) = (holder.due_end.is_some(), holder.overtime_minutes);
        self.note(now, What::HardEnd { hard_end: to, waits, overtime }, happened);
    }
}
