//! What messages say: plain text, in the agent's language.

use kv_schema::{Language, Timestamp};

use crate::texts::{self, fill};
use crate::wording;

/// What a message tells of whom.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// The agent's language.
    pub language: Language,
    /// The agent's name as people read it.
    pub name: &'a str,
    /// The agent's user name.
    pub username: &'a str,
    /// The instance's name as people read it.
    pub instance: &'a str,
}

impl Addressee<'_> {
    /// The link by which a new password is chosen: subject and text.
    #[must_use]
    pub fn reset_link(&self, link: &str) -> (String, String) {
        let texts = &texts::of(self.language).messages;
        (texts.reset_subject.to_owned(), self.filled(texts.reset, &[("link", link)]))
    }

    /// That the password was changed by such a link: subject and text.
    #[must_use]
    pub fn password_changed(&self, at: Timestamp) -> (String, String) {
        let texts = &texts::of(self.language).messages;
        (texts.changed_subject.to_owned(), self.filled(texts.changed, &[("time", &wording::time_of_day(at))]))
    }

    /// The code of a second step: text alone, for an SMS.
    #[must_use]
    pub fn code(&self, code: &str) -> String {
        self.filled(texts::of(self.language).second_step.sms, &[("code", code)])
    }

    /// That an authenticator app, or a passkey, was set up: subject and text.
    #[must_use]
    pub fn second_step_changed(&self, at: Timestamp) -> (String, String) {
        let texts = &texts::of(self.language).second_step;
        (texts.changed_subject.to_owned(), self.filled(texts.changed, &[("time", &wording::time_of_day(at))]))
    }

    fn filled(&self, text: &str, more: &[(&str, &str)]) -> String {
        let own = [("name", self.name), ("username", self.username), ("instance", self.instance)];
        fill(text, &own.iter().chain(more).copied().collect::<Vec<_>>())
    }
}
