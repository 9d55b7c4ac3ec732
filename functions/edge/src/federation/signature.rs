//! Whether a provider's signature is its key's. The algorithm is the key's, never the token's.

use onecontact_domain::federation::{Algorithm, PublicKey};

use crate::webcrypto;

/// What the platform is told, for importing a key as well as for verifying with it.
const fn parameters(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#,
        Algorithm::Es256 => r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#,
        Algorithm::EdDsa => r#"{"name":"Ed25519"}"#,
    }
}

/// Whether `signature` is that of `message` by `key`. What cannot be found out is not.
pub(super) async fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    webcrypto::verifies_jwk(key.jwk(), parameters(key.algorithm()), message, signature).await
}
