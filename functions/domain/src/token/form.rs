//! The token in a form: proves that this browser got the form from us, recently (OWASP's signed double submit).

use kv_schema::names::{InstallName, InstanceName};
use serde::{Deserialize, Serialize};

use super::Kind;

/// What a form's token states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormClaims {
    /// The install whose form it is.
    pub install: InstallName,
    /// The random mark in the browser's cookie.
    pub browser: String,
    /// The tenant typed on the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<InstanceName>,
}

impl Kind for FormClaims {
    const TYPE: &'static str = "oneagent-form+jwt";
    const AUDIENCE: &'static str = "oneagent-form";
    /// A shift: a page left open over lunch is still good.
    const LIFETIME: u64 = 12 * 60 * 60;
}
