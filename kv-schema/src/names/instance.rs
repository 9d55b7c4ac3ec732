//! An instance's name, which people type, and its id, which records and tokens carry.

use super::install::is_label;
use super::{NameError, name_as_string};

const NAME_RULE: &str =
    "an instance name has 1 to 40 letters, digits and hyphens, and begins and ends with a letter or digit";
const ID_RULE: &str = "an instance id is a ULID: 26 characters of Crockford's base 32, in capitals";

/// The name of an instance in its canonical, lower-case form. It may change hands; the id may not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceName(String);

impl InstanceName {
    /// Parses a typed or declared name; letter case and surrounding blanks do not matter.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if is_label(text, 40) { Ok(Self(text.to_ascii_lowercase())) } else { Err(NameError { rule: NAME_RULE }) }
    }
}

name_as_string!(InstanceName, "Name of an instance, lower case.");

/// The id of an instance: created once, never given to another instance, in every record and token that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(String);

impl InstanceId {
    /// Parses a ULID in its canonical spelling.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_ulid(text) { Ok(Self(text.to_owned())) } else { Err(NameError { rule: ID_RULE }) }
    }

    /// The id that no instance has. An unknown instance is looked up under it, so that the work is the same.
    #[must_use]
    pub fn nobody() -> Self {
        Self("0".repeat(26))
    }
}

/// Whether `text` is a ULID in its canonical spelling.
pub(super) fn is_ulid(text: &str) -> bool {
    let crockford = |byte: u8| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && !b"ILOU".contains(&byte));
    text.len() == 26 && text.bytes().all(crockford)
}

name_as_string!(InstanceId, "Id of an instance: a ULID that is never given to another one.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_ulid_in_capitals() {
        assert!(InstanceId::parse("01KAS4V9T2XN8Q4M6W3Y5Z7B1C").is_ok());
        for text in ["", "01kas4v9t2xn8q4m6w3y5z7b1c", "01KAS4V9T2XN8Q4M6W3Y5Z7B1I", "01KAS4V9T2XN8Q4M6W3Y5Z7B1"] {
            assert!(InstanceId::parse(text).is_err(), "{text}");
        }
        assert!(InstanceId::parse(InstanceId::nobody().as_str()).is_ok());
    }

    #[test]
    fn a_typed_name_may_have_blanks_around_it() {
        assert_eq!(InstanceName::parse(" Acme ").unwrap().as_str(), "acme");
    }
}
