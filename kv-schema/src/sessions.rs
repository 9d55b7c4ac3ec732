//! The records of the namespace `SESSIONS`: sessions, the tombstones of ended ones, and agents whom an instance's own
//! provider vouches for. Only the Worker writes them.
//!
//! Not finding a session means nothing (KV may be late); finding a tombstone means that the session is over.

mod created;
mod revoked;
mod session;

pub use created::{CreatedAgent, Subject};
pub use revoked::{EndReason, Revoked};
pub use session::Session;

use crate::Timestamp;

/// The shortest time that KV keeps a record, in seconds (Workers KV, limits).
const SHORTEST_TTL: u64 = 60;

/// Seconds from `now` to a session's hard end, but never less than KV accepts.
const fn ttl_until(hard_end: Timestamp, now: Timestamp) -> u64 {
    let left = hard_end.since(now);
    if left < SHORTEST_TTL { SHORTEST_TTL } else { left }
}
