//! `instance:<id>` and `instance-name:<name>`

use serde::{Deserialize, Serialize};

use super::{Provider, Recorder, is_false, within, within_if_any};
use crate::Language;
use crate::names::{InstallName, InstanceId, InstanceName, ReasonCode, SiteAddress};
use crate::record::{Namespace, Record, Version};

/// A tenant.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the declaration's own")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Instance {
    /// Version of this record's form.
    pub v: Version<1>,
    /// Its id, never given to another instance.
    pub id: InstanceId,
    /// The name that agents type if nothing else determines the instance.
    pub name: InstanceName,
    /// Its name for people to read.
    pub display_name: String,
    /// The installs that serve it.
    pub installs: Vec<InstallName>,
    /// Where its agents reach it: what links in messages begin with, and what passkeys are for. Without it no link can
    /// be sent, and no passkey can be set up at its installs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SiteAddress>,
    /// The language of its agents who have not chosen one, if the install does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When wrong passwords lock an account, and for how long.
    pub lock: LockPolicy,
    /// The screen recorder of its agents' workstations, instead of the install's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<Recorder>,
    /// The reasons that its agents may give for not being ready, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_ready_reasons: Vec<NotReadyReason>,
    /// The longest that the wrap-up after an interaction lasts, in seconds: 1 to 86,400. If absent, as long as the
    /// agent wants.
    #[serde(default, deserialize_with = "within_if_any::<1, 86_400, _>", skip_serializing_if = "Option::is_none")]
    pub wrap_up_seconds: Option<u32>,
    /// Whether its agents need an extension to be ready; an agent's own record takes precedence.
    #[serde(default, skip_serializing_if = "is_false")]
    pub requires_extension: bool,
    /// Whether its agents are told who holds the extension that they want.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tells_extension_holder: bool,
    /// How many of their latest passwords agents may not choose again, counting the present one: 1 to 24.
    #[serde(default = "usual_history", deserialize_with = "within::<1, 24, _>")]
    pub password_history: u32,
    /// Days after which a password has to be replaced: up to 3,650; 0 for never.
    #[serde(default, deserialize_with = "within::<0, 3_650, _>")]
    pub password_max_age_days: u32,
    /// Whether its agents have to prove more than a password.
    #[serde(default, skip_serializing_if = "SecondStep::is_off")]
    pub second_step: SecondStep,
    /// Whether a device on which an agent has taken the second step is not asked for it again for 30 days.
    #[serde(default, skip_serializing_if = "is_false")]
    pub remembers_devices: bool,
    /// The provider at which its agents sign in, instead of on our own pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// No longer declared. The record remains, so that the id cannot be given to another instance.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retired: bool,
}

/// A reason for not being ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotReadyReason {
    /// What states, events and reports call it.
    pub code: ReasonCode,
    /// What agents read, in the instance's own language.
    pub name: String,
}

/// Whether agents have to prove more than a password when they sign in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SecondStep {
    /// They do not, unless their own record or an operator requires it.
    #[default]
    Off,
    /// Those who have set up an authenticator app or a passkey do, and anyone may set one up.
    Optional,
    /// Everybody does.
    Required,
}

impl SecondStep {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands out a reference")]
    const fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }
}

/// When wrong passwords lock an account, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LockPolicy {
    /// How many wrong passwords lock an account: 1 to 100.
    #[serde(deserialize_with = "within::<1, 100, _>")]
    pub attempts: u32,
    /// Seconds within which they have to be tried: 1 to 86,400.
    #[serde(deserialize_with = "within::<1, 86_400, _>")]
    pub window_seconds: u32,
    /// Seconds that the lock lasts: 1 to 86,400.
    #[serde(deserialize_with = "within::<1, 86_400, _>")]
    pub lock_seconds: u32,
}

impl Default for LockPolicy {
    /// Five within a minute lock for five minutes.
    fn default() -> Self {
        Self { attempts: 5, window_seconds: 60, lock_seconds: 300 }
    }
}

impl Instance {
    /// How many passwords are remembered unless declared otherwise.
    pub const USUAL_HISTORY: u32 = 5;

    /// An instance with nothing else declared. Its agents need no extension, since none is declared either.
    #[must_use]
    pub fn new(id: InstanceId, name: InstanceName, display_name: String, installs: Vec<InstallName>) -> Self {
        Self {
            v: Version,
            id,
            name,
            display_name,
            installs,
            address: None,
            language: None,
            lock: LockPolicy::default(),
            recorder: None,
            not_ready_reasons: Vec::new(),
            wrap_up_seconds: None,
            requires_extension: false,
            tells_extension_holder: false,
            password_history: Self::USUAL_HISTORY,
            password_max_age_days: 0,
            second_step: SecondStep::Off,
            remembers_devices: false,
            provider: None,
            retired: false,
        }
    }

    /// The key of the instance with this id.
    #[must_use]
    pub fn key_of(id: &InstanceId) -> String {
        format!("instance:{id}")
    }

    /// The codes of its reasons for not being ready.
    #[must_use]
    pub fn reason_codes(&self) -> Vec<ReasonCode> {
        self.not_ready_reasons.iter().map(|reason| reason.code.clone()).collect()
    }
}

const fn usual_history() -> u32 {
    Instance::USUAL_HISTORY
}

impl Record for Instance {
    const NAME: &'static str = "instance";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.id)
    }
}

/// Leads from a typed name to the instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InstanceByName {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The name.
    pub name: InstanceName,
    /// The instance that has it now.
    pub instance: InstanceId,
}

impl InstanceByName {
    /// The key of the record for `name`.
    #[must_use]
    pub fn key_of(name: &InstanceName) -> String {
        format!("instance-name:{name}")
    }
}

impl Record for InstanceByName {
    const NAME: &'static str = "instance-name";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.name)
    }
}
