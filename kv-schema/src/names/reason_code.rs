//! The code of a reason for not being ready.

use super::{NameError, name_as_string};

const RULE: &str =
    "a reason's code has 1 to 32 lower-case letters, digits, hyphens and underscores, and begins with a letter";

/// The code of a reason for not being ready, as declared by an instance: what states, events and reports call it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReasonCode(String);

impl ReasonCode {
    /// Parses a declared code, or one that is chosen.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if begins && text.len() <= 32 && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError { rule: RULE })
        }
    }
}

name_as_string!(
    ReasonCode,
    "Code of a reason for being not ready: lower-case letters, digits, hyphens and underscores."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_plain_word() {
        for good in ["lunch", "team-meeting", "break_2", &"a".repeat(32)] {
            assert_eq!(ReasonCode::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "Lunch", "2nd", "a b", "pausa-café", &"a".repeat(33)] {
            assert!(ReasonCode::parse(bad).is_err(), "{bad}");
        }
    }
}
