//! Session tokens that were found to be genuine: a desktop shows the same one with every request, and finding it out again
//! was a tenth of what a page takes.
//!
//! Only what never changes is remembered: whose signature it is, and what was signed. Whether the key and the token are
//! still in time is asked whenever one is shown.

use std::collections::HashMap;

use kv_schema::Timestamp;
use subtle::ConstantTimeEq;

use super::{KeySet, Opened, Rejection, SessionClaims, in_time, open_naming_key};

/// Tokens that are remembered, of about a kilobyte each. One more, and all are forgotten.
const MOST: usize = 512;

/// The tokens, by what of them was signed.
#[derive(Default)]
pub struct Verified {
    tokens: HashMap<String, Found>,
}

struct Found {
    signature: String,
    key: String,
    opened: Opened<SessionClaims>,
}

impl Verified {
    /// Opens a session token, as [`super::open`] does.
    ///
    /// # Errors
    /// Those of [`super::open`].
    pub fn open(&mut self, keys: &KeySet, token: &str, now: Timestamp) -> Result<Opened<SessionClaims>, Rejection> {
        let Some((signed, signature)) = token.rsplit_once('.') else { return Err(Rejection::Malformed) };
        let found = self.tokens.get(signed);
        let is_same = |found: &&Found| bool::from(found.signature.as_bytes().ct_eq(signature.as_bytes()));
        if let Some(found) = found.filter(is_same) {
            keys.verifying(&found.key, now).ok_or(Rejection::UnknownKey)?;
            in_time(found.opened.issued_at, found.opened.expires_at, now)?;
            return Ok(found.opened.clone());
        }
        let (opened, key) = open_naming_key::<SessionClaims>(keys, token, now)?;
        if self.tokens.len() >= MOST {
            self.tokens.clear();
        }
        let found = Found { signature: signature.to_owned(), key, opened: opened.clone() };
        self.tokens.insert(signed.to_owned(), found);
        Ok(opened)
    }
}

/// Says nothing of the tokens.
impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified").field("tokens", &self.tokens.len()).finish()
    }
}
