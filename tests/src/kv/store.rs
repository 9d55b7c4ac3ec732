//! What a simulated namespace holds, and what is wrong with it.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// What was requested for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// A read.
    Get,
    /// A write.
    Put,
    /// A deletion.
    Delete,
    /// A listing.
    List,
}

/// Something that was requested over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// What was asked.
    pub verb: Verb,
    /// The key; for a listing, the prefix of the keys.
    pub key: String,
    /// Seconds to keep what is written.
    pub ttl: Option<u64>,
}

/// What is wrong with the namespace, as its clients see it.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// It answers with this status and does nothing.
    Status(u16),
    /// It answers correctly, after this time.
    Slow(Duration),
}

/// Which requests meet a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Reads and listings.
    Reads,
    /// Writes and deletions.
    Writes,
    /// Either.
    Both,
}

/// What was under a key from some time on; `None` for nothing.
#[derive(Debug)]
struct Version {
    value: Option<Vec<u8>>,
    visible: Instant,
    expires: Option<Instant>,
}

/// A namespace's content and its condition.
#[derive(Debug, Default)]
pub(super) struct Store {
    versions: BTreeMap<String, Vec<Version>>,
    misses: HashMap<String, Instant>,
    pub(super) faults: Vec<(String, On, Fault)>,
    pub(super) late_by: Duration,
    pub(super) misses_kept: Duration,
    /// The pause between two writes of one key; an earlier write is refused.
    pub(super) pause: Duration,
    written: HashMap<String, Instant>,
    pub(super) accesses: Vec<Access>,
}

impl Store {
    pub(super) fn put(&mut self, key: &str, value: Vec<u8>, ttl: Option<u64>) {
        self.add(key, Some(value), ttl);
    }

    /// Whether this key was written too recently to be written again; if not, counts it as written now.
    pub(super) fn is_too_soon(&mut self, key: &str) -> bool {
        let now = Instant::now();
        let is_too_soon = self.written.get(key).is_some_and(|last| now.duration_since(*last) < self.pause);
        if !is_too_soon && !self.pause.is_zero() {
            self.written.insert(key.to_owned(), now);
        }
        is_too_soon
    }

    pub(super) fn delete(&mut self, key: &str) {
        self.add(key, None, None);
    }

    fn add(&mut self, key: &str, value: Option<Vec<u8>>, ttl: Option<u64>) {
        let now = Instant::now();
        let expires = ttl.map(|seconds| now + Duration::from_secs(seconds));
        self.versions.entry(key.to_owned()).or_default().push(Version { value, visible: now + self.late_by, expires });
    }

    /// The keys that a client sees, after `after`, in order.
    pub(super) fn list(&self, prefix: &str, after: &str) -> Vec<String> {
        let now = Instant::now();
        let stands = |versions: &[Version]| {
            let seen = versions.iter().rev().find(|version| version.visible <= now);
            seen.is_some_and(|seen| seen.value.is_some() && seen.expires.is_none_or(|at| now < at))
        };
        let listed = |(key, versions): &(&String, &Vec<Version>)| {
            key.starts_with(prefix) && key.as_str() > after && stands(versions)
        };
        self.versions.iter().filter(listed).map(|(key, _)| key.clone()).collect()
    }

    /// What a client sees under `key`.
    pub(super) fn get(&mut self, key: &str) -> Option<Vec<u8>> {
        let now = Instant::now();
        if self.misses.get(key).is_some_and(|until| now < *until) {
            return None;
        }
        let versions = self.versions.get(key).map(Vec::as_slice).unwrap_or_default();
        let seen = versions.iter().rev().find(|version| version.visible <= now);
        let value =
            seen.filter(|version| version.expires.is_none_or(|at| now < at)).and_then(|seen| seen.value.clone());
        if value.is_none() {
            self.misses.insert(key.to_owned(), now + self.misses_kept);
        }
        value
    }

    pub(super) fn newest(&self, key: &str) -> Option<Vec<u8>> {
        self.versions.get(key)?.last()?.value.clone()
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.versions.keys().filter(|key| self.newest(key).is_some()).cloned().collect()
    }

    pub(super) fn fault(&self, verb: Verb, key: &str) -> Option<Fault> {
        let meets = |on: On| on == On::Both || (on == On::Reads) == matches!(verb, Verb::Get | Verb::List);
        let fits = |(prefix, on, _): &&(String, On, Fault)| meets(*on) && key.starts_with(prefix.as_str());
        self.faults.iter().rev().find(fits).map(|(_, _, fault)| *fault)
    }
}
