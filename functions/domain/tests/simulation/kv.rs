//! KV as its limits and guarantees describe it, at its worst: up to two minutes late and differently at each site, with
//! a cache at each site for hits and misses alike, one write per second and key, and sometimes down.

use std::collections::BTreeMap;

use super::world::{Ms, SITES};

/// For how long a site continues with what it has read, or has not found.
pub(crate) const CACHED: Ms = 60_000;
/// The time between two writes of one key.
const APART: Ms = 1_000;

struct Version {
    at: Ms,
    seen_from: [Ms; SITES],
    text: Option<String>,
    until: Ms,
}

#[derive(Debug)]
pub(crate) enum Refused {
    Down,
    TooOften,
}

#[derive(Default)]
pub(crate) struct Kv {
    keys: BTreeMap<String, Vec<Version>>,
    caches: [BTreeMap<String, (Ms, Option<String>)>; SITES],
    pub(crate) down_until: Ms,
}

impl Kv {
    pub(crate) const fn is_down(&self, now: Ms) -> bool {
        now < self.down_until
    }

    /// Writes or deletes. `lags` is how late each site sees it.
    pub(crate) fn write(
        &mut self,
        key: &str,
        text: Option<String>,
        ttl: u64,
        now: Ms,
        lags: [Ms; SITES],
    ) -> Result<(), Refused> {
        if self.is_down(now) {
            return Err(Refused::Down);
        }
        let versions = self.keys.entry(key.to_owned()).or_default();
        if versions.last().is_some_and(|last| now < last.at + APART) {
            return Err(Refused::TooOften);
        }
        versions.push(Version { at: now, seen_from: lags.map(|lag| now + lag), text, until: now + ttl * 1000 });
        Ok(())
    }

    /// Reads at a site, through its cache.
    pub(crate) fn read(&mut self, key: &str, site: usize, now: Ms) -> Result<Option<String>, Refused> {
        if let Some((until, text)) = self.caches[site].get(key)
            && now < *until
        {
            return Ok(text.clone());
        }
        if self.is_down(now) {
            return Err(Refused::Down);
        }
        let versions = self.keys.get(key).map_or(&[][..], Vec::as_slice);
        let newest = versions.iter().rev().find(|version| version.seen_from[site] <= now);
        let text = newest.filter(|version| now < version.until).and_then(|version| version.text.clone());
        self.caches[site].insert(key.to_owned(), (now + CACHED, text.clone()));
        Ok(text)
    }

    /// Since when a site could have seen that a value is there.
    pub(crate) fn could_be_seen_since(&self, key: &str, site: usize) -> Option<Ms> {
        let versions = self.keys.get(key)?.iter().filter(|version| version.text.is_some());
        versions.map(|version| version.seen_from[site]).min()
    }

    /// Whether anything was ever written there.
    pub(crate) fn was_told(&self, key: &str) -> bool {
        self.keys.get(key).is_some_and(|versions| versions.iter().any(|version| version.text.is_some()))
    }

    /// Whether a value is there, seen from nowhere in particular.
    pub(crate) fn stands(&self, key: &str, now: Ms) -> bool {
        let last = self.keys.get(key).and_then(|versions| versions.last());
        last.is_some_and(|version| version.text.is_some() && now < version.until)
    }
}
