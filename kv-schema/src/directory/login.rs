//! `login:site`

use serde::{Deserialize, Serialize};

use super::within;
use crate::Language;
use crate::names::SiteAddress;
use crate::record::{Namespace, Record, Version};

/// `OneContactLogin`, if a deployment has it. There is only one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoginSite {
    /// Version of this record's form.
    pub v: Version<1>,
    /// Where it is reached: what its issuer begins with, so it must never change once an application relies on it.
    pub address: SiteAddress,
    /// The language of its pages for agents who have not chosen one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Minutes for which somebody who has signed in there is not asked again: 1 to 10,080 (a week).
    #[serde(default = "usual_session", deserialize_with = "within::<1, 10_080, _>")]
    pub session_minutes: u32,
}

impl LoginSite {
    /// Its key: there is one such record.
    pub const KEY: &str = "login:site";
    /// Minutes unless declared otherwise: a shift.
    pub const USUAL_SESSION: u32 = 720;

    /// A site with only its address declared.
    #[must_use]
    pub const fn new(address: SiteAddress) -> Self {
        Self { v: Version, address, language: None, session_minutes: Self::USUAL_SESSION }
    }
}

const fn usual_session() -> u32 {
    LoginSite::USUAL_SESSION
}

impl Record for LoginSite {
    const NAME: &'static str = "login";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }
}
