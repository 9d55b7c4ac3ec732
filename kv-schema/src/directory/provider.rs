//! The `OpenID` provider at which an instance's agents sign in, instead of on our own pages.

use serde::{Deserialize, Serialize};

use super::is_false;
use crate::names::{NameError, Web, name_as_string};

/// An instance's own `OpenID` provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Provider {
    /// What its agents call it.
    pub name: String,
    /// Its issuer identifier, exactly as it states it.
    pub issuer: Issuer,
    /// The client id by which it knows this deployment.
    pub client_id: Word,
    /// How this deployment proves to it that it is that client.
    pub proof: ClientProof,
    /// The scopes to ask for besides `openid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Word>,
    /// Which of its claims identifies the agent.
    pub account_claim: AccountClaim,
    /// Whether its own session survives when an agent signs out here; otherwise it is ended, too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub outlives_sign_out: bool,
    /// For whom an agent is created when they sign in there. If absent, for nobody: operators have to declare them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creates: Option<Creation>,
}

/// For whom an agent is created, and which of the provider's claims say what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Creation {
    /// The claim of a group or role that has to contain `required_value`, as its text or as one of several.
    pub required_claim: Word,
    /// What that claim has to contain.
    pub required_value: String,
    /// The claim with the agent's name for people to read.
    pub name_claim: Word,
    /// The claim with the agent's e-mail address, which counts only if the provider says that it was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_claim: Option<Word>,
    /// The claim with the extension that is used if none is typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension_claim: Option<Word>,
    /// The claim with the agent's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_claim: Option<Word>,
}

/// How a client authenticates (`OpenID` Connect Core, section 9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientProof {
    /// By the secret in the Worker secret of this name. No record contains the secret itself.
    Secret(SecretName),
    /// By a token that the key set's Ed25519 key signs (`private_key_jwt`): the provider finds the key in our
    /// `jwks.json`.
    Key,
}

/// A claim of the provider's, and what it stands for here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountClaim {
    /// The agent's username.
    Username(Word),
    /// The agent's e-mail address. The claim `email` counts only if the provider says that it was verified.
    Email(Word),
}

impl AccountClaim {
    /// The claim's name.
    #[must_use]
    pub fn name(&self) -> &str {
        let (Self::Username(name) | Self::Email(name)) = self;
        name.as_str()
    }
}

const ISSUER_RULE: &str = "an issuer is https://, a hostname, perhaps a port and a path, exactly as the provider states it; \
                           http:// only where the host is localhost or 127.0.0.1";

/// A provider's issuer identifier (`OpenID` Connect Core, section 2), kept as written: it is compared, not resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Parses a declared issuer: no query, no fragment, and no path that would be read differently from how it is
    /// written.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let web = Web::of(text).filter(|_| text.len() <= 200).ok_or(NameError { rule: ISSUER_RULE })?;
        let path = web.rest.strip_suffix('/').unwrap_or(web.rest);
        let is_sound = (path.is_empty() || path.starts_with('/')) && path.split('/').skip(1).all(is_segment);
        if is_sound { Ok(Self(text.to_owned())) } else { Err(NameError { rule: ISSUER_RULE }) }
    }

    /// The address of its discovery document (`OpenID` Connect Discovery, section 4).
    #[must_use]
    pub fn discovery(&self) -> String {
        [self.0.strip_suffix('/').unwrap_or(&self.0), "/.well-known/openid-configuration"].concat()
    }

    /// Whether it is reached over `https`; otherwise it is on this machine.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }
}

name_as_string!(Issuer, "Issuer identifier of an OpenID provider: https, or http on this machine.");

/// Whether it stands for itself in a path (RFC 3986, sections 2.3 and 5.2.4).
pub(super) fn is_segment(text: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    !matches!(text, "" | "." | "..") && text.bytes().all(is_unreserved)
}

/// The name of a Worker secret that holds a client's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretName(String);

impl SecretName {
    /// The prefix of each, so that no declaration can name another of the Worker's secrets.
    pub const PREFIX: &str = "PROVIDER_SECRET_";

    /// Parses a declared name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let rest = text.strip_prefix(Self::PREFIX).unwrap_or_default();
        let may_stand = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if (1..=40).contains(&rest.len()) && rest.bytes().all(may_stand) {
            Ok(Self(text.to_owned()))
        } else {
            let rule = "the name of a provider's secret is PROVIDER_SECRET_ and 1 to 40 of A-Z, 0-9 and _; it is a name, and \
                        never the secret itself";
            Err(NameError { rule })
        }
    }
}

name_as_string!(SecretName, "Name of a Worker secret that begins with PROVIDER_SECRET_.");

/// A word of the provider's own: a scope, the name of a claim, or the id that it gives a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// Parses a declared word: what a scope may contain (RFC 6749, section 3.3).
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let may_stand = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if (1..=200).contains(&text.len()) && text.bytes().all(may_stand) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError {
                rule: "it has 1 to 200 visible ASCII characters, none of them a quotation mark or a backslash",
            })
        }
    }
}

name_as_string!(Word, "1 to 200 visible ASCII characters without quotation marks and backslashes.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_kept_to_the_letter_and_its_document_is_found() {
        let under = "/.well-known/openid-configuration";
        for (text, before) in [
            ("https://login.example/0e2a/v2.0", "https://login.example/0e2a/v2.0"),
            ("https://acme.login.example/", "https://acme.login.example"),
            ("https://sso.acme.example:8443/realms/Acme", "https://sso.acme.example:8443/realms/Acme"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ] {
            let issuer = Issuer::parse(text).unwrap();
            assert_eq!((issuer.as_str(), issuer.discovery()), (text, [before, under].concat()));
        }
    }

    #[test]
    fn nothing_else_is_an_issuer() {
        for text in [
            "",
            "login.example",
            "http://login.example",
            "https://login.example?a=b",
            "https://login.example/#a",
            "https://login.example/a//b",
            "https://login.example//",
            "https://login.example/../b",
            "https://a@login.example",
            "https://login.example/{tenant}",
            "HTTPS://login.example",
        ] {
            assert!(Issuer::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_named_and_only_one_that_is_a_providers() {
        assert!(SecretName::parse("PROVIDER_SECRET_ACME_2").is_ok());
        for text in ["", "TOKEN_KEYS", "PROVIDER_SECRET_", "provider_secret_acme", "PROVIDER_SECRET_a b", "hunter2"] {
            assert!(SecretName::parse(text).is_err(), "{text}");
        }
    }
}
