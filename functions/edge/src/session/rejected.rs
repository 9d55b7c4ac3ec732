//! Tokens that this isolate has refused. A browser shows the same one with each request until it signs in again, and it
//! is logged once.

use std::cell::RefCell;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use kv_schema::names::InstallName;
use onecontact_domain::token::Rejection;

/// How many refusals are remembered. One more, and all are forgotten.
const MOST_REMEMBERED: usize = 4096;

thread_local! {
    /// By hash.
    static REFUSED: RefCell<(RandomState, HashSet<u64>)> = RefCell::default();
}

/// Whether this is the first time here that the install refuses the token for this reason.
pub(super) fn is_news(install: &InstallName, token: Option<&str>, why: Rejection) -> bool {
    REFUSED.with_borrow_mut(|(hasher, refused)| {
        let hash = hasher.hash_one((install.as_str(), token, why));
        if refused.contains(&hash) {
            return false;
        }
        if refused.len() >= MOST_REMEMBERED {
            refused.clear();
        }
        refused.insert(hash)
    })
}
