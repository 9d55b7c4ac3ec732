//! The page for a request that came to nothing: what is the matter, and what to do.

use askama::Template;
use onecontact_domain::problem::Problem;

use crate::entry::{Around, EntryPage};
use crate::frame::Frame;
use crate::texts::ProblemText;

/// A page about a request that came to nothing.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/problem.html")]
pub struct ProblemPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// What kept the request from its page.
    pub problem: &'a Problem,
    /// The request's id, for the people who are asked for help.
    pub request_id: &'a str,
}

/// The link that leads on.
enum WayOn {
    /// There is nothing to link to.
    None,
    /// The same page again.
    Again,
    /// The login page.
    Login,
    /// The desktop that is open in this browser: the login page leads there.
    Session,
    /// The organisation's login again.
    Provider,
    /// How to turn on cookies, then the login page.
    Cookies,
}

impl ProblemPage<'_> {
    fn text(&self) -> &'static ProblemText {
        let texts = &self.frame.texts().problems;
        match self.problem {
            Problem::NoInstallHere => &texts.no_install_here,
            Problem::UnknownInstall => &texts.unknown_install,
            Problem::InstallWithoutInstances(_) => &texts.install_without_instances,
            Problem::UnknownPage => &texts.unknown_page,
            Problem::MethodNotAllowed { .. } => &texts.method_not_allowed,
            Problem::LengthRequired => &texts.length_required,
            Problem::TooLarge => &texts.too_large,
            Problem::NotAForm => &texts.not_a_form,
            Problem::BadApplication(_) => &texts.bad_application,
            Problem::CookiesRequired => &texts.cookies_required,
            Problem::BrowserInUse => &texts.browser_in_use,
            Problem::TooManyAttempts { .. } => &texts.too_many_attempts,
            Problem::SignInElsewhere { is_outage: false, .. } => &self.frame.texts().provider.refused,
            Problem::SignInElsewhere { is_outage: true, .. } => &self.frame.texts().provider.down,
            Problem::Unavailable(_) => &texts.unavailable,
            Problem::Unreadable(_) => &texts.unreadable,
            Problem::Misconfigured(_) => &texts.misconfigured,
            Problem::Defect(_) => &texts.defect,
        }
    }

    /// Whether the page shows what an address looks like.
    const fn shows_address(&self) -> bool {
        matches!(self.problem, Problem::NoInstallHere | Problem::UnknownInstall)
    }

    /// The name of the organisation's login.
    fn provider(&self) -> Option<&str> {
        match self.problem {
            Problem::SignInElsewhere { provider, .. } => provider.as_deref(),
            _ => None,
        }
    }

    /// When it is worth trying again.
    fn wait(&self) -> Option<String> {
        match self.problem {
            Problem::TooManyAttempts { retry_after } => Some((self.frame.texts().problems.wait)(*retry_after)),
            _ => None,
        }
    }

    const fn way_on(&self) -> WayOn {
        match self.problem {
            Problem::Unavailable(_) | Problem::Unreadable(_) | Problem::Misconfigured(_) | Problem::Defect(_) => {
                WayOn::Again
            }
            _ if self.frame.home.is_none() => WayOn::None,
            Problem::NoInstallHere
            | Problem::UnknownInstall
            | Problem::InstallWithoutInstances(_)
            // The way on is for the application to offer.
            | Problem::BadApplication(_) => WayOn::None,
            Problem::CookiesRequired => WayOn::Cookies,
            Problem::BrowserInUse => WayOn::Session,
            Problem::SignInElsewhere { provider: Some(_), .. } => WayOn::Provider,
            _ => WayOn::Login,
        }
    }
}

impl EntryPage for ProblemPage<'_> {
    fn around(&self) -> Around<'_> {
        Around { frame: self.frame, title: self.text().title.to_owned(), place: None, has_form: false }
    }
}
