//! The token of a browser that is away at an instance's own provider: where it comes from, and where it goes next.

use kv_schema::Timestamp;
use kv_schema::directory::Provider;
use kv_schema::names::{Extension, InstallName, InstanceId, Username};
use serde::{Deserialize, Serialize};

use super::{KeySet, Kind};
use crate::keyed::{self, Purpose};

/// What the token of such an errand states. It holds none of the errand's secrets: those are made from its id, with our
/// keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrandClaims {
    /// The errand's random id.
    pub id: String,
    /// The instance whose provider it is.
    pub instance: InstanceId,
    /// The front that the browser was sent from.
    pub install: InstallName,
    /// The browser's mark.
    pub browser: String,
    /// Where the agent goes afterwards, as forms carry it.
    pub next: String,
    /// The extension that was typed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// Which of the browser's errands it is, so that two tabs keep theirs apart: the first character of its state.
    pub slot: u8,
    /// Whether nobody was sent away with it, or it came to nothing: it leads to no session, and only says what to begin
    /// again with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// The id of the request in which it came to nothing: the log says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// Whether the provider merely did not answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_outage: bool,
}

impl Kind for ErrandClaims {
    const TYPE: &'static str = "oneagent-errand+jwt";
    const AUDIENCE: &'static str = "oneagent-errand";
    /// Long enough to find a phone and type what it says.
    const LIFETIME: u64 = 10 * 60;
}

/// What only the provider and our nodes know of an errand: 256 bits each, as base64url; the state is preceded by the
/// errand's slot.
#[derive(Clone, PartialEq, Eq)]
pub struct ErrandSecrets {
    /// Comes back in the address (RFC 6749, section 10.12).
    pub state: String,
    /// Comes back in the ID token (`OpenID` Connect Core, section 3.1.2.1).
    pub nonce: String,
    /// Is shown when the code is redeemed (RFC 7636, section 4.1). It never leaves our nodes before that.
    pub verifier: String,
}

/// Reveals none of them.
impl std::fmt::Debug for ErrandSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ErrandSecrets")
    }
}

impl ErrandClaims {
    /// The secrets of this errand at `provider`, and at no other: as each key that is valid at `now` makes them, the
    /// active key's first.
    fn all_secrets(&self, keys: &KeySet, provider: &Provider, now: Timestamp) -> impl Iterator<Item = ErrandSecrets> {
        // An errand belongs to no agent yet.
        let nobody = Username::impossible();
        let secret = [&*self.id, provider.issuer.as_str(), provider.client_id.as_str()].join(" ");
        let made = |purpose| keyed::hashes(keys, purpose, (&self.instance, &nobody), &secret, now).into_iter();
        let (states, nonces) = (made(Purpose::ProviderState), made(Purpose::ProviderNonce));
        let both = states.zip(nonces).zip(made(Purpose::ProviderVerifier));
        let slot = self.slot.to_string();
        both.map(move |((state, nonce), verifier)| ErrandSecrets { state: [&*slot, &state].concat(), nonce, verifier })
    }

    /// The secrets to begin this errand with; `None` if there are no keys, which a key set does not allow.
    #[must_use]
    pub fn secrets(&self, keys: &KeySet, provider: &Provider, now: Timestamp) -> Option<ErrandSecrets> {
        self.all_secrets(keys, provider, now).next()
    }

    /// The secrets that this errand was begun with, if `state` is one of them; even after a key rotation, but not if
    /// another provider has been declared meanwhile.
    #[must_use]
    pub fn recognised(&self, keys: &KeySet, provider: &Provider, state: &str, now: Timestamp) -> Option<ErrandSecrets> {
        let is_it = |secrets: &ErrandSecrets| keyed::is_among(state, std::slice::from_ref(&secrets.state));
        self.all_secrets(keys, provider, now).filter(|_| !self.failed).find(is_it)
    }
}
