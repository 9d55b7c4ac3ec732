//! `onecontact keys new`

use base64ct::{Base64UrlUnpadded, Encoding};
use rand_core::{OsRng, RngCore};
use serde_json::{Value, json};
use ulid::Ulid;
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};

/// Bytes of a key: as many as HS256's hash has (RFC 7518, section 3.2).
const KEY_BYTES: usize = 32;

/// Prints a key set with one active key on standard output, to be piped or stored; it is kept nowhere.
pub(super) fn run() -> Result<Exit, Failure> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    OsRng.try_fill_bytes(&mut *key).map_err(Failure::failed)?;
    println!("{}", key_set(&key));
    eprintln!(
        "Keep it in a file that nobody else reads. docs/OPERATIONS.md hands it to the first deployment; later \
         `wrangler secret put TOKEN_KEYS --env <environment>` replaces it."
    );
    Ok(Exit::Done)
}

/// A JWK Set (RFC 7517, section 5) of one key; `status` is our own.
fn key_set(key: &[u8; KEY_BYTES]) -> Value {
    json!({ "keys": [{
        "kty": "oct",
        "alg": "HS256",
        "use": "sig",
        "kid": Ulid::generate().to_string(),
        "k": Base64UrlUnpadded::encode_string(key),
        "status": "active",
    }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use onecontact_domain::token::KeySet;

    #[test]
    fn the_worker_takes_what_is_printed() {
        assert!(KeySet::parse(&key_set(&[7; KEY_BYTES]).to_string()).is_ok());
    }
}
