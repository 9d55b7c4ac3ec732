//! The pages between ours and the login of an agent's organisation.

use askama::Template;
use onecontact_domain::login::{Field, FieldProblem, Filled};

use crate::entry::{Around, EntryPage, checked};
use crate::fields::LoginFields;
use crate::frame::Frame;
use crate::input::Input;
use crate::texts::{Provider, fill};

/// Leads to the instance's own provider.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/provider.html")]
pub struct ProviderPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The instance's name.
    pub instance_name: &'a str,
    /// The provider's name.
    pub provider: &'a str,
    /// Whether the agent has just signed out here.
    pub signed_out: bool,
}

impl ProviderPage<'_> {
    fn filled(&self, text: &str) -> String {
        fill(text, &[("provider", self.provider)])
    }
}

/// Asks for an extension before leading there, if the install lets agents type one.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/extension.html")]
pub struct ExtensionPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The instance's name.
    pub instance_name: &'a str,
    /// The provider's name.
    pub provider: &'a str,
    /// What the field contains.
    pub filled: &'a Filled,
    /// What is wrong with it.
    pub problems: &'a [(Field, FieldProblem)],
    /// The token of the errand that begins with this form.
    pub errand: &'a str,
    /// Where whoever does not want to sign in goes.
    pub cancel: Option<&'a str>,
}

impl ExtensionPage<'_> {
    fn texts(&self) -> &'static Provider {
        &self.frame.texts().provider
    }

    fn named(&self, text: &str) -> String {
        fill(text, &[("provider", self.provider)])
    }

    fn title(&self) -> String {
        self.named(self.texts().title)
    }

    fn lead(&self) -> String {
        self.named(self.texts().lead)
    }

    fn go(&self) -> String {
        self.named(self.texts().go)
    }

    fn fields(&self) -> LoginFields<'_> {
        LoginFields { shown: &[Field::Extension], ..LoginFields::new(self.frame, self.filled, self.problems) }
    }

    fn inputs(&self) -> Vec<Input<'_>> {
        self.fields().inputs()
    }

    fn summary(&self) -> Option<String> {
        self.fields().summary()
    }
}

impl EntryPage for ExtensionPage<'_> {
    fn around(&self) -> Around<'_> {
        let title = checked(self.frame.texts(), !self.problems.is_empty(), &self.title());
        Around { frame: self.frame, title, place: Some(self.instance_name), has_form: true }
    }
}

impl EntryPage for ProviderPage<'_> {
    fn around(&self) -> Around<'_> {
        let title = self.filled(self.frame.texts().provider.title);
        Around { frame: self.frame, title, place: Some(self.instance_name), has_form: false }
    }
}

/// Leads on to the instance's own provider once the agent has signed out here, or says that it cannot.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/farewell.html")]
pub struct FarewellPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The provider's name.
    pub provider: &'a str,
    /// Whether the agent's session there may still stand, because it cannot be reached from here.
    pub stays: bool,
    /// Where the agent goes on to.
    pub on: &'a str,
}

impl FarewellPage<'_> {
    fn filled(&self, text: &str) -> String {
        fill(text, &[("provider", self.provider)])
    }
}

impl EntryPage for FarewellPage<'_> {
    fn around(&self) -> Around<'_> {
        let title = self.frame.texts().provider.left.to_owned();
        Around { frame: self.frame, title, place: None, has_form: false }
    }
}
