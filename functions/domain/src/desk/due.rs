//! When to try something that is done outside a desk, again and again until it succeeds.

use kv_schema::Timestamp;
use serde::{Deserialize, Serialize};

/// Seconds between attempts; the last of them repeats.
const RETRIES: [u64; 4] = [2, 4, 8, 16];

/// Something that has yet to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Due {
    /// When to try.
    #[serde(rename = "due")]
    at: Timestamp,
    /// How often it has failed.
    failed: u32,
}

impl Due {
    pub(super) const fn since(now: Timestamp) -> Self {
        Self { at: now, failed: 0 }
    }

    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    /// It is being tried; if nobody reports within `seconds` what came of it, it is tried again.
    pub(super) const fn begin(&mut self, now: Timestamp, seconds: u64) {
        self.at = now.plus(seconds);
    }

    /// It has failed; returns how often by now.
    pub(super) fn fail(&mut self, now: Timestamp) -> u32 {
        let wait = RETRIES.get(self.failed as usize).or(RETRIES.last()).copied().unwrap_or_default();
        self.at = now.plus(wait);
        self.failed += 1;
        self.failed
    }
}
