//! Tokens: the one place where they are made and opened.
//!
//! Every token is a JWT (RFC 7519) made by `jwt-compact`. Whatever opens one checks all of these: a key known by its
//! `kid`, that key's own algorithm (the header's is only compared with it), `typ`, `iss`, `aud`, `exp` and `iat`
//! (RFC 8725). A token of one [`Kind`] is never taken for another.
//!
//! These are for our own nodes, by HS256. [`access`] tokens are for others, and [`service`] tokens come from others, by
//! Ed25519 or ES256, which the platform computes.

pub mod access;
mod errand;
mod farewell;
mod form;
mod keys;
mod remembered;
pub mod service;
mod session;
mod sign_in;
mod signed;
mod step;
mod verified;

use base64ct::{Base64UrlUnpadded, Encoding};
use jwt_compact::alg::Hs256;
use jwt_compact::prelude::*;
use jwt_compact::{CreationError, ValidationError};
use kv_schema::Timestamp;
use kv_schema::json::Object;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use errand::{ErrandClaims, ErrandSecrets};
pub use farewell::{FarewellClaims, Hint};
pub use form::FormClaims;
pub use keys::{KeySet, KeySetError, PublicSet, SigningKey};
pub use session::{Amr, Proved, SessionClaims, recall_session};
pub use sign_in::SignInClaims;
pub use signed::{Foreign, PublicKey, Stated, Unsigned};
pub use step::{Step, StepClaims, TakeOverClaims};
pub use verified::Verified;

/// The issuer of every token here.
const ISSUER: &str = "oneagent";

/// Seconds by which the clocks of two nodes may differ.
pub(crate) const LEEWAY: u64 = 5;

/// The longest token that is looked at, in bytes; a cookie cannot be longer (RFC 6265, section 6.1).
const LONGEST: usize = 4096;

/// One kind of token.
pub trait Kind: Serialize + DeserializeOwned {
    /// The header's `typ` (RFC 8725, section 3.11), used by this kind alone.
    const TYPE: &'static str;
    /// The claim `aud`, used by this kind alone.
    const AUDIENCE: &'static str;
    /// Seconds for which a token is valid.
    const LIFETIME: u64;

    /// When a token made at `now` expires.
    fn expires_at(&self, now: Timestamp) -> Timestamp {
        now.plus(Self::LIFETIME)
    }
}

/// Why a token is not accepted. For the log; people only learn that they have to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// Not a JWT, or its claims are not those of its kind.
    #[error("malformed")]
    Malformed,
    /// No key has that id, or it has been retired.
    #[error("unknown_key")]
    UnknownKey,
    /// Not signed by that key, with that key's algorithm.
    #[error("bad_signature")]
    BadSignature,
    /// A token of another kind or issuer; or for another audience, if that is what makes the kind.
    #[error("wrong_kind")]
    WrongKind,
    /// For another audience, but otherwise of this kind.
    #[error("wrong_audience")]
    WrongAudience,
    /// It has expired.
    #[error("expired")]
    Expired,
    /// Valid for longer than a token of its kind may be.
    #[error("lasts_too_long")]
    LastsTooLong,
    /// Issued, or valid from, later than now.
    #[error("from_the_future")]
    FromTheFuture,
    /// A session of another install.
    #[error("other_install")]
    OtherInstall,
    /// A session of another instance.
    #[error("other_instance")]
    OtherInstance,
    /// The session is past its hard end.
    #[error("past_hard_end")]
    PastHardEnd,
}

/// A token that has been opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened<T> {
    /// Its claims.
    pub claims: T,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// What all kinds have in common, around the claims of one.
#[derive(Serialize)]
struct Envelope<T> {
    iss: &'static str,
    aud: &'static str,
    #[serde(flatten)]
    claims: T,
}

/// What all kinds have in common, by itself. The claims of a kind are read separately: `serde` would buffer them to
/// find out which belong where, at a cost in time and, for each kind, in size.
#[derive(Deserialize)]
struct Common {
    iss: String,
    aud: String,
}

/// Makes a token at `now` with the active key.
///
/// # Errors
/// If the claims cannot be written as JSON; those of the kinds here always can.
pub fn seal<T: Kind>(keys: &KeySet, claims: &T, now: Timestamp) -> Result<String, CreationError> {
    let (id, key) = keys.active();
    let mut envelope = Claims::new(Envelope { iss: ISSUER, aud: T::AUDIENCE, claims });
    envelope.issued_at = date(now);
    envelope.expiration = date(claims.expires_at(now));
    let header = Header::empty().with_key_id(id).with_token_type(T::TYPE);
    Hs256.token(&header, &envelope, key)
}

/// Opens a token of kind `T`.
pub fn open<T: Kind>(keys: &KeySet, token: &str, now: Timestamp) -> Result<Opened<T>, Rejection> {
    open_naming_key(keys, token, now).map(|(opened, _)| opened)
}

/// Opens a token of kind `T`, and returns the id of its key too.
fn open_naming_key<T: Kind>(keys: &KeySet, token: &str, now: Timestamp) -> Result<(Opened<T>, String), Rejection> {
    let (key, issued_at, expires_at) = verify(keys, token, (T::TYPE, T::AUDIENCE), now)?;
    let claims = claims_of(token).ok_or(Rejection::Malformed)?;
    Ok((Opened { claims, issued_at, expires_at }, key))
}

/// Checks that a token is ours, of this `typ`, for this audience, and valid at `now`. Returns the id of its key, when
/// it was issued and when it expires. Not generic over the kind, so that the Worker carries it once.
fn verify(
    keys: &KeySet,
    token: &str,
    (kind, audience): (&str, &str),
    now: Timestamp,
) -> Result<(String, Timestamp, Timestamp), Rejection> {
    if token.len() > LONGEST {
        return Err(Rejection::Malformed);
    }
    let untrusted = UntrustedToken::new(token).map_err(|_| Rejection::Malformed)?;
    let id = untrusted.header().key_id.as_deref().ok_or(Rejection::UnknownKey)?;
    let key = keys.verifying(id, now).ok_or(Rejection::UnknownKey)?;
    if untrusted.header().token_type.as_deref() != Some(kind) {
        return Err(Rejection::WrongKind);
    }
    let signed = Hs256.validator::<Common>(key).validate(&untrusted).map_err(|error| match error {
        ValidationError::MalformedClaims(_) => Rejection::Malformed,
        _ => Rejection::BadSignature,
    })?;
    let id = id.to_owned();
    let (_, claims) = signed.into_parts();
    let (Some(issued_at), Some(expires_at)) = (timestamp(claims.issued_at), timestamp(claims.expiration)) else {
        return Err(Rejection::Malformed);
    };
    let Common { iss, aud } = claims.custom;
    if iss != ISSUER || aud != audience {
        return Err(Rejection::WrongKind);
    }
    in_time(issued_at, expires_at, now)?;
    Ok((id, issued_at, expires_at))
}

/// Checks that a token with these times is valid at `now`.
fn in_time(issued_at: Timestamp, expires_at: Timestamp, now: Timestamp) -> Result<(), Rejection> {
    if issued_at > now.plus(LEEWAY) {
        Err(Rejection::FromTheFuture)
    } else if now >= expires_at.plus(LEEWAY) {
        Err(Rejection::Expired)
    } else {
        Ok(())
    }
}

/// The claims in a token, or in the signed part of one, as stated. They are worth no more than what the caller has
/// verified about the rest of it.
fn claims_of<T: DeserializeOwned>(token: &str) -> Option<T> {
    let claims = token.split('.').nth(1)?;
    let claims = String::from_utf8(Base64UrlUnpadded::decode_vec(claims).ok()?).ok()?;
    kv_schema::json::from_str(&claims).ok()
}

/// Whether the header lists extensions that must be understood (`crit`, RFC 7515, section 4.1.11): none is understood
/// here. A header that cannot be read is refused elsewhere.
fn has_critical(token: &str) -> bool {
    let head = token.split('.').next().and_then(|head| Base64UrlUnpadded::decode_vec(head).ok());
    let head = head.and_then(|head| String::from_utf8(head).ok());
    head.and_then(|head| Object::parse(&head)?.has("crit").then_some(())).is_some()
}

/// `chrono` is what `jwt-compact` uses; nothing else here does.
fn date(at: Timestamp) -> Option<chrono::DateTime<chrono::Utc>> {
    chrono::DateTime::from_timestamp(i64::try_from(at.0).ok()?, 0)
}

fn timestamp(date: Option<chrono::DateTime<chrono::Utc>>) -> Option<Timestamp> {
    date.and_then(|date| u64::try_from(date.timestamp()).ok()).map(Timestamp)
}

#[cfg(test)]
mod tests;
