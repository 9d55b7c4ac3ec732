//! Tokens found to be genuine: the same ones are shown again and again, and verifying one anew is the most expensive
//! thing that their requests do.
//!
//! Only what never changes is remembered: whose signature it is, and what was signed. Whether the key and the token are
//! still in time is for the caller to check, whenever one is shown.

use std::collections::HashMap;
use std::fmt;

use subtle::ConstantTimeEq;

/// How many tokens are remembered, of about a kilobyte each. One more, and all are forgotten.
pub(super) const MOST: usize = 512;

/// What was found about tokens, by the part of them that was signed.
pub(super) struct Remembered<F> {
    tokens: HashMap<String, (String, F)>,
}

impl<F> Remembered<F> {
    /// What was found about the token with this signature; nothing is known about one with another signature.
    pub(super) fn find(&self, signed: &str, signature: &str) -> Option<&F> {
        let (known, found) = self.tokens.get(signed)?;
        bool::from(known.as_bytes().ct_eq(signature.as_bytes())).then_some(found)
    }

    /// Remembers what was found about a token.
    pub(super) fn keep(&mut self, signed: &str, signature: &str, found: F) {
        if self.tokens.len() >= MOST {
            self.tokens.clear();
        }
        self.tokens.insert(signed.to_owned(), (signature.to_owned(), found));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }
}

impl<F> Default for Remembered<F> {
    fn default() -> Self {
        Self { tokens: HashMap::new() }
    }
}

/// Says how many there are, and reveals none of them.
impl<F> fmt::Debug for Remembered<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.len().fmt(f)
    }
}
