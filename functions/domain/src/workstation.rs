//! The number by which a screen recorder knows a workstation: a browser on a device.

use kv_schema::names::SessionId;
use serde::{Deserialize, Serialize};

/// 128 random bits, as 32 hexadecimal digits. They stay in a cookie of their own and say nothing about the device;
/// whoever looks after the recorder tells it once which one that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Workstation(String);

impl Workstation {
    /// Writes 128 bits as a number. They come from a cryptographic source: nobody must be able to guess another's.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        Self(format!("{bits:032x}"))
    }

    /// The workstation of a session whose browser has no number: one of its own, for as long as the session lasts.
    #[must_use]
    pub fn of_session(sid: &SessionId) -> Self {
        Self(sid.as_str().to_owned())
    }

    /// Parses a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 32 && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Workstation {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a workstation's number has 32 hexadecimal digits")
    }
}
