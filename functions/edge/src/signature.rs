//! Whether a signature is by a key that somebody else has stated: a provider, or a passkey. The algorithm is the key's,
//! whatever a token says.

use onecontact_domain::federation::{Algorithm, PublicKey};

use crate::webcrypto;

/// What the platform is told, both for importing a key and for verifying with it.
const fn parameters(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 => r#"{"name":"RSASSA-PKCS1-v1_5","hash":"SHA-256"}"#,
        Algorithm::Es256 => r#"{"name":"ECDSA","namedCurve":"P-256","hash":"SHA-256"}"#,
        Algorithm::EdDsa => r#"{"name":"Ed25519"}"#,
    }
}

/// Whether `signature` is that of `message` by `key`; `false` if that cannot be determined.
pub(crate) async fn verifies(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    webcrypto::verifies_jwk(key.jwk(), parameters(key.algorithm()), message, signature).await
}
