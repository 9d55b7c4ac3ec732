//! The pages that only `OneContactLogin` has: the tenant, and who is signed in.

use askama::Template;
use onecontact_domain::login::{Field, FieldProblem, Filled, Notice};

use crate::entry::{Around, EntryPage, checked};
use crate::fields::LoginFields;
use crate::frame::Frame;
use crate::input::Input;
use crate::login::over;

/// Asks for the tenant.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/tenant.html")]
pub struct TenantPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// What the field contains.
    pub filled: &'a Filled,
    /// What is wrong with it.
    pub problems: &'a [(Field, FieldProblem)],
    /// What the page says first.
    pub notice: Option<Notice>,
    /// The token that ties the form to the browser.
    pub form_token: &'a str,
    /// Where to go after the login, if an application sent the agent.
    pub next: Option<&'a str>,
    /// That application's name.
    pub application: Option<&'a str>,
    /// Where whoever does not want to sign in goes.
    pub cancel: Option<&'a str>,
}

impl TenantPage<'_> {
    fn fields(&self) -> LoginFields<'_> {
        LoginFields { shown: &[Field::Instance], ..LoginFields::new(self.frame, self.filled, self.problems) }
    }

    fn inputs(&self) -> Vec<Input<'_>> {
        self.fields().inputs()
    }

    fn summary(&self) -> Option<String> {
        self.fields().summary()
    }

    fn way(&self) -> Option<String> {
        on_the_way(self.frame, self.application)
    }

    fn told(&self) -> Option<(&'static str, &'static str)> {
        told(self.frame, self.notice?)
    }
}

/// The sentence that says which application the agent is on the way to.
pub(crate) fn on_the_way(frame: Frame<'_>, application: Option<&str>) -> Option<String> {
    application.map(|application| crate::texts::fill(frame.texts().sign_in.on_the_way, &[("application", application)]))
}

impl EntryPage for TenantPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around {
            frame: self.frame,
            title: checked(texts, !self.problems.is_empty(), texts.sign_in.title),
            place: None,
            has_form: true,
        }
    }
}

/// Who is signed in at `OneContactLogin` in this browser, and the way out.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/signed-in.html")]
pub struct SignedInPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The agent's name.
    pub name: &'a str,
    /// The agent's username.
    pub username: &'a str,
    /// The instance.
    pub instance_name: &'a str,
    /// The agent desktop, if there is one to go to.
    pub desktop: Option<&'a str>,
    /// The token that ties the form to the browser.
    pub form_token: &'a str,
    /// Whether the agent is asked to sign out.
    pub asks: bool,
    /// What the form passes on of an application's request: names and values.
    pub kept: &'a [(&'a str, &'a str)],
}

impl SignedInPage<'_> {
    fn title(&self) -> &'static str {
        let texts = &self.frame.texts().sign_in;
        if self.asks { texts.sign_out_asked } else { texts.signed_in }
    }
}

impl EntryPage for SignedInPage<'_> {
    fn around(&self) -> Around<'_> {
        Around { frame: self.frame, title: self.title().to_owned(), place: Some(self.instance_name), has_form: false }
    }
}

/// What a page without a login form says first, and how, if it can say it.
fn told(frame: Frame<'_>, notice: Notice) -> Option<(&'static str, &'static str)> {
    let texts = frame.texts();
    match notice {
        Notice::StaleForm => Some(("odd", texts.forgot.stale)),
        Notice::StartOver => Some(("odd", texts.second_step.start_over)),
        Notice::PasswordSet => Some(("good", texts.login.notices.password_set)),
        Notice::SignedOut => Some(("good", texts.login.notices.signed_out)),
        Notice::RecorderFailed => Some(("odd", texts.login.notices.recorder_failed)),
        Notice::SessionOver(reason) => Some(("", over(&texts.login.notices, reason))),
        Notice::Refused | Notice::SignInFirst | Notice::SetUp => None,
    }
}

/// What an install without a login form says: its agents sign in at `OneContactLogin`.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/away.html")]
pub struct AwayPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The instance, if it is known.
    pub instance_name: Option<&'a str>,
    /// What the page says.
    pub notice: Notice,
    /// Where signing in begins.
    pub start: &'a str,
}

impl AwayPage<'_> {
    fn told(&self) -> (&'static str, &'static str) {
        told(self.frame, self.notice).unwrap_or_default()
    }
}

impl EntryPage for AwayPage<'_> {
    fn around(&self) -> Around<'_> {
        let title = self.frame.texts().sign_in.title.to_owned();
        Around { frame: self.frame, title, place: self.instance_name, has_form: false }
    }
}
