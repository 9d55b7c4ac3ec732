//! The namespace `SESSIONS`: sessions, and the tombstones of ended ones.

use std::cell::RefCell;
use std::collections::HashMap;

use kv_schema::names::SessionId;
use kv_schema::sessions::{Revoked, Session};
use kv_schema::{Namespace, Record, Timestamp};
use onecontact_domain::problem::Problem;
use worker::kv::KvStore;

use crate::directory::outage;

const BINDING: &str = Namespace::Sessions.binding();

/// Seconds for which an isolate believes that a session has no tombstone.
const BELIEVED_SECONDS: u64 = 5;
/// Sessions that an isolate remembers.
const MOST_REMEMBERED: usize = 4096;

/// What an isolate knows of a session's tombstone.
#[derive(Clone, Copy)]
enum Known {
    /// It stands, and will for as long as anything of the session is good.
    Over,
    /// It did not stand when last looked for; believed until then.
    AliveUntil(Timestamp),
}

thread_local! {
    static KNOWN: RefCell<HashMap<SessionId, Known>> = RefCell::default();
}

pub(crate) async fn put(store: &KvStore, session: &Session, now: Timestamp) -> Result<(), Problem> {
    write(store, session, session.ttl(now)).await
}

/// Ends a session: its tombstone is what counts.
pub(crate) async fn revoke(store: &KvStore, revoked: &Revoked, now: Timestamp) -> Result<(), Problem> {
    write(store, revoked, revoked.ttl(now)).await?;
    remember(&revoked.sid, Known::Over);
    Ok(())
}

/// Removes the record of a session that is over, or never began.
pub(crate) async fn forget(store: &KvStore, key: &str) -> Result<(), Problem> {
    store.delete(key).await.map_err(|error| outage(BINDING, &error))
}

/// Whether a session has a tombstone. While KV is down nobody knows, and the session goes on (C3).
pub(crate) async fn is_revoked(store: &KvStore, sid: &SessionId, now: Timestamp) -> bool {
    match KNOWN.with_borrow(|known| known.get(sid).copied()) {
        Some(Known::Over) => return true,
        Some(Known::AliveUntil(until)) if now < until => return false,
        _ => {}
    }
    let Ok(found) = store.get(&Revoked::key_of(sid)).text().await else { return false };
    // That it stands is enough: a tombstone that cannot be read is a tombstone.
    let known = if found.is_some() { Known::Over } else { Known::AliveUntil(now.plus(BELIEVED_SECONDS)) };
    remember(sid, known);
    matches!(known, Known::Over)
}

fn remember(sid: &SessionId, what: Known) {
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        known.insert(sid.clone(), what);
    });
}

async fn write<R: Record>(store: &KvStore, record: &R, ttl: u64) -> Result<(), Problem> {
    let json = record.json().map_err(|error| outage(BINDING, &error))?;
    let put = store.put(&record.key(), json).map_err(|error| outage(BINDING, &error))?;
    put.expiration_ttl(ttl).execute().await.map_err(|error| outage(BINDING, &error))
}
