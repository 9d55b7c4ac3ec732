//! A phone number that messages are sent to.

use nfkc::nfkc;

use super::{NameError, name_as_string};

const RULE: &str = "a phone number has a plus, the country's code and the number, such as +351 912 345 678";

/// A phone number as in ITU-T E.164: a plus and 7 to 15 digits, the country code first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Parses a declared number: blanks and punctuation are dropped, except for the leading plus. Without it nobody
    /// could tell the country.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let refused = Err(NameError { rule: RULE });
        if text.len() > 64 {
            return refused;
        }
        let text = nfkc(text);
        let Some(number) = text.trim().strip_prefix('+') else { return refused };
        let digits: String = number.chars().filter(|c| c.is_alphanumeric() || *c == '+').collect();
        let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
        if fits && digits.bytes().all(|byte| byte.is_ascii_digit()) { Ok(Self(format!("+{digits}"))) } else { refused }
    }

    /// Its last two digits: enough for its owner to know which phone is meant, and for nobody else.
    #[must_use]
    pub fn ending(&self) -> &str {
        &self.0[self.0.len() - 2..]
    }
}

name_as_string!(PhoneNumber, "Phone number: a plus and 7 to 15 digits.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_are_one() {
        for text in ["+351912345678", " +351 912-345-678 ", "+351 (912) 345.678", "＋351 912 345 678"] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), "+351912345678", "{text}");
        }
        assert_eq!(PhoneNumber::parse("+351912345678").unwrap().ending(), "78");
    }

    #[test]
    fn what_is_no_number_of_a_country_is_refused() {
        let long = "+1".repeat(60);
        for text in [
            "",
            "+",
            "912345678",
            "00351912345678",
            "+0351912345678",
            "+12345",
            "+1234567890123456",
            "+351 9a2 345 678",
            "++351912345678",
            &long,
        ] {
            assert!(PhoneNumber::parse(text).is_err(), "{text}");
        }
    }
}
