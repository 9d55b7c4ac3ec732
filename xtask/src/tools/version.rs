//! Reading version numbers: what a tool says of itself, and what Cargo.lock pins.

use std::fmt;

/// The three numbers of a released version, ordered. No pre-releases: none are pinned here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// The first version number in what a tool prints: `v22.12.0`, `wasm-bindgen 0.2.130`, `0.8.7`.
    pub(crate) fn in_text(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(|word| {
            let mut numbers = word.trim_start_matches('v').split('.').map(str::parse);
            match (numbers.next()?, numbers.next()?, numbers.next()?, numbers.next()) {
                (Ok(major), Ok(minor), Ok(patch), None) => Some(Self(major, minor, patch)),
                _ => None,
            }
        })
    }

    /// The version of `package` in the text of a Cargo.lock.
    pub(crate) fn locked(lock: &str, package: &str) -> Option<Self> {
        let name = format!("name = \"{package}\"");
        let mut lines = lock.lines().skip_while(|line| *line != name);
        let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
        Self::in_text(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_tools_print() {
        assert_eq!(Version::in_text("v22.12.0\n"), Some(Version(22, 12, 0)));
        assert_eq!(Version::in_text("wasm-bindgen 0.2.130"), Some(Version(0, 2, 130)));
        assert_eq!(Version::in_text("0.8.7"), Some(Version(0, 8, 7)));
        assert_eq!(Version::in_text("command not found"), None);
        assert_eq!(Version::in_text("built 1.2"), None);
    }

    #[test]
    fn versions_are_ordered_by_number_not_by_spelling() {
        assert!(Version(22, 9, 0) < Version(22, 12, 0));
    }

    #[test]
    fn the_locked_version_is_that_of_the_package_and_not_of_its_namesakes() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"…\"\n";
        assert_eq!(Version::locked(lock, "wasm-bindgen"), Some(Version(0, 2, 130)));
        assert_eq!(Version::locked(lock, "worker"), None);
    }
}
