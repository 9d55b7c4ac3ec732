//! The guard of one account: counts attempts before they are checked, locks, and knows which password is in force.
//!
//! One guard serves all spellings of an account, which its callers have already made one. It holds what changes with
//! use and must be exact, so it lives in a Durable Object, which hands it one request at a time.

mod account;
mod ask;
mod created;
mod link;
mod operation;
mod passwords;
mod second_step;
mod sign_in;

use kv_schema::Timestamp;
use kv_schema::directory::{LockPolicy, Password};
use kv_schema::names::Username;
use kv_schema::sessions::CreatedAgent;
use serde::{Deserialize, Serialize};

pub use ask::{Admission, Answer, Ask, Lock};
pub use link::LINK_LIFE;
use link::Link;
pub use operation::Operation;
pub use passwords::{Change, Due, Proof, Rehashed, Replaced};
use passwords::{Hash, Own};
use second_step::SecondStep;
pub use second_step::{Attempt, Checked};
pub use sign_in::{CODE_LIFE, Denied, Grant, Shown, SignIn};

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
    /// The latest password that the agent has chosen, in force instead of the declared one.
    own: Option<Own>,
    /// Earlier passwords, including given ones; the latest first.
    past: Vec<Hash>,
    /// The last link sent for choosing another password.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    /// When such links were sent, or would have been.
    links: Vec<Timestamp>,
    /// Whether an operator has disabled the account here, where it is exact.
    disabled: bool,
    /// What the second step is checked against.
    #[serde(skip_serializing_if = "SecondStep::is_blank")]
    second: SecondStep,
    /// Where the agent is signed in at `OneContactLogin`; the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sign_ins: Vec<SignIn>,
    /// What applications were given for these sign-ins; the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grants: Vec<Grant>,
    /// In the guard of an application: hashes of the tokens by which it has shown who it is, each until that token
    /// expires.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shown: Vec<(String, Timestamp)>,
    /// The agent, if nobody has declared them, and until when that lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<(CreatedAgent, Timestamp)>,
    /// In the guard of an extension: the undeclared agent whose usual one it is, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual: Option<(Username, Timestamp)>,
}

impl Guard {
    /// Counts an attempt before anybody looks at its password, and says whether it may be checked.
    pub fn begin(
        &mut self,
        now: Timestamp,
        policy: LockPolicy,
        declared: Option<&Password>,
        max_age_days: u32,
        device: Option<&str>,
    ) -> Admission {
        match self.admit(now, policy) {
            Err(until) => Admission::Locked { until },
            Ok(()) if self.disabled => Admission::Disabled,
            Ok(()) => self.in_force(now, declared, max_age_days, device),
        }
    }

    /// Counts an attempt, at a password or at a code: they share one count. The error is until when none is admitted.
    fn admit(&mut self, now: Timestamp, policy: LockPolicy) -> Result<(), Timestamp> {
        if let Some(until) = self.locked_until.filter(|until| *until > now) {
            return Err(until);
        }
        if self.locked_until.take().is_some() {
            self.attempts.clear();
        }
        self.attempts.retain(|at| now.since(*at) < u64::from(policy.window_seconds));
        self.attempts.push(now);
        self.matters_until = self.matters_until.max(now.plus(u64::from(policy.window_seconds)));
        if self.attempts.len() >= usize::try_from(policy.attempts).unwrap_or(usize::MAX) {
            // The last attempt that counts is still checked; if it is right, the lock goes with the count.
            let until = now.plus(u64::from(policy.lock_seconds));
            self.locked_until = Some(until);
            self.matters_until = self.matters_until.max(until);
        }
        Ok(())
    }

    /// Forgets the failures before a success, and takes a hash with today's parameters. Half a success, which a second
    /// step follows, only does not count as a failure itself: otherwise whoever has the password could try codes for
    /// ever.
    pub fn succeeded(&mut self, rehashed: Option<Rehashed>, is_half: bool) {
        if is_half {
            self.attempts.pop();
        } else {
            self.attempts.clear();
        }
        self.locked_until = None;
        if let Some(rehashed) = rehashed {
            self.rehash(rehashed);
        }
    }

    /// Applies a request. If an attempt locks the account, the answer says so; the lock stands unless the attempt is
    /// right.
    pub fn apply(&mut self, now: Timestamp, ask: Ask) -> Answer {
        let (locked_until, was_spent) = (self.locked_until, self.second.is_spent());
        let answer = self.answer(now, ask);
        match self.locked_until {
            _ if self.second.is_spent() && !was_spent => Answer::Locks(Lock::UntilUnlocked, Box::new(answer)),
            Some(until) if locked_until != Some(until) => Answer::Locks(Lock::Until(until), Box::new(answer)),
            _ => answer,
        }
    }

    fn answer(&mut self, now: Timestamp, ask: Ask) -> Answer {
        match ask {
            Ask::Begin { policy, declared, max_age_days, device } => {
                Answer::Admission(self.begin(now, policy, declared.as_ref(), max_age_days, device.as_deref()))
            }
            Ask::Succeeded { rehashed, is_half } => {
                self.succeeded(rehashed, is_half);
                Answer::Done
            }
            Ask::Code(attempt) => match self.check(now, attempt) {
                Ok((checked, device)) => Answer::Code(checked, device),
                Err((key, otherwise)) => Answer::Key(key, otherwise),
            },
            Ask::Passkeys { rp } => {
                let (ids, is_full) = self.passkeys(&rp);
                Answer::Passkeys(ids, is_full)
            }
            Ask::Text { hash } => match self.send_code(now, hash) {
                Ok(()) => Answer::Done,
                Err(seconds) => Answer::Wait(seconds),
            },
            Ask::Unsent { hash } => {
                self.unsend_code(&hash);
                Answer::Done
            }
            Ask::Past { count } => Answer::Past(self.latest(count)),
            Ask::Change(change) => Answer::of(self.change(now, change)),
            Ask::Account { declared } => Answer::Account(self.account(now, declared)),
            Ask::Operate(operation) => {
                self.operate(now, operation);
                Answer::Done
            }
            Ask::Forgot { hash, declared } => Answer::of(self.issue_link(now, hash, declared)),
            Ask::Link { hashes, declared } => Answer::of(self.link_stands(now, &hashes, declared)),
            Ask::SignIn(sign_in) => Answer::of(self.sign_in(now, sign_in)),
            Ask::EndSignIns { only, but } => Answer::of(self.end_sign_ins(only.as_ref(), but.as_ref())),
            Ask::Leave(id) => Answer::Left(self.leave(&id)),
            Ask::Grant { grant, declared } => Answer::of(self.grant(now, grant, declared)),
            Ask::Redeem(shown) => {
                let whose = self.whose(&shown.family);
                match (self.redeem(now, shown), whose) {
                    (Ok(granted), _) => Answer::Granted(Box::new(granted)),
                    (Err(denied), Some(whose)) => Answer::Refused(denied, Box::new(whose)),
                    (Err(denied), None) => Answer::Denied(denied),
                }
            }
            Ask::GiveBack { grant, replaced_by } => Answer::of(self.give_back(grant, &replaced_by)),
            Ask::Stands { sign_in, family, declared } => self.grant_stands(now, &sign_in, family.as_deref(), declared),
            Ask::Vouch(agent) => match self.vouch(now, *agent) {
                Ok(before) => Answer::Created(before.map(Box::new)),
                Err(_) => Answer::Superseded,
            },
            Ask::Created => Answer::Created(self.created(now).map(Box::new)),
            Ask::Usual { agent, takes } => Answer::of(self.usual(now, agent, takes)),
            Ask::Once { hash, until } => Answer::of(self.is_new(now, hash, until)),
        }
    }

    /// When nothing in this guard matters any more; `None` if it holds a password, a second step or an operator's
    /// decision. Names that nobody has are guarded too, and must not fill the storage.
    #[must_use]
    pub fn forget_at(&self) -> Option<Timestamp> {
        (self.own.is_none() && !self.disabled && !self.second.lasts()).then_some(self.matters_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: LockPolicy = LockPolicy { attempts: 5, window_seconds: 60, lock_seconds: 300 };

    fn is_checked(guard: &mut Guard, at: u64) -> bool {
        matches!(guard.begin(Timestamp(at), POLICY, None, 0, None), Admission::Check { .. })
    }

    #[test]
    fn five_within_a_minute_lock_for_five_minutes() {
        let mut guard = Guard::default();
        assert!((0..5).all(|second| is_checked(&mut guard, 1000 + second)));
        assert_eq!(guard.begin(Timestamp(1005), POLICY, None, 0, None), Admission::Locked { until: Timestamp(1304) });
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
        assert!((0..50).all(|attempt| is_checked(&mut guard, 1000 + attempt * 15)));
    }

    #[test]
    fn a_success_on_the_last_try_lifts_the_lock_it_would_have_set() {
        let mut guard = Guard::default();
        assert!((0..5).all(|_| is_checked(&mut guard, 7)));
        guard.succeeded(None, false);
        assert!((0..5).all(|_| is_checked(&mut guard, 8)));
        assert!(!is_checked(&mut guard, 8));
    }

    #[test]
    fn a_lock_that_is_over_leaves_no_count_however_long_the_window_is() {
        let policy = LockPolicy { attempts: 2, window_seconds: 1000, lock_seconds: 10 };
        let mut guard = Guard::default();
        let mut is_checked = |at| matches!(guard.begin(Timestamp(at), policy, None, 0, None), Admission::Check { .. });
        assert!(is_checked(1) && is_checked(1) && !is_checked(10));
        assert!(is_checked(11) && is_checked(11) && !is_checked(11));
    }

    #[test]
    fn half_a_success_neither_counts_nor_forgives_and_lifts_the_lock_that_it_would_have_set() {
        let mut guard = Guard::default();
        assert!((0..4).all(|_| is_checked(&mut guard, 7)));
        for _ in 0..9 {
            assert!(is_checked(&mut guard, 7));
            guard.succeeded(None, true);
        }
        assert!(is_checked(&mut guard, 8), "the fifth that is wrong");
        assert!(!is_checked(&mut guard, 8));
        assert!(is_checked(&mut guard, 308) && is_checked(&mut guard, 308), "and a lock that is over forgives");
    }

    #[test]
    fn the_attempt_that_sets_the_lock_says_until_when_and_no_other_one_does() {
        let mut guard = Guard::default();
        let mut lock = |at| {
            let ask = Ask::Begin { policy: POLICY, declared: None, max_age_days: 0, device: None };
            let (answer, lock) = guard.apply(Timestamp(at), ask).apart();
            assert!(matches!(answer, Answer::Admission(_)));
            lock
        };
        assert!((0..4).all(|_| lock(1000).is_none()));
        assert_eq!((lock(1004), lock(1004), lock(1303)), (Some(Lock::Until(Timestamp(1304))), None, None));
        assert!((0..4).all(|_| lock(1304).is_none()));
        assert_eq!(lock(1304), Some(Lock::Until(Timestamp(1604))), "and so each time");
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
        guard.succeeded(Some(Rehashed { phc: "own".into(), set_at: Timestamp(1) }), false);
        assert_eq!(guard.forget_at(), None);
    }
}
