//! The id of a session.

use super::{NameError, name_as_string};

const RULE: &str = "a session id has 32 hexadecimal digits in lower case";

/// The id of a session: 128 random bits, written as 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(String);

impl SessionId {
    /// Writes 128 bits as an id. They must come from a cryptographic source.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        Self(format!("{bits:032x}"))
    }

    /// Parses an id.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 32 && text.bytes().all(hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError { rule: RULE })
        }
    }
}

name_as_string!(SessionId, "Id of a session: 32 hexadecimal digits.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_made_is_an_id_parsed() {
        let id = SessionId::from_bits(7);
        assert_eq!(SessionId::parse(id.as_str()).unwrap(), id);
        for text in ["", "7", &"A".repeat(32), &"a".repeat(33)] {
            assert!(SessionId::parse(text).is_err(), "{text}");
        }
    }
}
