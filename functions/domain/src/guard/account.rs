//! An account as its operators see it: what keeps its agent out, and what they are checked against; never a hash or
//! secret.

use kv_schema::Timestamp;

use super::Guard;
use crate::members::{Member, object};

impl Guard {
    /// The account at `now`, as JSON. `declared` is when its password was declared.
    pub(super) fn account(&self, now: Timestamp, declared: Timestamp) -> String {
        let locked_until = self.locked_until.filter(|until| *until > now);
        let (password, since) = match self.own_instead_of(declared) {
            Some(own) if own.is_given => ("given", Some(own.since())),
            Some(own) if !own.is_rehashed(declared) => ("own", Some(own.since())),
            // Agents whom a provider vouches for have none.
            _ if declared == Timestamp::default() => ("none", None),
            _ => ("declared", Some(declared)),
        };
        let second = &self.second;
        let kept_out =
            [("disabled", self.disabled), ("locked", locked_until.is_some()), ("wrong_codes", second.is_spent())];
        let proofs = [("authenticator", second.has_app()), ("passkey", second.has_passkey())];
        object(&[
            ("kept_out", Member::List(&named(&kept_out))),
            ("locked_until", locked_until.map_or(Member::Absent, |until| Member::Number(until.0))),
            ("password", Member::Text(password)),
            ("password_since", since.map_or(Member::Absent, |since| Member::Number(since.0))),
            ("second_step_required", Member::Flag(second.is_required())),
            ("second_step", Member::List(&named(&proofs))),
            ("recovery_codes", Member::Number(second.recovery_codes().into())),
        ])
    }
}

/// The names whose flag is set.
fn named<'a>(all: &[(&'a str, bool)]) -> Vec<&'a str> {
    all.iter().filter(|(_, is_so)| *is_so).map(|(name, _)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Ask, Change, Operation, Proof, Rehashed};
    use super::*;
    use kv_schema::directory::LockPolicy;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp(1_000);
    const DECLARED: Timestamp = Timestamp(10);

    fn account(guard: &Guard, now: Timestamp) -> Value {
        serde_json::from_str(&guard.account(now, DECLARED)).unwrap()
    }

    #[test]
    fn an_account_that_nothing_has_happened_to_keeps_nobody_out() {
        let blank = json!({
            "kept_out": [], "password": "declared", "password_since": 10,
            "second_step_required": false, "second_step": [], "recovery_codes": 0,
        });
        assert_eq!(account(&Guard::default(), NOW), blank);
    }

    #[test]
    fn what_keeps_an_agent_out_is_told_for_as_long_as_it_does() {
        let mut guard = Guard::default();
        let policy = LockPolicy { attempts: 1, window_seconds: 60, lock_seconds: 300 };
        guard.begin(NOW, policy, None, 0, None);
        let seen = account(&guard, NOW);
        assert_eq!((&seen["kept_out"], &seen["locked_until"]), (&json!(["locked"]), &json!(1_300)));
        let seen = account(&guard, Timestamp(1_300));
        assert_eq!((&seen["kept_out"], seen.get("locked_until")), (&json!([]), None));
        guard.operate(NOW, Operation::Disable);
        guard.operate(NOW, Operation::RequireSecondStep);
        let seen = account(&guard, NOW);
        assert_eq!((&seen["kept_out"], &seen["second_step_required"]), (&json!(["disabled", "locked"]), &json!(true)));
    }

    #[test]
    fn a_password_that_is_chosen_in_the_very_second_in_which_another_one_was_given_is_the_agents_own() {
        let mut guard = Guard::default();
        guard.operate(NOW, Operation::Reset { phc: "given".into(), at: NOW });
        let (proof, declared) = (Proof::Password(Some(0)), "declared".to_owned());
        assert!(guard.change(NOW, Change { phc: "chosen".into(), replaces: DECLARED, declared, proof, history: 5 }));
        assert_eq!(account(&guard, NOW)["password"], "own");
    }

    #[test]
    fn a_declared_password_that_was_hashed_anew_is_the_declared_one() {
        let mut guard = Guard::default();
        guard.rehash(Rehashed { phc: "rehashed".into(), set_at: DECLARED });
        assert_eq!(
            (&account(&guard, NOW)["password"], &account(&guard, NOW)["password_since"]),
            (&json!("declared"), &json!(10))
        );
    }

    #[test]
    fn a_given_password_is_told_as_that_and_a_later_declared_one_takes_its_place() {
        let mut guard = Guard::default();
        guard.operate(NOW, Operation::Reset { phc: "given".into(), at: Timestamp(900) });
        let seen = account(&guard, NOW);
        assert_eq!((&seen["password"], &seen["password_since"]), (&json!("given"), &json!(1_000)));
        let nobodys = guard.account(NOW, Timestamp::default());
        assert!(nobodys.contains(r#""password":"given""#), "{nobodys}");
        let nobodys = Guard::default().account(NOW, Timestamp::default());
        assert!(nobodys.contains(r#""password":"none","second"#), "{nobodys}");
        let later = guard.apply(NOW, Ask::Account { declared: Timestamp(901) });
        assert!(matches!(later, super::super::Answer::Account(json) if json.contains(r#""password":"declared""#)));
    }
}
