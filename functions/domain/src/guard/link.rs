//! The link that replaces a forgotten password: one at a time, valid for an hour, once, and only for the declaration
//! that it was requested against. So an operator's reset ends it, and so does any other change of the password.

use kv_schema::Timestamp;
use serde::{Deserialize, Serialize};

use super::Guard;
use crate::keyed::is_among;

/// Seconds for which a link is valid.
pub const LINK_LIFE: u64 = 60 * 60;
/// The most links sent for one account within that time: whoever asks for more is flooding somebody's mailbox.
const MOST_LINKS: usize = 3;

/// A link that has been sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    /// The keyed hash of its secret.
    hash: String,
    /// When the password that it is to replace was declared, or what stands in for that.
    declared: Timestamp,
    /// When it expires.
    until: Timestamp,
}

impl Guard {
    /// Whether a link whose secret has this keyed hash may be sent; any earlier one is then void. `declared` is when
    /// the password was declared; `None` for an account that no link can be sent for, which is counted all the same.
    pub(super) fn issue_link(&mut self, now: Timestamp, hash: String, declared: Option<Timestamp>) -> bool {
        self.links.retain(|at| now.since(*at) < LINK_LIFE);
        if self.links.len() >= MOST_LINKS {
            return false;
        }
        let until = now.plus(LINK_LIFE);
        self.links.push(now);
        self.matters_until = self.matters_until.max(until);
        let Some(declared) = declared.filter(|_| !self.disabled) else { return false };
        self.link = Some(Link { hash, declared, until });
        true
    }

    /// Whether the link whose secret has one of these hashes still stands, if the password was declared at `declared`.
    pub(super) fn link_stands(&self, now: Timestamp, hashes: &[String], declared: Timestamp) -> bool {
        let stands = |link: &&Link| now < link.until && link.declared == declared;
        self.link.as_ref().filter(stands).is_some_and(|link| is_among(&link.hash, hashes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issued(guard: &mut Guard, now: u64, hash: &str) -> bool {
        guard.issue_link(Timestamp(now), hash.into(), Some(Timestamp(10)))
    }

    fn stands(guard: &Guard, now: u64, hash: &str) -> bool {
        guard.link_stands(Timestamp(now), &["another".into(), hash.into()], Timestamp(10))
    }

    #[test]
    fn a_link_stands_for_an_hour_and_until_the_next_one() {
        let mut guard = Guard::default();
        assert!(issued(&mut guard, 1000, "first") && stands(&guard, 1000, "first"));
        assert!(stands(&guard, 1000 + 3599, "first") && !stands(&guard, 1000 + 3600, "first"));
        assert!(!stands(&guard, 1000, "second"));
        assert!(issued(&mut guard, 1001, "second") && stands(&guard, 1001, "second"));
        assert!(!stands(&guard, 1001, "first"));
    }

    #[test]
    fn a_link_is_over_when_an_operator_has_declared_a_password_since() {
        let mut guard = Guard::default();
        issued(&mut guard, 1000, "link");
        assert!(!guard.link_stands(Timestamp(1001), &["link".into()], Timestamp(11)));
        assert!(!guard.link_stands(Timestamp(1001), &["link".into()], Timestamp(9)));
    }

    #[test]
    fn a_mailbox_gets_three_links_an_hour() {
        let mut guard = Guard::default();
        assert!((0..3).all(|at| issued(&mut guard, 1000 + at, "link")));
        assert!(!issued(&mut guard, 1003, "one too many") && stands(&guard, 1003, "link"));
        assert!(!issued(&mut guard, 1000 + 3599, "one too many"));
        assert!(issued(&mut guard, 1000 + 3600, "link"));
    }

    #[test]
    fn an_account_that_has_none_is_counted_and_forgotten_after_an_hour() {
        let mut guard = Guard::default();
        for at in 0..9 {
            assert!(!guard.issue_link(Timestamp(1000 + at), "none".into(), None));
        }
        assert!(!guard.link_stands(Timestamp(1000), &["none".into()], Timestamp(10)));
        assert_eq!((guard.links.len(), guard.forget_at()), (3, Some(Timestamp(1002 + 3600))));
    }
}
