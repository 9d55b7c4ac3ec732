//! `service:<name>`

use serde::{Deserialize, Serialize};

use crate::names::{InstanceId, ServiceId, ServiceName};
use crate::record::{Namespace, Record, Version};

/// Another system, or an operator's tool, that may use the API. It proves who it is with a key of its own; only the
/// public half is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// Version of this record's form.
    pub v: Version<1>,
    /// Its name: what its tokens state as `iss` and `sub`.
    pub name: ServiceName,
    /// Its id, for the audit trail.
    pub id: ServiceId,
    /// The keys that verify its tokens; several while one replaces another.
    pub keys: Vec<ServiceKey>,
    /// What it may do, one scope per verb: `agents:read`, `offers:make` and so on. A scope unknown to a reader grants
    /// nothing.
    pub scopes: Vec<String>,
    /// The instances whose agents it may do that to.
    pub instances: Reach,
}

/// The public half of an Ed25519 key: the members of its JWK (RFC 8037, section 2) that vary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceKey {
    /// The id that a token names it by.
    pub kid: String,
    /// The public key: 32 bytes as base64url.
    pub x: String,
}

/// The instances that a service reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Every instance, including those declared later.
    All,
    /// These.
    Only(Vec<InstanceId>),
}

/// What a service may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// See who is signed in and in which state.
    AgentsRead,
    /// Change an agent's state.
    AgentsState,
    /// Offer interactions to agents.
    OffersMake,
    /// Learn the state of an offer.
    OffersRead,
    /// Withdraw an offer.
    OffersCancel,
    /// End an interaction.
    InteractionsEnd,
    /// End an agent's session.
    SessionsEnd,
    /// Unlock, disable and reset accounts.
    AccountsManage,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 8] = [
        Self::AgentsRead,
        Self::AgentsState,
        Self::OffersMake,
        Self::OffersRead,
        Self::OffersCancel,
        Self::InteractionsEnd,
        Self::SessionsEnd,
        Self::AccountsManage,
    ];

    /// Its spelling in records and declarations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentsRead => "agents:read",
            Self::AgentsState => "agents:state",
            Self::OffersMake => "offers:make",
            Self::OffersRead => "offers:read",
            Self::OffersCancel => "offers:cancel",
            Self::InteractionsEnd => "interactions:end",
            Self::SessionsEnd => "sessions:end",
            Self::AccountsManage => "accounts:manage",
        }
    }
}

impl Service {
    /// The key of the service called `name`.
    #[must_use]
    pub fn key_of(name: &ServiceName) -> String {
        format!("service:{name}")
    }

    /// Whether it has been given `scope`.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|given| given == scope.name())
    }

    /// Whether it may act on `instance` at all.
    #[must_use]
    pub fn reaches(&self, instance: &InstanceId) -> bool {
        match &self.instances {
            Reach::All => true,
            Reach::Only(instances) => instances.contains(instance),
        }
    }
}

impl Record for Service {
    const NAME: &'static str = "service";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.name)
    }
}
