//! Forgotten passwords: the page that asks for a link, and what is told about one.

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
    /// What the fields hold.
    pub filled: &'a Filled,
    /// What is wrong with fields.
    pub problems: &'a [(Field, FieldProblem)],
    /// Whether the form before was too old, or not ours.
    pub stale: bool,
    /// The token that ties the form to the browser.
    pub form_token: &'a str,
}

impl ForgotPage<'_> {
    fn fields(&self) -> LoginFields<'_> {
        const ALL: [Field; 2] = [Field::Instance, Field::Username];
        let first = usize::from(self.instance != InstanceShown::Asked);
        let (texts, times) = (&self.frame.texts().login, &self.frame.texts().desktop);
        LoginFields { texts, times, shown: &ALL[first..], filled: self.filled, problems: self.problems }
    }

    fn inputs(&self) -> Vec<Input<'_>> {
        self.fields().inputs()
    }

    fn summary(&self) -> Option<String> {
        self.fields().summary()
    }
}

/// What is told about a link.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/note.html")]
pub struct LinkPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// What is told.
    pub told: LinkTold,
}

/// What is told about a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkTold {
    /// It was sent, if there is anybody to send it to.
    Sent,
    /// It is good for nothing any more, or never was.
    Over,
}

impl LinkPage<'_> {
    fn title(&self) -> &'static str {
        let texts = &self.frame.texts().forgot;
        match self.told {
            LinkTold::Sent => texts.sent_title,
            LinkTold::Over => texts.over_title,
        }
    }

    fn paragraphs(&self) -> Vec<&'static str> {
        let texts = &self.frame.texts().forgot;
        match self.told {
            LinkTold::Sent => vec![texts.sent, texts.sent_wait, texts.sent_none],
            LinkTold::Over => vec![texts.over],
        }
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

impl EntryPage for LinkPage<'_> {
    fn around(&self) -> Around<'_> {
        Around { frame: self.frame, title: self.title().to_owned(), place: None, has_form: false }
    }
}
