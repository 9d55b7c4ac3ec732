//! The login form: from posted bytes to typed values, or to what is wrong with each field.

use kv_schema::names::{Extension, ExtensionError, InstanceName, SessionId};
use url::form_urlencoded;

use crate::desk::Lack;
use crate::token::SessionClaims;

/// A field that an agent sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The instance, if the address does not determine it.
    Instance,
    /// Username or e-mail address.
    Username,
    /// The password.
    Password,
    /// The extension.
    Extension,
}

impl Field {
    /// The field's name in the form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Username => "username",
            Self::Password => "password",
            Self::Extension => "extension",
        }
    }
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldProblem {
    /// It is mandatory and blank.
    Missing,
    /// It is longer than anything that could be right.
    TooLong,
    /// It holds characters that cannot be typed (control characters, broken UTF-8).
    BadCharacters,
    /// It was sent more than once.
    Repeated,
    /// An instance name that no instance can have.
    NotAnInstanceName,
    /// An extension with something besides digits.
    NotDigits,
    /// An extension with more than [`Extension::LONGEST`] digits.
    TooManyDigits,
    /// An extension, although the install does not allow one.
    NotAllowed,
    /// An extension that this agent cannot have. Only told to somebody who has proved who they are.
    NotHeld {
        /// Why not.
        lack: Lack,
        /// Seconds until it may be free, if another agent holds it.
        free_in: Option<u64>,
    },
}

/// Which fields the page had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whether the instance had to be asked for.
    pub ask_instance: bool,
    /// Whether an extension may be typed.
    pub allow_extension: bool,
}

/// What was typed, exactly, for showing it again. It never includes the password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The instance's name.
    pub instance: String,
    /// Username or e-mail address.
    pub username: String,
    /// The extension.
    pub extension: String,
    /// Whether instance, username and extension are to be remembered on this device.
    pub remember: bool,
}

impl Filled {
    /// What an agent whose name is known by now has typed before.
    #[must_use]
    pub fn of(username: &str, extension: Option<&Extension>) -> Self {
        let extension = extension.map(ToString::to_string).unwrap_or_default();
        Self { username: username.to_owned(), extension, ..Self::default() }
    }

    /// What the agent of `session`, which is over, would type to sign in again. `instance` is its name, if that is
    /// asked for. `theirs` is what this device remembers of them, and goes on remembering.
    #[must_use]
    pub fn again(session: &SessionClaims, instance: Option<&InstanceName>, theirs: Option<Self>) -> Self {
        let extension = session.extension.as_ref().filter(|_| session.extension_typed);
        let filled = Self::of(session.agent.as_str(), extension);
        let (username, remember) = match theirs {
            Some(theirs) => (theirs.username, theirs.remember),
            None => (filled.username, false),
        };
        Self { instance: instance.map(ToString::to_string).unwrap_or_default(), username, remember, ..filled }
    }
}

/// A form that is ready to be decided on.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginForm {
    /// The instance's name, if it was asked for.
    pub instance: Option<InstanceName>,
    /// Username or e-mail address, not yet parsed: an account that cannot exist takes the same work as one that can.
    pub account: String,
    /// The password, as typed.
    pub password: String,
    /// The extension, if one was typed.
    pub extension: Option<Extension>,
}

/// Does not reveal the password.
impl std::fmt::Debug for LoginForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginForm").field("instance", &self.instance).finish_non_exhaustive()
    }
}

/// What was posted: the form's own token, what was typed, and what it amounts to.
#[derive(Debug)]
pub struct Posted {
    /// The token that ties the form to the browser.
    pub form_token: String,
    /// The session that this one replaces, if the page is a desktop whose session has ended.
    pub resumes: Option<SessionId>,
    /// Whether the agent wants to set up an authenticator app.
    pub sets_up: bool,
    /// What was typed.
    pub filled: Filled,
    /// The form, or what is wrong with it, in the order of the page.
    pub form: Result<LoginForm, Vec<(Field, FieldProblem)>>,
}

/// The longest username or e-mail address that is read, in bytes.
const LONGEST_ACCOUNT: usize = 512;
/// The longest password that is read, in bytes: far above any real one, far below what would take time to hash.
pub(super) const LONGEST_PASSWORD: usize = 1024;
/// The longest of any other field, in bytes.
const LONGEST_OTHER: usize = 256;

impl Posted {
    /// Where a form leads, which determines what its fields may be.
    #[must_use]
    pub fn next(body: &[u8]) -> String {
        Fields::read(body).one("next").unwrap_or_default().to_owned()
    }

    /// Reads the body of a posted form (`application/x-www-form-urlencoded`, WHATWG URL, section 5.1).
    #[must_use]
    pub fn parse(body: &[u8], rules: Rules) -> Self {
        let fields = Fields::read(body);
        Self {
            form_token: fields.form_token(),
            resumes: fields.one("resumes").and_then(|sid| SessionId::parse(sid).ok()),
            sets_up: fields.one("set-up").is_some(),
            form: decide(&fields, rules),
            filled: fields.filled(),
        }
    }
}

fn decide(fields: &Fields, rules: Rules) -> Result<LoginForm, Vec<(Field, FieldProblem)>> {
    let instance = fields.instance(rules);
    let account = fields.account();
    let password = fields.mandatory(Field::Password, LONGEST_PASSWORD);
    let extension = extension(fields, rules);
    match (instance, account, password, extension) {
        (Ok(instance), Ok(account), Ok(password), Ok(extension)) => {
            Ok(LoginForm { instance, account: account.to_owned(), password: password.to_owned(), extension })
        }
        (instance, account, password, extension) => Err([
            (Field::Instance, instance.err()),
            (Field::Username, account.err()),
            (Field::Password, password.err()),
            (Field::Extension, extension.err()),
        ]
        .into_iter()
        .filter_map(|(field, problem)| Some((field, problem?)))
        .collect()),
    }
}

pub(super) fn extension(fields: &Fields, rules: Rules) -> Result<Option<Extension>, FieldProblem> {
    let text = fields.checked(Field::Extension, LONGEST_OTHER)?.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if !rules.allow_extension {
        return Err(FieldProblem::NotAllowed);
    }
    match Extension::parse(text) {
        Ok(extension) => Ok(Some(extension)),
        Err(ExtensionError::TooLong) => Err(FieldProblem::TooManyDigits),
        Err(ExtensionError::NotDigits | ExtensionError::Empty) => Err(FieldProblem::NotDigits),
    }
}

/// The fields of a body, in the order in which they came.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn form_token(&self) -> String {
        self.one("form").unwrap_or_default().to_owned()
    }

    pub(super) fn filled(&self) -> Filled {
        Filled {
            instance: self.shown("instance", LONGEST_OTHER),
            username: self.shown("username", LONGEST_ACCOUNT),
            extension: self.shown("extension", LONGEST_OTHER),
            remember: self.one("remember").is_some(),
        }
    }

    /// The instance's name, if it was asked for.
    pub(super) fn instance(&self, rules: Rules) -> Result<Option<InstanceName>, FieldProblem> {
        if !rules.ask_instance {
            return Ok(None);
        }
        let text = self.mandatory(Field::Instance, LONGEST_OTHER)?;
        InstanceName::parse(text).map(Some).map_err(|_| FieldProblem::NotAnInstanceName)
    }

    /// Username or e-mail address.
    pub(super) fn account(&self) -> Result<&str, FieldProblem> {
        self.mandatory(Field::Username, LONGEST_ACCOUNT)
    }

    /// A value fit for showing again: truncated, and without what cannot be shown.
    fn shown(&self, name: &str, longest: usize) -> String {
        let text = self.one(name).unwrap_or_default();
        text.chars().filter(|c| !is_untypable(*c)).take(longest).collect()
    }

    fn checked(&self, field: Field, longest: usize) -> Result<&str, FieldProblem> {
        if self.0.iter().filter(|(key, _)| key == field.name()).count() > 1 {
            return Err(FieldProblem::Repeated);
        }
        let text = self.one(field.name()).unwrap_or_default();
        if text.len() > longest {
            Err(FieldProblem::TooLong)
        } else if text.contains(is_untypable) {
            Err(FieldProblem::BadCharacters)
        } else {
            Ok(text)
        }
    }

    fn mandatory(&self, field: Field, longest: usize) -> Result<&str, FieldProblem> {
        let text = self.checked(field, longest)?;
        // A password may consist of blanks; it is then wrong, not missing.
        let blank = if field == Field::Password { text.is_empty() } else { text.trim().is_empty() };
        if blank { Err(FieldProblem::Missing) } else { Ok(text) }
    }
}

/// Control characters, and what decoding leaves in place of broken UTF-8.
pub(super) fn is_untypable(c: char) -> bool {
    (c.is_control() && c != '\t') || c == char::REPLACEMENT_CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Rules = Rules { ask_instance: true, allow_extension: true };
    const PLAIN: Rules = Rules { ask_instance: false, allow_extension: false };

    fn problems(body: &[u8], rules: Rules) -> Vec<(Field, FieldProblem)> {
        Posted::parse(body, rules).form.unwrap_err()
    }

    #[test]
    fn a_filled_form_becomes_values() {
        let posted = Posted::parse(b"instance=Acme&username=Desk1&password=a+b&extension=12-34&remember=1&form=t", ALL);
        let form = posted.form.unwrap();
        assert_eq!(form.instance.unwrap().as_str(), "acme");
        assert_eq!((form.account.as_str(), form.password.as_str()), ("Desk1", "a b"));
        assert_eq!(form.extension.unwrap().as_str(), "1234");
        assert_eq!((posted.form_token.as_str(), posted.filled.remember), ("t", true));
    }

    #[test]
    fn every_problem_is_told_at_once_in_the_order_of_the_page() {
        let expected = [
            (Field::Instance, FieldProblem::Missing),
            (Field::Username, FieldProblem::Missing),
            (Field::Password, FieldProblem::Missing),
            (Field::Extension, FieldProblem::NotDigits),
        ];
        assert_eq!(problems(b"username=+&extension=abc", ALL), expected);
    }

    #[test]
    fn a_refused_form_keeps_all_but_the_password() {
        let posted = Posted::parse("instance=a+b&username=Desk1&password=hush&extension=1".as_bytes(), ALL);
        assert_eq!(posted.filled.username, "Desk1");
        assert_eq!(posted.filled.instance, "a b");
        assert!(!format!("{posted:?}").contains("hush"));
    }

    #[test]
    fn an_extension_is_refused_where_it_is_not_allowed_and_a_blank_one_is_not() {
        let refused = problems(b"username=a&password=b&extension=12", PLAIN);
        assert_eq!(refused, [(Field::Extension, FieldProblem::NotAllowed)]);
        assert!(Posted::parse(b"username=a&password=b&extension=+", PLAIN).form.is_ok());
    }

    #[test]
    fn what_nobody_types_names_its_field() {
        let long = format!("username=a&password={}", "x".repeat(10_000));
        assert_eq!(problems(long.as_bytes(), PLAIN), [(Field::Password, FieldProblem::TooLong)]);
        assert_eq!(problems(b"username=a%00&password=b", PLAIN), [(Field::Username, FieldProblem::BadCharacters)]);
        assert_eq!(problems(b"username=%ff%fe&password=b", PLAIN), [(Field::Username, FieldProblem::BadCharacters)]);
        assert_eq!(problems(b"username=\xff&password=b", PLAIN), [(Field::Username, FieldProblem::BadCharacters)]);
        assert_eq!(problems(b"username=a&username=b&password=c", PLAIN), [(Field::Username, FieldProblem::Repeated)]);
        let digits = format!("username=a&password=b&extension={}", "1".repeat(40));
        assert_eq!(problems(digits.as_bytes(), ALL)[1], (Field::Extension, FieldProblem::TooManyDigits));
    }
}
