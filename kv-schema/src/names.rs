//! The names that keys are made of. Each is parsed once, at the boundary, and is well-formed from then on: no field is
//! public, and `Deserialize` goes through the same parser.
//!
//! They are compared in their canonical form; what was typed or declared is kept only where people see it again.

mod client;
mod email;
mod extension;
mod host;
mod install;
mod instance;
mod phone;
mod reason_code;
mod service;
mod session_id;
mod site;
mod username;
mod web;

pub use client::{ClientId, RedirectUri};
pub use email::EmailAddress;
pub use extension::{Extension, ExtensionError};
pub use host::{HostName, HostPattern};
pub(crate) use install::is_label;
pub use install::{InstallName, InstallSpelling};
pub use instance::{InstanceId, InstanceName};
pub use phone::PhoneNumber;
pub use reason_code::ReasonCode;
pub use service::{ServiceId, ServiceName};
pub use session_id::SessionId;
pub use site::SiteAddress;
pub use username::{Username, canonical_text};
pub use web::EndPoint;
pub(crate) use web::Web;

/// Whether a character in a text of one line would change more than itself: a control, one of Unicode's directional
/// controls (UAX #9, section 2), with which a text shows as another one, or a line separator.
#[must_use]
pub fn is_unruly(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Why a text is not a name of the required kind: a sentence for an operator, who reads it in a report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{rule}")]
pub struct NameError {
    /// The rule that the text breaks, as a full clause ("an install name has 1 to 40 letters, …").
    pub rule: &'static str,
}

/// Gives a parsed name what every name has: display, serialisation as a string, parsing on deserialisation, a schema.
macro_rules! name_as_string {
    ($name:ident, $description:literal) => {
        impl $name {
            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $description })
            }
        }
    };
}
pub(crate) use name_as_string;
