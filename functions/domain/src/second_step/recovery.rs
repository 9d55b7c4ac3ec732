//! Recovery codes, for when the authenticator app is not at hand: ten, each valid once.

use base32ct::{Base32UpperUnpadded, Encoding as _};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::Secret;

/// How many recovery codes an agent gets.
pub const RECOVERY_CODES: usize = 10;
/// Bytes of each: 80 bits, which nobody finds by trying, not even with access to the storage.
const LENGTH: usize = 10;

/// The recovery codes that `seed` stands for, without the hyphens that people see.
#[must_use]
pub fn recovery_codes(seed: &Secret) -> Vec<String> {
    let code = |number: usize| {
        let tag = tag(seed, &["recovery code ", &number.to_string()].concat())?;
        Some(Base32UpperUnpadded::encode_string(tag.get(..LENGTH)?))
    };
    (0..RECOVERY_CODES).filter_map(code).collect()
}

/// What is stored of a recovery code: its hash under the secret that it stands in for. That key lasts as long as the
/// codes are to last, unlike any that tokens are signed with.
#[must_use]
pub fn recovery_hash(secret: &Secret, code: &str) -> String {
    tag(secret, code).map(|tag| Base64UrlUnpadded::encode_string(&tag)).unwrap_or_default()
}

fn tag(key: &Secret, text: &str) -> Option<Vec<u8>> {
    // A key of any length will do.
    let mac = Hmac::<Sha256>::new_from_slice(&key.bytes()).ok()?.chain_update(text);
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_stands_for_ten_codes_of_eighty_bits() {
        let (seed, other) = (Secret::generate(&mut OsRng), Secret::generate(&mut OsRng));
        let codes = recovery_codes(&seed);
        assert_eq!(codes, recovery_codes(&seed));
        assert!(codes.iter().all(|code| code.len() == 16), "{}", codes.len());
        let all: BTreeSet<_> = codes.into_iter().chain(recovery_codes(&other)).collect();
        assert_eq!(all.len(), 2 * RECOVERY_CODES);
    }

    #[test]
    fn a_hash_is_of_one_code_and_one_account() {
        let (secret, other) = (Secret::generate(&mut OsRng), Secret::generate(&mut OsRng));
        let hash = recovery_hash(&secret, "ABCDABCDABCDABCD");
        assert!(hash.len() == 43 && hash == recovery_hash(&secret, "ABCDABCDABCDABCD"));
        assert_ne!(hash, recovery_hash(&secret, "ABCDABCDABCDABCE"));
        assert_ne!(hash, recovery_hash(&other, "ABCDABCDABCDABCD"));
    }
}
