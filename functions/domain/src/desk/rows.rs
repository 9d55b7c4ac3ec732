//! What a desk stores, and in how many rows: one of its own, and one for each session that is over. The latter hardly
//! ever change, and are many times the size of the desk itself.

use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Desk, Over};

/// The number of the desk's own row. The row of a session that is over has its lease plus one.
const OWN: u64 = 1;

/// What has to be written to replace one stored desk by another: rows by number, as JSON.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    desk: &'a Desk,
    before: &'a Desk,
}

impl Rows<'_> {
    /// The numbers of the rows to delete.
    #[must_use]
    pub fn gone(&self) -> Vec<u64> {
        let stays = |former: &Over| self.desk.over.iter().any(|over| over.lease == former.lease);
        self.before.over.iter().filter(|over| !stays(over)).map(|over| number(over)).collect()
    }
}

fn number(over: &Over) -> u64 {
    OWN + over.lease
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_map(None)?;
        rows.serialize_entry(&OWN, self.desk)?;
        // What has not changed is mostly the same place in memory, which is compared first.
        for over in self.desk.over.iter().filter(|over| !self.before.over.contains(over)) {
            rows.serialize_entry(&number(over), &**over)?;
        }
        rows.end()
    }
}

impl Desk {
    /// What has to be written to store this desk where `before` is stored.
    #[must_use]
    pub const fn rows<'a>(&'a self, before: &'a Self) -> Rows<'a> {
        Rows { desk: self, before }
    }

    /// The desk stored in these rows, given in the order of their numbers; a new one if there are none. If the row of a
    /// session that is over cannot be read, since a newer Worker may have written it, it is skipped: its lease is not
    /// the newest, so the session stays over, and its row stays for a Worker that can read it.
    ///
    /// # Errors
    /// If the desk's own row is not what a desk has written.
    pub fn of_rows(rows: &[String]) -> serde_json::Result<Self> {
        let Some((own, over)) = rows.split_first() else { return Ok(Self::default()) };
        let over = over.iter().filter_map(|row| kv_schema::json::from_str(row).map(Rc::new).ok());
        Ok(Self { over: over.collect(), ..kv_schema::json::from_str(own)? })
    }
}
