//! Reads a store, and carries out a plan on it.

use std::collections::HashMap;

use kv_schema::Timestamp;

use crate::failure::Failure;
use crate::output::thousands;
use crate::passwords;
use crate::plan::{self, Desired, Plan, Removal, Stored, Write};
use crate::secret::Secret;
use crate::store::{Entry, MOST_PER_WRITE, Store};

/// Compares `desired` with what `store` holds.
pub(crate) fn plan(desired: Vec<Desired>, store: &mut impl Store, now: Timestamp) -> Result<Plan, Failure> {
    let listing = store.list("")?;
    let needed = plan::needed_values(&desired, &listing);
    let values = if needed.is_empty() { HashMap::new() } else { store.get(&needed)? };
    let candidates = plan::passwords_to_check(&desired, &values);
    let pairs: Vec<(&Secret, &str)> = candidates.iter().map(|(_, secret, phc)| (*secret, phc.as_str())).collect();
    let fit = passwords::check_all(&pairs);
    let fitting =
        candidates.iter().zip(fit).filter(|(_, fits)| *fits).map(|((key, ..), _)| (*key).to_owned()).collect();
    Ok(plan::make(desired, &Stored { listing, values, fitting }, now))
}

/// Called after each step.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(String);

/// Writes and then removes what `plan` says. If a step fails, the steps before it stand and the message says which;
/// running it again does the rest.
pub(crate) fn run(plan: &Plan, store: &mut impl Store, progress: Progress<'_>) -> Result<(), Failure> {
    let mut done = Done { written: 0, removed: 0, plan };
    for writes in plan.writes.chunks(MOST_PER_WRITE) {
        let step = entries(writes).and_then(|entries| store.put(&entries));
        step.map_err(|failure| done.so_far(&failure))?;
        done.written += writes.len();
        progress(format!("{} of {} records written", thousands(done.written), thousands(plan.writes.len())));
    }
    let (retired, deleted): (Vec<&Removal>, Vec<&Removal>) =
        plan.removals.iter().partition(|removal| removal.leaves.is_some());
    for removals in retired.chunks(MOST_PER_WRITE) {
        let entries: Vec<Entry> = removals.iter().filter_map(|removal| removal.leaves.clone()).collect();
        store.put(&entries).map_err(|failure| done.so_far(&failure))?;
        done.removed += removals.len();
    }
    for removals in deleted.chunks(MOST_PER_WRITE) {
        let keys: Vec<String> = removals.iter().map(|removal| removal.key.clone()).collect();
        store.delete(&keys).map_err(|failure| done.so_far(&failure))?;
        done.removed += removals.len();
        progress(format!("{} of {} records removed", thousands(done.removed), thousands(plan.removals.len())));
    }
    Ok(())
}

/// The records to write, with their passwords hashed.
fn entries(writes: &[Write]) -> Result<Vec<Entry>, Failure> {
    let secrets: Vec<_> = writes.iter().filter_map(|write| write.content.unhashed()).collect();
    let mut hashes = passwords::hash_all(&secrets)?.into_iter();
    let hash = |write: &Write| write.content.unhashed().and_then(|_| hashes.next());
    let phcs: Vec<Option<String>> = writes.iter().map(hash).collect();
    Ok(writes.iter().zip(phcs).map(|(write, phc)| write.content.entry(phc)).collect())
}

/// How far a plan has been carried out.
struct Done<'a> {
    written: usize,
    removed: usize,
    plan: &'a Plan,
}

impl Done<'_> {
    fn so_far(&self, failure: &Failure) -> Failure {
        let next = self.plan.writes.get(self.written);
        let next = next.map(|write| format!("; not written, from {} {} on", write.kind.words(true), write.label));
        Failure::Failed(format!(
            "{failure}\nWritten: {} of {} records{}. Removed: {} of {}.\nWhat was written is kept. Run the same \
             command again to do the rest.",
            thousands(self.written),
            thousands(self.plan.writes.len()),
            next.unwrap_or_default(),
            thousands(self.removed),
            thousands(self.plan.removals.len()),
        ))
    }
}

#[cfg(test)]
mod tests;
