//! `email:<instance>:<address>`

use serde::{Deserialize, Serialize};

use crate::names::{EmailAddress, InstanceId, Username};
use crate::record::{Namespace, Record, Version};

/// Leads from a typed e-mail address to the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Email {
    /// Version of this record's form.
    pub v: Version<1>,
    /// The instance that both belong to.
    pub instance: InstanceId,
    /// The address.
    pub email: EmailAddress,
    /// The account.
    pub username: Username,
}

impl Email {
    /// The key of the record for `email` in `instance`.
    #[must_use]
    pub fn key_of(instance: &InstanceId, email: &EmailAddress) -> String {
        format!("email:{instance}:{email}")
    }
}

impl Record for Email {
    const NAME: &'static str = "email";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.instance, &self.email)
    }
}
