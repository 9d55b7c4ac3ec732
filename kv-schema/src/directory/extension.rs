//! `extension:<instance>:<number>` and `install-extension:<install>:<number>`

use serde::{Deserialize, Serialize};

use crate::names::{Extension, InstallName, InstanceId, Username};
use crate::record::{Namespace, Record, Version};

/// A phone extension of one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhoneExtension {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The instance that it belongs to.
    pub instance: InstanceId,
    /// Its number.
    pub extension: Extension,
    /// What rings.
    pub kind: ExtensionKind,
    /// Who may use it.
    pub agents: AllowedAgents,
    /// The declared agents who use it if none is typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usual_of: Vec<Username>,
}

/// What rings at an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExtensionKind {
    /// A telephone in a fixed place.
    DeskPhone,
    /// The browser itself, with the workstation's microphone.
    BrowserPhone,
    /// An outside number: a mobile, or a line at home.
    External,
}

impl ExtensionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::DeskPhone, Self::BrowserPhone, Self::External];

    /// As records and declarations spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeskPhone => "desk_phone",
            Self::BrowserPhone => "browser_phone",
            Self::External => "external",
        }
    }
}

/// The agents that may use an extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AllowedAgents {
    /// All agents of its instance.
    All,
    /// These.
    Only(Vec<Username>),
}

impl PhoneExtension {
    /// The key of the extension `extension` of `instance`.
    #[must_use]
    pub fn key_of(instance: &InstanceId, extension: &Extension) -> String {
        format!("extension:{instance}:{extension}")
    }

    /// Whether `agent` may use it.
    #[must_use]
    pub fn allows(&self, agent: &Username) -> bool {
        match &self.agents {
            AllowedAgents::All => true,
            AllowedAgents::Only(agents) => agents.contains(agent),
        }
    }
}

impl Record for PhoneExtension {
    const NAME: &'static str = "extension";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.instance, &self.extension)
    }
}

/// Says that one of an install's instances has an extension of this number. It exists only for installs that serve
/// several instances, so that an agent can be told that a number belongs to another instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InstallExtension {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The install.
    pub install: InstallName,
    /// The number.
    pub extension: Extension,
}

impl InstallExtension {
    /// The key of the record for `extension` at `install`.
    #[must_use]
    pub fn key_of(install: &InstallName, extension: &Extension) -> String {
        format!("install-extension:{install}:{extension}")
    }
}

impl Record for InstallExtension {
    const NAME: &'static str = "install-extension";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.install, &self.extension)
    }
}
