//! What messages say: plain text, in the agent's language.

use kv_schema::{Language, Timestamp};

use crate::texts::{self, fill};
use crate::wording;

/// The person whom a message is for and about.
#[derive(Debug, Clone, Copy)]
pub struct Addressee<'a> {
    /// The agent's language.
    pub language: Language,
    /// The agent's name for people to read.
    pub name: &'a str,
    /// The agent's username.
    pub username: &'a str,
    /// The instance's name for people to read.
    pub instance: &'a str,
}

impl Addressee<'_> {
    /// The message with the link for choosing a new password: subject and text.
    #[must_use]
    pub fn reset_link(&self, link: &str) -> (String, String) {
        let texts = &texts::of(self.language).messages;
        (texts.reset_subject.to_owned(), self.filled(texts.reset, &[("link", link)]))
    }

    /// The message that the password was changed through such a link: subject and text.
    #[must_use]
    pub fn password_changed(&self, at: Timestamp) -> (String, String) {
        let texts = &texts::of(self.language).messages;
        (texts.changed_subject.to_owned(), self.filled(texts.changed, &[("time", &wording::time_of_day(at))]))
    }

    /// The code of a second step: text only, for an SMS.
    #[must_use]
    pub fn code(&self, code: &str) -> String {
        self.filled(texts::of(self.language).second_step.sms, &[("code", code)])
    }

    /// The message that an authenticator app, or a passkey, was set up: subject and text.
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
