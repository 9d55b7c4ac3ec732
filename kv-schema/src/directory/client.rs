//! `client:<id>`

use serde::{Deserialize, Serialize};

use super::is_false;
use crate::names::{ClientId, InstanceId, RedirectUri};
use crate::record::{Namespace, Record, Version};

/// An application that agents sign in to through `OneContactLogin`: a client of the `OpenID` provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Client {
    /// Version of this record's form.
    pub v: Version<1>,
    /// Its id, as its requests state it.
    pub id: ClientId,
    /// Its name for people to read.
    pub display_name: String,
    /// Where agents may be sent back to.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where agents may be sent back to after signing out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How it proves who it is.
    pub auth: ClientAuth,
    /// What its ID tokens are signed with.
    #[serde(default)]
    pub id_token_alg: SigningAlg,
    /// Whom its access tokens are for, as in their `aud`; if absent, our own userinfo endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The instances whose agents it is for; empty for all instances.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<InstanceId>,
    /// Whether it gets refresh tokens.
    #[serde(default, skip_serializing_if = "is_false")]
    pub refreshes: bool,
    /// Whether its agents must have taken a second step, whatever it asks for.
    #[serde(default, skip_serializing_if = "is_false")]
    pub wants_second_step: bool,
}

/// How a client proves who it is, besides PKCE, which every client uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// Not at all: it runs where nothing can be kept secret, as in a browser.
    None,
    /// By a secret, whose SHA-256 is here, as base64url; several while one replaces another. Such a secret is
    /// generated, not thought up, and so needs no slow hash.
    Secret(Vec<String>),
    /// By a token that it signs itself, known as `private_key_jwt`.
    Keys(Vec<ClientKey>),
}

/// The public half of a client's key: the members of its JWK that vary. An Ed25519 key (RFC 8037, section 2), or with
/// `y` one on P-256, for ES256 (RFC 7518, section 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientKey {
    /// The id that a token names it by.
    pub kid: String,
    /// The public key, or its first coordinate: 32 bytes as base64url.
    pub x: String,
    /// The second coordinate of a key on P-256: 32 bytes as base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
}

/// What a token is signed with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SigningAlg {
    /// Ed25519 (RFC 8037).
    #[default]
    EdDSA,
    /// ECDSA on P-256 with SHA-256 (RFC 7518, section 3.4), for clients that do not support Ed25519.
    ES256,
}

impl SigningAlg {
    /// As in a token's `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDSA => "EdDSA",
            Self::ES256 => "ES256",
        }
    }
}

impl Client {
    /// The key of the client with this id.
    #[must_use]
    pub fn key_of(id: &ClientId) -> String {
        format!("client:{id}")
    }

    /// Whether it is for agents of `instance`.
    #[must_use]
    pub fn is_for(&self, instance: &InstanceId) -> bool {
        self.instances.is_empty() || self.instances.contains(instance)
    }

    /// The only instance whose agents it is for, if there is only one: nobody then has to name it.
    #[must_use]
    pub fn only_instance(&self) -> Option<&InstanceId> {
        match self.instances.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

impl Record for Client {
    const NAME: &'static str = "client";
    const VERSION: u32 = 1;
    const NAMESPACE: Namespace = Namespace::Directory;

    fn key(&self) -> String {
        Self::key_of(&self.id)
    }
}
