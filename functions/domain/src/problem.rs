//! What can keep a request from its page, as values. One place turns each into a page (`onecontact-templates`), and one
//! into a log line (`onecontact-edge`).
//!
//! Out of scope: what is wrong with a filled-in form, which is shown on the form itself ([`crate::login`]).

use kv_schema::ReadError;
use kv_schema::names::InstallName;

/// Why a request gets a page about itself instead of what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// `/` on a host that leads to no install, or to several.
    NoInstallHere,
    /// The address names an install that is not declared, or that nobody could have declared.
    UnknownInstall,
    /// The install serves no instance: an operator's error.
    InstallWithoutInstances(InstallName),
    /// The address names nothing that exists below a known install or elsewhere.
    UnknownPage,
    /// The page exists, but not with this method.
    MethodNotAllowed {
        /// The value of `Allow` (RFC 9110, section 10.2.1).
        allow: &'static str,
    },
    /// A form without a length (RFC 9110, section 15.5.12).
    LengthRequired,
    /// A form larger than anybody fills in.
    TooLarge,
    /// A form with a media type that browsers do not send.
    NotAForm,
    /// The form came without the cookie that its page set: cookies are off.
    CookiesRequired,
    /// An application sent the agent with a request that only the agent can be told about. The reason is for the log.
    BadApplication(String),
    /// Another agent is in an interaction at a desktop in this browser, which signing in would end.
    BrowserInUse,
    /// Too many attempts from one address.
    TooManyAttempts {
        /// Seconds after which it is worth trying again.
        retry_after: u32,
    },
    /// Signing in at an instance's own provider came to nothing. The log says why.
    SignInElsewhere {
        /// The provider's name, if known.
        provider: Option<String>,
        /// Whether it merely does not answer.
        is_outage: bool,
        /// The id of the request in which it came to nothing, if a later one reports that.
        request: Option<String>,
    },
    /// A store or an object does not answer.
    Unavailable(Outage),
    /// A record is damaged, or of a newer version.
    Unreadable(ReadError),
    /// The deployment itself is incomplete: a secret is missing or wrong.
    Misconfigured(String),
    /// What cannot fail has failed: a defect of this software.
    Defect(String),
}

/// What does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// The binding, as `wrangler.toml` names it.
    pub binding: &'static str,
    /// What it said, for the log.
    pub cause: String,
}

impl Problem {
    /// The problem that something failed that cannot fail.
    #[must_use]
    pub fn defect(cause: &impl ToString) -> Self {
        Self::Defect(cause.to_string())
    }

    /// A stable name for logs and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoInstallHere => "no_install_here",
            Self::UnknownInstall => "unknown_install",
            Self::InstallWithoutInstances(_) => "install_without_instances",
            Self::UnknownPage => "unknown_page",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::LengthRequired => "length_required",
            Self::TooLarge => "too_large",
            Self::NotAForm => "not_a_form",
            Self::CookiesRequired => "cookies_required",
            Self::BadApplication(_) => "bad_application",
            Self::BrowserInUse => "browser_in_use",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::SignInElsewhere { is_outage: false, .. } => "provider_refused",
            Self::SignInElsewhere { is_outage: true, .. } => "provider_down",
            Self::Unavailable(_) => "unavailable",
            Self::Unreadable(_) => "unreadable_record",
            Self::Misconfigured(_) => "misconfigured",
            Self::Defect(_) => "defect",
        }
    }

    /// The status of the response (RFC 9110, section 15).
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoInstallHere | Self::UnknownInstall | Self::InstallWithoutInstances(_) | Self::UnknownPage => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::BrowserInUse => 409,
            Self::LengthRequired => 411,
            Self::TooLarge => 413,
            Self::NotAForm => 415,
            Self::CookiesRequired | Self::BadApplication(_) => 400,
            Self::TooManyAttempts { .. } => 429,
            Self::SignInElsewhere { is_outage: false, .. } => 403,
            Self::SignInElsewhere { is_outage: true, .. }
            | Self::Unavailable(_)
            | Self::Unreadable(_)
            | Self::Misconfigured(_)
            | Self::Defect(_) => 503,
        }
    }

    /// What an operator would want to know about it; `None` if nobody needs to, as with every mistyped address.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::Unavailable(outage) => Some(format!("{}: {}", outage.binding, outage.cause)),
            Self::Unreadable(error) => Some(error.to_string()),
            Self::Misconfigured(cause) | Self::Defect(cause) | Self::BadApplication(cause) => Some(cause.clone()),
            Self::InstallWithoutInstances(install) => {
                Some(format!("no instance names the install {install}; declare one and apply"))
            }
            Self::TooManyAttempts { .. } => Some("LOGIN_RATE".to_owned()),
            Self::CookiesRequired => Some("the browser shows none of ours with a form".to_owned()),
            _ => None,
        }
    }

    /// The id of the request that the log reports on, if that is an earlier one.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        match self {
            Self::SignInElsewhere { request, .. } => request.as_deref(),
            _ => None,
        }
    }

    /// Whether an operator has to do something about it.
    #[must_use]
    pub const fn is_for_the_operator(&self) -> bool {
        matches!(
            self,
            Self::InstallWithoutInstances(_)
                | Self::Unavailable(_)
                | Self::Unreadable(_)
                | Self::Misconfigured(_)
                | Self::Defect(_)
        )
    }

    /// Seconds to wait before trying again, if waiting helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooManyAttempts { retry_after } => Some(*retry_after),
            Self::Unavailable(_) => Some(5),
            _ => None,
        }
    }
}
