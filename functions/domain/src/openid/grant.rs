//! The texts of codes and refresh tokens. Each says which guard knows it, so that it is checked against that guard and
//! no other, and which family it belongs to; it contains no name. The guard stores hashes of it.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

/// Length of the id of an object, in bytes.
const OBJECT: usize = 32;
/// Length of the random bits, in bytes.
const BITS: usize = 16;
const LENGTH: usize = OBJECT + 2 * BITS;

/// A code, or a refresh token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Texts([u8; LENGTH]);

/// Reveals nothing of it.
impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Texts")
    }
}

impl Texts {
    /// The first text of a family, for the guard whose object has this id, in hexadecimal. The random bits come from a
    /// cryptographic source. `None` if the id is not valid.
    #[must_use]
    pub fn new(object: &str, family: u128, bits: u128) -> Option<Self> {
        let mut bytes = [0; LENGTH];
        if object.len() != 2 * OBJECT || !object.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().take(OBJECT).enumerate() {
            *byte = u8::from_str_radix(&object[2 * at..2 * at + 2], 16).ok()?;
        }
        bytes[OBJECT..OBJECT + BITS].copy_from_slice(&family.to_be_bytes());
        bytes[OBJECT + BITS..].copy_from_slice(&bits.to_be_bytes());
        Some(Self(bytes))
    }

    /// Another text of the same family.
    #[must_use]
    pub fn another(mut self, bits: u128) -> Self {
        self.0[OBJECT + BITS..].copy_from_slice(&bits.to_be_bytes());
        self
    }

    /// Reads a text that is shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; LENGTH];
        // Exactly as long as it has to be; otherwise it would have other spellings.
        let is_whole = Base64UrlUnpadded::decode(text, &mut bytes).ok()?.len() == LENGTH;
        is_whole.then_some(Self(bytes))
    }

    /// The text as it is given out.
    #[must_use]
    pub fn text(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }

    /// The id of the guard's object, in hexadecimal.
    #[must_use]
    pub fn object(&self) -> String {
        self.0[..OBJECT]
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|half| char::from(b"0123456789abcdef"[usize::from(half)]))
            .collect()
    }

    /// The name by which the guard knows the family. Nobody can make a text of the family from it.
    #[must_use]
    pub fn family(&self) -> String {
        hash(&self.0[OBJECT..OBJECT + BITS])
    }

    /// The name by which the guard knows this text.
    #[must_use]
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

/// What a verifier hashes to (RFC 7636, section 4.6); `None` if it cannot be one (section 4.1).
#[must_use]
pub fn challenge_of(verifier: &str) -> Option<String> {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_verifier = (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved);
    is_verifier.then(|| hash(verifier.as_bytes()))
}

/// SHA-256, as base64url.
pub(super) fn hash(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT_ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_text_leads_to_its_guard_and_family() {
        let first = Texts::new(OBJECT_ID, 7, 8).unwrap();
        let read = Texts::parse(&first.text()).unwrap();
        assert_eq!((read.object().as_str(), read.hash(), read.family()), (OBJECT_ID, first.hash(), first.family()));
        let next = read.another(9);
        assert!(next.family() == first.family() && next.hash() != first.hash());
        assert_ne!(Texts::new(OBJECT_ID, 8, 8).unwrap().family(), first.family());
    }

    #[test]
    fn nothing_else_is_such_a_text() {
        let good = Texts::new(OBJECT_ID, 7, 8).unwrap().text();
        for text in
            ["", "a", &good[1..], &format!("{good}A"), &format!("{good}="), &good.replace('A', "+"), &"é".repeat(43)]
        {
            assert!(Texts::parse(text).is_none(), "{text}");
        }
        for id in ["", "zz", &"é".repeat(32), &OBJECT_ID.replace('0', "g")] {
            assert!(Texts::new(id, 7, 8).is_none(), "{id}");
        }
    }

    #[test]
    fn a_verifier_hashes_as_in_the_standards_example() {
        let challenge = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge.as_deref(), Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        for verifier in ["", &"a".repeat(42), &"a".repeat(129), &"é".repeat(30), &"=".repeat(50)] {
            assert_eq!(challenge_of(verifier), None, "{verifier}");
        }
    }
}
