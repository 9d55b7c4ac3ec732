//! The page on which an agent chooses a password in the place of a given one.

use askama::Template;
use onecontact_domain::login::{BrokenRule, NewPassword};

use crate::frame::{Frame, PRODUCT};
use crate::input::Input;

/// Asks for a new password, and names the rules for it.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/new-password.html")]
pub struct NewPasswordPage<'a> {
    /// What every page is framed by. Its path is not that of this page, which nobody can come to by a link.
    pub frame: Frame<'a>,
    /// The instance's name, where it is known.
    pub instance_name: Option<&'a str>,
    /// The agent's user name, for password managers.
    pub username: &'a str,
    /// The token of the step before.
    pub step: &'a str,
    /// Where the agent wanted to go.
    pub next: &'a str,
    /// The rules that the password which was just tried breaks.
    pub broken: &'a [BrokenRule],
}

/// Every rule, in the order of the list.
const RULES: [BrokenRule; 6] = [
    BrokenRule::TooShort,
    BrokenRule::HoldsName,
    BrokenRule::Repetitive,
    BrokenRule::SameAsGiven,
    BrokenRule::Different,
    BrokenRule::TooLong,
];

struct Rule {
    text: String,
    is_broken: bool,
    /// Told before anything is typed; the others speak for themselves.
    is_listed: bool,
}

impl NewPasswordPage<'_> {
    fn inputs(&self) -> [Input<'_>; 2] {
        let texts = &self.frame.texts().new_password;
        let missing = Some(self.frame.texts().login.fields.missing_password);
        let common = |name| Input { kind: "password", autocomplete: "new-password", missing, ..Input::named(name) };
        [
            Input { label: texts.password, focus: true, ..common("password") },
            Input { label: texts.again, ..common("again") },
        ]
    }

    fn rules(&self) -> Vec<Rule> {
        let is_listed = |rule| !matches!(rule, BrokenRule::Different | BrokenRule::TooLong);
        RULES
            .iter()
            .map(|rule| Rule {
                text: self.text(*rule),
                is_broken: self.broken.contains(rule),
                is_listed: is_listed(*rule),
            })
            .collect()
    }

    fn text(&self, rule: BrokenRule) -> String {
        let texts = &self.frame.texts().new_password;
        match rule {
            BrokenRule::TooShort => (texts.too_short)(NewPassword::SHORTEST),
            BrokenRule::TooLong => texts.too_long.to_owned(),
            BrokenRule::HoldsName => texts.holds_name.to_owned(),
            BrokenRule::Repetitive => texts.repetitive.to_owned(),
            BrokenRule::SameAsGiven => texts.same_as_given.to_owned(),
            BrokenRule::Different => texts.different.to_owned(),
        }
    }
}
