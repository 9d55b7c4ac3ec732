//! `install:<name>`

use serde::{Deserialize, Serialize};

use super::{Recorder, is_false, within};

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
    /// The instances that it serves. If there are several, each instance says so itself, which keeps this record small.
    pub serves: Serves,
    /// Whether agents may type an extension. If not, the field is not shown and a posted one is refused.
    pub allow_extension_configuration: bool,
    /// The language of its pages for agents who have not chosen one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Minutes from the login to a session's hard end, a shift: 1 to 10,080 (a week).
    #[serde(deserialize_with = "within::<1, 10_080, _>")]
    pub shift_minutes: u32,
    /// Minutes by which an agent may postpone a session's hard end, once, with *stay signed in*: up to 1,440; 0 if the
    /// hard end is fixed.
    #[serde(default, deserialize_with = "within::<0, 1_440, _>")]
    pub overtime_minutes: u32,
    /// What a desktop's silence means.
    #[serde(default)]
    pub presence: Presence,
    /// Whether its agents sign in at `OneContactLogin` instead of on a page of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub uses_onecontact_login: bool,
    /// The applications for which its desktops may have access tokens, as named in such a token's `aud`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<String>,
    /// The screen recorder of its workstations, unless an instance names its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder: Option<Recorder>,
}

/// How long a silence makes a desktop count as what. Each figure is larger than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presence {
    /// Seconds after which the connection is suspect: 1 to 3,600.
    #[serde(deserialize_with = "within::<1, 3_600, _>")]
    pub suspect_seconds: u32,
    /// Seconds after which the agent is not ready: 2 to 7,200.
    #[serde(deserialize_with = "within::<2, 7_200, _>")]
    pub not_ready_seconds: u32,
    /// Seconds after which the agent is logged out: 3 to 86,400.
    #[serde(deserialize_with = "within::<3, 86_400, _>")]
    pub logged_out_seconds: u32,
}

impl Default for Presence {
    /// The desktop is heard from every 10 s: two missed are suspect, three are away.
    fn default() -> Self {
        Self { suspect_seconds: 20, not_ready_seconds: 30, logged_out_seconds: 300 }
    }
}

/// How many instances an install serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Serves {
    /// None yet: nobody can sign in.
    None,
    /// Just one, so that nobody has to be asked for it.
    One(InstanceId),
    /// Several.
    Many,
}

impl Install {
    /// Minutes of a shift unless declared otherwise: twelve hours.
    pub const USUAL_SHIFT: u32 = 720;

    /// An install with nothing else declared.
    #[must_use]
    pub fn new(name: InstallSpelling, serves: Serves) -> Self {
        Self {
            v: Version,
            name,
            serves,
            allow_extension_configuration: true,
            language: None,
            shift_minutes: Self::USUAL_SHIFT,
            overtime_minutes: 0,
            presence: Presence::default(),
            uses_onecontact_login: false,
            audiences: Vec::new(),
            recorder: None,
        }
    }

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
