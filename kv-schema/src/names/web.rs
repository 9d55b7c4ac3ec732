//! Web addresses that requests are sent to: `https`, or `http` on this machine.

use super::is_label;

/// The parts of such an address.
pub(crate) struct Web<'a> {
    /// Host and perhaps port, as written.
    pub(crate) authority: &'a str,
    /// What follows.
    pub(crate) rest: &'a str,
    pub(crate) is_secure: bool,
}

impl<'a> Web<'a> {
    /// Splits an address; `None` if it has a user, an invalid host or port, or lacks `https` although another machine
    /// is meant.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        let (rest, is_secure) = match text.strip_prefix("https://") {
            Some(rest) => (rest, true),
            None => (text.strip_prefix("http://")?, false),
        };
        let (authority, rest) = rest.find(['/', '?', '#']).map_or((rest, ""), |end| rest.split_at(end));
        let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
        let is_sound = (is_secure || matches!(host, "localhost" | "127.0.0.1"))
            && host.split('.').all(|label| is_label(label, 63))
            && port.is_none_or(is_port);
        is_sound.then_some(Self { authority, rest, is_secure })
    }
}

/// Whether `text` is a number from 1 to 65535, in its usual spelling.
fn is_port(text: &str) -> bool {
    let is_number = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (1..=5).contains(&text.len()) && (text.len() < 5 || text <= "65535")
}

/// An address that another party has stated, for requests or for sending a browser to, as written: `https`, or `http`
/// on this machine; a path and a query of the characters allowed there (RFC 3986, section 3), no user and no fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndPoint(String);

impl EndPoint {
    /// The length of the longest one, in bytes.
    pub const LONGEST: usize = 1000;

    /// Parses an address; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let web = Web::of(text).filter(|_| text.len() <= Self::LONGEST)?;
        let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=%".contains(&byte);
        web.rest.bytes().all(may_stand).then(|| Self(text.to_owned()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached over `https`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The address with this query, in addition to any that it already has.
    #[must_use]
    pub fn with_query(&self, query: &str) -> String {
        let mark = match self.0.rfind(['?', '&']) {
            Some(last) if last + 1 == self.0.len() => "",
            _ if self.0.contains('?') => "&",
            _ => "?",
        };
        [&self.0, mark, query].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_point_is_kept_as_it_is_written_and_nothing_else_is_one() {
        for text in [
            "https://login.example/a/b?policy=B2C_1",
            "https://login.example",
            "https://Login.example:8443/x%2Fy",
            "http://127.0.0.1:9000/token",
            "http://localhost/token",
        ] {
            assert_eq!(EndPoint::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "login.example",
            "javascript:alert(1)",
            "http://login.example/token",
            "http://localhost.example/token",
            "https://login.example/#a",
            "https://a@login.example/",
            "https://login.example\\@evil.example/",
            "https://login.example/a b",
            "https://login.example/\r\nset-cookie:a",
            "https://login.example/\"",
            "https://[::1]/",
            "https://.example/",
            "https:///a",
            &format!("https://login.example/{}", "a".repeat(1000)),
        ] {
            assert_eq!(EndPoint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_query_is_put_behind_the_one_that_is_there() {
        let with = |text: &str| EndPoint::parse(text).unwrap().with_query("a=b");
        assert_eq!(with("https://e.example"), "https://e.example?a=b");
        assert_eq!(with("https://e.example/p?q=1"), "https://e.example/p?q=1&a=b");
        assert_eq!(with("https://e.example/p?"), "https://e.example/p?a=b");
        assert_eq!(with("https://e.example/p?q=1&"), "https://e.example/p?q=1&a=b");
    }
}
