//! The records of the namespace `DIRECTORY`: what operators declare. Only the operators' tool writes them; the Worker
//! reads.

mod agent;
mod email;
mod host;
mod install;
mod instance;

use serde::{Deserialize, Serialize};

pub use agent::{Agent, Password};
pub use email::Email;
pub use host::Host;
pub use install::{Install, Serves};
pub use instance::{Instance, InstanceByName, LockPolicy};

/// The metadata of every record here, so that declarations are compared by listing keys, without reading values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Metadata {
    /// SHA-256 over what was declared, in hexadecimal. The operators' tool says what goes into it.
    pub digest: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands out a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}
