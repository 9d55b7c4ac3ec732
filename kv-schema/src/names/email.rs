//! An e-mail address as another spelling of an account.

use super::{NameError, canonical_text, name_as_string};

const RULE: &str = "an e-mail address has one @ with something on both sides, and at most 254 bytes";

/// An e-mail address in its canonical form. It tells which account is meant; it proves nothing.
///
/// Compared without regard to case on both sides of the @: no mailbox system in use tells them apart, and a second
/// spelling must never be a second account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Parses a typed or declared address; length as in RFC 5321, section 4.5.3.1.3.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let refused = Err(NameError { rule: RULE });
        if text.len() > 1024 {
            return refused;
        }
        let canonical = canonical_text(text);
        let Some((local, domain)) = canonical.split_once('@') else { return refused };
        let clean = !canonical.chars().any(|c| c == ':' || c.is_control());
        if local.is_empty() || domain.is_empty() || domain.contains('@') || canonical.len() > 254 || !clean {
            return refused;
        }
        Ok(Self(canonical.into_owned()))
    }
}

name_as_string!(EmailAddress, "E-mail address in its canonical form.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one() {
        assert_eq!(EmailAddress::parse(" Desk1@Example.COM").unwrap().as_str(), "desk1@example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "desk1", "@x", "desk1@", "a@b@c", "a:b@c", &format!("{}@x", "a".repeat(260))] {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
    }
}
