//! Telling KV of a desk's sessions, again and again until KV has taken it.

use std::rc::Rc;

use kv_schema::Record;
use kv_schema::sessions::{EndReason, Revoked};
use onecontact_domain::desk::{Ask, Ending, Write};
use onecontact_domain::problem::Problem;
use worker::Result;

use super::carrier::Carrier;
use crate::kv::{Kv, Patience};
use crate::log;

/// The failed attempt to tell KV something that an operator is told of.
const WORTH_TELLING: u32 = 2;

impl Carrier {
    /// Tells KV what it has yet to be told.
    pub(super) async fn tell_kv(self: &Rc<Self>) -> Result<()> {
        let due = self.desk.borrow().as_ref().map(|desk| desk.writes_due(crate::now())).unwrap_or_default();
        if due.is_empty() {
            return Ok(());
        }
        let bindings = super::bindings(&self.env)?;
        let store = &bindings.sessions;
        for write in due {
            let taken = self.tell_of(store, &write).await;
            let failures = self.handle(|desk, now| desk.written(now, &write, taken.is_ok()))?;
            // Once is everyday: KV takes one write a second for each key.
            if let (Err(problem), WORTH_TELLING) = (&taken, failures) {
                log::problem_of_object(&self.env, "desk", problem);
            }
        }
        Ok(())
    }

    /// Tells KV one thing; or learns from it that a session, which the desk took on its token's word, is over.
    async fn tell_of(self: &Rc<Self>, store: &Kv, write: &Write) -> std::result::Result<(), Problem> {
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

/// Tells KV one thing. A session that is over is not listed any more.
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
