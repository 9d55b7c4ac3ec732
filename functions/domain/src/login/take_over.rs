//! Taking over: the form in which an agent confirms it.

use kv_schema::names::SessionId;

use super::form::Fields;

/// The form in which an agent confirms that this login takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakeOver {
    /// The token of the previous step.
    pub step: String,
    /// The session that this one replaces, if the page is a desktop whose session has ended.
    pub resumes: Option<SessionId>,
}

impl TakeOver {
    /// Reads the body of the posted form.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let fields = Fields::read(body);
        let value = |name| fields.one(name).unwrap_or_default();
        let resumes = SessionId::parse(value("resumes")).ok();
        Self { step: value("step").to_owned(), resumes }
    }
}
