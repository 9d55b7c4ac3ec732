//! The address that links in messages begin with.

use super::{HostName, NameError, name_as_string};

const RULE: &str = "an address is https:// and a hostname, such as https://agents.example.com, without anything behind";

/// The scheme, host and port at which agents reach a deployment: what a link in a message begins with. It comes from
/// the declarations and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SiteAddress(String);

impl SiteAddress {
    /// Parses a declared address. `http` is only for names that always mean this machine.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let refused = NameError { rule: RULE };
        let text = text.strip_suffix('/').unwrap_or(text);
        let (scheme, authority) = text.split_once("://").ok_or_else(|| refused.clone())?;
        let name = HostName::parse(authority).map_err(|_| refused.clone())?;
        let name = name.as_str();
        let is_here = name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1";
        let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
        let is_port = port.is_empty() && !authority.ends_with(':') || port.parse::<u16>().is_ok_and(|port| port > 0);
        if !is_port || !(scheme == "https" || scheme == "http" && is_here) {
            return Err(refused);
        }
        let port = if port.is_empty() { String::new() } else { format!(":{port}") };
        Ok(Self(format!("{scheme}://{name}{port}")))
    }

    /// Host and port, as requests have them.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, authority)| authority)
    }

    /// The host alone.
    #[must_use]
    pub fn host(&self) -> &str {
        self.authority().split(':').next().unwrap_or_default()
    }
}

name_as_string!(SiteAddress, "Scheme, host and port, as https://agents.example.com.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_a_host_and_perhaps_a_port() {
        for (text, address) in [
            ("https://Agents.Example.com/", "https://agents.example.com"),
            ("https://agents.example.com:8443", "https://agents.example.com:8443"),
            ("http://localhost:8787", "http://localhost:8787"),
            ("http://acme.localhost:8787/", "http://acme.localhost:8787"),
        ] {
            assert_eq!(SiteAddress::parse(text).unwrap().as_str(), address);
        }
        assert_eq!(SiteAddress::parse("http://acme.localhost:8787").unwrap().host(), "acme.localhost");
        assert_eq!(SiteAddress::parse("https://agents.example.com").unwrap().host(), "agents.example.com");
    }

    #[test]
    fn anything_more_or_less_is_refused() {
        for text in [
            "",
            "agents.example.com",
            "http://agents.example.com",
            "http://localhost.example.com",
            "ftp://localhost",
            "https://",
            "https://agents.example.com/path",
            "https://user@agents.example.com",
            "https://agents.example.com:",
            "https://agents.example.com:0",
            "https://agents.example.com:99999",
            "https://*.example.com",
            "https://a b",
        ] {
            assert!(SiteAddress::parse(text).is_err(), "{text}");
        }
    }
}
