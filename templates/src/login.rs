//! The login page.

use askama::Template;
use kv_schema::sessions::EndReason;
use onecontact_domain::login::{Field, FieldProblem, Filled, Notice};

use crate::entry::{Around, EntryPage, checked};
use crate::fields::LoginFields;
use crate::frame::Frame;
use crate::input::Input;
use crate::sign_in::on_the_way;
use crate::texts::Notices;

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
    /// What the fields contain.
    pub filled: &'a Filled,
    /// What is wrong with fields.
    pub problems: &'a [(Field, FieldProblem)],
    /// What the page says first.
    pub notice: Option<Notice>,
    /// The request's id, for the people who are asked for help after a refusal.
    pub request_id: Option<&'a str>,
    /// The token that ties the form to the browser.
    pub form_token: &'a str,
    /// What the page shows of setting up an authenticator app.
    pub set_up: SetUpShown,
    /// Whether a link can be sent to those who have forgotten their password.
    pub can_reset: bool,
    /// Where to go after the login, if not to the desktop.
    pub next: Option<&'a str>,
    /// The name of the application that sent the agent here.
    pub application: Option<&'a str>,
    /// Where whoever does not want to sign in goes, if an application sent them here.
    pub cancel: Option<&'a str>,
}

/// What the login page shows of setting up an authenticator app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetUpShown {
    /// Nothing: the instance has no second step, or is not known yet.
    Nothing,
    /// A link to it.
    Offered,
    /// Whoever signs in sets one up.
    Chosen,
}

/// What the login page shows of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceShown<'a> {
    /// The address determines it: its display name.
    Known(&'a str),
    /// The agent is asked for it.
    Asked,
    /// The agent typed its name on the previous page.
    Typed(&'a str),
}

impl<'a> InstanceShown<'a> {
    /// Its name, if it is known.
    pub(crate) const fn name(self) -> Option<&'a str> {
        match self {
            Self::Known(name) => Some(name),
            Self::Asked | Self::Typed(_) => None,
        }
    }

    /// Its name, if the agent typed it.
    pub(crate) const fn typed(self) -> Option<&'a str> {
        match self {
            Self::Typed(name) => Some(name),
            Self::Asked | Self::Known(_) => None,
        }
    }
}

impl LoginPage<'_> {
    fn is_setting_up(&self) -> bool {
        self.set_up == SetUpShown::Chosen
    }

    fn offers_set_up(&self) -> bool {
        self.set_up == SetUpShown::Offered
    }

    fn fields(&self) -> LoginFields<'_> {
        const ALL: [Field; 4] = [Field::Instance, Field::Username, Field::Password, Field::Extension];
        let (first, last) = (usize::from(self.instance != InstanceShown::Asked), 3 + usize::from(self.allow_extension));
        LoginFields { shown: &ALL[first..last], ..LoginFields::new(self.frame, self.filled, self.problems) }
    }

    fn inputs(&self) -> Vec<Input<'_>> {
        self.fields().inputs()
    }

    fn summary(&self) -> Option<String> {
        self.fields().summary()
    }

    fn homeless_problems(&self) -> Vec<String> {
        self.fields().homeless_problems()
    }

    /// What became of the previous session.
    fn over(&self, reason: Option<EndReason>) -> &'static str {
        over(&self.frame.texts().login.notices, reason)
    }

    fn refused_check(&self) -> &'static str {
        let texts = &self.frame.texts().login.notices;
        match self.instance {
            InstanceShown::Asked => texts.refused_check_with_instance,
            InstanceShown::Known(_) => texts.refused_check,
            InstanceShown::Typed(_) => self.frame.texts().sign_in.refused_check,
        }
    }

    fn name(&self) -> &'static str {
        let texts = self.frame.texts();
        if self.frame.is_login() { texts.sign_in.title } else { texts.login.name }
    }

    fn way(&self) -> Option<String> {
        on_the_way(self.frame, self.application)
    }

    /// Where another tenant is typed: on the previous page, with the same request.
    fn tenant_path(&self) -> String {
        let path = self.frame.path;
        let mark = if path.contains("another-tenant=") {
            ""
        } else if path.contains('?') {
            "&another-tenant=1"
        } else {
            "?another-tenant=1"
        };
        [path, mark].concat()
    }
}

/// What became of the previous session.
pub(crate) const fn over(texts: &'static Notices, reason: Option<EndReason>) -> &'static str {
    match reason {
        None => texts.session_over,
        Some(EndReason::SignedOut) => texts.signed_out,
        Some(EndReason::TakenOver) => texts.over_taken_over,
        Some(EndReason::Replaced) => texts.over_replaced,
        Some(EndReason::AnotherAgent) => texts.over_another_agent,
        Some(EndReason::ConnectionLost) => texts.over_connection_lost,
        Some(EndReason::HardEnd) => texts.over_hard_end,
        Some(EndReason::Forced) => texts.over_forced,
        Some(EndReason::Disabled) => texts.over_disabled,
        Some(EndReason::PasswordChanged) => texts.over_password_changed,
    }
}

impl EntryPage for LoginPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around {
            frame: self.frame,
            title: checked(texts, !self.problems.is_empty(), self.name()),
            place: self.instance.name(),
            has_form: true,
        }
    }
}
