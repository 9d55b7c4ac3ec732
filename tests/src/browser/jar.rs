//! Cookies, kept as browsers keep those with the `__Host-` prefix on localhost.

use std::collections::BTreeMap;

/// A `Set-Cookie` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetCookie {
    /// The cookie's name.
    pub name: String,
    /// Its value, as it is sent back.
    pub value: String,
    /// Seconds to keep it; `None`: until the browser closes.
    pub max_age: Option<i64>,
}

impl SetCookie {
    /// Parses a header, which must set a cookie that a browser accepts under its prefix (RFC 6265bis, section 4.1.3.2)
    /// and that neither scripts nor other sites can access.
    pub(super) fn parse(header: &str) -> Self {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie has a value");
        let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
        assert!(name.starts_with("__Host-"), "no __Host- cookie: {header}");
        for needed in ["secure", "httponly", "path=/", "samesite=lax"] {
            assert!(attributes.iter().any(|attribute| attribute == needed), "{needed} is missing: {header}");
        }
        assert!(!attributes.iter().any(|attribute| attribute.starts_with("domain")), "a __Host- cookie: {header}");
        assert!(value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)), "octets: {header}");
        let max_age = attributes.iter().find_map(|attribute| attribute.strip_prefix("max-age="));
        let max_age = max_age.map(|seconds| seconds.parse().expect("a number of seconds"));
        Self { name: name.to_owned(), value: value.to_owned(), max_age }
    }

    /// Whether it removes the cookie.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        self.max_age.is_some_and(|seconds| seconds <= 0)
    }
}

/// The cookies of one browser.
#[derive(Debug, Clone, Default)]
pub(super) struct Jar(BTreeMap<String, String>);

impl Jar {
    pub(super) fn take(&mut self, cookie: &SetCookie) {
        if cookie.is_removal() {
            self.remove(&cookie.name);
        } else {
            self.plant(&cookie.name, &cookie.value);
        }
    }

    pub(super) fn plant(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    /// The value of the `Cookie` header.
    pub(super) fn header(&self) -> Option<String> {
        let pairs: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}
