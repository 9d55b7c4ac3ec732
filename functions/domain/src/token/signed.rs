//! Tokens signed for others or by others: with a public-key algorithm, by the platform.
//!
//! Signing is not done here: the platform signs faster, in code that the Worker need not carry. The signing input is
//! made here, and the signature appended: `jwt-compact` signs while it writes and cannot wait for a signature, so the
//! two parts are joined here (JWS Compact Serialization, RFC 7515, section 7.1).

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::UntrustedToken;
use kv_schema::Timestamp;
use kv_schema::directory::SigningAlg;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{LEEWAY, LONGEST, Rejection, SigningKey, claims_of, has_critical};
use crate::members::{Member, object};

/// A token that lacks its signature.
#[derive(Debug)]
pub struct Unsigned<'k> {
    key: &'k SigningKey,
    input: String,
    expires_at: Timestamp,
}

impl<'k> Unsigned<'k> {
    /// A token with these claims, as JSON, to be signed by `key`.
    pub(crate) fn new(key: &'k SigningKey, typ: &str, claims: &str, expires_at: Timestamp) -> Self {
        // RFC 7515, section 4.1.
        let head = object(&[
            ("alg", Member::Text(key.alg().name())),
            ("typ", Member::Text(typ)),
            ("kid", Member::Text(key.id())),
        ]);
        let input = [head.as_str(), claims].map(|part| Base64UrlUnpadded::encode_string(part.as_bytes())).join(".");
        Self { key, input, expires_at }
    }

    /// The key to sign with.
    #[must_use]
    pub const fn key(&self) -> &SigningKey {
        self.key
    }

    /// What is to be signed (JWS Signing Input, RFC 7515, section 2).
    #[must_use]
    pub const fn input(&self) -> &[u8] {
        self.input.as_bytes()
    }

    /// When the token will expire.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The token.
    #[must_use]
    pub fn signed(mut self, signature: &[u8]) -> String {
        self.input.push('.');
        self.input.push_str(&Base64UrlUnpadded::encode_string(signature));
        self.input
    }
}

/// The public half of a key, which determines the algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicKey {
    /// Ed25519: its 32 bytes (RFC 8032).
    Ed25519([u8; 32]),
    /// On P-256: the point, uncompressed (SEC 1, section 2.3.3).
    P256([u8; 65]),
}

impl PublicKey {
    /// The key whose JWK has this `x` and, on P-256, this `y`.
    #[must_use]
    pub fn of(x: &str, y: Option<&str>) -> Option<Self> {
        let x = super::keys::decoded(x)?;
        let Some(y) = y else { return Some(Self::Ed25519(x)) };
        let mut point = [4; 65];
        point[1..33].copy_from_slice(&x);
        point[33..].copy_from_slice(&super::keys::decoded(y)?);
        Some(Self::P256(point))
    }

    /// The only algorithm that it verifies.
    #[must_use]
    pub const fn alg(&self) -> SigningAlg {
        match self {
            Self::Ed25519(_) => SigningAlg::EdDSA,
            Self::P256(_) => SigningAlg::ES256,
        }
    }
}

/// What such a token may state; each kind has some of it. Believed only once the signature is verified.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Stated {
    /// Who issued it.
    #[serde(default)]
    pub iss: String,
    /// Whom it is about.
    #[serde(default)]
    pub sub: String,
    /// Whom it is for.
    #[serde(default, deserialize_with = "one_or_several")]
    pub aud: Vec<String>,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: Timestamp,
    /// When it was made.
    #[serde(default, deserialize_with = "some_date")]
    pub iat: Option<Timestamp>,
    /// The time before which it is not valid.
    #[serde(default, deserialize_with = "some_date")]
    pub nbf: Option<Timestamp>,
    /// Its own id.
    pub jti: Option<String>,
    /// The id of the sign-in.
    pub sid: Option<String>,
    /// What came of the sign-in, in access tokens: the [`crate::guard::Grant::family`].
    pub gid: Option<String>,
    /// The client, in access tokens.
    pub client_id: Option<String>,
    /// What it is for, in access tokens.
    pub scope: Option<String>,
}

impl Stated {
    /// Whether it has expired at `now`.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.exp.plus(LEEWAY)
    }
}

/// A signed token that has not been verified yet.
#[derive(Debug)]
pub struct Foreign<'t> {
    input: &'t str,
    signature: Vec<u8>,
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    stated: Stated,
}

impl<'t> Foreign<'t> {
    /// Takes a token apart.
    pub fn read(token: &'t str) -> Result<Self, Rejection> {
        if token.len() > LONGEST || has_critical(token) {
            return Err(Rejection::Malformed);
        }
        let untrusted = UntrustedToken::new(token).map_err(|_| Rejection::Malformed)?;
        let (input, _) = token.rsplit_once('.').ok_or(Rejection::Malformed)?;
        let header = untrusted.header();
        Ok(Self {
            input,
            signature: untrusted.signature_bytes().to_vec(),
            alg: untrusted.algorithm().to_owned(),
            typ: header.token_type.clone(),
            kid: header.key_id.clone(),
            stated: claims_of(input).ok_or(Rejection::Malformed)?,
        })
    }

    /// What it states, unverified, for finding the key.
    #[must_use]
    pub const fn unverified(&self) -> &Stated {
        &self.stated
    }

    /// The header's `typ`.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The header's `kid`.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What it states, if `key` signed it with that key's own algorithm, with which the header's is only compared.
    /// `verify` is given the key, what was signed and the signature, and says whether they belong together.
    pub async fn verified(
        self,
        key: PublicKey,
        verify: impl AsyncFnOnce(&PublicKey, &[u8], &[u8]) -> bool,
    ) -> Result<Stated, Rejection> {
        // RFC 9864 names the same algorithm after its curve.
        let is_of_key = self.alg == key.alg().name() || self.alg == "Ed25519" && key.alg() == SigningAlg::EdDSA;
        let is_signed = is_of_key && verify(&key, self.input.as_bytes(), &self.signature).await;
        if is_signed { Ok(self.stated) } else { Err(Rejection::BadSignature) }
    }
}

/// A date is a number of seconds, possibly with a fraction (RFC 7519, section 2), which is dropped.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    struct Date;

    impl Visitor<'_> for Date {
        type Value = Timestamp;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("seconds since 1970")
        }

        fn visit_u64<E>(self, seconds: u64) -> Result<Timestamp, E> {
            Ok(Timestamp(seconds))
        }

        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "beyond both ends it is the end")]
        fn visit_f64<E>(self, seconds: f64) -> Result<Timestamp, E> {
            Ok(Timestamp(seconds as u64))
        }
    }

    deserializer.deserialize_any(Date)
}

fn some_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    date(deserializer).map(Some)
}

/// `aud` is one text or several (RFC 7519, section 4.1.3).
fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Audience;

    impl<'de> Visitor<'de> for Audience {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("one text or several")
        }

        fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(vec![text.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
            let mut texts = Vec::new();
            while let Some(text) = seq.next_element()? {
                texts.push(text);
            }
            Ok(texts)
        }
    }

    deserializer.deserialize_any(Audience)
}
