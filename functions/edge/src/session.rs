//! Sessions: opening one, going on with one, and knowing of one that is over.
//!
//! A session goes on by its token alone (C1). The desk, which is exact, is asked where something exact is at stake: when a
//! token is renewed and when a socket starts. In between a tombstone in KV tells, late as it may be.

mod go_on;
mod open;
mod rejected;
mod tombstone;

use kv_schema::sessions::EndReason;
use onecontact_domain::token::{Opened, Rejection, SessionClaims};

pub(crate) use go_on::Unsure;
pub(crate) use open::{Entry, Opening, may_open, open, reserve};
pub(crate) use tombstone::remember_over;

/// A session that goes on.
pub(crate) struct Going {
    pub(crate) claims: SessionClaims,
    /// A fresh token, where the one that was shown is getting old.
    pub(crate) cookie: Option<String>,
}

impl Going {
    fn as_it_is(opened: Opened<SessionClaims>) -> Self {
        Self { claims: opened.claims, cookie: None }
    }
}

/// Why there is no session to go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoSession {
    /// The browser showed no token.
    NoToken,
    /// It showed one that is not accepted.
    Rejected(Rejection),
    /// The session was ended: why, where that is known.
    Over(Option<EndReason>),
}
