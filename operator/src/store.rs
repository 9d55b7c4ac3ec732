//! A namespace as the planning sees it: keys with metadata, values, bulk writes.

mod in_use;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod wrangler;

use std::collections::{BTreeMap, HashMap};

use kv_schema::directory::Metadata;

use crate::failure::Failure;

/// Entries of one write, and keys of one deletion, at the most. Wrangler sends so many in one request, so that each
/// of our writes is done whole or not at all.
pub(crate) const MOST_PER_WRITE: usize = 1000;

/// Keys and the digests in their metadata. `None` where there is none: somebody else wrote it, and not rightly.
pub(crate) type Listing = BTreeMap<String, Option<String>>;

/// A record to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) metadata: Metadata,
}

/// A place where records are kept.
pub(crate) trait Store {
    /// All keys that begin with `prefix`.
    fn list(&mut self, prefix: &str) -> Result<Listing, Failure>;

    /// The values of those of `keys` that are there.
    fn get(&mut self, keys: &[String]) -> Result<HashMap<String, String>, Failure>;

    /// Writes at most [`MOST_PER_WRITE`] records.
    fn put(&mut self, entries: &[Entry]) -> Result<(), Failure>;

    /// Removes at most [`MOST_PER_WRITE`] records.
    fn delete(&mut self, keys: &[String]) -> Result<(), Failure>;
}
