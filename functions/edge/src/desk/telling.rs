//! Telling KV of a desk's sessions, repeatedly until KV has taken it.

use std::rc::Rc;

use kv_schema::Record;
use kv_schema::sessions::{EndReason, Revoked};
use onecontact_domain::desk::{Ask, Ending, Write};
use onecontact_domain::problem::Problem;
use worker::Result;

use super::carrier::Carrier;
use crate::bindings::Bindings;
use crate::kv::{Kv, Patience};
use crate::{log, platform};

/// How many things KV is told before the desk stores what came of them.
const MOST_AT_ONCE: usize = 8;
/// Which failed attempt to tell KV something an operator is told of.
const WORTH_TELLING: u32 = 2;

impl Carrier {
    /// Begins to tell KV what is due, unless that is already under way: later writes are to arrive later.
    pub(super) fn tell_kv(self: &Rc<Self>) {
        if self.is_telling.get() {
            return;
        }
        let due = self.writes_due();
        if due.is_empty() {
            return;
        }
        self.is_telling.set(true);
        let desk = Rc::clone(self);
        platform::beside(&self.context, async move {
            let told = desk.tell_each(due).await;
            // From here on, whatever is due is told next.
            desk.is_telling.set(false);
            // If the desk cannot store what KV has taken, KV is told again.
            desk.keep_told(told).ok();
        });
    }

    fn writes_due(&self) -> Vec<Write> {
        let mut due = self.desk.borrow().as_ref().map(|desk| desk.writes_due(crate::now())).unwrap_or_default();
        due.truncate(MOST_AT_ONCE);
        due
    }

    /// Tells KV one thing after another. Returns what came of each.
    async fn tell_each(self: &Rc<Self>, due: Vec<Write>) -> Vec<(Write, std::result::Result<(), Problem>)> {
        let mut told = Vec::with_capacity(due.len());
        for write in due {
            let taken = self.tell_of(&write).await;
            told.push((write, taken));
        }
        told
    }

    fn keep_told(self: &Rc<Self>, told: Vec<(Write, std::result::Result<(), Problem>)>) -> Result<()> {
        let (writes, problems): (Vec<_>, Vec<_>) =
            told.into_iter().map(|(write, taken)| ((write, taken.is_ok()), taken.err())).unzip();
        let failures = self.handle(|desk, now| desk.written(now, &writes))?;
        for (problem, failures) in problems.iter().zip(failures) {
            // One failure is routine: KV takes one write a second per key.
            if let (Some(problem), WORTH_TELLING) = (problem, failures) {
                log::problem_of_object(&self.env, "desk", problem);
            }
        }
        Ok(())
    }

    /// Tells KV one thing; or learns from KV that a session, which the desk accepted on its token alone, is over.
    async fn tell_of(self: &Rc<Self>, write: &Write) -> std::result::Result<(), Problem> {
        let bindings = Bindings::of(&self.env)?;
        let store = &bindings.sessions;
        if let Write::Session { record, unless_over: true } = write
            && let Some(tombstone) = store.read(&Revoked::key_of(&record.sid), Patience::Short).await?
        {
            let revoked = Revoked::read(&Revoked::key_of(&record.sid), &tombstone).ok();
            let ending = revoked.map_or(Ending::of(EndReason::SignedOut), |revoked| Ending {
                by: revoked.by,
                ..Ending::of(revoked.reason)
            });
            let heeded = self.answer(Ask::Heed { sid: record.sid.clone(), ending });
            return heeded.map(|_| ()).map_err(|error| Problem::defect(&error));
        }
        put(store, write).await
    }
}

/// Tells KV one thing. A session that is over is no longer listed.
async fn put(store: &Kv, write: &Write) -> std::result::Result<(), Problem> {
    let now = crate::now();
    let (json, ttl) = match write {
        Write::Session { record, .. } => (record.json(), record.ttl(now)),
        Write::Tombstone(revoked) => (revoked.json(), revoked.ttl(now)),
    };
    let json = json.map_err(|error| Problem::defect(&error))?;
    store.write(&write.key(), &json, ttl).await?;
    match write {
        Write::Session { .. } => Ok(()),
        Write::Tombstone(revoked) => store.remove(&revoked.session_key()).await,
    }
}
