//! Passkeys as the second step: what a browser is asked, and whether its response is to be believed (Web
//! Authentication, Level 3, sections 7.1 and 7.2). The edge has the platform do the mathematics of signatures.
//!
//! No attestation is asked for: it would tell the model of the authenticator, on which nothing here depends. User
//! verification (UV) is preferred and not required: this is the second step after a password, and what it adds is that
//! somebody *has* the key; a security key without a PIN is as good for that.

mod authenticator;
mod client;
mod key;
mod signature;

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::Timestamp;
use kv_schema::directory::Agent;
use kv_schema::names::SiteAddress;
use sha2::{Digest, Sha256};

use crate::federation::PublicKey;
use authenticator::Authenticator;

/// The most passkeys that an account may have.
pub const MOST_PASSKEYS: usize = 8;

/// The longest credential id, in bytes (section 7.1, step 25).
const LONGEST_ID: usize = 1023;

/// A passkey, as its account's guard stores it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Passkey {
    /// Its credential id, as base64url.
    pub id: String,
    /// The relying party it is for: the host of a declared address. It is useless at any other.
    pub rp: String,
    /// Its public key, as a JWK.
    pub key: String,
    /// How often it claims to have signed; 0 if it does not count.
    pub count: u32,
    /// When it was set up.
    pub since: Timestamp,
}

impl Passkey {
    /// The form in which it is stored and asked for: one text, as a reader and writer of its own would weigh on the
    /// Worker.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { id, rp, key, count, since } = self;
        // No part but the last could contain a blank.
        [&**id, rp, &count.to_string(), &since.0.to_string(), key].join(" ")
    }

    /// Reads such a text. Anything else yields a key that nothing is signed with.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut parts = text.splitn(5, ' ');
        let mut part = || parts.next().unwrap_or_default();
        let (id, rp) = (part().to_owned(), part().to_owned());
        let (count, since) = (part().parse().unwrap_or_default(), Timestamp(part().parse().unwrap_or_default()));
        Self { id, rp, count, since, key: part().to_owned() }
    }
}

/// Reveals nothing by which somebody could be recognised.
impl std::fmt::Debug for Passkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passkey").field("since", &self.since).finish_non_exhaustive()
    }
}

/// Why a browser's response is not believed. For the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is too short or too long, or not of the required form.
    Malformed,
    /// It belongs to another kind of ceremony.
    Type,
    /// It answers another challenge.
    Challenge,
    /// It was made at another origin.
    Origin,
    /// It was made in a page embedded in somebody else's.
    CrossOrigin,
    /// It is for another relying party.
    RelyingParty,
    /// No user was present.
    NotPresent,
    /// Its key uses none of the algorithms asked for.
    Algorithm,
    /// The signature is not that of the passkey.
    Signature,
}

impl Refusal {
    /// Its name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Type => "type",
            Self::Challenge => "challenge",
            Self::Origin => "origin",
            Self::CrossOrigin => "cross_origin",
            Self::RelyingParty => "relying_party",
            Self::NotPresent => "not_present",
            Self::Algorithm => "algorithm",
            Self::Signature => "signature",
        }
    }
}

/// What a browser has sent. Parts that could not be decoded are blank, and then refused.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The credential's id, as base64url.
    id: String,
    client: Vec<u8>,
    authenticator: Vec<u8>,
    /// Empty when a passkey is being set up.
    signature: Vec<u8>,
}

impl Response {
    /// Reads the fields of a form, each in base64url.
    #[must_use]
    pub fn read(id: &str, client: &str, authenticator: &str, signature: &str) -> Self {
        let bytes = |text| Base64UrlUnpadded::decode_vec(text).unwrap_or_default();
        let is_id = (1..=LONGEST_ID).contains(&bytes(id).len());
        let id = if is_id { id.to_owned() } else { String::new() };
        Self { id, client: bytes(client), authenticator: bytes(authenticator), signature: bytes(signature) }
    }

    /// The passkey that it claims to be from.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// What a passkey has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// How often the passkey claims to have signed.
    pub count: u32,
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature, as the platform reads it.
    pub signature: Vec<u8>,
}

/// A ceremony, for one step of one login, at one declared address.
#[derive(Debug, Clone)]
pub struct Ceremony<'a> {
    address: &'a SiteAddress,
    challenge: String,
}

impl<'a> Ceremony<'a> {
    /// The ceremony that belongs to the token `step` at `address`; `None` if there can be none, because an IP address
    /// is not a relying party.
    ///
    /// The challenge is made from that token, which a node has signed and which holds random bits: so it belongs to the
    /// agent, the instance, the browser, the flow and the place in it, and nothing has to be stored for it. It is valid
    /// once because the flow ends with it, in the account's guard.
    #[must_use]
    pub fn of(step: &str, address: &'a SiteAddress) -> Option<Self> {
        if address.host().parse::<std::net::Ipv4Addr>().is_ok() {
            return None;
        }
        let hash = Sha256::new().chain_update("passkey challenge\0").chain_update(step).finalize();
        Some(Self { address, challenge: Base64UrlUnpadded::encode_string(&hash) })
    }

    /// The challenge that the passkey is to sign, as base64url.
    #[must_use]
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// The relying party.
    #[must_use]
    pub fn rp(&self) -> &'a str {
        self.address.host()
    }

    /// The passkey that was set up (section 7.1).
    pub fn set_up(&self, response: &Response, now: Timestamp) -> Result<Passkey, Refusal> {
        client::check(&response.client, "webauthn.create", &self.challenge, self.address.as_str())?;
        let made = Authenticator::read(&response.authenticator, self.rp())?;
        let (id, key) = made.credential().ok_or(Refusal::Malformed)?;
        let (jwk, rest) = key::jwk(key).ok_or(Refusal::Algorithm)?;
        // Whatever key was made, it must be one that signatures can be verified with later.
        PublicKey::parse(&jwk).ok_or(Refusal::Algorithm)?;
        if id.is_empty() || id.len() > LONGEST_ID || !made.is_end(rest) {
            return Err(Refusal::Malformed);
        }
        let (id, rp) = (Base64UrlUnpadded::encode_string(id), self.rp().to_owned());
        Ok(Passkey { id, rp, key: jwk, count: made.count, since: now })
    }

    /// What was signed, if it is for this ceremony (section 7.2); whether `key` signed it is for the platform to say.
    pub fn signed(&self, response: &Response, key: &PublicKey) -> Result<Signed, Refusal> {
        client::check(&response.client, "webauthn.get", &self.challenge, self.address.as_str())?;
        let used = Authenticator::read(&response.authenticator, self.rp())?;
        if used.credential().is_some() || !used.is_end(used.rest) {
            return Err(Refusal::Malformed);
        }
        let signature = signature::for_platform(key.algorithm(), &response.signature).ok_or(Refusal::Signature)?;
        let message = [&*response.authenticator, &Sha256::digest(&response.client)].concat();
        Ok(Signed { count: used.count, message, signature })
    }
}

/// The name by which an authenticator knows an account (section 5.4.3): always the same, unique to this account, and
/// revealing nothing about whose it is.
#[must_use]
pub fn user_handle(agent: &Agent) -> String {
    let text = ["passkey user", agent.instance.as_str(), agent.username.as_str()].join("\0");
    Base64UrlUnpadded::encode_string(&Sha256::digest(text))
}

#[cfg(test)]
mod tests;
