//! A store in memory, for tests; it can be made to fail.

use std::collections::{BTreeMap, HashMap};

use super::{Entry, Listing, MOST_PER_WRITE, Store};
use crate::failure::Failure;

/// The store, with what a test inspects.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) records: BTreeMap<String, Entry>,
    /// The keys of each put and each delete, in order.
    pub(crate) writes: Vec<Vec<String>>,
    /// How many values were read.
    pub(crate) reads: usize,
    /// How many writes still succeed, if it is to fail at all.
    pub(crate) fails_after: Option<usize>,
}

impl Memory {
    fn write(&mut self, keys: Vec<String>) -> Result<(), Failure> {
        assert!(keys.len() <= MOST_PER_WRITE);
        if self.fails_after.is_some_and(|good| self.writes.len() >= good) {
            return Err(Failure::Failed("the store is down".to_owned()));
        }
        self.writes.push(keys);
        Ok(())
    }
}

impl Store for Memory {
    fn list(&mut self, prefix: &str) -> Result<Listing, Failure> {
        let listed = |(key, entry): (&String, &Entry)| (key.clone(), Some(entry.metadata.digest.clone()));
        Ok(self.records.iter().filter(|(key, _)| key.starts_with(prefix)).map(listed).collect())
    }

    fn get(&mut self, keys: &[String]) -> Result<HashMap<String, String>, Failure> {
        self.reads += keys.len();
        let found = keys.iter().filter_map(|key| self.records.get(key));
        Ok(found.map(|entry| (entry.key.clone(), entry.value.clone())).collect())
    }

    fn put(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        self.write(entries.iter().map(|entry| entry.key.clone()).collect())?;
        self.records.extend(entries.iter().map(|entry| (entry.key.clone(), entry.clone())));
        Ok(())
    }

    fn delete(&mut self, keys: &[String]) -> Result<(), Failure> {
        self.write(keys.to_vec())?;
        self.records.retain(|key, _| !keys.contains(key));
        Ok(())
    }
}
