//! What must never appear in a log: collected wherever it comes up, looked for when a node ends.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Passwords, hashes and tokens that a test has used.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<Mutex<BTreeSet<String>>>);

/// Shorter ones would be found by accident.
const SHORTEST: usize = 8;
/// How many bytes of a longer one are as good as all of it.
const TELLING: usize = 64;

impl Secrets {
    /// Remembers `secret`.
    pub fn add(&self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned());
        }
    }

    /// A secret whose beginning appears in one of `lines`, and that line. All are looked for at once: a long test has
    /// tens of thousands, some of them as long as a body may be.
    #[must_use]
    pub fn found_in<'l>(&self, lines: &'l [String]) -> Option<(String, &'l str)> {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let beginnings = secrets.iter().map(|secret| &secret.as_bytes()[..secret.len().min(TELLING)]);
        // The kind that is quickest to build: each is used for one log.
        let kind = Some(AhoCorasickKind::NoncontiguousNFA);
        let all = AhoCorasick::builder().kind(kind).build(beginnings).expect("secrets are few enough to look for");
        let (found, line) = lines.iter().find_map(|line| Some((all.find(line)?.pattern(), line)))?;
        Some((secrets.iter().nth(found.as_usize())?.clone(), line))
    }
}
