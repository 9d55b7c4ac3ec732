//! Declarations that are understood: every name parsed, every reference yet to be looked at.

use kv_schema::Language;
use kv_schema::directory::{LockPolicy, NotReadyReason, Presence, Recorder, Scope, ServiceKey};
use kv_schema::names::{
    EmailAddress, Extension, HostPattern, InstallSpelling, InstanceId, InstanceName, ServiceId, ServiceName, Username,
};

use super::place::Place;
use crate::secret::Secret;

/// All that a directory declares.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// A demonstration: its passwords are published, and so it never goes to production.
    pub(crate) demo: bool,
    pub(crate) installs: Vec<DeclaredInstall>,
    pub(crate) instances: Vec<DeclaredInstance>,
    pub(crate) hosts: Vec<DeclaredHost>,
    pub(crate) agents: Vec<DeclaredAgent>,
    pub(crate) services: Vec<DeclaredService>,
}

/// `[[install]]`
#[derive(Debug)]
pub(crate) struct DeclaredInstall {
    pub(crate) place: Place,
    pub(crate) name: InstallSpelling,
    /// The instances that it serves, by name.
    pub(crate) instances: Vec<(Place, InstanceName)>,
    pub(crate) allow_extension_configuration: bool,
    pub(crate) language: Option<Language>,
    pub(crate) shift_minutes: u32,
    pub(crate) overtime_minutes: u32,
    pub(crate) presence: Presence,
    pub(crate) audiences: Vec<String>,
    pub(crate) recorder: Option<Recorder>,
}

/// `[[instance]]`
#[derive(Debug)]
pub(crate) struct DeclaredInstance {
    pub(crate) place: Place,
    pub(crate) id: InstanceId,
    pub(crate) name: InstanceName,
    pub(crate) display_name: String,
    pub(crate) language: Option<Language>,
    pub(crate) lock: LockPolicy,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) not_ready_reasons: Vec<NotReadyReason>,
    pub(crate) wrap_up_seconds: Option<u32>,
}

/// `[[host]]`
#[derive(Debug)]
pub(crate) struct DeclaredHost {
    pub(crate) place: Place,
    pub(crate) host: HostPattern,
    /// The instance that it stands for, by name.
    pub(crate) instance: (Place, InstanceName),
}

/// `[[agent]]`, or a row of a CSV.
#[derive(Debug)]
pub(crate) struct DeclaredAgent {
    pub(crate) place: Place,
    /// The instance that the account belongs to, by name.
    pub(crate) instance: (Place, InstanceName),
    pub(crate) username: Username,
    pub(crate) name: String,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) extension: Option<Extension>,
    pub(crate) language: Option<Language>,
    pub(crate) disabled: bool,
    pub(crate) must_change: bool,
    pub(crate) password: DeclaredPassword,
}

/// `[[service]]`
#[derive(Debug)]
pub(crate) struct DeclaredService {
    pub(crate) place: Place,
    pub(crate) name: ServiceName,
    pub(crate) id: ServiceId,
    pub(crate) keys: Vec<ServiceKey>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) reach: DeclaredReach,
}

/// Whose agents a service has to do with.
#[derive(Debug)]
pub(crate) enum DeclaredReach {
    /// Every instance's.
    All,
    /// Those of the instances of these names.
    Only(Vec<(Place, InstanceName)>),
}

/// The password of a declared agent.
#[derive(Clone)]
pub(crate) enum DeclaredPassword {
    /// As it is typed.
    Clear(Secret),
    /// As a PHC string, checked to be usable.
    Hash(String),
}

impl std::fmt::Debug for DeclaredPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Clear(_) => "Clear",
            Self::Hash(_) => "Hash",
        })
    }
}
