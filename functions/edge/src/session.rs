//! Sessions: opening one, continuing one, and knowing that one is over.
//!
//! A session goes on by its token alone (C1). The desk, which is exact, is asked when it matters: when a token is
//! renewed and when a socket opens. In between, a tombstone in KV tells, possibly late.

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
    /// A fresh token, if the one that was shown is getting old.
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
    /// The session was ended: why, if that is known.
    Over(Option<EndReason>),
}
