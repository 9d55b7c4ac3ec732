//! `agent:<instance>:<username>`

use serde::{Deserialize, Serialize};

use super::is_false;
use crate::names::{EmailAddress, Extension, InstanceId, PhoneNumber, Username};
use crate::record::{Namespace, Record, Version};
use crate::{Language, Timestamp};

/// A person with an account in one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agent {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The instance that the account belongs to.
    pub instance: InstanceId,
    /// The username, in its canonical form.
    pub username: Username,
    /// The agent's name for people to read.
    pub display_name: String,
    /// An address that the agent may type instead of the username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// The phone that codes are sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// The extension that is used if none is typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_extension: Option<Extension>,
    /// Whether the agent needs an extension to be ready; if absent, the instance decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_extension: Option<bool>,
    /// Whether the agent has to prove more than a password, whatever the instance says.
    #[serde(default, skip_serializing_if = "is_false")]
    pub requires_second_step: bool,
    /// The agent's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether the account may not sign in.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// The declared password. One that the agent has set since is kept by the account's guard and takes precedence.
    pub password: Password,
}

/// A declared password, hashed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Password {
    /// Argon2id hash as a PHC string.
    pub phc: String,
    /// When it was declared. The later of the declared and the agent's own password is in force.
    pub set_at: Timestamp,
    /// Whether the agent has to choose a new one at the next login.
    #[serde(default, skip_serializing_if = "is_false")]
    pub must_change: bool,
}

/// Omits the hash: what is printed ends up in a log.
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Password").field("set_at", &self.set_at).finish_non_exhaustive()
    }
}

impl Agent {
    /// An agent with nothing else declared.
    #[must_use]
    pub const fn new(instance: InstanceId, username: Username, display_name: String, password: Password) -> Self {
        Self {
            v: Version,
            instance,
            username,
            display_name,
            email: None,
            phone: None,
            default_extension: None,
            requires_extension: None,
            requires_second_step: false,
            language: None,
            disabled: false,
            password,
        }
    }

    /// The key of the account `username` of `instance`.
    #[must_use]
    pub fn key_of(instance: &InstanceId, username: &Username) -> String {
        format!("agent:{instance}:{username}")
    }
}

impl Record for Agent {
    const NAME: &'static str = "agent";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.instance, &self.username)
    }
}
