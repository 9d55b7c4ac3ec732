//! Passkeys as the second step: what a browser is asked, and whether what it answers is to be believed (Web
//! Authentication, Level 3, sections 7.1 and 7.2). The mathematics of signatures the edge has the platform do.
//!
//! Nobody's attestation is asked for: it would say which model of authenticator somebody has, and nothing here goes by
//! that. Whether the authenticator has verified its user (UV) is preferred and not required: it is the second step after a
//! password, and what it adds is that somebody *has* the key; a security key without a PIN is as good for that.

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

/// Passkeys that an account may have.
pub const MOST_PASSKEYS: usize = 8;

/// Bytes of the longest credential id (section 7.1, step 25).
const LONGEST_ID: usize = 1023;

/// A passkey, as its account's guard keeps it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Passkey {
    /// Its credential id, as base64url.
    pub id: String,
    /// The relying party that it is for: the host of a declared address. It is none at any other.
    pub rp: String,
    /// Its public key, as a JWK.
    pub key: String,
    /// How often it says that it has signed; 0 where it does not count.
    pub count: u32,
    /// When it was set up.
    pub since: Timestamp,
}

impl Passkey {
    /// As it is kept and asked for: in one text, because a reader and a writer of its own would weigh on the Worker.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { id, rp, key, count, since } = self;
        // No part but the last could hold a blank.
        [&**id, rp, &count.to_string(), &since.0.to_string(), key].join(" ")
    }

    /// Reads such a text. What is none has a key that nothing is signed with.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut parts = text.splitn(5, ' ');
        let mut part = || parts.next().unwrap_or_default();
        let (id, rp) = (part().to_owned(), part().to_owned());
        let (count, since) = (part().parse().unwrap_or_default(), Timestamp(part().parse().unwrap_or_default()));
        Self { id, rp, count, since, key: part().to_owned() }
    }
}

/// Says nothing by which somebody could be recognised.
impl std::fmt::Debug for Passkey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passkey").field("since", &self.since).finish_non_exhaustive()
    }
}

/// Why what a browser has sent is not believed. For the log alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is too short or too long, or not of the form that it has to be of.
    Malformed,
    /// It is of another ceremony.
    Type,
    /// It answers another challenge.
    Challenge,
    /// It was made at another origin.
    Origin,
    /// It was made in a page within somebody else's.
    CrossOrigin,
    /// It is for another relying party.
    RelyingParty,
    /// Nobody was there.
    NotPresent,
    /// Its key is of none of the algorithms that were asked for.
    Algorithm,
    /// The signature is not that of the passkey.
    Signature,
}

impl Refusal {
    /// Its name, as the log has it.
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

/// What a browser has sent. What of it could not be decoded is blank, and then refused.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// The credential's id, as base64url.
    id: String,
    client: Vec<u8>,
    authenticator: Vec<u8>,
    /// None where a passkey is set up.
    signature: Vec<u8>,
}

impl Response {
    /// Reads the fields of a form, each of them base64url.
    #[must_use]
    pub fn read(id: &str, client: &str, authenticator: &str, signature: &str) -> Self {
        let bytes = |text| Base64UrlUnpadded::decode_vec(text).unwrap_or_default();
        let is_id = (1..=LONGEST_ID).contains(&bytes(id).len());
        let id = if is_id { id.to_owned() } else { String::new() };
        Self { id, client: bytes(client), authenticator: bytes(authenticator), signature: bytes(signature) }
    }

    /// Which passkey it says that it is by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// What a passkey has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// How often the passkey says that it has signed.
    pub count: u32,
    /// What was signed.
    pub message: Vec<u8>,
    /// The signature, as the platform reads it.
    pub signature: Vec<u8>,
}

/// A ceremony: of one step of one login, at one declared address.
#[derive(Debug, Clone)]
pub struct Ceremony<'a> {
    address: &'a SiteAddress,
    challenge: String,
}

impl<'a> Ceremony<'a> {
    /// The ceremony that belongs to the token `step` at `address`; `None` where there can be none, because a number is no
    /// relying party.
    ///
    /// The challenge is made of that token, which a node has signed and made of random bits: so it belongs to the agent, the
    /// instance, the browser, the flow and the place in it, and nothing has to be kept for it. It is good once because the
    /// flow ends with it, in the account's guard.
    #[must_use]
    pub fn of(step: &str, address: &'a SiteAddress) -> Option<Self> {
        if address.host().parse::<std::net::Ipv4Addr>().is_ok() {
            return None;
        }
        let hash = Sha256::new().chain_update("passkey challenge\0").chain_update(step).finalize();
        Some(Self { address, challenge: Base64UrlUnpadded::encode_string(&hash) })
    }

    /// What the passkey is to sign, as base64url.
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
        // Whatever key was made, it must be one that can be verified with later.
        PublicKey::parse(&jwk).ok_or(Refusal::Algorithm)?;
        if id.is_empty() || id.len() > LONGEST_ID || !made.is_end(rest) {
            return Err(Refusal::Malformed);
        }
        let (id, rp) = (Base64UrlUnpadded::encode_string(id), self.rp().to_owned());
        Ok(Passkey { id, rp, key: jwk, count: made.count, since: now })
    }

    /// What was signed, if it is for this ceremony (section 7.2); whether it was signed by `key` is for the platform to say.
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

/// What an authenticator knows an account by (section 5.4.3): the same each time, of this account alone, and nothing that
/// tells who it is.
#[must_use]
pub fn user_handle(agent: &Agent) -> String {
    let text = ["passkey user", agent.instance.as_str(), agent.username.as_str()].join("\0");
    Base64UrlUnpadded::encode_string(&Sha256::digest(text))
}

#[cfg(test)]
mod tests;
