//! What the authenticator says about a ceremony: the authenticator data (section 6.1).

use sha2::{Digest, Sha256};

use super::Refusal;

const USER_PRESENT: u8 = 0x01;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// Length of the id of an authenticator's model, in bytes. Nothing here reads it.
const AAGUID: usize = 16;

/// Parsed authenticator data.
#[derive(Debug)]
pub(super) struct Authenticator<'a> {
    flags: u8,
    /// The signature counter.
    pub(super) count: u32,
    /// The bytes after it.
    pub(super) rest: &'a [u8],
}

impl<'a> Authenticator<'a> {
    /// Reads it, and checks it against the relying party. The signature counter is for the guard to check.
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
        // Backed up without being eligible (section 7.1, step 18; section 7.2, step 19).
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

    /// Whether `rest` is what may remain at the end: nothing, or the map of extensions if the flags say so. None were
    /// asked for, so none are read.
    pub(super) fn is_end(&self, rest: &[u8]) -> bool {
        match rest.first() {
            None => self.flags & HAS_EXTENSIONS == 0,
            // A CBOR map (RFC 8949, section 3.1).
            Some(first) => self.flags & HAS_EXTENSIONS != 0 && first >> 5 == 5,
        }
    }
}
