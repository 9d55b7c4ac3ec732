//! The records of the namespace `DIRECTORY`: what operators declare. Only the operators' tool writes them; the Worker
//! only reads.

mod agent;
mod client;
mod email;
mod extension;
mod host;
mod install;
mod instance;
mod login;
mod provider;
mod recorder;
mod service;

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};

pub use agent::{Agent, Password};
pub use client::{Client, ClientAuth, ClientKey, SigningAlg};
pub use email::Email;
pub use extension::{AllowedAgents, ExtensionKind, InstallExtension, PhoneExtension};
pub use host::Host;
pub use install::{Install, Presence, Serves};
pub use instance::{Instance, InstanceByName, LockPolicy, NotReadyReason, SecondStep};
pub use login::LoginSite;
pub use provider::{AccountClaim, ClientProof, Creation, Issuer, Provider, SecretName, Word};
pub use recorder::{Gateway, GatewayUrl, Recorder};
pub use service::{Reach, Scope, Service, ServiceKey};

/// The metadata of every record here, by which declarations are compared by listing keys, without reading values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Metadata {
    /// SHA-256 of what was declared, in hexadecimal. The operators' tool defines what goes into it.
    pub digest: String,
}

/// Reads a number from `LEAST` to `MOST`. One outside that range would turn a lock off, or let a session last for ever:
/// such a record is damaged.
fn within<'de, const LEAST: u32, const MOST: u32, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if (LEAST..=MOST).contains(&number) {
        Ok(number)
    } else {
        Err(D::Error::invalid_value(Unexpected::Unsigned(number.into()), &"a number within its bounds"))
    }
}

/// Reads a number as [`within`] does, if there is one.
fn within_if_any<'de, const LEAST: u32, const MOST: u32, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    let number = Option::<u32>::deserialize(deserializer)?;
    let is_within = number.is_none_or(|number| (LEAST..=MOST).contains(&number));
    if is_within { Ok(number) } else { Err(D::Error::custom("a number is out of its bounds")) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands out a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
