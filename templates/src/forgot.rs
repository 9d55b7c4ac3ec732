//! Forgotten passwords: the page that asks for a link.

use askama::Template;
use onecontact_domain::login::{Field, FieldProblem, Filled};

use crate::entry::{Around, EntryPage, checked};
use crate::fields::LoginFields;
use crate::frame::Frame;
use crate::input::Input;
use crate::login::InstanceShown;

/// Asks whose password is forgotten.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/forgot.html")]
pub struct ForgotPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The instance, or that it has to be asked for.
    pub instance: InstanceShown<'a>,
    /// What the fields contain.
    pub filled: &'a Filled,
    /// What is wrong with fields.
    pub problems: &'a [(Field, FieldProblem)],
    /// Whether the submitted form was too old, or not ours.
    pub stale: bool,
    /// The token that ties the form to the browser.
    pub form_token: &'a str,
}

impl ForgotPage<'_> {
    fn fields(&self) -> LoginFields<'_> {
        const ALL: [Field; 2] = [Field::Instance, Field::Username];
        let first = usize::from(self.instance != InstanceShown::Asked);
        LoginFields { shown: &ALL[first..], ..LoginFields::new(self.frame, self.filled, self.problems) }
    }

    fn inputs(&self) -> Vec<Input<'_>> {
        self.fields().inputs()
    }

    fn summary(&self) -> Option<String> {
        self.fields().summary()
    }
}

impl EntryPage for ForgotPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around {
            frame: self.frame,
            title: checked(texts, !self.problems.is_empty(), texts.forgot.title),
            place: self.instance.name(),
            has_form: true,
        }
    }
}
