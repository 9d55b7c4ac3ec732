//! `install:<name>`

use serde::{Deserialize, Serialize};

use super::within;

use crate::Language;
use crate::names::{InstallName, InstallSpelling, InstanceId};
use crate::record::{Namespace, Record, Version};

/// One installation of `OneContact` Agent, named in the address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Install {
    /// Version of this record's form.
    pub v: Version<1>,
    /// Its name as the operator spells it; the address is redirected to this spelling.
    pub name: InstallSpelling,
    /// The instances that it serves. Which ones they are stands with each instance, so that this record stays small.
    pub serves: Serves,
    /// Whether agents may type an extension. Where not, the field is not shown and a posted one is refused.
    pub allow_extension_configuration: bool,
    /// The language of its pages for agents who have not chosen one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Minutes from the login to a session's hard end, a shift: 1 to 10,080 (a week).
    #[serde(deserialize_with = "within::<1, 10_080, _>")]
    pub shift_minutes: u32,
}

/// How many instances an install serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Serves {
    /// None yet: nobody can sign in.
    None,
    /// Just one, so that nobody needs to be asked for it.
    One(InstanceId),
    /// Several.
    Many,
}

impl Install {
    /// The key of the install called `name`.
    #[must_use]
    pub fn key_of(name: &InstallName) -> String {
        format!("install:{name}")
    }
}

impl Record for Install {
    const NAME: &'static str = "install";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.name.name())
    }
}
