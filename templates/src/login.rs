//! The login page.

use askama::Template;
use kv_schema::names::{Extension, Username};
use kv_schema::sessions::EndReason;
use onecontact_domain::browser::Browser;
use onecontact_domain::desk::{Lack, Why};
use onecontact_domain::login::{Field, FieldProblem, Filled, Notice};

use crate::cookies::Guide;
use crate::frame::{Frame, PRODUCT};
use crate::input::Input;
use crate::{texts, wording};

/// The login page.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/login.html")]
pub struct LoginPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The instance, or that it has to be asked for.
    pub instance: InstanceShown<'a>,
    /// Whether the install lets agents type an extension.
    pub allow_extension: bool,
    /// What the fields hold.
    pub filled: &'a Filled,
    /// What is wrong with fields.
    pub problems: &'a [(Field, FieldProblem)],
    /// What the page says first.
    pub notice: Option<Notice>,
    /// The token that ties the form to the browser.
    pub form_token: &'a str,
    /// Where to go after the login, where that is not the desktop.
    pub next: Option<&'a str>,
    /// The browser that asks: its steps for turning cookies on come first.
    pub browser: Browser,
}

/// What the login page shows of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceShown<'a> {
    /// The address tells it: its display name.
    Known(&'a str),
    /// The agent is asked for it.
    Asked,
}

impl LoginPage<'_> {
    fn guide(&self) -> Guide {
        Guide::new(self.frame, self.browser)
    }

    fn shows(&self, field: Field) -> bool {
        match field {
            Field::Instance => self.instance == InstanceShown::Asked,
            Field::Username | Field::Password => true,
            Field::Extension => self.allow_extension,
        }
    }

    fn inputs(&self) -> Vec<Input<'_>> {
        let focus = self.focus();
        [Field::Instance, Field::Username, Field::Password, Field::Extension]
            .into_iter()
            .filter(|field| self.shows(*field))
            .map(|field| Input { focus: field == focus, problem: self.problem_of(field), ..self.input(field) })
            .collect()
    }

    fn input(&self, field: Field) -> Input<'_> {
        let texts = &self.frame.texts().login;
        let common = Input::named(field.name());
        match field {
            Field::Instance => Input {
                label: texts.instance,
                hint: Some(texts.instance_hint),
                autocomplete: "organization",
                value: &self.filled.instance,
                missing: Some(texts.fields.missing_instance),
                ..common
            },
            Field::Username => Input {
                label: texts.username,
                hint: Some(texts.username_hint),
                autocomplete: "username",
                value: &self.filled.username,
                missing: Some(texts.fields.missing_username),
                ..common
            },
            Field::Password => Input {
                label: texts.password,
                kind: "password",
                autocomplete: "current-password",
                missing: Some(texts.fields.missing_password),
                ..common
            },
            Field::Extension => Input {
                label: texts.extension,
                hint: Some(texts.extension_hint),
                autocomplete: "tel-extension",
                numeric: true,
                value: &self.filled.extension,
                ..common
            },
        }
    }

    /// The input that the page starts in: the first faulty one, else the first mandatory one that is blank.
    fn focus(&self) -> Field {
        let faulty = self.problems.iter().map(|(field, _)| *field).filter(|field| self.shows(*field)).min();
        let blank = match self.instance {
            InstanceShown::Asked if self.filled.instance.is_empty() => Field::Instance,
            _ if self.filled.username.is_empty() => Field::Username,
            _ => Field::Password,
        };
        faulty.unwrap_or(blank)
    }

    fn problem_of(&self, field: Field) -> Option<String> {
        let (_, problem) = self.problems.iter().find(|(faulty, _)| *faulty == field)?;
        Some(self.problem_text(field, problem))
    }

    fn problem_text(&self, field: Field, problem: &FieldProblem) -> String {
        let texts = &self.frame.texts().login.fields;
        match problem {
            FieldProblem::Missing => match field {
                Field::Instance => texts.missing_instance,
                Field::Username => texts.missing_username,
                Field::Password => texts.missing_password,
                Field::Extension => texts.not_digits,
            }
            .to_owned(),
            FieldProblem::TooLong => texts.too_long.to_owned(),
            FieldProblem::BadCharacters => texts.bad_characters.to_owned(),
            FieldProblem::Repeated => texts.repeated.to_owned(),
            FieldProblem::NotAnInstanceName => texts.not_an_instance_name.to_owned(),
            FieldProblem::NotDigits => texts.not_digits.to_owned(),
            FieldProblem::TooManyDigits => (texts.too_many_digits)(Extension::LONGEST),
            FieldProblem::NotAllowed => texts.not_allowed.to_owned(),
            FieldProblem::NotHeld { lack, free_in } => self.lack_text(lack, *free_in),
        }
    }

    /// Why the agent cannot have the extension.
    fn lack_text(&self, lack: &Lack, free_in: Option<u64>) -> String {
        let texts = &self.frame.texts().login.fields;
        let text = match (lack.why, free_in) {
            (Why::OtherInstance, _) => texts.extension_of_other_instance,
            (Why::NotAllowed, _) => texts.extension_not_for_you,
            (Why::Held, None) => texts.extension_held,
            (Why::Held, Some(_)) if lack.is_silent => texts.extension_held_silent,
            (Why::Held, Some(_)) => texts.extension_held_until,
            _ => texts.unknown_extension,
        };
        let agent = lack.by.as_ref().map_or(texts.another_agent, Username::as_str);
        // Rounded up: it is not free before.
        let seconds = free_in.unwrap_or_default().div_ceil(60) * 60;
        let duration = wording::duration(&self.frame.texts().desktop, seconds);
        texts::fill(text, &[("agent", agent), ("duration", &duration)])
    }

    /// How many inputs of the page are faulty, in words.
    fn summary(&self) -> Option<String> {
        let count = self.problems.iter().filter(|(field, _)| self.shows(*field)).count();
        (count > 0).then(|| (self.frame.texts().login.check_fields)(count))
    }

    /// What is wrong with fields that the page does not have, so that nothing is refused in silence.
    fn homeless_problems(&self) -> Vec<String> {
        let homeless = self.problems.iter().filter(|(field, _)| !self.shows(*field));
        homeless.map(|(field, problem)| self.problem_text(*field, problem)).collect()
    }

    /// What became of the session before.
    const fn over(&self, reason: Option<EndReason>) -> &'static str {
        let texts = &self.frame.texts().login.notices;
        match reason {
            None => texts.session_over,
            Some(EndReason::SignedOut) => texts.signed_out,
            Some(EndReason::TakenOver) => texts.over_taken_over,
            Some(EndReason::Replaced) => texts.over_replaced,
            Some(EndReason::ConnectionLost) => texts.over_connection_lost,
            Some(EndReason::HardEnd) => texts.over_hard_end,
            Some(EndReason::Forced) => texts.over_forced,
            Some(EndReason::Disabled) => texts.over_disabled,
        }
    }

    fn refused_check(&self) -> &'static str {
        let texts = &self.frame.texts().login.notices;
        match self.instance {
            InstanceShown::Asked => texts.refused_check_with_instance,
            InstanceShown::Known(_) => texts.refused_check,
        }
    }
}
