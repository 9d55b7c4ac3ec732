//! Tombstones of sessions, as an isolate knows them.

use std::cell::RefCell;
use std::collections::HashMap;

use kv_schema::names::SessionId;
use kv_schema::sessions::{EndReason, Revoked};
use kv_schema::{Record, Timestamp};

use crate::kv::{Kv, Patience};

/// Seconds for which an isolate believes that a session has no tombstone.
const BELIEVED_SECONDS: u64 = 5;
/// How many sessions an isolate remembers.
const MOST_REMEMBERED: usize = 4096;

/// What an isolate knows of a session's tombstone.
#[derive(Clone, Copy)]
enum Known {
    /// It stands, and will for as long as anything of the session is valid.
    Over(Option<EndReason>),
    /// It was not there when last looked for; believed until then.
    AliveUntil(Timestamp),
}

thread_local! {
    static KNOWN: RefCell<HashMap<SessionId, Known>> = RefCell::default();
}

/// Looks for a session's tombstone: `Some` if there is one, with its reason if that can be read. While KV is down
/// nobody knows, and the session goes on (C3).
pub(super) async fn find(store: &Kv, sid: &SessionId, now: Timestamp) -> Option<Option<EndReason>> {
    match KNOWN.with_borrow(|known| known.get(sid).copied()) {
        Some(Known::Over(reason)) => return Some(reason),
        Some(Known::AliveUntil(until)) if now < until => return None,
        _ => {}
    }
    let key = Revoked::key_of(sid);
    let Ok(found) = store.read(&key, Patience::Short).await else { return None };
    // Its presence is enough: an unreadable tombstone is still a tombstone.
    let over = found.map(|text| Revoked::read(&key, &text).ok().map(|revoked| revoked.reason));
    remember(sid, over.map_or(Known::AliveUntil(now.plus(BELIEVED_SECONDS)), Known::Over));
    over
}

/// Remembers that the session is over: this isolate need not look again.
pub(crate) fn remember_over(sid: &SessionId, reason: Option<EndReason>) {
    remember(sid, Known::Over(reason));
}

fn remember(sid: &SessionId, what: Known) {
    KNOWN.with_borrow_mut(|known| {
        if known.len() >= MOST_REMEMBERED {
            known.clear();
        }
        known.insert(sid.clone(), what);
    });
}
