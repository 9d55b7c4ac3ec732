//! The second step: the form in which a code is typed, or another one is asked for.

use super::form::Fields;
use crate::second_step::typed_code;

/// The form of the second step.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondStep {
    /// The token of the step before.
    pub step: String,
    /// Where the agent wanted to go, not yet parsed.
    pub next: String,
    /// The code, without what people put between its digits; blank where none was typed.
    pub code: String,
    /// Whether this device is to be remembered.
    pub remember: bool,
    /// Whether another code is wanted instead.
    pub resend: bool,
}

/// Says nothing of the code.
impl std::fmt::Debug for SecondStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondStep").finish_non_exhaustive()
    }
}

impl SecondStep {
    /// Reads the body of the posted form.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let fields = Fields::read(body);
        let value = |name| fields.one(name).unwrap_or_default();
        Self {
            step: value("step").to_owned(),
            next: value("next").to_owned(),
            code: typed_code(value("code")),
            remember: fields.one("remember").is_some(),
            resend: fields.one("resend").is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_a_code_or_asks_for_another_and_tells_no_log() {
        let form = SecondStep::parse(b"step=s&next=/desktop&code=+12-34+56&remember=1");
        assert_eq!((form.step.as_str(), form.code.as_str(), form.remember, form.resend), ("s", "123456", true, false));
        assert!(!format!("{form:?}").contains("123456"));
        let resend = SecondStep::parse(b"step=s&resend=1");
        assert!(resend.resend && resend.code.is_empty() && !resend.remember);
        assert_eq!(SecondStep::parse(b"\xff%%%").code, "");
    }
}
