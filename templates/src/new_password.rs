//! The page on which an agent chooses a password to replace one that was given to them or is too old.

use askama::Template;
use onecontact_domain::guard::Due;
use onecontact_domain::login::{BrokenRule, NewPassword};

use crate::entry::{Around, EntryPage, checked};
use crate::frame::Frame;
use crate::input::Input;
use crate::texts::fill;

/// Asks for a new password, and states the rules for it.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/new-password.html")]
pub struct NewPasswordPage<'a> {
    /// What every page is framed by.
    pub frame: Frame<'a>,
    /// The instance's name, if it is known.
    pub instance_name: Option<&'a str>,
    /// The agent's username, for password managers.
    pub username: &'a str,
    /// Why a new password is asked for.
    pub why: Why<'a>,
    /// How many of the latest passwords may not be chosen again.
    pub history: u32,
    /// What the password must not contain ([`NewPassword::names`]).
    pub names: &'a [String],
    /// The rules that the password just tried breaks.
    pub broken: &'a [BrokenRule],
}

/// Why a password is asked for, and what the form passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why<'a> {
    /// The agent is signing in with one that has to be replaced.
    Due {
        /// The token of the previous step.
        step: &'a str,
        /// Where the agent wanted to go.
        next: &'a str,
        /// Why it has to be replaced.
        due: Due,
    },
    /// It was forgotten, and a link led here.
    Forgotten {
        /// The token that ties the form to the browser.
        form_token: &'a str,
    },
}

/// Every rule, in the order of the list.
const RULES: [BrokenRule; 7] = [
    BrokenRule::TooShort,
    BrokenRule::HoldsName,
    BrokenRule::Repetitive,
    BrokenRule::Common,
    BrokenRule::UsedBefore,
    BrokenRule::TooLong,
    BrokenRule::Different,
];

struct Rule {
    /// Its name for the page's script, which can check some rules itself.
    name: &'static str,
    text: String,
    is_broken: bool,
}

impl NewPasswordPage<'_> {
    fn lead(&self) -> String {
        let texts = self.frame.texts();
        match self.why {
            Why::Due { due: Due::Given, .. } => texts.new_password.lead.to_owned(),
            Why::Due { due: Due::TooOld, .. } => texts.new_password.lead_too_old.to_owned(),
            Why::Forgotten { .. } => fill(texts.forgot.reset_lead, &[("username", self.username)]),
        }
    }

    const fn path(&self) -> &'static str {
        match self.why {
            Why::Due { .. } => "/new-password",
            Why::Forgotten { .. } => "/reset",
        }
    }

    fn inputs(&self) -> [Input<'_>; 2] {
        let texts = &self.frame.texts().new_password;
        let login = &self.frame.texts().login;
        let missing = Some(login.fields.missing_password);
        let common =
            |name| Input { kind: "password", autocomplete: "new-password", missing, ..Input::named(name, login) };
        [
            Input {
                label: texts.password,
                hint: Some((texts.too_short)(NewPassword::SHORTEST).into()),
                focus: true,
                ..common("password")
            },
            Input { label: texts.again, ..common("again") },
        ]
    }

    fn names(&self) -> String {
        // No name contains a blank: they are canonical.
        self.names.join(" ")
    }

    fn rules(&self) -> [Rule; 7] {
        RULES.map(|rule| {
            let (name, text) = self.describe(rule);
            Rule { name, text, is_broken: self.broken.contains(&rule) }
        })
    }

    fn describe(&self, rule: BrokenRule) -> (&'static str, String) {
        let texts = &self.frame.texts().new_password;
        match rule {
            BrokenRule::TooShort => ("length", (texts.too_short)(NewPassword::SHORTEST)),
            BrokenRule::TooLong => ("bytes", texts.too_long.to_owned()),
            BrokenRule::HoldsName => ("name", texts.holds_name.to_owned()),
            BrokenRule::Repetitive => ("variety", texts.repetitive.to_owned()),
            BrokenRule::Common => ("common", texts.common.to_owned()),
            BrokenRule::UsedBefore => ("before", (texts.used_before)(self.history)),
            BrokenRule::Different => ("same", texts.different.to_owned()),
        }
    }
}

impl EntryPage for NewPasswordPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around {
            frame: self.frame,
            title: checked(texts, !self.broken.is_empty(), texts.new_password.title),
            place: self.instance_name,
            has_form: true,
        }
    }
}
