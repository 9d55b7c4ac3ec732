//! The provider's public keys: its JWK Set (RFC 7517), of which only keys that an ID token may be signed with count.

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::json::Object;

use super::{IdToken, Refusal};

/// How an ID token may be signed (RFC 7518, section 3.1; RFC 8037). No other algorithm is ever accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The algorithm registered under this name, if it is accepted.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            // Under its newer name as well (RFC 9864).
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// A public key, with the parts of it that the platform needs, in base64url.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: Option<String>,
    algorithm: Algorithm,
    /// The members of its JWK that are imported: nothing else that the provider says about the key.
    jwk: String,
}

impl PublicKey {
    /// The only algorithm that it verifies.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its JWK.
    #[must_use]
    pub fn jwk(&self) -> &str {
        &self.jwk
    }

    /// Reads a JWK; `None` if it is not one that is accepted.
    #[must_use]
    pub fn parse(jwk: &str) -> Option<Self> {
        Self::read(&Object::parse(jwk)?)
    }

    /// Reads a key; `None` if it is not for verifying signatures, too weak, or not a key at all.
    fn read(key: &Object<'_>) -> Option<Self> {
        if key.has("use") && key.text("use")? != "sig" {
            return None;
        }
        let bytes = |name: &str| {
            let text = key.text(name)?;
            Some((text, Base64UrlUnpadded::decode_vec(text).ok()?))
        };
        let of_32_bytes = |name: &str| bytes(name).filter(|(_, bytes)| bytes.len() == 32).map(|(text, _)| text);
        let (algorithm, members) = match (key.text("kty")?, key.text("crv")) {
            ("RSA", _) => {
                let ((n, modulus), (e, exponent)) = (bytes("n")?, bytes("e")?);
                (is_strong(&modulus) && is_sound(&exponent)).then_some(())?;
                (Algorithm::Rs256, ["\"RSA\",\"n\":\"", n, "\",\"e\":\"", e])
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (of_32_bytes("x")?, of_32_bytes("y")?);
                (Algorithm::Es256, ["\"EC\",\"crv\":\"P-256\",\"x\":\"", x, "\",\"y\":\"", y])
            }
            ("OKP", Some("Ed25519")) => {
                (Algorithm::EdDsa, ["\"OKP\",\"crv\":\"Ed25519\",\"x\":\"", of_32_bytes("x")?, "", ""])
            }
            _ => return None,
        };
        if key.has("alg") && Algorithm::named(key.text("alg")?) != Some(algorithm) {
            return None;
        }
        // Base64url needs no escaping, and the rest is our own.
        let jwk = ["{\"kty\":", &members.concat(), "\"}"].concat();
        Some(Self { id: key.text("kid").map(str::to_owned), algorithm, jwk })
    }
}

/// At least 2,048 bits (RFC 7518, section 3.3), and not so many that verifying costs more than it should.
fn is_strong(modulus: &[u8]) -> bool {
    let significant = modulus.iter().position(|byte| *byte != 0).map_or(&[][..], |first| &modulus[first..]);
    let bits = significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize);
    (2048..=8192).contains(&bits)
}

/// Odd and greater than one: with an exponent of one, every message would be its own signature.
fn is_sound(exponent: &[u8]) -> bool {
    let is_one = exponent.iter().rev().skip(1).all(|byte| *byte == 0) && exponent.last() == Some(&1);
    exponent.len() <= 8 && !is_one && exponent.last().is_some_and(|last| last % 2 == 1)
}

/// The keys of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys(Vec<PublicKey>);

impl PublicKeys {
    /// The most keys of a set that are read.
    const MOST: usize = 64;

    /// Reads a JWK Set. Keys that are of no use here are skipped (RFC 7517, section 5).
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let set = Object::parse(text).and_then(|set| set.objects("keys")).ok_or(Refusal::KeysMalformed)?;
        let keys: Vec<PublicKey> = set.iter().take(Self::MOST).filter_map(PublicKey::read).collect();
        if keys.is_empty() { Err(Refusal::KeysMalformed) } else { Ok(Self(keys)) }
    }

    /// The key that `token` claims to be signed with. If it names none, that is the only key for its algorithm
    /// (`OpenID` Connect Core, section 10.1).
    pub fn of(&self, token: &IdToken<'_>) -> Result<&PublicKey, Refusal> {
        let named = |key: &&PublicKey| match token.key_id() {
            Some(id) => key.id.as_deref() == Some(id),
            None => key.algorithm == token.algorithm(),
        };
        let mut found = self.0.iter().filter(named);
        let key = found.next().ok_or(Refusal::KeyUnknown)?;
        if key.algorithm != token.algorithm() {
            return Err(Refusal::Algorithm);
        }
        if found.next().is_some() {
            return Err(Refusal::KeyUnknown);
        }
        Ok(key)
    }
}
