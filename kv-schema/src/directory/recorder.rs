//! The screen recorder of an install or an instance: where its gateway is, and whether agents can work without it.

use serde::{Deserialize, Serialize};

use super::provider::is_segment;
use super::within;
use crate::names::{NameError, Web, name_as_string};

/// The screen recorder, and whether an agent can be ready without it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Recorder {
    /// There is none.
    #[default]
    Off,
    /// Workstations are registered with it; where that fails, the agent is merely told.
    Optional(Gateway),
    /// Nobody is ready at a workstation that is not registered with it.
    Required(Gateway),
}

/// How workstations are registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gateway {
    /// Where the recorder's gateway is.
    pub gateway: GatewayUrl,
    /// Seconds within which a workstation has to be registered, or registration has failed: 5 to 300.
    #[serde(deserialize_with = "within::<5, 300, _>")]
    pub deadline_seconds: u32,
}

impl Recorder {
    /// Where and how workstations are registered, if they are.
    #[must_use]
    pub const fn gateway(&self) -> Option<&Gateway> {
        match self {
            Self::Off => None,
            Self::Optional(gateway) | Self::Required(gateway) => Some(gateway),
        }
    }

    /// Whether nobody is ready at a workstation that is not registered.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        matches!(self, Self::Required(_))
    }
}

/// The address of a recorder's gateway, without a trailing slash: `https`, or `http` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayUrl(String);

const URL_RULE: &str = "a gateway is https://, a hostname, perhaps a port and a path of letters, digits and -._~, and nothing \
                        else; http:// only where the host is localhost or 127.0.0.1";

impl GatewayUrl {
    /// Parses an address. It has no user, query or fragment, and no path that would be read differently from how it is
    /// written: requests to the gateway append to it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let Some(Web { authority, rest, is_secure }) = Web::of(text) else { return Err(NameError { rule: URL_RULE }) };
        let path = rest.strip_suffix('/').unwrap_or(rest);
        let is_sound =
            text.len() <= 200 && (path.is_empty() || path.starts_with('/')) && path.split('/').skip(1).all(is_segment);
        if is_sound {
            let scheme = if is_secure { "https://" } else { "http://" };
            Ok(Self([scheme, &authority.to_ascii_lowercase(), path].concat()))
        } else {
            Err(NameError { rule: URL_RULE })
        }
    }
}

name_as_string!(GatewayUrl, "Address of a recorder's gateway: https, or http on this machine.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_an_https_address_without_a_slash_at_its_end() {
        for (text, canonical) in [
            ("https://recorder.acme.example", "https://recorder.acme.example"),
            ("https://Recorder.Acme.example/", "https://recorder.acme.example"),
            ("https://recorder.acme.example:8443/Gateway/v1/", "https://recorder.acme.example:8443/Gateway/v1"),
            ("http://localhost:8790", "http://localhost:8790"),
            ("http://127.0.0.1:8790/recorder", "http://127.0.0.1:8790/recorder"),
        ] {
            assert_eq!(GatewayUrl::parse(text).unwrap().as_str(), canonical);
        }
    }

    #[test]
    fn nothing_else_is_one() {
        for text in [
            "",
            "recorder.acme.example",
            "HTTPS://recorder.acme.example",
            "http://recorder.acme.example",
            "http://localhost.acme.example",
            "http://127.0.0.1.acme.example",
            "ftp://localhost",
            "https://",
            "https:///gateway",
            "https://user@recorder.acme.example",
            "http://localhost@recorder.acme.example",
            "http://localhost:80@recorder.acme.example",
            "https://recorder.acme.example:",
            "https://recorder.acme.example:0",
            "https://recorder.acme.example:+80",
            "https://recorder.acme.example:65536",
            "https://recorder.acme.example?a=b",
            "https://recorder.acme.example/#a",
            "https://recorder.acme.example/a//b",
            "https://recorder.acme.example/../b",
            "https://recorder.acme.example/./b",
            "https://recorder.acme.example/%2e%2e/b",
            "https://recorder.acme.example/a b",
            "https://recorder.acme.example\\b",
            "https://aufnahme.büro.example",
            &format!("https://recorder.acme.example/{}", "a".repeat(200)),
        ] {
            assert!(GatewayUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_deadline_out_of_bounds_is_no_record() {
        let read = |seconds: u32| {
            let json = format!(r#"{{"required":{{"gateway":"https://a.example","deadline_seconds":{seconds}}}}}"#);
            crate::json::from_str::<Recorder>(&json)
        };
        assert!(read(5).is_ok() && read(300).is_ok());
        assert!(read(4).is_err() && read(301).is_err());
        assert_eq!(crate::json::from_str::<Recorder>(r#""off""#).unwrap(), Recorder::Off);
    }
}
