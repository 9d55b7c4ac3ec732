//! A passkey's public key: from `COSE_Key` (RFC 9053), as authenticators write it, to a JWK, as the platform reads it.
//!
//! CTAP2 leaves only one way to write each of the three (section 8, canonical CBOR), so they are told apart by how they
//! begin. Anything written otherwise is none of them.

use base64ct::{Base64UrlUnpadded, Encoding};

/// kty: EC2, alg: ES256, crv: P-256, x: 32 bytes …
const ES256: &[u8] = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20";
/// … y: 32 bytes.
const ES256_Y: &[u8] = b"\x22\x58\x20";
/// kty: OKP, alg: `EdDSA`, crv: Ed25519, x: 32 bytes.
const EDDSA: &[u8] = b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20";
/// kty: RSA, alg: RS256, n: as many bytes as the next two say …
const RS256: &[u8] = b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59";
/// … e: 3 bytes.
const RS256_E: &[u8] = b"\x21\x43";

/// The key that `data` begins with, as a JWK, and what follows it.
pub(super) fn jwk(data: &[u8]) -> Option<(String, &[u8])> {
    let text = Base64UrlUnpadded::encode_string;
    if let Some(rest) = data.strip_prefix(ES256) {
        let (x, rest) = rest.split_at_checked(32)?;
        let (y, rest) = rest.strip_prefix(ES256_Y)?.split_at_checked(32)?;
        let jwk = [r#"{"kty":"EC","crv":"P-256","x":""#, &text(x), r#"","y":""#, &text(y), r#""}"#];
        Some((jwk.concat(), rest))
    } else if let Some(rest) = data.strip_prefix(EDDSA) {
        let (x, rest) = rest.split_at_checked(32)?;
        Some(([r#"{"kty":"OKP","crv":"Ed25519","x":""#, &text(x), r#""}"#].concat(), rest))
    } else {
        let (&length, rest) = data.strip_prefix(RS256)?.split_first_chunk::<2>()?;
        let (n, rest) = rest.split_at_checked(u16::from_be_bytes(length).into())?;
        let (e, rest) = rest.strip_prefix(RS256_E)?.split_at_checked(3)?;
        Some(([r#"{"kty":"RSA","n":""#, &text(n), r#"","e":""#, &text(e), r#""}"#].concat(), rest))
    }
}
