//! `host:<hostname or *.suffix>`

use serde::{Deserialize, Serialize};

use crate::names::{HostPattern, InstallSpelling, InstanceId};
use crate::record::{Namespace, Record, Version};

/// A hostname that stands for an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Host {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The name, or the suffix of names.
    pub host: HostPattern,
    /// The instance that it stands for.
    pub instance: InstanceId,
    /// The install that `/` leads to: the only one that serves the instance; absent if several do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install: Option<InstallSpelling>,
}

impl Host {
    /// The key of the record for `pattern`.
    #[must_use]
    pub fn key_of(pattern: &HostPattern) -> String {
        format!("host:{pattern}")
    }
}

impl Record for Host {
    const NAME: &'static str = "host";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.host)
    }
}
