//! A phone extension.

use nfkc::nfkc;

use super::name_as_string;

/// A phone extension: 1 to 15 digits, the most that ITU-T E.164 (section 6.2.1) gives a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Extension(String);

/// Why a text is not an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// It contains something other than digits and punctuation.
    #[error("an extension has digits only")]
    NotDigits,
    /// More than 15 digits.
    #[error("an extension has at most 15 digits")]
    TooLong,
    /// No digit at all.
    #[error("an extension has at least one digit")]
    Empty,
}

impl Extension {
    /// The most digits that an extension can have.
    pub const LONGEST: usize = 15;

    /// Parses a typed, pasted or declared extension: blanks and punctuation are dropped, full-width digits are digits.
    pub fn parse(text: &str) -> Result<Self, ExtensionError> {
        let digits: String = nfkc(text).chars().filter(|c| c.is_alphanumeric()).collect();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ExtensionError::NotDigits);
        }
        match digits.len() {
            0 => Err(ExtensionError::Empty),
            1..=Self::LONGEST => Ok(Self(digits)),
            _ => Err(ExtensionError::TooLong),
        }
    }
}

name_as_string!(Extension, "Phone extension: 1 to 15 digits.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_punctuation_and_blanks_fall_away() {
        assert_eq!(Extension::parse("+351 21-0 00").unwrap().as_str(), "35121000");
        assert_eq!(Extension::parse("(12)\u{A0}34\t").unwrap().as_str(), "1234");
        assert_eq!(Extension::parse("４２").unwrap().as_str(), "42");
    }

    #[test]
    fn each_broken_rule_is_told_apart() {
        assert_eq!(Extension::parse("abc"), Err(ExtensionError::NotDigits));
        assert_eq!(Extension::parse("12a4"), Err(ExtensionError::NotDigits));
        assert_eq!(Extension::parse("٤٢"), Err(ExtensionError::NotDigits));
        assert_eq!(Extension::parse(&"1".repeat(40)), Err(ExtensionError::TooLong));
        assert_eq!(Extension::parse(" - "), Err(ExtensionError::Empty));
    }
}
