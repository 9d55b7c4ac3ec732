//! The name of an install, as in its address.

use super::{NameError, name_as_string};

const RULE: &str =
    "an install name has 1 to 40 letters, digits and hyphens, and begins and ends with a letter or digit";

/// What tokens and cookies of `OneContactLogin` carry instead of an install's name. No install can have this name.
const LOGIN: &str = "OneContactLogin";

/// The name of an install in its canonical, lower-case form. Letter case does not matter in addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstallName(String);

impl InstallName {
    /// Parses the part of the address after `OneAgentWeb_`, in any letter case.
    ///
    /// Only what may stand unescaped in a path and in a cookie's name (RFC 6265, section 4.1.1) is allowed.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_label(text, 40) { Ok(Self(text.to_ascii_lowercase())) } else { Err(NameError { rule: RULE }) }
    }

    /// What takes the place of an install's name for `OneContactLogin` itself.
    #[must_use]
    pub fn login() -> Self {
        InstallSpelling::login().name()
    }
}

name_as_string!(InstallName, "Name of an install, lower case.");

/// The name of an install as its operator spells it: the spelling that its address is redirected to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstallSpelling(String);

impl InstallSpelling {
    /// Parses a declared name and keeps its letter case.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.eq_ignore_ascii_case(LOGIN) {
            return Err(NameError { rule: "no install can be called OneContactLogin" });
        }
        InstallName::parse(text).map(|_| Self(text.to_owned()))
    }

    /// What takes the place of an install's name for `OneContactLogin` itself.
    #[must_use]
    pub fn login() -> Self {
        Self(LOGIN.to_owned())
    }

    /// Whether this is [`Self::login`].
    #[must_use]
    pub fn is_login(&self) -> bool {
        self.0 == LOGIN
    }

    /// The canonical name.
    #[must_use]
    pub fn name(&self) -> InstallName {
        InstallName(self.0.to_ascii_lowercase())
    }
}

name_as_string!(InstallSpelling, "Name of an install in its operator's letter case.");

/// Whether `text` has 1 to `longest` ASCII letters, digits and inner hyphens (a label of RFC 1123, section 2.1).
pub(crate) fn is_label(text: &str, longest: usize) -> bool {
    let bytes = text.as_bytes();
    (1..=longest).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_does_not_matter() {
        assert_eq!(InstallName::parse("LisBon-2").unwrap(), InstallName::parse("lisbon-2").unwrap());
        assert_eq!(InstallSpelling::parse("LisBon").unwrap().name(), InstallName::parse("lisbon").unwrap());
    }

    #[test]
    fn no_install_can_be_called_as_what_stands_for_the_login_itself() {
        assert!(InstallSpelling::parse("onecontactLOGIN").is_err());
        assert!(InstallSpelling::login().is_login() && !InstallSpelling::parse("Lisbon").unwrap().is_login());
        assert_eq!(InstallName::parse("onecontactlogin").unwrap(), InstallName::login());
    }

    #[test]
    fn what_cannot_stand_in_an_address_is_refused() {
        for text in ["", "-a", "a-", "a b", "a_b", "ação", "a/b", "a%20", &"a".repeat(41)] {
            assert!(InstallName::parse(text).is_err(), "{text}");
            assert!(InstallSpelling::parse(text).is_err(), "{text}");
        }
    }
}
