//! Passwords that agents have chosen: which is in force, which may not come back, and when one has to be replaced.
//!
//! A declared password is in KV, which may be late; the agent's own is here, and exact. The agent's own replaces only
//! the declaration that it was chosen against, identified by when that was declared. If the time of the choice decided
//! instead, a choice made while KV is late, or under another clock, would win over an earlier reset.

use kv_schema::Timestamp;
use kv_schema::directory::Password;
use serde::{Deserialize, Serialize};

use super::{Admission, Guard};
use crate::second_step::Facts;

/// A password that is kept in the guard and replaces the declared one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Own {
    pub(super) phc: Hash,
    /// It replaces what was declared up to then; anything declared later replaces it.
    pub(super) replaces_up_to: Timestamp,
    /// When it was chosen. Guards older than this field have none: then it is as old as what it replaces.
    #[serde(default)]
    pub(super) chosen_at: Timestamp,
    /// How many were chosen before it. Rehashing does not change that.
    #[serde(default)]
    pub(super) number: u64,
    /// Whether an operator gave it to the agent, who has to replace it.
    #[serde(default)]
    pub(super) is_given: bool,
}

impl Own {
    /// Since when it has been in force.
    pub(super) fn since(&self) -> Timestamp {
        self.chosen_at.max(self.replaces_up_to)
    }

    /// Whether it is the password `declared` at that time, rehashed. One from before the two were told apart counts as
    /// chosen.
    pub(super) fn is_rehashed(&self, declared: Timestamp) -> bool {
        (self.replaces_up_to, self.chosen_at) == (declared, declared)
    }
}

/// A hash that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Hash(pub(super) String);

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hash")
    }
}

/// Why a password has to be replaced before it signs anybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// It was given to the agent.
    Given,
    /// It is older than the instance allows.
    TooOld,
}

/// A rehashed password, and the declared one that it stands for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rehashed {
    /// The new hash.
    pub phc: String,
    /// The [`Password::set_at`] of what it stands for.
    pub set_at: Timestamp,
}

/// The password that a new one is to replace. It replaces no other, and so counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// The [`Password::set_at`] of the declared one.
    pub declared: Timestamp,
    /// The number of the agent's own, if that is in force instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<u64>,
}

/// What allows an agent to choose a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The password in force was right: the agent's own, with this number, or else the declared one.
    Password(Option<u64>),
    /// A link, by the keyed hashes of its secret.
    Link(Vec<String>),
}

/// A password that an agent has chosen.
#[derive(Serialize, Deserialize)]
pub struct Change {
    /// Its hash.
    pub phc: String,
    /// The [`Password::set_at`] of the declared one: the choice replaces that one, and none declared later.
    pub replaces: Timestamp,
    /// The hash of the declared one, which must not come back either.
    pub declared: String,
    /// What allows the agent to choose it.
    pub proof: Proof,
    /// How many passwords an agent may not choose again, including the present one.
    pub history: u32,
}

/// Reveals no hash.
impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change").field("replaces", &self.replaces).finish_non_exhaustive()
    }
}

impl Guard {
    /// The password in force.
    pub(super) fn in_force(
        &self,
        now: Timestamp,
        declared: Option<&Password>,
        max_age_days: u32,
        device: Option<&str>,
    ) -> Admission {
        let Some(declared) = declared else {
            return Admission::Check { phc: None, due: None, own: None, second: Facts::default() };
        };
        let number = self.number_instead_of(declared.set_at);
        let second = self.facts(now, Replaced { declared: declared.set_at, own: number }, device);
        let is_too_old =
            |since: Timestamp| max_age_days > 0 && now.since(since) >= u64::from(max_age_days) * 24 * 60 * 60;
        let too_old = |since| is_too_old(since).then_some(Due::TooOld);
        match self.own_instead_of(declared.set_at) {
            Some(own) => Admission::Check {
                phc: Some(own.phc.0.clone()),
                due: if own.is_given { Some(Due::Given) } else { too_old(own.since()) },
                own: number,
                second,
            },
            None => Admission::Check {
                phc: Some(declared.phc.clone()),
                due: if declared.must_change { Some(Due::Given) } else { too_old(declared.set_at) },
                own: None,
                second,
            },
        }
    }

    /// Takes a hash with today's parameters. A late one must not undo a newer password.
    pub(super) fn rehash(&mut self, Rehashed { phc, set_at }: Rehashed) {
        match &mut self.own {
            Some(own) if own.replaces_up_to > set_at => {}
            Some(own) if own.replaces_up_to == set_at => own.phc = Hash(phc),
            own => {
                let number = own.as_ref().map_or(0, |own| own.number + 1);
                if let Some(before) = own.take() {
                    self.past.insert(0, before.phc);
                }
                *own = Some(Own { phc: Hash(phc), replaces_up_to: set_at, chosen_at: set_at, number, is_given: false });
            }
        }
    }

    /// The hashes of the latest `count` passwords known here.
    pub(super) fn latest(&self, count: u32) -> Vec<String> {
        let all = self.own.iter().map(|own| &own.phc).chain(&self.past);
        all.take(usize::try_from(count).unwrap_or(usize::MAX)).map(|hash| hash.0.clone()).collect()
    }

    /// Takes the password that the agent has chosen, if their proof still holds; returns whether it did. A link also
    /// lifts the lock: the mailbox has proved more than a password does.
    pub(super) fn change(&mut self, now: Timestamp, change: Change) -> bool {
        let Change { phc, replaces, declared, proof, history } = change;
        let in_force = self.number_instead_of(replaces);
        match &proof {
            _ if self.disabled => return false,
            Proof::Password(own) if *own == in_force => {}
            Proof::Link(hashes) if self.link_stands(now, hashes, replaces) => self.succeeded(None, false),
            _ => return false,
        }
        self.link = None;
        self.end_sign_ins(None, None);
        let own = self.own.take();
        let number = own.as_ref().map_or(0, |own| own.number + 1);
        // The new one replaces whatever the one in force did, even a declaration that this agent's node cannot see yet.
        let replaces_up_to = own.as_ref().map_or(replaces, |own| own.replaces_up_to.max(replaces));
        if let Some(before) = own.filter(|own| !own.is_rehashed(replaces)) {
            self.past.insert(0, before.phc);
        }
        if in_force.is_none() {
            self.past.insert(0, Hash(declared));
        }
        // The present one is among those kept.
        self.past.truncate(usize::try_from(history.saturating_sub(1)).unwrap_or(usize::MAX));
        self.own = Some(Own { phc: Hash(phc), replaces_up_to, chosen_at: now, number, is_given: false });
        true
    }

    /// The number of the agent's own password, if that is in force instead of the one declared at `set_at`. That one
    /// rehashed is still the declared one.
    pub(super) fn number_instead_of(&self, set_at: Timestamp) -> Option<u64> {
        self.own_instead_of(set_at).filter(|own| !own.is_rehashed(set_at)).map(|own| own.number)
    }

    pub(super) fn own_instead_of(&self, set_at: Timestamp) -> Option<&Own> {
        self.own.as_ref().filter(|own| set_at <= own.replaces_up_to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60;

    fn declared(phc: &str, set_at: u64) -> Password {
        Password { phc: phc.to_owned(), set_at: Timestamp(set_at), must_change: false }
    }

    fn given(phc: &str, set_at: u64) -> Password {
        Password { must_change: true, ..declared(phc, set_at) }
    }

    /// What is in force at `now`: the hash, why it has to be replaced, and the number of the agent's own.
    fn in_force(guard: &Guard, now: u64, declared: &Password) -> (String, Option<Due>, Option<u64>) {
        match guard.in_force(Timestamp(now), Some(declared), 90, None) {
            Admission::Check { phc, due, own, .. } => (phc.unwrap(), due, own),
            Admission::Locked { .. } | Admission::Disabled => panic!("kept out"),
        }
    }

    fn choose(guard: &mut Guard, phc: &str, declared: &Password, own: Option<u64>) -> bool {
        change(guard, phc, declared, Proof::Password(own))
    }

    fn change(guard: &mut Guard, phc: &str, declared: &Password, proof: Proof) -> bool {
        let (replaces, declared) = (declared.set_at, declared.phc.clone());
        guard.change(Timestamp(1000), Change { phc: phc.into(), replaces, declared, proof, history: 5 })
    }

    #[test]
    fn the_later_of_the_declared_and_the_own_password_is_in_force() {
        let mut guard = Guard::default();
        guard.rehash(Rehashed { phc: "rehashed".into(), set_at: Timestamp(10) });
        let phc = |phc, set_at| in_force(&guard, 100, &declared(phc, set_at)).0;
        assert_eq!(phc("declared", 10), "rehashed");
        assert_eq!(phc("an older one that KV still shows", 9), "rehashed");
        assert_eq!(phc("reset", 11), "reset");
    }

    #[test]
    fn a_late_rehash_does_not_undo_a_newer_one() {
        let mut guard = Guard::default();
        guard.rehash(Rehashed { phc: "newer".into(), set_at: Timestamp(20) });
        guard.rehash(Rehashed { phc: "late".into(), set_at: Timestamp(10) });
        assert_eq!(in_force(&guard, 100, &declared("declared", 20)).0, "newer");
    }

    #[test]
    fn a_given_password_is_replaced_once_and_a_later_reset_gives_a_new_one() {
        let (mut guard, first) = (Guard::default(), given("given", 10));
        assert_eq!(in_force(&guard, 100, &first), ("given".into(), Some(Due::Given), None));
        assert!(choose(&mut guard, "chosen", &first, None));
        assert!(!choose(&mut guard, "chosen again", &first, None));
        assert_eq!(in_force(&guard, 100, &first), ("chosen".into(), None, Some(0)));
        assert_eq!(in_force(&guard, 100, &given("reset", 101)), ("reset".into(), Some(Due::Given), None));
    }

    #[test]
    fn a_reset_wins_over_a_choice_made_against_an_older_declaration() {
        let mut guard = Guard::default();
        assert!(choose(&mut guard, "chosen while KV still showed the old one", &given("old", 10), None));
        assert_eq!(in_force(&guard, 1030, &declared("reset", 1000)).0, "reset");
    }

    #[test]
    fn a_chosen_password_is_hashed_anew_too_and_stays_as_old_and_the_same_one() {
        let (mut guard, first) = (Guard::default(), given("given", 10));
        assert!(choose(&mut guard, "chosen", &first, None));
        guard.rehash(Rehashed { phc: "chosen, hashed anew".into(), set_at: Timestamp(10) });
        assert_eq!(in_force(&guard, 1000, &first), ("chosen, hashed anew".into(), None, Some(0)));
        assert_eq!(in_force(&guard, 1000 + 90 * DAY, &first).1, Some(Due::TooOld));
    }

    #[test]
    fn a_declared_password_that_is_hashed_anew_is_still_the_declared_one() {
        let (mut guard, first) = (Guard::default(), declared("declared", 10));
        guard.rehash(Rehashed { phc: "hashed anew".into(), set_at: Timestamp(10) });
        assert_eq!(in_force(&guard, 100, &first), ("hashed anew".into(), None, None));
        assert!(choose(&mut guard, "chosen", &first, None), "by whoever typed it before it was hashed anew");
        assert_eq!(guard.latest(9), ["chosen", "declared"], "it counts once among those that may not come back");
    }

    #[test]
    fn a_password_is_due_from_the_age_on_that_the_instance_wants() {
        let (mut guard, first) = (Guard::default(), declared("declared", 10));
        assert_eq!(in_force(&guard, 10 + 90 * DAY - 1, &first).1, None);
        assert_eq!(in_force(&guard, 10 + 90 * DAY, &first).1, Some(Due::TooOld));
        assert!(choose(&mut guard, "chosen", &first, None));
        assert_eq!(in_force(&guard, 1000 + 90 * DAY - 1, &first).1, None);
        assert_eq!(in_force(&guard, 1000 + 90 * DAY, &first).1, Some(Due::TooOld));
        let ageless = guard.in_force(Timestamp(u64::MAX), Some(&first), 0, None);
        let second = Facts::default();
        assert_eq!(ageless, Admission::Check { phc: Some("chosen".into()), due: None, own: Some(0), second });
    }

    #[test]
    fn of_two_who_replace_the_same_password_one_does() {
        let (mut guard, first) = (Guard::default(), declared("declared", 10));
        assert!(choose(&mut guard, "first", &first, None));
        assert!(choose(&mut guard, "second", &first, Some(0)));
        assert!(!choose(&mut guard, "late", &first, Some(0)));
        assert_eq!(in_force(&guard, 1000, &first), ("second".into(), None, Some(1)));
    }

    #[test]
    fn a_link_replaces_whatever_is_in_force_once_and_lifts_the_lock() {
        let (mut guard, first) = (Guard::default(), declared("declared", 10));
        let link = || Proof::Link(vec!["link".into()]);
        assert!(choose(&mut guard, "chosen", &first, None));
        assert!(!change(&mut guard, "guessed", &first, link()));
        let policy = kv_schema::directory::LockPolicy { attempts: 1, ..Default::default() };
        guard.begin(Timestamp(999), policy, Some(&first), 0, None);
        assert!(matches!(guard.begin(Timestamp(999), policy, Some(&first), 0, None), Admission::Locked { .. }));
        assert!(guard.issue_link(Timestamp(999), "link".into(), Some(Timestamp(10))));
        assert!(change(&mut guard, "by link", &first, link()));
        assert!(!change(&mut guard, "by link again", &first, link()));
        assert_eq!(in_force(&guard, 1000, &first).0, "by link");
        assert!(matches!(guard.begin(Timestamp(1000), policy, Some(&first), 0, None), Admission::Check { .. }));
    }

    #[test]
    fn a_password_that_was_chosen_ends_the_link() {
        let (mut guard, first) = (Guard::default(), given("given", 10));
        assert!(guard.issue_link(Timestamp(999), "link".into(), Some(Timestamp(10))));
        assert!(choose(&mut guard, "chosen", &first, None));
        assert!(!change(&mut guard, "by link", &first, Proof::Link(vec!["link".into()])));
    }

    #[test]
    fn the_latest_passwords_are_remembered_given_ones_among_them_and_no_more_than_are_wanted() {
        let (mut guard, mut now) = (Guard::default(), given("given", 10));
        for number in 0..3 {
            let own = (number > 0).then(|| number - 1);
            assert!(choose(&mut guard, &format!("chosen {number}"), &now, own));
        }
        assert_eq!(guard.latest(9), ["chosen 2", "chosen 1", "chosen 0", "given"]);
        now = given("reset", 2000);
        assert!(choose(&mut guard, "chosen after a reset", &now, None));
        assert_eq!(guard.latest(9), ["chosen after a reset", "reset", "chosen 2", "chosen 1", "chosen 0"]);
        assert_eq!(guard.latest(2), ["chosen after a reset", "reset"]);
    }

    #[test]
    fn a_guard_of_before_passwords_had_a_time_is_read() {
        let json = r#"{"own":{"phc":"chosen","replaces_up_to":10}}"#;
        let guard: Guard = serde_json::from_str(json).unwrap();
        assert_eq!(in_force(&guard, 10 + 90 * DAY - 1, &given("given", 10)), ("chosen".into(), None, Some(0)));
        assert_eq!(in_force(&guard, 10 + 90 * DAY, &given("given", 10)).1, Some(Due::TooOld));
    }

    #[test]
    fn a_hash_is_never_printed() {
        let mut guard = Guard::default();
        assert!(choose(&mut guard, "$hush", &given("$hush", 10), None));
        let change = Change {
            phc: "$hush".into(),
            replaces: Timestamp(10),
            declared: "$hush".into(),
            proof: Proof::Password(None),
            history: 5,
        };
        assert!(!format!("{guard:?} {change:?}").contains("hush"));
    }
}
