//! The ID token: whether it is to be believed (`OpenID` Connect Core, section 3.1.3.7), and which agent it names.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::Timestamp;
use kv_schema::directory::{AccountClaim, Provider};
use kv_schema::json::Object;
use kv_schema::names::{EmailAddress, Username};
use kv_schema::sessions::Subject;
use sha2::{Digest, Sha256, Sha512};

use super::{Algorithm, Profile, PublicKey, Refusal};
use crate::token::Amr;

/// The longest ID token that is read, in bytes.
const LONGEST: usize = 32 * 1024;
/// The longest `sub`, in bytes (`OpenID` Connect Core, section 2).
const LONGEST_SUB: usize = 255;
/// Seconds by which a provider's clock may differ from ours.
const LEEWAY: u64 = 30;

/// An ID token of which only the header has been read.
#[derive(Debug)]
pub struct IdToken<'t> {
    input: &'t str,
    claims: &'t str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    key_id: Option<String>,
}

/// What an ID token has to be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who has to have issued it, and what for.
    pub provider: &'a Provider,
    /// The nonce of the request that it has to answer.
    pub nonce: &'a str,
    /// The access token that came with it, if one did.
    pub access_token: Option<&'a str>,
    /// How many seconds ago, at most, the agent may have signed in, if somebody has asked for that.
    pub max_age: Option<u64>,
    /// Whether it then has to say when that was, because an application relies on it. An install of ours would only
    /// begin its shift then, and some providers only say it if set up to (Entra ID, by an optional claim).
    pub has_to_say_when: bool,
    /// The time, taken as late as possible: a provider's answer may be issued after the browser's request arrived.
    pub now: Timestamp,
}

/// An account, as the provider names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountName {
    /// By its username.
    Username(Username),
    /// By its e-mail address.
    Email(EmailAddress),
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Username(username) => username.as_str(),
            Self::Email(email) => email.as_str(),
        })
    }
}

/// Who the agent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: AccountName,
    /// Who that is at the provider, whatever their name there.
    pub subject: Subject,
    /// When the agent signed in at the provider; or, if it does not say, when the token was issued.
    pub auth_time: Timestamp,
    /// Whether it does not say.
    pub auth_time_missing: bool,
    /// How, as far as the provider says and we know the method.
    pub amr: Vec<Amr>,
    /// What an agent is made from, if this person may be made one.
    pub profile: Option<Profile>,
}

fn decoded(part: &str) -> Option<String> {
    String::from_utf8(Base64UrlUnpadded::decode_vec(part).ok()?).ok()
}

impl<'t> IdToken<'t> {
    /// Reads the header. The algorithm has to be one of the three accepted, whatever else the token says.
    pub fn read(token: &'t str) -> Result<Self, Refusal> {
        let malformed = Refusal::IdTokenMalformed;
        let (input, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST).ok_or(malformed)?;
        let (head, claims) = input.split_once('.').filter(|(_, claims)| !claims.contains('.')).ok_or(malformed)?;
        let head = decoded(head).ok_or(malformed)?;
        let head = Object::parse(&head).ok_or(malformed)?;
        // No extension that has to be understood is understood here (RFC 7515, section 4.1.11), and a token of another
        // kind is not an ID token.
        let is_other_kind = head.has("typ") && !head.text("typ").is_some_and(|typ| typ.eq_ignore_ascii_case("JWT"));
        if head.has("crit") || is_other_kind || head.has("kid") && head.text("kid").is_none() {
            return Err(malformed);
        }
        let algorithm = head.text("alg").and_then(Algorithm::named).ok_or(Refusal::Algorithm)?;
        let signature = Base64UrlUnpadded::decode_vec(signature).map_err(|_| malformed)?;
        Ok(Self { input, claims, signature, algorithm, key_id: head.text("kid").map(str::to_owned) })
    }

    /// A text that `token` states, signed or not: fit only to be returned to whoever made it.
    pub(super) fn unverified_text(token: &str, claim: &str) -> Option<String> {
        let claims = decoded(token.split('.').nth(1)?)?;
        Object::parse(&claims)?.text(claim).map(str::to_owned)
    }

    /// The algorithm that it claims to be signed with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that it claims to be signed with.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Opens it. `verify` is given the key, what was signed and the signature, and says whether they belong together.
    pub async fn open(
        &self,
        key: &PublicKey,
        expected: Expected<'_>,
        verify: impl AsyncFnOnce(&PublicKey, &[u8], &[u8]) -> bool,
    ) -> Result<Identity, Refusal> {
        if key.algorithm() != self.algorithm {
            return Err(Refusal::Algorithm);
        }
        if !verify(key, self.input.as_bytes(), &self.signature).await {
            return Err(Refusal::Signature);
        }
        let claims = decoded(self.claims).ok_or(Refusal::IdTokenMalformed)?;
        let claims = Object::parse(&claims).ok_or(Refusal::IdTokenMalformed)?;
        check_parties(&claims, expected.provider)?;
        let issued_at = check_times(&claims, expected.now)?;
        if claims.text("nonce") != Some(expected.nonce) {
            return Err(Refusal::Nonce);
        }
        if claims.has("at_hash") && !is_hash(claims.text("at_hash"), expected.access_token, self.algorithm) {
            return Err(Refusal::AccessTokenHash);
        }
        let auth_time = claims.unsigned("auth_time").map(Timestamp);
        if let Some(max_age) = expected.max_age {
            if auth_time.is_none() && expected.has_to_say_when {
                return Err(Refusal::AuthTimeMissing);
            }
            if auth_time.unwrap_or(issued_at).plus(max_age.saturating_add(LEEWAY)) < expected.now {
                return Err(Refusal::SignedInTooLongAgo);
            }
        }
        let amr = claims.texts("amr").unwrap_or_default().into_iter().filter_map(Amr::named).collect();
        let account = account(&claims, &expected.provider.account_claim)?;
        let sub = claims.text("sub").filter(|sub| (1..=LONGEST_SUB).contains(&sub.len()));
        let sub = sub.ok_or(Refusal::IdTokenMalformed)?.to_owned();
        let subject = Subject { iss: expected.provider.issuer.clone(), sub };
        let profile = expected.provider.creates.as_ref().and_then(|creation| Profile::read(&claims, creation));
        let auth_time_missing = auth_time.is_none();
        let auth_time = auth_time.unwrap_or(issued_at).min(expected.now);
        Ok(Identity { account, subject, auth_time, auth_time_missing, amr, profile })
    }
}

/// Checks by whom and for whom it is.
fn check_parties(claims: &Object<'_>, provider: &Provider) -> Result<(), Refusal> {
    if claims.text("iss") != Some(provider.issuer.as_str()) {
        return Err(Refusal::Issuer);
    }
    let client = provider.client_id.as_str();
    let audience = claims.texts("aud").filter(|audience| audience.contains(&client)).ok_or(Refusal::Audience)?;
    // Whoever asked has to be named if there are several audiences, and has to be us if named.
    if (audience.len() > 1 || claims.has("azp")) && claims.text("azp") != Some(client) {
        return Err(Refusal::AuthorizedParty);
    }
    Ok(())
}

/// Checks from when and until when it is valid. Returns when it was issued.
fn check_times(claims: &Object<'_>, now: Timestamp) -> Result<Timestamp, Refusal> {
    let time = |name: &str| claims.unsigned(name).map(Timestamp);
    let expires_at = time("exp").ok_or(Refusal::Expired)?;
    let issued_at = time("iat").ok_or(Refusal::FromTheFuture)?;
    if now >= expires_at.plus(LEEWAY) || expires_at < issued_at {
        return Err(Refusal::Expired);
    }
    let starts = if claims.has("nbf") { time("nbf").ok_or(Refusal::FromTheFuture)? } else { issued_at };
    let latest = now.plus(LEEWAY);
    if issued_at > latest || starts > latest || time("auth_time").is_some_and(|at| at > latest) {
        return Err(Refusal::FromTheFuture);
    }
    Ok(issued_at)
}

/// Whether `stated` is the hash of the access token (`OpenID` Connect Core, section 3.1.3.6): the left half of the
/// digest that belongs to the algorithm.
fn is_hash(stated: Option<&str>, access_token: Option<&str>, algorithm: Algorithm) -> bool {
    let Some((stated, token)) = stated.zip(access_token) else { return false };
    let half = match algorithm {
        Algorithm::Rs256 | Algorithm::Es256 => Sha256::digest(token)[..16].to_vec(),
        Algorithm::EdDsa => Sha512::digest(token)[..32].to_vec(),
    };
    Base64UrlUnpadded::encode_string(&half) == stated
}

/// Which agent it is.
fn account(claims: &Object<'_>, declared: &AccountClaim) -> Result<AccountName, Refusal> {
    let name = declared.name();
    // Even if it is taken for a username: an agent who can choose it freely could be anybody.
    if name == "email" && !claims.is_true("email_verified") {
        return Err(Refusal::EmailUnverified);
    }
    let value = claims.text(name).ok_or(Refusal::AccountClaim)?;
    let account = match declared {
        AccountClaim::Username(_) => Username::parse(value).map(AccountName::Username),
        AccountClaim::Email(_) => EmailAddress::parse(value).map(AccountName::Email),
    };
    account.map_err(|_| Refusal::AccountClaim)
}
