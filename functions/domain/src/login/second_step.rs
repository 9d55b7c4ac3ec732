//! The second step: the form in which a code is typed, another one requested, or a passkey shown.

use super::form::Fields;
use crate::second_step::passkey::Response;
use crate::second_step::typed_code;

/// The form of the second step.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondStep {
    /// The token of the previous step.
    pub step: String,
    /// Where the agent wanted to go, not yet parsed.
    pub next: String,
    /// The code, without what people put between its digits; blank if none was typed.
    pub code: String,
    /// Whether this device is to be remembered.
    pub remember: bool,
    /// Whether another code is wanted instead; from an agent with a passkey, one by SMS.
    pub resend: bool,
    /// The passkey's response, if one was asked for.
    pub passkey: Option<Response>,
}

/// Does not reveal the code.
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
        let passkey = fields.one("passkey").map(|id| {
            let [client, authenticator, signature] = ["client", "authenticator", "signature"].map(value);
            Response::read(id, client, authenticator, signature)
        });
        Self {
            step: value("step").to_owned(),
            next: value("next").to_owned(),
            code: typed_code(value("code")),
            remember: fields.one("remember").is_some(),
            resend: fields.one("resend").is_some(),
            passkey,
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
        assert!(resend.passkey.is_none());
        assert_eq!(SecondStep::parse(b"\xff%%%").code, "");
        let shown = |body: &[u8]| SecondStep::parse(body).passkey.map(|shown| shown.id().to_owned());
        assert_eq!(shown(b"passkey=QUJD&client=e30&authenticator=AA&signature=AA").as_deref(), Some("QUJD"));
        for none in ["", "%FF", "QUJ", "QUJD%3D", &"QUJD".repeat(342)] {
            assert_eq!(shown(format!("passkey={none}").as_bytes()).as_deref(), Some(""), "{none}");
        }
    }
}
