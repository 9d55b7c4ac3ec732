//! An input of a form, as `partials/field.html` renders it.

use std::borrow::Cow;

use askama::Template;

use crate::texts::Login;

/// One input with its label, its hint and what is wrong with it.
///
/// A template of its own, like everything that several pages use: the Worker then contains it once.
#[derive(Template)]
#[template(path = "partials/field.html")]
pub(crate) struct Input<'a> {
    /// The texts of its button and its warning.
    pub(crate) texts: &'static Login,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) hint: Option<Cow<'static, str>>,
    pub(crate) kind: &'static str,
    pub(crate) autocomplete: &'static str,
    pub(crate) numeric: bool,
    pub(crate) value: &'a str,
    /// What to say if a mandatory input is left blank.
    pub(crate) missing: Option<&'static str>,
    /// Whether there is an alternative to filling it in, so that it is not marked as mandatory.
    pub(crate) is_alternative: bool,
    /// What to say, before it is sent, if it does not contain a number.
    pub(crate) number: Option<NumberRule>,
    pub(crate) problem: Option<String>,
    pub(crate) focus: bool,
}

/// The rule for a number that may be left blank, and what to say for each way of breaking it.
pub(crate) struct NumberRule {
    /// The most digits that it can have.
    pub(crate) longest: usize,
    pub(crate) not_digits: &'static str,
    pub(crate) too_many_digits: String,
}

impl Input<'_> {
    /// A text input with nothing but its name and texts.
    pub(crate) const fn named(name: &'static str, texts: &'static Login) -> Self {
        Self {
            texts,
            name,
            label: "",
            hint: None,
            kind: "text",
            autocomplete: "off",
            numeric: false,
            value: "",
            missing: None,
            is_alternative: false,
            number: None,
            problem: None,
            focus: false,
        }
    }

    pub(crate) fn is_mandatory(&self) -> bool {
        self.missing.is_some() && !self.is_alternative
    }

    pub(crate) fn is_password(&self) -> bool {
        self.kind == "password"
    }

    /// The ids of the elements that describe it.
    pub(crate) fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if self.problem.is_some() {
            ids.push(format!("{}-problem", self.name));
        }
        if self.hint.is_some() {
            ids.push(format!("{}-hint", self.name));
        }
        ids.join(" ")
    }
}
