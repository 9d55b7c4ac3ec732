//! Session tokens found to be genuine: a desktop shows the same one with every request, and verifying it each time was
//! a tenth of what a page takes.

use kv_schema::Timestamp;

use super::remembered::Remembered;
use super::{KeySet, Opened, Rejection, SessionClaims, in_time, open_naming_key};

/// The tokens, each with the id of its key.
#[derive(Debug, Default)]
pub struct Verified {
    tokens: Remembered<(String, Opened<SessionClaims>)>,
}

impl Verified {
    /// Opens a session token, as [`super::open`] does.
    ///
    /// # Errors
    /// Those of [`super::open`].
    pub fn open(&mut self, keys: &KeySet, token: &str, now: Timestamp) -> Result<Opened<SessionClaims>, Rejection> {
        let Some((signed, signature)) = token.rsplit_once('.') else { return Err(Rejection::Malformed) };
        if let Some((key, opened)) = self.tokens.find(signed, signature) {
            keys.verifying(key, now).ok_or(Rejection::UnknownKey)?;
            in_time(opened.issued_at, opened.expires_at, now)?;
            return Ok(opened.clone());
        }
        let (opened, key) = open_naming_key::<SessionClaims>(keys, token, now)?;
        self.tokens.keep(signed, signature, (key, opened.clone()));
        Ok(opened)
    }
}
