//! The token of somebody who has signed out here and goes on to sign out at their instance's own provider: in a cookie
//! on the way there, and as the `state` that comes back.

use kv_schema::names::{InstallName, InstanceId};
use serde::{Deserialize, Serialize};

use super::Kind;

/// What tells a provider which of its sessions is meant: the ID token that the agent came with, or nothing if that was
/// too long to be kept. Without it the provider may ask the agent first.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint(String);

impl Hint {
    /// The longest ID token that is kept, in bytes: it has to fit into a cookie, within a token.
    const LONGEST: usize = 2_500;

    /// The hint made of this ID token.
    #[must_use]
    pub fn of(id_token: &str) -> Self {
        Self(if id_token.len() <= Self::LONGEST { id_token.to_owned() } else { String::new() })
    }

    /// The ID token, if there is one.
    #[must_use]
    pub fn id_token(&self) -> Option<&str> {
        Some(&*self.0).filter(|token| !token.is_empty())
    }
}

/// Reveals nothing of it.
impl std::fmt::Debug for Hint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hint")
    }
}

/// What such a token states. It opens nothing: it only says where to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FarewellClaims {
    /// The instance whose provider it is.
    pub instance: InstanceId,
    /// The front at which the agent has signed out.
    pub install: InstallName,
    /// Where the agent goes afterwards: a declared address. Without it, the front's own page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// What the provider is shown, on the way there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
}

impl FarewellClaims {
    /// This farewell cut down, for a cookie without room for all of it. A provider that is not told the agent asks
    /// them; but reaching it matters more than where they go afterwards.
    #[must_use]
    pub fn shorter(&self) -> Option<Self> {
        match self {
            Self { hint: Some(_), .. } => Some(Self { hint: None, ..self.clone() }),
            Self { then: Some(_), .. } => Some(Self { then: None, ..self.clone() }),
            _ => None,
        }
    }
}

impl Kind for FarewellClaims {
    const TYPE: &'static str = "oneagent-farewell+jwt";
    const AUDIENCE: &'static str = "oneagent-farewell";
    /// Allows for the provider asking the agent first.
    const LIFETIME: u64 = 10 * 60;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn what_does_not_fit_loses_the_hint_first_and_then_where_it_leads() {
        let install = fixture::spelling().name();
        let full = FarewellClaims {
            instance: fixture::id(1),
            install,
            then: Some("https://crm.example/bye".into()),
            hint: Some(Hint::of("t")),
        };
        let without_hint = FarewellClaims { hint: None, ..full.clone() };
        let bare = FarewellClaims { then: None, ..without_hint.clone() };
        assert_eq!(full.shorter().as_ref(), Some(&without_hint));
        assert_eq!(without_hint.shorter().as_ref(), Some(&bare));
        assert_eq!(bare.shorter(), None);
    }

    #[test]
    fn an_id_token_is_kept_unless_it_is_too_long_and_never_printed() {
        let hint = Hint::of(&"t".repeat(2_500));
        assert_eq!(hint.id_token(), Some(&*"t".repeat(2_500)));
        assert_eq!(format!("{hint:?}"), "Hint");
        assert_eq!(Hint::of(&"t".repeat(2_501)).id_token(), None);
    }
}
