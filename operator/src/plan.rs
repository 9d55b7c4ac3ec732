//! From declarations to what must be written and removed. Pure: the store's content comes in as values, and so does
//! which passwords match.

mod compare;
mod extensions;
mod kind;
mod records;
mod removals;

use std::collections::{HashMap, HashSet};

use kv_schema::Timestamp;
use kv_schema::directory::Password;

pub(crate) use kind::Kind;
pub(crate) use records::{Desired, Destination, derive};

use crate::passwords::Salt;
use crate::secret::Secret;
use crate::store::{Entry, Listing};
use records::{Draft, entry};

/// The store's content, as far as it was read.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    pub(crate) listing: Listing,
    pub(crate) values: HashMap<String, String>,
    /// Keys of the agents whose stored hash matches the password declared in the clear.
    pub(crate) fitting: HashSet<String>,
}

/// What applying would do.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// In the order of writing: what others refer to comes first.
    pub(crate) writes: Vec<Write>,
    /// In the order of removing, which follows all writes.
    pub(crate) removals: Vec<Removal>,
    /// Records that are stored as declared.
    pub(crate) unchanged: usize,
    /// Agents stored now, declared or not.
    pub(crate) agents_before: usize,
    /// Removals that must wait, because the declarations have errors.
    pub(crate) held_back: usize,
    /// Changes that must wait for the same reason.
    pub(crate) changes_held_back: usize,
    /// Why it must not be applied at all.
    pub(crate) refusals: Vec<String>,
}

/// A record to add or change.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    /// What it is, in a person's words.
    pub(crate) label: String,
    pub(crate) change: Change,
    pub(crate) content: Content,
    /// Whether an existing agent gets a different declared password. It then takes effect, and the password that they
    /// chose since the previous one was declared no longer does.
    pub(crate) replaces_password: bool,
}

/// Why a record is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    /// The names of the fields that differ.
    Changed(Vec<String>),
}

/// What is written.
#[derive(Debug)]
pub(crate) enum Content {
    Ready(Entry),
    /// An agent whose password is still to be hashed, and when it counts as set.
    Unhashed(Box<Draft>, Secret, Timestamp),
}

impl Content {
    /// The password that must be hashed first, if any, and its salt.
    pub(crate) fn unhashed(&self) -> Option<(&Secret, Salt)> {
        match self {
            Self::Ready(_) => None,
            Self::Unhashed(draft, secret, _) => Some((secret, draft.salt())),
        }
    }

    /// The record to write, with `phc` as its password if that had to be hashed.
    pub(crate) fn entry(&self, phc: Option<String>) -> Entry {
        match self {
            Self::Ready(entry) => entry.clone(),
            Self::Unhashed(draft, _, set_at) => entry(&draft.agent(phc.unwrap_or_default(), *set_at)),
        }
    }
}

/// A record to remove.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    /// What it is, in a person's words.
    pub(crate) label: String,
    /// What is left in its place: a retired instance stays as such.
    pub(crate) leaves: Option<Entry>,
}

impl Removal {
    /// Whether it removes something that people declare; other removals only follow.
    pub(crate) const fn is_of_a_declaration(&self) -> bool {
        !matches!(self.kind, Kind::Email | Kind::InstanceName | Kind::InstallExtension)
    }
}

impl Plan {
    /// Whether everything is stored as declared.
    pub(crate) const fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.removals.is_empty()
    }

    /// Takes out what may follow only from declarations that were left out, and counts it: removals, and changes of
    /// instances and extensions. What those say is derived from all agents and extensions of the instance, and without
    /// some of them it would say less: that nobody needs an extension, or that everybody may use one.
    pub(crate) fn hold_back(&mut self) {
        self.held_back += std::mem::take(&mut self.removals).len();
        let before = self.writes.len();
        let follows = |write: &Write| {
            matches!(write.kind, Kind::Instance | Kind::Extension) && matches!(write.change, Change::Changed(_))
        };
        self.writes.retain(|write| !follows(write));
        self.changes_held_back += before - self.writes.len();
    }

    /// How many agents it removes.
    pub(crate) fn agents_removed(&self) -> usize {
        self.removals.iter().filter(|removal| removal.kind == Kind::Agent).count()
    }

    /// How many agents get a different declared password.
    pub(crate) fn passwords_replaced(&self) -> usize {
        self.writes.iter().filter(|write| write.replaces_password).count()
    }
}

/// The keys whose values are needed to compare `desired` with the store: of records that differ, of agents with a clear
/// password, and of instances that are no longer declared.
pub(crate) fn needed_values(desired: &[Desired], listing: &Listing) -> Vec<String> {
    let differs = |desired: &&Desired| {
        let stored = listing.get(&desired.key);
        stored.is_some_and(|digest| desired.clear_password().is_some() || *digest != desired.digest())
    };
    let wanted: HashSet<&str> = desired.iter().map(|desired| desired.key.as_str()).collect();
    let forgotten = |key: &&String| Kind::of(key) == Some(Kind::Instance) && !wanted.contains(key.as_str());
    let of_desired = desired.iter().filter(differs).map(|desired| desired.key.clone());
    of_desired.chain(listing.keys().filter(forgotten).cloned()).collect()
}

/// Pairs of clear passwords and stored hashes to check against each other, by the agent's key.
pub(crate) fn passwords_to_check<'a>(
    desired: &'a [Desired],
    values: &HashMap<String, String>,
) -> Vec<(&'a str, &'a Secret, String)> {
    let pair = |desired: &'a Desired| {
        let stored = compare::stored_agent(&desired.key, values)?;
        Some((desired.key.as_str(), desired.clear_password()?, stored.password.phc))
    };
    desired.iter().filter_map(pair).collect()
}

/// Compares `desired` with the store.
pub(crate) fn make(desired: Vec<Desired>, stored: &Stored, now: Timestamp) -> Plan {
    let mut plan = Plan {
        agents_before: stored.listing.keys().filter(|key| Kind::of(key) == Some(Kind::Agent)).count(),
        ..Plan::default()
    };
    removals::add(&mut plan, &desired, stored);
    for desired in desired {
        compare::add(&mut plan, desired, stored, now);
    }
    plan.writes.sort_by_key(|write| write.kind);
    plan
}

/// A password as it is stored.
fn password(phc: String, set_at: Timestamp, must_change: bool) -> Password {
    Password { phc, set_at, must_change }
}

#[cfg(test)]
mod tests;
