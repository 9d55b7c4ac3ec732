//! The kinds of records that operators declare, in the order in which they are written.

use kv_schema::Record;
use kv_schema::directory::{
    Agent, Client, Email, Host, Install, InstallExtension, Instance, InstanceByName, LoginSite, PhoneExtension, Service,
};
use serde::Serialize;

/// A kind of record. Earlier ones are written earlier, so that a name or a host never leads to something that does not
/// exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Instance,
    Service,
    Login,
    Client,
    Install,
    Extension,
    InstallExtension,
    Agent,
    Email,
    InstanceName,
    Host,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Instance,
        Self::Service,
        Self::Login,
        Self::Client,
        Self::Install,
        Self::Extension,
        Self::InstallExtension,
        Self::Agent,
        Self::Email,
        Self::InstanceName,
        Self::Host,
    ];

    /// The name of its records, with which their keys begin.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Instance => Instance::NAME,
            Self::Service => Service::NAME,
            Self::Login => LoginSite::NAME,
            Self::Client => Client::NAME,
            Self::Install => Install::NAME,
            Self::Extension => PhoneExtension::NAME,
            Self::InstallExtension => InstallExtension::NAME,
            Self::Agent => Agent::NAME,
            Self::Email => Email::NAME,
            Self::InstanceName => InstanceByName::NAME,
            Self::Host => Host::NAME,
        }
    }

    /// What people call one of them, or several.
    pub(crate) const fn words(self, one: bool) -> &'static str {
        match (self, one) {
            (Self::Instance, true) => "instance",
            (Self::Instance, false) => "instances",
            (Self::Service, true) => "service",
            (Self::Service, false) => "services",
            (Self::Login, true) => "OneContactLogin",
            (Self::Login, false) => "OneContactLogins",
            (Self::Client, true) => "client",
            (Self::Client, false) => "clients",
            (Self::Install, true) => "install",
            (Self::Install, false) => "installs",
            (Self::Extension, true) => "extension",
            (Self::Extension, false) => "extensions",
            (Self::InstallExtension, true) => "extension at an install",
            (Self::InstallExtension, false) => "extensions at installs",
            (Self::Agent, true) => "agent",
            (Self::Agent, false) => "agents",
            (Self::Email, true) => "e-mail address",
            (Self::Email, false) => "e-mail addresses",
            (Self::InstanceName, true) => "instance name",
            (Self::InstanceName, false) => "instance names",
            (Self::Host, true) => "host",
            (Self::Host, false) => "hosts",
        }
    }

    /// The kind of the record under `key`; `None` if the record belongs to somebody else.
    pub(crate) fn of(key: &str) -> Option<Self> {
        let (name, _) = key.split_once(':')?;
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
