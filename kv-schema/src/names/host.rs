//! Hostnames as requests carry them, and the patterns that operators declare.

use super::install::is_label;
use super::{NameError, name_as_string};

const NAME_RULE: &str = "a hostname has at most 253 characters: letters, digits, hyphens and dots";
const PATTERN_RULE: &str = "a host is a hostname, or *. and a hostname of at least one label";

/// The hostname of a request in its canonical form: lower case, no port, no trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    /// Parses a hostname (RFC 1123, section 2.1), with or without a port and a trailing dot. A name that no declared
    /// host can have is an error, and resolves to nothing.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text
            .rsplit_once(':')
            .map_or(text, |(name, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { text });
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.len() <= 253 && name.split('.').all(|label| is_label(label, 63)) {
            Ok(Self(name.to_ascii_lowercase()))
        } else {
            Err(NameError { rule: NAME_RULE })
        }
    }

    /// The patterns that may stand for this host, best first: the name itself, then ever shorter `*.suffix`es.
    ///
    /// At most eight, whatever the request says its host is.
    pub fn candidates(&self) -> impl Iterator<Item = HostPattern> {
        let suffixes = self.0.match_indices('.').map(|(dot, _)| HostPattern(format!("*{}", &self.0[dot..])));
        std::iter::once(HostPattern(self.0.clone())).chain(suffixes).take(8)
    }
}

name_as_string!(HostName, "Hostname, lower case, without port.");

/// A declared host: a hostname, or `*.suffix` for every name below the suffix.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPattern(String);

impl HostPattern {
    /// Parses a declared host, which has no port.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let refused = NameError { rule: PATTERN_RULE };
        let suffix = text.strip_prefix("*.").unwrap_or(text);
        if text.contains(':') {
            return Err(refused);
        }
        let suffix = HostName::parse(suffix).map_err(|_| refused)?.0;
        Ok(Self(if text.starts_with("*.") { format!("*.{suffix}") } else { suffix }))
    }
}

name_as_string!(HostPattern, "Hostname, or *.suffix, lower case.");

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(host: &str) -> Vec<String> {
        HostName::parse(host).unwrap().candidates().map(|pattern| pattern.as_str().to_owned()).collect()
    }

    #[test]
    fn the_exact_name_comes_before_the_longest_suffix() {
        assert_eq!(candidates("a.b.example.com"), ["a.b.example.com", "*.b.example.com", "*.example.com", "*.com"]);
        assert_eq!(candidates("localhost"), ["localhost"]);
    }

    #[test]
    fn port_case_and_trailing_dot_do_not_matter() {
        assert_eq!(HostName::parse("Acme.Example.com.:8787").unwrap().as_str(), "acme.example.com");
    }

    #[test]
    fn an_absurd_host_is_refused_and_a_deep_one_costs_no_more_than_eight_lookups() {
        for text in ["", ".", "a..b", "a b", "ação.pt", "[::1]", "a/b", "-a.com", &"a".repeat(300), "*.example.com"] {
            assert!(HostName::parse(text).is_err(), "{text}");
        }
        assert_eq!(candidates(&["a"; 60].join(".")).len(), 8);
    }

    #[test]
    fn a_pattern_is_a_name_or_a_starred_suffix() {
        assert_eq!(HostPattern::parse("*.Example.com").unwrap().as_str(), "*.example.com");
        assert!(HostPattern::parse("a.example.com").is_ok());
        for text in ["*", "*.", "*example.com", "a.*.com", "example.com:8787", ""] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}
