//! Keyed hashes of what is given out once and shown again: links and codes. What is stored is of no use to somebody who
//! reads the storage but does not have the keys.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use kv_schema::Timestamp;
use kv_schema::names::{InstanceId, Username};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::token::KeySet;

/// What a secret is for: one made for one purpose is not valid for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The link for choosing a new password.
    ResetLink,
    /// The code of a second step, sent by SMS.
    SmsCode,
    /// What a provider is to send back with its answer (`state`).
    ProviderState,
    /// What a provider is to put into its ID token (`nonce`).
    ProviderNonce,
    /// What proves to a provider that whoever redeems a code is the one who asked for it (`code_verifier`).
    ProviderVerifier,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::ResetLink => "reset-link",
            Self::SmsCode => "sms-code",
            Self::ProviderState => "provider-state",
            Self::ProviderNonce => "provider-nonce",
            Self::ProviderVerifier => "provider-verifier",
        }
    }
}

/// The hashes of `secret`, given to this account for `purpose`: one for each key that is valid at `now`, the active
/// one's first. That first one is what is stored; a secret that is shown again is compared with all of them, so that a
/// key rotation in between does no harm.
#[must_use]
pub fn hashes(
    keys: &KeySet,
    purpose: Purpose,
    (instance, agent): (&InstanceId, &Username),
    secret: &str,
    now: Timestamp,
) -> Vec<String> {
    // No part contains a zero byte, so the text can only be split in one way; and no token begins like this.
    let text = ["onecontact", purpose.label(), instance.as_str(), agent.as_str(), secret].join("\0");
    let hash = |key: &[u8]| {
        // A key of any length will do.
        let mac = Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(&text);
        Some(Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes()))
    };
    keys.materials(now).filter_map(hash).collect()
}

/// Whether one of `hashes` is `kept`, in a time that does not reveal how close it is.
#[must_use]
pub fn is_among(kept: &str, hashes: &[String]) -> bool {
    hashes.iter().any(|hash| bool::from(hash.as_bytes().ct_eq(kept.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn keys(active: &str, next: &str) -> KeySet {
        let key = |kid: &str, status: &str| {
            let k = Base64UrlUnpadded::encode_string(format!("{kid:0>32}").as_bytes());
            format!(r#"{{"kid":"{kid}","alg":"HS256","status":"{status}","k":"{k}"}}"#)
        };
        KeySet::parse(&format!(r#"{{"keys":[{},{}]}}"#, key(next, "next"), key(active, "active"))).unwrap()
    }

    fn hashes_of(keys: &KeySet, instance: u8, secret: &str) -> Vec<String> {
        hashes(keys, Purpose::ResetLink, (&fixture::id(instance), &fixture::agent().username), secret, NOW)
    }

    #[test]
    fn a_secret_fits_its_hash_also_after_a_rotation_and_no_other_account_and_no_other_secret() {
        let kept = hashes_of(&keys("k1", "k2"), 1, "secret").remove(0);
        let rotated = keys("k2", "k1");
        assert!(is_among(&kept, &hashes_of(&rotated, 1, "secret")));
        assert_ne!(kept, hashes_of(&rotated, 1, "secret")[0], "the active key's comes first");
        assert!(!is_among(&kept, &hashes_of(&rotated, 2, "secret")));
        assert!(!is_among(&kept, &hashes_of(&rotated, 1, "secret2")));
        assert!(!is_among(&kept, &hashes_of(&keys("k3", "k4"), 1, "secret")));
        assert!(!is_among("", &hashes_of(&rotated, 1, "secret")) && !is_among(&kept, &[]));
    }
}
