//! A namespace as planning sees it: keys with metadata, values, bulk writes.

mod in_use;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod wrangler;

use std::collections::{BTreeMap, HashMap};

use kv_schema::directory::Metadata;

use crate::failure::Failure;

/// The most entries in one write, or keys in one deletion. Wrangler sends this many in one request, so each of our
/// writes is done completely or not at all.
pub(crate) const MOST_PER_WRITE: usize = 1000;

/// Keys and the digests in their metadata. `None` if there is no digest: somebody else wrote it, and wrongly.
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

    /// The values of those of `keys` that exist.
    fn get(&mut self, keys: &[String]) -> Result<HashMap<String, String>, Failure>;

    /// Writes at most [`MOST_PER_WRITE`] records.
    fn put(&mut self, entries: &[Entry]) -> Result<(), Failure>;

    /// Removes at most [`MOST_PER_WRITE`] records.
    fn delete(&mut self, keys: &[String]) -> Result<(), Failure>;
}
