//! What an interaction is called.

use serde::{Deserialize, Serialize};

/// The id of an interaction, as routing calls it: 1 to 64 visible characters of ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct InteractionId(String);

impl TryFrom<String> for InteractionId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err("an interaction's id has 1 to 64 visible characters of ASCII")
        }
    }
}
