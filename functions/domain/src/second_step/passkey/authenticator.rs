//! What the authenticator says of a ceremony: the authenticator data (section 6.1).

use sha2::{Digest, Sha256};

use super::Refusal;

const USER_PRESENT: u8 = 0x01;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// Bytes that say which model an authenticator is. Nobody asks.
const AAGUID: usize = 16;

/// Authenticator data, read.
#[derive(Debug)]
pub(super) struct Authenticator<'a> {
    flags: u8,
    /// The signature counter.
    pub(super) count: u32,
    /// What follows it.
    pub(super) rest: &'a [u8],
}

impl<'a> Authenticator<'a> {
    /// Reads it, and holds it against the relying party. The signature counter is the guard's to look at.
    pub(super) fn read(data: &'a [u8], rp: &str) -> Result<Self, Refusal> {
        let (hash, data) = data.split_first_chunk::<32>().ok_or(Refusal::Malformed)?;
        let (&[flags], data) = data.split_first_chunk::<1>().ok_or(Refusal::Malformed)?;
        let (&count, rest) = data.split_first_chunk::<4>().ok_or(Refusal::Malformed)?;
        if *hash != *Sha256::digest(rp) {
            return Err(Refusal::RelyingParty);
        }
        if flags & USER_PRESENT == 0 {
            return Err(Refusal::NotPresent);
        }
        // Backed up without being able to (section 7.1, step 18; section 7.2, step 19).
        if flags & (BACKED_UP | BACKUP_ELIGIBLE) == BACKED_UP {
            return Err(Refusal::Malformed);
        }
        Ok(Self { flags, count: u32::from_be_bytes(count), rest })
    }

    /// The id of the credential that was made, and what follows it (section 6.5.1).
    pub(super) fn credential(&self) -> Option<(&'a [u8], &'a [u8])> {
        let rest = self.rest.get(AAGUID..).filter(|_| self.flags & HAS_CREDENTIAL != 0)?;
        let (&length, rest) = rest.split_first_chunk::<2>()?;
        rest.split_at_checked(u16::from_be_bytes(length).into())
    }

    /// Whether `rest` is as much as may be left at its end: nothing, or the map of extensions where the flags say so. None
    /// was asked for, so none is looked at.
    pub(super) fn is_end(&self, rest: &[u8]) -> bool {
        match rest.first() {
            None => self.flags & HAS_EXTENSIONS == 0,
            // A map of CBOR's (RFC 8949, section 3.1).
            Some(first) => self.flags & HAS_EXTENSIONS != 0 && first >> 5 == 5,
        }
    }
}
