//! What is offered to agents: routing's name for it, and what a person is told about it.

use kv_schema::Timestamp;
use kv_schema::names::is_unruly;
use serde::{Deserialize, Serialize};

/// An id given by routing, of an offer or an interaction: 1 to 64 characters that need no escaping in a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RoutingId(String);

impl RoutingId {
    /// The id as routing wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RoutingId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:@+=".contains(&byte);
        // This also keeps out the dots (`.`, `..`) that a path would lose.
        if is_first && text.len() <= 64 && text.bytes().all(fits) {
            Ok(Self(text))
        } else {
            Err("an id has 1 to 64 of the letters and digits of ASCII and -._~:@+=, and begins with a letter or digit")
        }
    }
}

/// A text for people that came from outside: 1 to 80 characters on one line, none of which changes the
/// direction of the text around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Label(String);

impl TryFrom<String> for Label {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if (1..=80).contains(&text.chars().count()) && !text.contains(is_unruly) && !text.trim().is_empty() {
            Ok(Self(text))
        } else {
            Err("a text has 1 to 80 characters of one line, and more than blanks")
        }
    }
}

/// The medium of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// A telephone call.
    Call,
    /// An e-mail.
    Email,
    /// A chat.
    Chat,
}

/// An interaction, as described to an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its id.
    pub id: RoutingId,
    /// Its medium.
    pub kind: Medium,
    /// The service that the customer asked for.
    pub service: Label,
    /// Who the customer is, as far as known: a number, an address, a name.
    #[serde(default)]
    pub from: Option<Label>,
    /// Since when the customer has been waiting.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_in_a_path_as_it_is() {
        for good in ["1", "call-1", "f81d4fae-7dec@10.0.0.1", &"a".repeat(64)] {
            assert!(RoutingId::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "-", "a b", "a/b", "a%2Fb", "a?b", "é", &"a".repeat(65)] {
            assert!(RoutingId::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_label_is_one_line_that_leaves_the_others_alone() {
        for good in ["Support", "+351 21 000", "مرحبا", &"ß".repeat(80)] {
            assert!(Label::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", " ", "a\nb", "a\u{202e}b", "a\u{0}", &"ß".repeat(81)] {
            assert!(Label::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
