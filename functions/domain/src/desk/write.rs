//! What KV has yet to be told about a desk's sessions. KV may be slow, limited or down: it is told again until it takes
//! it.

use std::rc::Rc;

use kv_schema::names::SessionId;
use kv_schema::sessions::{Revoked, Session};
use kv_schema::{Record, Timestamp};

use super::{Desk, Due, Happened, Outcome};

/// Seconds after which an object that stopped while telling KV something is woken to tell it again.
pub(super) const TOLD_AGAIN: u64 = 10;

/// Something that KV is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// A session stands.
    Session {
        /// Its record.
        record: Session,
        /// Whether KV may know better: if a tombstone stands there, the session is over.
        unless_over: bool,
    },
    /// A session is over: its tombstone, in place of its record.
    Tombstone(Revoked),
}

impl Write {
    /// The key of what is written.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Session { record, .. } => record.key(),
            Self::Tombstone(revoked) => revoked.key(),
        }
    }

    const fn sid(&self) -> &SessionId {
        match self {
            Self::Session { record, .. } => &record.sid,
            Self::Tombstone(revoked) => &revoked.sid,
        }
    }
}

impl Desk {
    /// What KV is to be told now.
    #[must_use]
    pub fn writes_due(&self, now: Timestamp) -> Vec<Write> {
        let is_due = |unwritten: &Option<Due>| unwritten.as_ref().is_some_and(|unwritten| unwritten.at() <= now);
        let over =
            self.over.iter().filter(|over| is_due(&over.unwritten)).map(|over| Write::Tombstone(over.tombstone()));
        let holder = self.holder.iter().filter(|holder| is_due(&holder.unwritten));
        over.chain(
            holder.map(|holder| Write::Session {
                record: holder.visitor.session.clone(),
                unless_over: holder.on_its_word,
            }),
        )
        .collect()
    }

    /// When KV next has to be told something; `None` if there is nothing to tell.
    pub(super) fn tell_at(&self) -> Option<Timestamp> {
        let over = self.over.iter().map(|over| &over.unwritten);
        over.chain(self.holder.iter().map(|holder| &holder.unwritten)).flatten().map(Due::at).min()
    }

    /// Records which of these KV has taken; returns how often each has failed. What has changed meanwhile is still to
    /// be written.
    pub fn written(&mut self, now: Timestamp, told: &[(Write, bool)]) -> Outcome<Vec<u32>> {
        let failures = told.iter().map(|(write, taken)| self.wrote(now, write, *taken)).collect();
        Happened::default().with(failures)
    }

    fn wrote(&mut self, now: Timestamp, write: &Write, taken: bool) -> u32 {
        let sid = write.sid();
        let unwritten = match write {
            Write::Tombstone(_) => {
                let over = self.over.iter_mut().find(|over| over.ended.sid == *sid);
                over.map(|over| &mut Rc::make_mut(over).unwritten)
            }
            Write::Session { record, .. } => {
                let same = self.holder.as_mut().filter(|holder| holder.visitor.session == *record);
                same.map(|holder| {
                    holder.on_its_word &= !taken;
                    &mut holder.unwritten
                })
            }
        };
        match unwritten {
            Some(unwritten) if taken => {
                *unwritten = None;
                0
            }
            Some(Some(unwritten)) => unwritten.fail(now),
            _ => 0,
        }
    }
}
