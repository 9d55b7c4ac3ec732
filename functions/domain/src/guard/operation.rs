//! What operators do to an account at once, in its guard: exact, however late KV is. What they declare is in KV.

use kv_schema::Timestamp;
use serde::{Deserialize, Serialize};

use super::Guard;
use super::passwords::{Hash, Own};

/// Something that an operator does to an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Ends a lock, and forgets the attempts that led to it.
    Unlock,
    /// Gives the agent another password, which has to be replaced at the next login.
    Reset {
        /// Its hash.
        phc: String,
        /// When the operator gave it, by the clock that declarations use: it replaces what was declared up to then.
        at: Timestamp,
    },
    /// Keeps the agent out, whatever is declared.
    Disable,
    /// Lets the agent in again, if that is declared.
    Enable,
    /// Requires a second step of the agent, whatever is declared.
    RequireSecondStep,
    /// Requires it of them only if that is declared.
    WaiveSecondStep,
    /// Forgets the agent's authenticator app, passkeys and recovery codes, and every device.
    ResetSecondStep,
}

/// Reveals no hash.
impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Operation {
    /// Its name in addresses and in the log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Reset { .. } => "reset",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::RequireSecondStep => "require-second-step",
            Self::WaiveSecondStep => "waive-second-step",
            Self::ResetSecondStep => "reset-second-step",
        }
    }
}

impl Guard {
    /// Carries out an operation.
    pub(super) fn operate(&mut self, now: Timestamp, operation: Operation) {
        match operation {
            Operation::Unlock => {
                self.succeeded(None, false);
                self.second.forgive();
            }
            Operation::Reset { phc, at } => {
                self.succeeded(None, false);
                self.link = None;
                self.end_sign_ins(None, None);
                let before = self.own.take();
                // A declaration seen here is no later than this, whatever the operator's clock says.
                let replaces_up_to = before.as_ref().map_or(at, |own| own.replaces_up_to.max(at));
                let number = before.as_ref().map_or(0, |own| own.number + 1);
                if let Some(before) = before {
                    self.past.insert(0, before.phc);
                }
                self.own = Some(Own { phc: Hash(phc), replaces_up_to, chosen_at: now, number, is_given: true });
            }
            Operation::Disable => {
                self.disabled = true;
                self.link = None;
                self.end_sign_ins(None, None);
            }
            Operation::Enable => self.disabled = false,
            Operation::RequireSecondStep => self.second.require(true),
            Operation::WaiveSecondStep => self.second.require(false),
            Operation::ResetSecondStep => self.second.reset(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Admission, Answer, Ask, Change, Due, Proof};
    use super::*;
    use crate::second_step::Facts;
    use kv_schema::directory::{LockPolicy, Password};

    const POLICY: LockPolicy = LockPolicy { attempts: 1, window_seconds: 60, lock_seconds: 300 };

    fn declared(phc: &str, set_at: u64) -> Password {
        Password { phc: phc.into(), set_at: Timestamp(set_at), must_change: false }
    }

    fn begin(guard: &mut Guard, declared: &Password) -> Admission {
        guard.begin(Timestamp(1000), POLICY, Some(declared), 0, None)
    }

    fn check(phc: &str, due: Option<Due>, own: Option<u64>) -> Admission {
        Admission::Check { phc: Some(phc.into()), due, own, second: Facts::default() }
    }

    fn reset(guard: &mut Guard, phc: &str, at: u64) {
        guard.operate(Timestamp(1000), Operation::Reset { phc: phc.into(), at: Timestamp(at) });
    }

    fn choose(guard: &mut Guard, phc: &str, replaces: u64, own: Option<u64>) -> bool {
        let (replaces, proof) = (Timestamp(replaces), Proof::Password(own));
        let change = Change { phc: phc.into(), replaces, declared: "declared".into(), proof, history: 5 };
        guard.apply(Timestamp(1000), Ask::Change(change)) == Answer::Done
    }

    #[test]
    fn an_operator_ends_a_lock() {
        let (mut guard, password) = (Guard::default(), declared("declared", 10));
        begin(&mut guard, &password);
        assert!(matches!(begin(&mut guard, &password), Admission::Locked { .. }));
        guard.operate(Timestamp(1000), Operation::Unlock);
        assert_eq!(begin(&mut guard, &password), check("declared", None, None));
    }

    #[test]
    fn a_password_that_an_operator_gives_ends_the_lock_and_has_to_be_replaced_once() {
        let (mut guard, password) = (Guard::default(), declared("declared", 10));
        begin(&mut guard, &password);
        reset(&mut guard, "given", 900);
        assert_eq!(begin(&mut guard, &password), check("given", Some(Due::Given), Some(0)));
        assert!(choose(&mut guard, "chosen", 10, Some(0)) && !choose(&mut guard, "late", 10, Some(0)));
        guard.operate(Timestamp(1000), Operation::Unlock);
        assert_eq!(begin(&mut guard, &password), check("chosen", None, Some(1)));
        assert_eq!(guard.latest(9), ["chosen", "given"]);
    }

    #[test]
    fn the_later_of_two_operators_words_counts_however_late_kv_shows_the_first() {
        let mut guard = Guard::default();
        reset(&mut guard, "given", 900);
        assert_eq!(
            begin(&mut guard, &declared("of before, seen late", 899)),
            check("given", Some(Due::Given), Some(0))
        );
        guard.operate(Timestamp(1000), Operation::Unlock);
        assert_eq!(begin(&mut guard, &declared("of after", 901)), check("of after", None, None));
    }

    #[test]
    fn what_an_agent_chooses_in_the_place_of_a_given_one_stands_in_for_as_much() {
        let mut guard = Guard::default();
        reset(&mut guard, "given", 900);
        // The node that the agent was at still showed what was declared at 10.
        assert!(choose(&mut guard, "chosen", 10, Some(0)));
        assert_eq!(begin(&mut guard, &declared("of before, seen late", 899)), check("chosen", None, Some(1)));
        guard.operate(Timestamp(1000), Operation::Unlock);
        assert_eq!(begin(&mut guard, &declared("of after", 901)), check("of after", None, None));
    }

    #[test]
    fn a_choice_made_against_the_password_of_before_a_reset_does_not_undo_it() {
        let (mut guard, password) = (Guard::default(), declared("declared", 10));
        reset(&mut guard, "given", 900);
        assert!(!choose(&mut guard, "late", 10, None));
        assert!(choose(&mut guard, "chosen", 10, Some(0)));
        reset(&mut guard, "given again", 950);
        assert!(!choose(&mut guard, "late", 10, Some(1)));
        assert_eq!(begin(&mut guard, &password), check("given again", Some(Due::Given), Some(2)));
    }

    #[test]
    fn a_disabled_account_counts_and_checks_nothing_and_forgets_nothing() {
        let (mut guard, password) = (Guard::default(), declared("declared", 10));
        assert!(guard.issue_link(Timestamp(1000), "link".into(), Some(Timestamp(10))));
        guard.operate(Timestamp(1000), Operation::Disable);
        assert_eq!((begin(&mut guard, &password), guard.forget_at()), (Admission::Disabled, None));
        assert!(matches!(begin(&mut guard, &password), Admission::Locked { .. }), "as of any other account");
        assert!(!choose(&mut guard, "chosen", 10, None), "nor is a password chosen");
        let link = guard.apply(Timestamp(1000), Ask::Forgot { hash: "new".into(), declared: Some(Timestamp(10)) });
        assert_eq!(link, Answer::Superseded, "nor a link sent");
        guard.operate(Timestamp(1000), Operation::Unlock);
        assert_eq!(begin(&mut guard, &password), Admission::Disabled, "unlocking is not enabling");
        guard.operate(Timestamp(1000), Operation::Enable);
        guard.operate(Timestamp(1000), Operation::Unlock);
        assert_eq!(begin(&mut guard, &password), check("declared", None, None));
    }
}
