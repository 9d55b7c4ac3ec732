//! The id of an application that signs agents in, and the addresses that agents are sent back to.

use super::{NameError, is_label, name_as_string};

const ID_RULE: &str = "a client id has 1 to 100 letters, digits and -._~";
const URI_RULE: &str = "a redirect is https://, a hostname, perhaps a port, a path and a query, in at most 300 characters and \
                        without a fragment; http:// only where the host is localhost, below it, 127.0.0.1 or [::1]";

/// The id of a client (RFC 6749, section 2.2). Letter case matters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Parses a declared id, or one that a request states.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_sound = (1..=100).contains(&text.len()) && text.bytes().all(is_unreserved);
        if is_sound { Ok(Self(text.to_owned())) } else { Err(NameError { rule: ID_RULE }) }
    }
}

name_as_string!(ClientId, "Id of a client: letter case matters.");

/// An address of a client that agents are sent back to. It is compared as written, character by character (RFC 9700,
/// section 2.1): nothing is canonicalised.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Parses a declared address.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let (rest, is_secure) = match text.strip_prefix("https://") {
            Some(rest) => (rest, true),
            None => (text.strip_prefix("http://").unwrap_or_default(), false),
        };
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        let (host, port) = match authority.strip_prefix("[::1]") {
            Some(port) => ("[::1]", port),
            None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
        };
        let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
        let is_host = is_here || host.split('.').all(|label| is_label(label, 63));
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte);
        let is_sound = text.len() <= 300
            && (is_secure || is_here)
            && is_host
            && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
            && text.bytes().all(is_plain);
        if is_sound { Ok(Self(text.to_owned())) } else { Err(NameError { rule: URI_RULE }) }
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        let authority = self.0.find("://").map_or(0, |colon| colon + 3);
        let end = self.0[authority..].find(['/', '?']).map_or(self.0.len(), |end| authority + end);
        &self.0[..end]
    }
}

name_as_string!(RedirectUri, "An address that is compared character by character: https, or http on this machine.");

fn is_port(text: &str) -> bool {
    !text.starts_with(['0', '+']) && text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_what_needs_no_escaping_in_any_letter_case() {
        assert_eq!(ClientId::parse("Acme.CRM_2~x-1").unwrap().as_str(), "Acme.CRM_2~x-1");
        for text in ["", "a b", "a:b", "a/b", "ç", &"a".repeat(101)] {
            assert!(ClientId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_redirect_stays_as_it_was_written() {
        for (text, origin) in [
            ("https://crm.acme.example/signed-in", "https://crm.acme.example"),
            ("https://CRM.acme.example:8443/Signed-In?from=agent", "https://CRM.acme.example:8443"),
            ("https://crm.acme.example", "https://crm.acme.example"),
            ("http://localhost:3000/cb", "http://localhost:3000"),
            ("http://127.0.0.1?x", "http://127.0.0.1"),
            ("http://[::1]:9/cb", "http://[::1]:9"),
        ] {
            let uri = RedirectUri::parse(text).unwrap();
            assert_eq!((uri.as_str(), uri.origin()), (text, origin));
        }
    }

    #[test]
    fn what_a_browser_or_a_reader_could_take_for_something_else_is_no_redirect() {
        for text in [
            "",
            "/cb",
            "crm.acme.example/cb",
            "http://crm.acme.example/cb",
            "http://localhost.evil.example/cb",
            "https://",
            "https:///cb",
            "https://user@crm.acme.example/cb",
            "https://crm.acme.example/cb#part",
            "https://crm.acme.example:/cb",
            "https://crm.acme.example:0/cb",
            "https://crm.acme.example:99999/cb",
            "https://*.acme.example/cb",
            "https://crm.acme.example\\@evil.example/cb",
            "https://crm.acme.example/c b",
            "javascript:alert(1)",
            "com.acme.crm:/cb",
            &format!("https://crm.acme.example/{}", "a".repeat(300)),
        ] {
            assert!(RedirectUri::parse(text).is_err(), "{text}");
        }
    }
}
