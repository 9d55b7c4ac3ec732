//! How a client proves who it is at the token endpoint (`OpenID` Connect Core, section 9): by a secret, by a token that
//! it signs, or not at all if it can keep nothing secret. Its record says which of them, and never the request.

use base64ct::{Base64, Encoding};
use kv_schema::Timestamp;
use kv_schema::directory::{Client, ClientAuth, ClientKey};
use kv_schema::names::ClientId;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use super::grant::hash;
use super::{Fault, Params};
use crate::token::{Foreign, LEEWAY, PublicKey};

/// RFC 7523, section 2.2.
const BY_TOKEN: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest that a client's token may still be valid, in seconds.
const LONGEST_LIFE: u64 = 5 * 60;

/// What a client shows.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// Nothing.
    Nothing,
    /// A secret.
    Secret(String),
    /// A token.
    Token(String),
}

/// Reveals nothing of it.
impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Secret(_) => "Secret",
            Self::Token(_) => "Token",
        })
    }
}

/// Who a client claims to be, and what it shows as proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The client whose record is to be looked up.
    pub client: ClientId,
    /// What it shows.
    pub proof: Proof,
}

/// A client has proved who it is, provided that what it has shown is shown for the first time: the hash by which that
/// is known, and when it expires by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// `None` if it may be shown any number of times.
    pub once: Option<(String, Timestamp)>,
}

impl Credentials {
    /// Reads them from a request: the `Authorization` header, and the form. There may be only one proof (RFC 6749,
    /// section 2.3).
    pub fn read(authorization: Option<&str>, form: &Params) -> Result<Self, Fault> {
        let stated = form.get("client_id");
        let (secret, token) = (form.get("client_secret"), form.get("client_assertion"));
        if usize::from(authorization.is_some()) + usize::from(secret.is_some()) + usize::from(token.is_some()) > 1 {
            return Err(Fault::request("several_proofs"));
        }
        let (id, proof) = if let Some(header) = authorization {
            let (id, secret) = basic(header).ok_or(Fault::client("bad_authorization"))?;
            (id, Proof::Secret(secret))
        } else if let Some(token) = token {
            if form.get("client_assertion_type") != Some(BY_TOKEN) {
                return Err(Fault::client("bad_assertion_type"));
            }
            let read = Foreign::read(token).map_err(|_| Fault::client("malformed_assertion"))?;
            (read.unverified().sub.clone(), Proof::Token(token.to_owned()))
        } else {
            let id = stated.ok_or(Fault::client("missing_client_id"))?.to_owned();
            (id, secret.map_or(Proof::Nothing, |secret| Proof::Secret(secret.to_owned())))
        };
        if stated.is_some_and(|stated| stated != id) {
            return Err(Fault::client("two_clients"));
        }
        Ok(Self { client: ClientId::parse(&id).map_err(|_| Fault::client("unknown_client"))?, proof })
    }

    /// Checks them against the client's record. A token has to be for one of `audiences`; `verify` is given a public
    /// key, what was signed and the signature, and says whether they belong together.
    pub async fn check(
        &self,
        client: &Client,
        audiences: [&str; 2],
        now: Timestamp,
        verify: impl AsyncFnOnce(&PublicKey, &[u8], &[u8]) -> bool,
    ) -> Result<Known, Fault> {
        match (&client.auth, &self.proof) {
            _ if client.id != self.client => Err(Fault::client("unknown_client")),
            (ClientAuth::None, Proof::Nothing) => Ok(Known { once: None }),
            (ClientAuth::Secret(hashes), Proof::Secret(secret)) if is_secret(hashes, secret) => {
                Ok(Known { once: None })
            }
            (ClientAuth::Secret(_), Proof::Secret(_)) => Err(Fault::client("wrong_secret")),
            (ClientAuth::Keys(keys), Proof::Token(token)) => {
                by_token(client, keys, token, audiences, now, verify).await
            }
            (_, Proof::Nothing) => Err(Fault::client("no_proof")),
            _ => Err(Fault::client("other_kind_of_proof")),
        }
    }
}

/// `Basic`, with both parts encoded as in a form (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    let decoded = String::from_utf8(Base64::decode_vec(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((unescaped(id)?, unescaped(secret)?))
}

fn unescaped(text: &str) -> Option<String> {
    // A value cannot contain what would be read as its end.
    let is_value = !text.contains(['&', '=']);
    is_value
        .then(|| form_urlencoded::parse(["v=", text].concat().as_bytes()).next().map(|(_, value)| value.into_owned()))?
}

/// Every hash is compared, in a time that does not reveal how close it is.
fn is_secret(hashes: &[String], secret: &str) -> bool {
    let shown = hash(secret.as_bytes());
    hashes.iter().fold(false, |is, kept| is | bool::from(kept.as_bytes().ct_eq(shown.as_bytes())))
}

async fn by_token(
    client: &Client,
    keys: &[ClientKey],
    token: &str,
    audiences: [&str; 2],
    now: Timestamp,
    verify: impl AsyncFnOnce(&PublicKey, &[u8], &[u8]) -> bool,
) -> Result<Known, Fault> {
    let token = Foreign::read(token).map_err(|_| Fault::client("malformed_assertion"))?;
    // A token that names no key can only be signed with the one that there is.
    let key = match (token.kid(), keys) {
        (Some(kid), keys) => keys.iter().find(|key| key.kid == kid),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let key = key.and_then(|key| PublicKey::of(&key.x, key.y.as_deref()));
    let key = key.ok_or(Fault::client("unknown_assertion_key"))?;
    let stated = token.verified(key, verify).await.map_err(|_| Fault::client("bad_assertion_signature"))?;
    let is_about_itself = stated.iss == client.id.as_str() && stated.sub == stated.iss;
    if !is_about_itself {
        return Err(Fault::client("assertion_of_other_client"));
    }
    // It must be for us alone: anybody else it is for could show it here.
    let [audience] = stated.aud.as_slice() else { return Err(Fault::client("assertion_for_others")) };
    if !audiences.contains(&audience.as_str()) {
        return Err(Fault::client("assertion_for_others"));
    }
    if stated.is_over(now) {
        return Err(Fault::client("expired_assertion"));
    }
    if stated.exp > now.plus(LONGEST_LIFE + LEEWAY) {
        return Err(Fault::client("assertion_lasts_too_long"));
    }
    if stated.iat.max(stated.nbf).is_some_and(|start| start > now.plus(LEEWAY)) {
        return Err(Fault::client("assertion_from_the_future"));
    }
    let id = stated.jti.filter(|jti| !jti.is_empty()).ok_or(Fault::client("assertion_without_id"))?;
    Ok(Known { once: Some((hash(id.as_bytes()), stated.exp.plus(LEEWAY))) })
}

#[cfg(test)]
mod tests;
