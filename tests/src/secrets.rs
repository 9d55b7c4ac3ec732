//! What must never stand in a log: collected wherever it comes up, looked for when a node ends.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Passwords, hashes and tokens that a test has used.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<Mutex<BTreeSet<String>>>);

/// Shorter ones would be found by accident.
const SHORTEST: usize = 8;

impl Secrets {
    /// Remembers `secret`.
    pub fn add(&self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned());
        }
    }

    /// The first secret that stands in `text`.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Option<String> {
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().find(|secret| text.contains(*secret)).cloned()
    }
}
