//! Agents whom nobody has declared: who becomes one, because their instance's provider vouches for them, and as what.

use kv_schema::directory::{Agent, Creation, Instance, Password, Word};
use kv_schema::json::Object;
use kv_schema::names::{EmailAddress, Extension, is_unruly};
use kv_schema::record::Version;
use kv_schema::sessions::CreatedAgent;
use kv_schema::{Language, Timestamp};

use super::{AccountName, Identity, Refusal};
use crate::password;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;

/// What a provider states about somebody who has the required claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    display_name: Option<String>,
    email: Option<EmailAddress>,
    extension: Option<Extension>,
    language: Option<Language>,
}

impl Profile {
    /// Reads it; `None` if the required claim is missing. Anything else that is missing or not valid is left out.
    pub(super) fn read(claims: &Object<'_>, creation: &Creation) -> Option<Self> {
        let said = claims.texts(creation.required_claim.as_str()).unwrap_or_default();
        if !said.contains(&&*creation.required_value) {
            return None;
        }
        let text = |claim: &Option<Word>| claims.text(claim.as_ref()?.as_str());
        let is_verified = claims.is_true("email_verified");
        Some(Self {
            display_name: claims.text(creation.name_claim.as_str()).and_then(name),
            email: text(&creation.email_claim)
                .filter(|_| is_verified)
                .and_then(|email| EmailAddress::parse(email).ok()),
            extension: text(&creation.extension_claim).and_then(|number| Extension::parse(number).ok()),
            language: text(&creation.language_claim).and_then(Language::from_tag),
        })
    }
}

/// A name that people can read: on one line, and not too long.
fn name(text: &str) -> Option<String> {
    let name: String = text.trim().chars().filter(|c| !is_unruly(*c)).take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

/// Who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vouched {
    /// An agent whom an operator has declared, as they are declared.
    Declared(Box<Agent>),
    /// One whom nobody has declared.
    Created(Box<CreatedAgent>),
}

/// Determines which agent of `instance` the provider has named. A `declared` one is nobody else's to change.
pub fn vouched(declared: Option<Agent>, instance: &Instance, identity: &Identity) -> Result<Vouched, Refusal> {
    match declared {
        Some(agent) if agent.disabled => return Err(Refusal::Disabled),
        Some(agent) => return Ok(Vouched::Declared(Box::new(agent))),
        None => {}
    }
    let creates = instance.provider.as_ref().is_some_and(|provider| provider.creates.is_some());
    let AccountName::Username(username) = &identity.account else { return Err(Refusal::UnknownAccount) };
    let profile = match &identity.profile {
        Some(profile) if creates => profile.clone(),
        None if creates => return Err(Refusal::RequiredClaim),
        _ => return Err(Refusal::UnknownAccount),
    };
    Ok(Vouched::Created(Box::new(CreatedAgent {
        v: Version,
        instance: instance.id.clone(),
        display_name: profile.display_name.unwrap_or_else(|| username.to_string()),
        username: username.clone(),
        subject: Some(identity.subject.clone()),
        email: profile.email,
        default_extension: profile.extension,
        language: profile.language,
    })))
}

/// The agent in the form of all others. Their password is nobody's: no text matches it.
#[must_use]
pub fn agent_of(created: CreatedAgent) -> Agent {
    let CreatedAgent { v: _, instance, username, subject: _, display_name, email, default_extension, language } =
        created;
    let password = Password { phc: password::NOBODYS.to_owned(), set_at: Timestamp(0), must_change: false };
    Agent { email, default_extension, language, ..Agent::new(instance, username, display_name, password) }
}
