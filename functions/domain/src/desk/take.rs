//! Who holds the desk: a session takes it, with or without another's leave, or claims to hold it.

use kv_schema::Timestamp;
use kv_schema::names::SessionId;

use super::ask::{Answer, Standing};
use super::visitor::{Arrival, Consent, Visitor};
use super::{Desk, Due, Ended, Ending, Happened, Holder, Link, Microphone, Reason, State, What};

/// Seconds for which a session that follows one that ran out resumes its state.
pub(super) const STATE_KEPT: u64 = 15 * 60;

impl Desk {
    pub(super) fn take(&mut self, now: Timestamp, arrival: Arrival, happened: &mut Happened) -> Answer {
        let Arrival { mut visitor, consent, here, is_typed } = arrival;
        let is_void = |consent: &Consent| self.cleared_at.is_some_and(|cleared_at| consent.proved_at <= cleared_at);
        if consent.as_ref().is_some_and(is_void) {
            return Answer::Stale;
        }
        let is_stale = consent.as_ref().is_some_and(|consent| consent.over != self.lease);
        if let Some(holder) = &self.holder {
            let is_here = here.as_ref().is_some_and(|here| holder.is(here));
            let is_agreed = consent.is_some_and(|consent| consent.in_interaction || !holder.state.is_in_interaction());
            let may_take = is_agreed || is_here || matches!(holder.link, Link::Never { .. });
            if is_stale || !may_take {
                return Answer::Occupied(holder.occupant(self.lease));
            }
        } else if is_stale {
            return Answer::Stale;
        }
        let goes_on = self.state_to_go_on_in(now, here.as_ref());
        if let Some(holder) = self.holder.as_ref().filter(|holder| holder.state.is_engaged() && !is_typed) {
            // A call stays on the phone that it is on.
            visitor.session.extension.clone_from(&holder.visitor.session.extension);
        }
        let extension = visitor.session.extension.clone();
        // It goes on ringing where the agent is now, and what they have chosen for afterwards stays chosen.
        let (offer, next) = self.holder.as_mut().map(|holder| (holder.offer.take(), holder.next.take())).unzip();
        let recorder = self.recorder_for(&mut visitor, now);
        let ending = if self.holder.as_ref().is_some_and(|holder| here.as_ref() == Some(&holder.visitor.session.sid)) {
            Ending::replaced()
        } else {
            Ending::taken_over(visitor.browser)
        };
        self.end(now, ending, happened);
        self.lease += 1;
        self.seat(now, visitor, goes_on, happened);
        if let Some(holder) = &mut self.holder {
            (holder.offer, holder.next) = (offer.flatten(), next.flatten());
            holder.recorder = recorder;
        }
        Answer::Taken { lease: self.lease, extension }
    }

    /// Where the session that holds the desk is.
    pub(super) fn occupied(&self) -> Option<Answer> {
        self.holder.as_ref().map(|holder| Answer::Occupied(holder.occupant(self.lease)))
    }

    /// What the agent goes on doing, and since when. A session that takes over continues where the other one was; one
    /// that follows, in the same browser, a session that ran out continues too, but counted from now.
    fn state_to_go_on_in(&self, now: Timestamp, here: Option<&SessionId>) -> (State, Timestamp) {
        let at_first = State::NotReady { reason: Reason::SignedIn };
        if let Some(holder) = &self.holder {
            let meant = holder.meant_state();
            let since = if holder.state == meant { holder.state_since } else { now };
            return (meant, since);
        }
        let before = self.over.iter().rev().find(|over| Some(&over.ended.sid) == here);
        match before.and_then(|over| over.state_at(now)) {
            Some(state) if !state.is_engaged() => (state, now),
            _ => (at_first, now),
        }
    }

    /// Gives the desk to a session whose agent means to be in `meant`.
    fn seat(&mut self, now: Timestamp, visitor: Visitor, (meant, since): (State, Timestamp), happened: &mut Happened) {
        let (state, state_since, link) = match meant {
            // An interaction goes on meanwhile, watched by presence.
            meant if meant.is_engaged() => (meant, since, Link::Open { heard: now }),
            State::NotReady { reason: Reason::Chosen | Reason::Named(_) | Reason::NoAnswer } => {
                (meant.clone(), since, Link::Never { meant, awaited: now, looked: now })
            }
            // Nobody is ready before their desktop has been heard.
            meant => {
                (State::NotReady { reason: Reason::SignedIn }, now, Link::Never { meant, awaited: now, looked: now })
            }
        };
        let (browser, lease) = (visitor.browser, self.lease);
        self.note(now, What::SignedIn { browser, lease }, happened);
        self.holder = Some(Holder {
            first_event: self.last_event,
            since: now,
            state,
            state_since,
            next: None,
            offer: None,
            recorder: None,
            afterwards: None,
            link,
            overtime_minutes: visitor.policy.overtime_minutes,
            last_command: 0,
            refused: Vec::new(),
            due_end: None,
            on_its_word: false,
            line: None,
            asked: None,
            microphone: Microphone::default(),
            unwritten: Some(Due::since(now)),
            visitor,
        });
        self.claim_first(now);
    }

    /// Lets a session that claims to hold the desk go on. If its lease is newer than any the desk knows, it is right:
    /// the desk has lost what it knew.
    pub(super) fn admit(
        &mut self,
        now: Timestamp,
        mut visitor: Visitor,
        happened: &mut Happened,
    ) -> Result<(), Option<Ended>> {
        if self.holder.as_ref().is_some_and(|holder| holder.is(&visitor.session.sid)) {
            return Ok(());
        }
        if visitor.lease <= self.lease {
            return Err(self.recall(&visitor.session.sid));
        }
        let recorder = self.recorder_for(&mut visitor, now);
        self.end(now, Ending::taken_over(visitor.browser), happened);
        self.lease = visitor.lease;
        self.seat(now, visitor, (State::NotReady { reason: Reason::SignedIn }, now), happened);
        if let Some(holder) = &mut self.holder {
            holder.on_its_word = true;
            holder.recorder = recorder;
        }
        Ok(())
    }

    pub(super) fn standing(&self) -> Option<Standing> {
        self.holder.as_ref().map(|holder| Standing {
            extension: holder.visitor.session.extension.clone(),
            hard_end: holder.visitor.session.hard_end,
            waits: holder.due_end.is_some(),
            overtime_minutes: holder.overtime_minutes,
        })
    }
}
