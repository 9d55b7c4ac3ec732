//! The provider's answer, which the agent's browser brings (RFC 6749, section 4.1.2; RFC 9207).

use kv_schema::directory::Issuer;
use url::form_urlencoded;

use super::{Discovered, Refusal};

/// The longest parameter, in bytes: some providers' codes are signed and encrypted, and so a thousand bytes or more.
const LONGEST: usize = 4096;

/// What the browser has brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Callback {
    state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

impl Callback {
    /// Reads the query. A parameter that is repeated is not to be believed (RFC 6749, section 3.1).
    pub fn parse(query: &str) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut read.state,
                "code" => &mut read.code,
                "iss" => &mut read.issuer,
                "error" => &mut read.error,
                _ => continue,
            };
            if value.len() > LONGEST || place.replace(value.into_owned()).is_some() {
                return Err(Refusal::AnswerMalformed);
            }
        }
        Ok(read)
    }

    /// Whether nothing has come back: somebody who opens the bare address wants to begin again.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        *self == Self::default()
    }

    /// The state, by which the flow is found.
    pub fn state(&self) -> Result<&str, Refusal> {
        self.state.as_deref().filter(|state| !state.is_empty()).ok_or(Refusal::StateMissing)
    }

    /// Checks that it is an answer from `issuer`, as far as anybody can tell before the code is redeemed (mix-up
    /// attacks: RFC 9700, section 4.4).
    pub fn is_of(&self, issuer: &Issuer, discovered: &Discovered) -> Result<(), Refusal> {
        match &self.issuer {
            Some(named) if named != issuer.as_str() => Err(Refusal::AnswerOfAnother),
            None if discovered.names_itself => Err(Refusal::AnswerOfNobody),
            _ => Ok(()),
        }
    }

    /// The code.
    pub fn code(&self) -> Result<&str, Refusal> {
        match (&self.code, &self.error) {
            (Some(code), None) if !code.is_empty() => Ok(code),
            (None, Some(_)) => Err(Refusal::ProviderError),
            _ => Err(Refusal::AnswerMalformed),
        }
    }

    /// The error that the provider names, fit for the log.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref().filter(|error| is_error_code(error))
    }
}

/// Whether it is a word, as all registered errors are: anything else could be there.
pub(super) fn is_error_code(text: &str) -> bool {
    (1..=60).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
