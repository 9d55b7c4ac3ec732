//! The guard of one account: counts attempts before they are checked, locks, and knows which password is in force.
//!
//! One guard stands for all spellings of an account; whoever calls it has made them one. It holds what changes by use
//! and must be exact, so it lives in a Durable Object, which hands it one request at a time.

use kv_schema::Timestamp;
use kv_schema::directory::{LockPolicy, Password};
use serde::{Deserialize, Serialize};

/// What a guard remembers of its account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guard {
    /// When attempts were admitted that no success has cleared; never more than the policy counts.
    attempts: Vec<Timestamp>,
    /// Until when the account is locked.
    locked_until: Option<Timestamp>,
    /// Until when the count and the lock matter.
    matters_until: Timestamp,
    /// A password newer than the declared one.
    own: Option<Own>,
}

/// A password that stands in the guard instead of the declared one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Own {
    phc: String,
    /// It replaces what was declared up to then; what was declared later replaces it.
    replaces_up_to: Timestamp,
}

/// Says nothing of the hash.
impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Own").field("replaces_up_to", &self.replaces_up_to).finish_non_exhaustive()
    }
}

/// What is asked of a guard. This is the body of a request to the object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// May this attempt be checked, and against what?
    Begin {
        /// The instance's policy.
        policy: LockPolicy,
        /// The declared password; `None` for an account that is not there or may not sign in.
        declared: Option<Password>,
    },
    /// The attempt was right.
    Succeeded {
        /// The same password, hashed anew because parameters have risen.
        rehashed: Option<Rehashed>,
    },
    /// The agent has chosen a password in the place of the given one.
    Change {
        /// Its hash.
        phc: String,
        /// [`Password::set_at`] of the given one.
        instead_of: Timestamp,
    },
}

/// A password hashed anew, and the declared one that it stands for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rehashed {
    /// The new hash.
    pub phc: String,
    /// [`Password::set_at`] of what it stands for.
    pub set_at: Timestamp,
}

/// A guard's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To [`Ask::Begin`].
    Admission(Admission),
    /// To the others: done.
    Done,
    /// To [`Ask::Change`]: the given password has been replaced already.
    Superseded,
}

/// Whether an attempt may be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// The attempt is counted and may be checked.
    Check {
        /// The hash of the password in force; `None` for an account that cannot sign in.
        phc: Option<String>,
        /// It is a given password that the agent has to replace.
        must_change: bool,
    },
    /// The account is locked; the attempt is neither counted nor checked.
    Locked {
        /// When the lock ends.
        until: Timestamp,
    },
}

impl Guard {
    /// Counts an attempt, before anybody looks at its password, and says whether it may be checked.
    pub fn begin(&mut self, now: Timestamp, policy: LockPolicy, declared: Option<&Password>) -> Admission {
        if let Some(until) = self.locked_until.filter(|until| *until > now) {
            return Admission::Locked { until };
        }
        self.locked_until = None;
        self.attempts.retain(|at| now.since(*at) < u64::from(policy.window_seconds));
        self.attempts.push(now);
        self.matters_until = now.plus(u64::from(policy.window_seconds));
        if self.attempts.len() >= usize::try_from(policy.attempts).unwrap_or(usize::MAX) {
            // The last attempt that counts is still checked; if it is right, the lock goes with the count.
            let until = now.plus(u64::from(policy.lock_seconds));
            self.locked_until = Some(until);
            self.matters_until = self.matters_until.max(until);
            self.attempts.clear();
        }
        let own = declared.and_then(|declared| self.own_instead_of(declared.set_at));
        Admission::Check {
            phc: own.map(|own| own.phc.clone()).or_else(|| declared.map(|declared| declared.phc.clone())),
            must_change: own.is_none() && declared.is_some_and(|declared| declared.must_change),
        }
    }

    /// Forgets the failures before a success, and takes a hash of today's parameters.
    pub fn succeeded(&mut self, rehashed: Option<Rehashed>) {
        self.attempts.clear();
        self.locked_until = None;
        if let Some(Rehashed { phc, set_at }) = rehashed {
            // A late answer must not undo a newer password.
            if self.own.as_ref().is_none_or(|own| own.replaces_up_to <= set_at) {
                self.own = Some(Own { phc, replaces_up_to: set_at });
            }
        }
    }

    /// Takes the password that the agent has chosen in the place of the given one, once. Whether it did.
    ///
    /// It stands in for that one declaration, whenever it was chosen: by time a choice made while KV is late, or under
    /// another clock, would win over a reset that came first.
    pub fn change(&mut self, phc: String, instead_of: Timestamp) -> bool {
        let is_first = self.own_instead_of(instead_of).is_none();
        if is_first {
            self.own = Some(Own { phc, replaces_up_to: instead_of });
        }
        is_first
    }

    /// Applies what is asked.
    pub fn apply(&mut self, now: Timestamp, ask: Ask) -> Answer {
        match ask {
            Ask::Begin { policy, declared } => Answer::Admission(self.begin(now, policy, declared.as_ref())),
            Ask::Succeeded { rehashed } => {
                self.succeeded(rehashed);
                Answer::Done
            }
            Ask::Change { phc, instead_of } => {
                if self.change(phc, instead_of) {
                    Answer::Done
                } else {
                    Answer::Superseded
                }
            }
        }
    }

    /// When nothing of this guard matters any more; `None` where it holds a password. Names that nobody has are guarded
    /// too, and must not fill the storage.
    #[must_use]
    pub fn forget_at(&self) -> Option<Timestamp> {
        self.own.is_none().then_some(self.matters_until)
    }

    fn own_instead_of(&self, set_at: Timestamp) -> Option<&Own> {
        self.own.as_ref().filter(|own| set_at <= own.replaces_up_to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: LockPolicy = LockPolicy { attempts: 5, window_seconds: 60, lock_seconds: 300 };

    fn declared(phc: &str, set_at: u64) -> Password {
        Password { phc: phc.to_owned(), set_at: Timestamp(set_at), must_change: false }
    }

    fn is_checked(guard: &mut Guard, at: u64) -> bool {
        matches!(guard.begin(Timestamp(at), POLICY, None), Admission::Check { .. })
    }

    #[test]
    fn five_within_a_minute_lock_for_five_minutes() {
        let mut guard = Guard::default();
        assert!((0..5).all(|second| is_checked(&mut guard, 1000 + second)));
        assert_eq!(guard.begin(Timestamp(1005), POLICY, None), Admission::Locked { until: Timestamp(1304) });
        assert!(!is_checked(&mut guard, 1303));
        assert!(is_checked(&mut guard, 1304));
    }

    #[test]
    fn a_thousand_at_once_are_five() {
        let mut guard = Guard::default();
        assert_eq!((0..1000).filter(|_| is_checked(&mut guard, 7)).count(), 5);
    }

    #[test]
    fn knocking_at_a_locked_account_does_not_lengthen_the_lock() {
        let mut guard = Guard::default();
        for second in 0..300 {
            is_checked(&mut guard, 1000 + second);
        }
        assert!(is_checked(&mut guard, 1304));
    }

    #[test]
    fn slow_guesses_do_not_lock() {
        let mut guard = Guard::default();
        assert!((0..50).all(|attempt| is_checked(&mut guard, 1000 + attempt * 16)));
    }

    #[test]
    fn a_success_on_the_last_try_lifts_the_lock_it_would_have_set() {
        let mut guard = Guard::default();
        assert!((0..5).all(|_| is_checked(&mut guard, 7)));
        guard.succeeded(None);
        assert!((0..5).all(|_| is_checked(&mut guard, 8)));
        assert!(!is_checked(&mut guard, 8));
    }

    #[test]
    fn the_later_of_the_declared_and_the_own_password_is_in_force() {
        let mut guard = Guard::default();
        guard.succeeded(Some(Rehashed { phc: "rehashed".into(), set_at: Timestamp(10) }));
        let mut in_force = |phc, set_at| {
            guard.attempts.clear();
            guard.begin(Timestamp(100), POLICY, Some(&declared(phc, set_at)))
        };
        let check = |phc: &str| Admission::Check { phc: Some(phc.to_owned()), must_change: false };
        assert_eq!(in_force("declared", 10), check("rehashed"));
        assert_eq!(in_force("an older one that KV still shows", 9), check("rehashed"));
        assert_eq!(in_force("reset", 11), check("reset"));
    }

    #[test]
    fn a_late_rehash_does_not_undo_a_newer_one() {
        let mut guard = Guard::default();
        guard.succeeded(Some(Rehashed { phc: "newer".into(), set_at: Timestamp(20) }));
        guard.succeeded(Some(Rehashed { phc: "late".into(), set_at: Timestamp(10) }));
        let admission = guard.begin(Timestamp(100), POLICY, Some(&declared("declared", 20)));
        assert_eq!(admission, Admission::Check { phc: Some("newer".into()), must_change: false });
    }

    #[test]
    fn a_given_password_is_replaced_once_and_a_later_reset_gives_a_new_one() {
        let mut guard = Guard::default();
        let given = |set_at| Password { must_change: true, ..declared("given", set_at) };
        let must_change = |guard: &mut Guard, set_at| {
            guard.attempts.clear();
            match guard.begin(Timestamp(100), POLICY, Some(&given(set_at))) {
                Admission::Check { phc, must_change } => (phc.unwrap(), must_change),
                Admission::Locked { .. } => panic!("locked"),
            }
        };
        assert_eq!(must_change(&mut guard, 10), ("given".into(), true));
        assert!(guard.change("chosen".into(), Timestamp(10)));
        assert!(!guard.change("chosen again".into(), Timestamp(10)));
        assert_eq!(must_change(&mut guard, 10), ("chosen".into(), false));
        assert_eq!(must_change(&mut guard, 101), ("given".into(), true));
    }

    #[test]
    fn a_reset_wins_over_a_choice_made_against_an_older_declaration() {
        let mut guard = Guard::default();
        assert!(guard.change("chosen while KV still showed the old one".into(), Timestamp(10)));
        let admission = guard.begin(Timestamp(1030), POLICY, Some(&declared("reset", 1000)));
        assert_eq!(admission, Admission::Check { phc: Some("reset".into()), must_change: false });
    }

    #[test]
    fn a_chosen_password_is_hashed_anew_too() {
        let mut guard = Guard::default();
        assert!(guard.change("chosen".into(), Timestamp(10)));
        guard.succeeded(Some(Rehashed { phc: "chosen, hashed anew".into(), set_at: Timestamp(10) }));
        let admission = guard.begin(Timestamp(100), POLICY, Some(&declared("given", 10)));
        assert_eq!(admission, Admission::Check { phc: Some("chosen, hashed anew".into()), must_change: false });
    }

    #[test]
    fn a_guard_without_a_password_is_forgotten_when_nothing_of_it_matters() {
        let mut guard = Guard::default();
        is_checked(&mut guard, 1000);
        assert_eq!(guard.forget_at(), Some(Timestamp(1060)));
        for _ in 0..4 {
            is_checked(&mut guard, 1000);
        }
        assert_eq!(guard.forget_at(), Some(Timestamp(1300)));
        guard.succeeded(Some(Rehashed { phc: "own".into(), set_at: Timestamp(1) }));
        assert_eq!(guard.forget_at(), None);
    }

    #[test]
    fn a_hash_is_never_printed() {
        let mut guard = Guard::default();
        guard.succeeded(Some(Rehashed { phc: "$argon2id$hush".into(), set_at: Timestamp(1) }));
        assert!(!format!("{guard:?} {:?}", declared("hush", 1)).contains("hush"));
    }
}
