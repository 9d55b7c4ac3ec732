//! The inputs with which somebody says who they are, and what is wrong with each.

use kv_schema::names::{Extension, Username};
use onecontact_domain::desk::{Lack, Why};
use onecontact_domain::login::{Field, FieldProblem, Filled};

use crate::frame::Frame;
use crate::input::{Input, NumberRule};
use crate::texts::{self, Desktop, Login, SignIn};
use crate::wording;

/// The inputs of a page.
#[derive(Clone, Copy)]
pub(crate) struct LoginFields<'a> {
    pub(crate) texts: &'static Login,
    /// The texts of `OneContactLogin`, on one of its pages.
    pub(crate) sign_in: Option<&'static SignIn>,
    /// The texts for telling times.
    pub(crate) times: &'static Desktop,
    /// The inputs that the page has, in its order.
    pub(crate) shown: &'a [Field],
    /// What the inputs contain.
    pub(crate) filled: &'a Filled,
    /// What is wrong with fields.
    pub(crate) problems: &'a [(Field, FieldProblem)],
}

impl<'a> LoginFields<'a> {
    /// No inputs, in the words of a page.
    pub(crate) fn new(frame: Frame<'_>, filled: &'a Filled, problems: &'a [(Field, FieldProblem)]) -> Self {
        let texts = frame.texts();
        let sign_in = frame.is_login().then_some(&texts.sign_in);
        Self { texts: &texts.login, sign_in, times: &texts.desktop, shown: &[], filled, problems }
    }

    pub(crate) fn inputs(self) -> Vec<Input<'a>> {
        let focus = self.focus();
        let input = |field: &Field| Input {
            focus: Some(*field) == focus,
            problem: self.problem_of(*field),
            ..self.input(*field)
        };
        self.shown.iter().map(input).collect()
    }

    fn shows(self, field: Field) -> bool {
        self.shown.contains(&field)
    }

    fn input(self, field: Field) -> Input<'a> {
        let Self { texts, filled, .. } = self;
        let common = Input::named(field.name(), texts);
        match field {
            Field::Instance => {
                let (label, hint) =
                    self.sign_in.map_or((texts.instance, texts.instance_hint), |t| (t.tenant, t.tenant_hint));
                Input {
                    label,
                    hint: Some(hint.into()),
                    autocomplete: "organization",
                    value: &filled.instance,
                    missing: Some(self.missing_instance()),
                    ..common
                }
            }
            Field::Username => Input {
                label: texts.username,
                hint: Some(texts.username_hint.into()),
                autocomplete: "username",
                value: &filled.username,
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
                hint: Some(texts.extension_hint.into()),
                autocomplete: "tel-extension",
                numeric: true,
                number: Some(NumberRule {
                    longest: Extension::LONGEST,
                    not_digits: texts.fields.not_digits,
                    too_many_digits: (texts.fields.too_many_digits)(Extension::LONGEST),
                }),
                value: &filled.extension,
                ..common
            },
        }
    }

    fn missing_instance(self) -> &'static str {
        self.sign_in.map_or(self.texts.fields.missing_instance, |texts| texts.missing_tenant)
    }

    /// The input that the page starts in: the first faulty one, otherwise the first mandatory one that is blank,
    /// otherwise the last mandatory one.
    fn focus(self) -> Option<Field> {
        let faulty = self.problems.iter().map(|(field, _)| *field).filter(|field| self.shows(*field)).min();
        let is_filled = |field: &Field| match field {
            Field::Instance => !self.filled.instance.is_empty(),
            Field::Username => !self.filled.username.is_empty(),
            Field::Password => false,
            Field::Extension => true,
        };
        let blank = self.shown.iter().find(|field| !is_filled(field));
        faulty.or(blank.copied()).or_else(|| self.shown.last().copied())
    }

    fn problem_of(self, field: Field) -> Option<String> {
        let (_, problem) = self.problems.iter().find(|(faulty, _)| *faulty == field)?;
        Some(self.problem_text(field, problem))
    }

    fn problem_text(self, field: Field, problem: &FieldProblem) -> String {
        let texts = &self.texts.fields;
        match problem {
            FieldProblem::Missing => match field {
                Field::Instance => self.missing_instance(),
                Field::Username => texts.missing_username,
                Field::Password => texts.missing_password,
                Field::Extension => texts.not_digits,
            }
            .to_owned(),
            FieldProblem::TooLong => texts.too_long.to_owned(),
            FieldProblem::BadCharacters => texts.bad_characters.to_owned(),
            FieldProblem::Repeated => texts.repeated.to_owned(),
            FieldProblem::NotAnInstanceName => {
                self.sign_in.map_or(texts.not_an_instance_name, |texts| texts.not_a_tenant).to_owned()
            }
            FieldProblem::NotDigits => texts.not_digits.to_owned(),
            FieldProblem::TooManyDigits => (texts.too_many_digits)(Extension::LONGEST),
            FieldProblem::NotAllowed => texts.not_allowed.to_owned(),
            FieldProblem::NotHeld { lack, free_in } => self.lack_text(lack, *free_in),
        }
    }

    /// Why the agent cannot have the extension.
    fn lack_text(self, lack: &Lack, free_in: Option<u64>) -> String {
        let texts = &self.texts.fields;
        let text = match (lack.why, free_in) {
            (Why::OtherInstance, _) => texts.extension_of_other_instance,
            (Why::NotAllowed, _) => texts.extension_not_for_you,
            (Why::Held, None) => texts.extension_held,
            (Why::Held, Some(_)) if lack.is_silent => texts.extension_held_silent,
            (Why::Held, Some(_)) => texts.extension_held_until,
            _ => texts.unknown_extension,
        };
        let agent = lack.by.as_ref().map_or(texts.another_agent, Username::as_str);
        // Rounded up: it is not free any earlier.
        let seconds = free_in.unwrap_or_default().div_ceil(60) * 60;
        let duration = wording::duration(self.times, seconds);
        texts::fill(text, &[("agent", agent), ("duration", &duration)])
    }

    /// How many inputs of the page are faulty, in words.
    pub(crate) fn summary(self) -> Option<String> {
        let count = self.problems.iter().filter(|(field, _)| self.shows(*field)).count();
        (count > 0).then(|| (self.texts.check_fields)(count))
    }

    /// What is wrong with fields that the page does not have, so that nothing is refused silently.
    pub(crate) fn homeless_problems(self) -> Vec<String> {
        let homeless = self.problems.iter().filter(|(field, _)| !self.shows(*field));
        homeless.map(|(field, problem)| self.problem_text(*field, problem)).collect()
    }
}
