//! What a desk keeps, and in how many rows: one of its own, and one for each session that is over. Those hardly ever change,
//! and are many times what the desk itself is.

use std::rc::Rc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Desk, Over};

/// The number of the desk's own row. That of a session that is over is one more than its lease.
const OWN: u64 = 1;

/// What has to be written for a desk to be kept where another one is: rows by number, as JSON.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    desk: &'a Desk,
    before: &'a Desk,
}

impl Rows<'_> {
    /// The numbers of the rows that are to go.
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
        // What has not changed is mostly the same place in memory, which is looked at first.
        for over in self.desk.over.iter().filter(|over| !self.before.over.contains(over)) {
            rows.serialize_entry(&number(over), &**over)?;
        }
        rows.end()
    }
}

impl Desk {
    /// What has to be written for this desk to be kept where `before` is.
    #[must_use]
    pub const fn rows<'a>(&'a self, before: &'a Self) -> Rows<'a> {
        Rows { desk: self, before }
    }

    /// The desk that was kept in these rows, in the order of their numbers; a new one where there are none. A session that is
    /// over whose row cannot be read, as a newer Worker may have written it, is passed over: its lease is not the newest, so that
    /// over it stays, and its row stays for a Worker that can read it.
    ///
    /// # Errors
    /// Where the desk's own is not what a desk has written.
    pub fn of_rows(rows: &[String]) -> serde_json::Result<Self> {
        let Some((own, over)) = rows.split_first() else { return Ok(Self::default()) };
        let over = over.iter().filter_map(|row| kv_schema::json::from_str(row).map(Rc::new).ok());
        Ok(Self { over: over.collect(), ..kv_schema::json::from_str(own)? })
    }
}
