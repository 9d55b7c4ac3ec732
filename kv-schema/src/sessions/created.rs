//! `created-agent:<instance>:<username>`

use serde::{Deserialize, Serialize};

use crate::Language;
use crate::directory::Issuer;
use crate::names::{EmailAddress, Extension, InstanceId, Username};
use crate::record::{Namespace, Record, Version};

/// An agent whom nobody has declared: their instance's own provider vouches for them, and all of this comes from its
/// claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedAgent {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The instance whose provider it is.
    pub instance: InstanceId,
    /// The username, in its canonical form.
    pub username: Username,
    /// Who they are at the provider: nobody else becomes this agent by being given their name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The agent's name for people to read.
    pub display_name: String,
    /// The agent's address, which the provider has verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// The extension that is used if none is typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_extension: Option<Extension>,
    /// The agent's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// Somebody at a provider, by an identifier that is never given to anybody else there (`OpenID` Connect Core, section
/// 5.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Subject {
    /// The provider.
    pub iss: Issuer,
    /// The provider's own name for them.
    pub sub: String,
}

impl CreatedAgent {
    /// The prefix of their keys.
    pub const PREFIX: &str = "created-agent:";
    /// Seconds for which such an agent is known after each sign-in. A session is over long before.
    pub const LIFE: u64 = 31 * 24 * 60 * 60;
}

impl Record for CreatedAgent {
    const NAME: &'static str = "created-agent";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Sessions;

    fn key(&self) -> String {
        [Self::PREFIX, self.instance.as_str(), ":", self.username.as_str()].concat()
    }
}
