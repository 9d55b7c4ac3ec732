//! A service's name, which its tokens carry, and its id, which the audit trail carries.

use super::install::is_label;
use super::instance::is_ulid;
use super::{NameError, name_as_string};

const NAME_RULE: &str =
    "a service name has 1 to 40 letters, digits and hyphens, and begins and ends with a letter or digit";
const ID_RULE: &str = "a service id is a ULID: 26 characters of Crockford's base 32, in capitals";

/// The name of a service in its canonical, lower-case form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceName(String);

impl ServiceName {
    /// Parses a declared name, or one that a token states.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_label(text, 40) { Ok(Self(text.to_ascii_lowercase())) } else { Err(NameError { rule: NAME_RULE }) }
    }
}

name_as_string!(ServiceName, "Name of a service, lower case.");

/// The id of a service: created once, never given to another one, so that in the audit trail it means one service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(String);

impl ServiceId {
    /// Parses a ULID in its canonical spelling.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if is_ulid(text) { Ok(Self(text.to_owned())) } else { Err(NameError { rule: ID_RULE }) }
    }
}

name_as_string!(ServiceId, "Id of a service: a ULID that is never given to another one.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_name_is_a_label_in_any_letter_case() {
        assert_eq!(ServiceName::parse("Routing-1").unwrap().as_str(), "routing-1");
        for text in ["", "a:b", "a b", "-a", "a/b", &"a".repeat(41)] {
            assert!(ServiceName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_service_id_is_a_ulid() {
        assert!(ServiceId::parse("01KAS4V9T2XN8Q4M6W3Y5Z7B1C").is_ok());
        assert!(ServiceId::parse("routing").is_err());
    }
}
