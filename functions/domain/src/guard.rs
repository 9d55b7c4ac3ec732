//! The guard of one account: counts attempts before they are checked, locks, and knows which password is in force.
//!
//! One guard stands for all spellings of an account; whoever calls it has made them one. It holds what changes by use
//! and must be exact, so it lives in a Durable Object, which hands it one request at a time.

mod created;
mod link;
mod operation;
mod passwords;
mod second_step;
mod sign_in;

use kv_schema::Timestamp;
use kv_schema::directory::{LockPolicy, Password};
use kv_schema::names::{SessionId, Username};
use kv_schema::sessions::CreatedAgent;
use serde::{Deserialize, Serialize};

use crate::second_step::Facts;
use crate::token::Hint;

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
    /// The latest password that the agent has chosen, which stands instead of the declared one.
    own: Option<Own>,
    /// Passwords before it, given ones among them; the latest first.
    past: Vec<Hash>,
    /// The link that was sent last for choosing another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<Link>,
    /// When such links were sent, or would have been.
    links: Vec<Timestamp>,
    /// An operator has disabled the account here, where it is exact.
    disabled: bool,
    /// What the second step is checked against.
    #[serde(skip_serializing_if = "SecondStep::is_blank")]
    second: SecondStep,
    /// Where the agent is signed in at `OneContactLogin`; the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sign_ins: Vec<SignIn>,
    /// What applications were given for it; the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grants: Vec<Grant>,
    /// In the guard of an application: hashes of the tokens by which it has shown who it is, each until that is over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shown: Vec<(String, Timestamp)>,
    /// Who the agent is whom nobody has declared, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<(CreatedAgent, Timestamp)>,
    /// In the guard of an extension: whose usual one it is of those whom nobody has declared, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual: Option<(Username, Timestamp)>,
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
        /// Days after which a password has to be replaced; 0 where it never has to be.
        max_age_days: u32,
        /// What the device shows where it was remembered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
    },
    /// The attempt was right.
    Succeeded {
        /// The same password, hashed anew because parameters have risen.
        rehashed: Option<Rehashed>,
        /// A second step follows: until that is right too, what was wrong before goes on counting.
        #[serde(default)]
        is_half: bool,
    },
    /// Somebody whose password was right has typed the code of the second step, or shows a passkey.
    Code(Attempt),
    /// Which passkeys has the agent for this relying party?
    Passkeys {
        /// The relying party.
        rp: String,
    },
    /// May a code be sent?
    Text {
        /// Its keyed hash.
        hash: String,
    },
    /// A code could not be sent: it does not count.
    Unsent {
        /// Its keyed hash.
        hash: String,
    },
    /// Which passwords has the agent had?
    Past {
        /// How many of them are wanted, the present one counted.
        count: u32,
    },
    /// The agent has chosen a password.
    Change(Change),
    /// An operator changes the account.
    Operate(Operation),
    /// Somebody says that the password is forgotten: may a link be sent?
    Forgot {
        /// The keyed hash of the link's secret.
        hash: String,
        /// When the password was declared; `None` where no link can be sent, which is counted just the same.
        declared: Option<Timestamp>,
    },
    /// Does a link still stand?
    Link {
        /// The keyed hashes of its secret.
        hashes: Vec<String>,
        /// When the password was declared.
        declared: Timestamp,
    },
    /// The agent has signed in at `OneContactLogin`.
    SignIn(SignIn),
    /// Sign-ins are over.
    EndSignIns {
        /// This one alone; else all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<SessionId>,
        /// Not this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        but: Option<SessionId>,
    },
    /// The agent signs out: this sign-in is over.
    Leave(SessionId),
    /// An application is given a code, if the sign-in stands.
    Grant {
        /// The code.
        grant: Grant,
        /// When the password was declared; `None` for an agent who may not sign in.
        declared: Option<Timestamp>,
    },
    /// An application shows a code or a refresh token.
    Redeem(Shown),
    /// Does a sign-in stand, and what came of it?
    Stands {
        /// The sign-in.
        sign_in: SessionId,
        /// What came of it, as [`Grant::family`] has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        family: Option<String>,
        /// When the password was declared; `None` for an agent who may not sign in.
        declared: Option<Timestamp>,
    },
    /// A provider vouches for an agent whom nobody has declared.
    Vouch(Box<CreatedAgent>),
    /// Is there an agent whom nobody has declared?
    Created,
    /// May an agent whom nobody has declared have this extension as the usual one?
    Usual {
        /// The agent.
        agent: Username,
        /// Whether they take it, or let it go.
        takes: bool,
    },
    /// Is this shown for the first time?
    Once {
        /// The hash of what is shown.
        hash: String,
        /// When it is over by itself.
        until: Timestamp,
    },
}

/// A guard's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To [`Ask::Begin`].
    Admission(Admission),
    /// To [`Ask::Past`]: their hashes, the latest first.
    Past(Vec<String>),
    /// To [`Ask::Code`]; and what the device shows from now on, if it is to be remembered.
    Code(Checked, Option<String>),
    /// To [`Ask::Code`] of a passkey that is shown: its public key, as a JWK, and what it comes to where that has not signed.
    Key(String, Checked),
    /// To [`Ask::Passkeys`]: their ids, and whether there are as many as there may be.
    Passkeys(Vec<String>, bool),
    /// To [`Ask::Text`]: not before so many seconds are over.
    Wait(u64),
    /// To [`Ask::Redeem`]: what was granted, and by which sign-in.
    Granted(Box<(Grant, SignIn)>),
    /// To [`Ask::Redeem`]: it gives nothing.
    Denied(Denied),
    /// To [`Ask::Leave`]: what is shown to the instance's own provider, where the sign-in came from there.
    Left(Option<Hint>),
    /// To [`Ask::Created`]: who that is. To [`Ask::Vouch`]: who they were before.
    Created(Option<Box<CreatedAgent>>),
    /// To the others: yes, or done.
    Done,
    /// To the others: no. What was to be replaced has been replaced already; no link may be sent; the link is over.
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
        /// Why the agent has to replace it, where that is so.
        due: Option<Due>,
        /// The number of the password in force, where it is one that the agent has chosen.
        own: Option<u64>,
        /// What is known of the second step.
        #[serde(default)]
        second: Facts,
    },
    /// An operator has disabled the account; the attempt is counted, and there is nothing to check it against.
    Disabled,
    /// The account is locked; the attempt is neither counted nor checked.
    Locked {
        /// When the lock ends.
        until: Timestamp,
    },
}

impl Answer {
    const fn of(done: bool) -> Self {
        if done { Self::Done } else { Self::Superseded }
    }
}

impl Guard {
    /// Counts an attempt, before anybody looks at its password, and says whether it may be checked.
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

    /// Counts an attempt, be it at a password or at a code: they share one count. The error is until when none is admitted.
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

    /// Forgets the failures before a success, and takes a hash of today's parameters. Half a success, which a second step
    /// follows, only does not count as a failure itself: else whoever has the password could try codes for ever.
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

    /// Applies what is asked.
    pub fn apply(&mut self, now: Timestamp, ask: Ask) -> Answer {
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
            Ask::Operate(operation) => {
                self.operate(now, operation);
                Answer::Done
            }
            Ask::Forgot { hash, declared } => Answer::of(self.issue_link(now, hash, declared)),
            Ask::Link { hashes, declared } => Answer::of(self.link_stands(now, &hashes, declared)),
            Ask::SignIn(sign_in) => {
                self.sign_in(now, sign_in);
                Answer::Done
            }
            Ask::EndSignIns { only, but } => Answer::of(self.end_sign_ins(only.as_ref(), but.as_ref())),
            Ask::Leave(id) => Answer::Left(self.leave(&id)),
            Ask::Grant { grant, declared } => Answer::of(self.grant(now, grant, declared)),
            Ask::Redeem(shown) => match self.redeem(now, shown) {
                Ok(granted) => Answer::Granted(Box::new(granted)),
                Err(denied) => Answer::Denied(denied),
            },
            Ask::Stands { sign_in, family, declared } => {
                Answer::of(self.grant_stands(now, &sign_in, family.as_deref(), declared))
            }
            Ask::Vouch(agent) => Answer::Created(self.vouch(now, *agent).map(Box::new)),
            Ask::Created => Answer::Created(self.created(now).map(Box::new)),
            Ask::Usual { agent, takes } => Answer::of(self.usual(now, agent, takes)),
            Ask::Once { hash, until } => Answer::of(self.is_new(now, hash, until)),
        }
    }

    /// When nothing of this guard matters any more; `None` where it holds a password, a second step or an operator's word.
    /// Names that nobody has are guarded too, and must not fill the storage.
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
        assert!((0..50).all(|attempt| is_checked(&mut guard, 1000 + attempt * 16)));
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
