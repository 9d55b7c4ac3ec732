//! Addresses: what a path asks for, and the paths that pages link to.
//!
//! Every path is built here, from an install's record; no host is ever part of one. Reading the records is not done
//! here.

use kv_schema::names::{InstallName, InstallSpelling};
use url::form_urlencoded;

use crate::api::Call;

/// What stands before an install's name in the address. Letter case does not matter when it comes in.
const PREFIX: &str = "OneAgentWeb_";

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Root,
    /// `/health`, for load balancers and smoke tests.
    Health,
    /// `/.well-known/jwks.json`, the keys that others verify access tokens with.
    Jwks,
    /// `/api/…`, for other systems; `None` where there is nothing.
    Api(Option<Call>),
    /// `/OneAgentWeb_<install>` and what is below.
    Install {
        /// The install's name; `None` where no install can be called so.
        name: Option<InstallName>,
        /// The page below it; `None` where there is no such page.
        page: Option<Page>,
    },
    /// Anything else.
    Unknown,
}

/// A page of an install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The login page, or the desktop where a session stands.
    Start,
    /// The desktop.
    Desktop,
    /// The desktop for browsers without script.
    PlainDesktop,
    /// One of the things that the desktop loads.
    Part(Part),
    /// The desk's socket.
    Desk,
    /// A form token, for signing in again without leaving the desktop.
    FormToken,
    /// Taking over from another session.
    TakeOver,
    /// Choosing a password in the place of a given one.
    NewPassword,
    /// The second step of a login.
    SecondStep,
    /// Asking for a link, where the password is forgotten.
    Forgot,
    /// Choosing a password by that link.
    Reset,
    /// Signing out.
    SignOut,
    /// The steps that turn cookies on.
    Cookies,
    /// A token that shows another application who the agent is.
    AccessToken,
}

/// The things that the desktop loads, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The agent's own record.
    Profile,
    /// The instance.
    Instance,
    /// The extension of this session.
    Extension,
    /// The session itself.
    Session,
}

impl Part {
    /// Every part, in the order in which the loading screen lists them.
    pub const ALL: [Self; 4] = [Self::Profile, Self::Instance, Self::Extension, Self::Session];

    /// Its name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Instance => "instance",
            Self::Extension => "extension",
            Self::Session => "session",
        }
    }
}

impl Page {
    /// Every page but the parts.
    const ALL: [Self; 13] = [
        Self::Start,
        Self::Desktop,
        Self::PlainDesktop,
        Self::Desk,
        Self::FormToken,
        Self::TakeOver,
        Self::NewPassword,
        Self::SecondStep,
        Self::Forgot,
        Self::Reset,
        Self::SignOut,
        Self::Cookies,
        Self::AccessToken,
    ];

    const fn path(self) -> &'static str {
        match self {
            Self::Start => "",
            Self::Desktop => "/desktop",
            Self::PlainDesktop => "/desktop/plain",
            Self::Part(Part::Profile) => "/desktop/parts/profile",
            Self::Part(Part::Instance) => "/desktop/parts/instance",
            Self::Part(Part::Extension) => "/desktop/parts/extension",
            Self::Part(Part::Session) => "/desktop/parts/session",
            Self::Desk => "/desk",
            Self::FormToken => "/form-token",
            Self::TakeOver => "/take-over",
            Self::NewPassword => "/new-password",
            Self::SecondStep => "/second-step",
            Self::Forgot => "/forgot",
            Self::Reset => "/reset",
            Self::SignOut => "/sign-out",
            Self::Cookies => "/cookies",
            Self::AccessToken => "/access-token",
        }
    }

    /// How a query names this page as the one to go to next.
    #[must_use]
    pub const fn next(self) -> &'static str {
        self.path()
    }

    fn parse(path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        Self::ALL.into_iter().chain(Part::ALL.map(Self::Part)).find(|page| page.path().eq_ignore_ascii_case(path))
    }
}

impl Route {
    /// Reads the path of a request. Every text has an answer.
    #[must_use]
    pub fn parse(path: &str) -> Self {
        match path {
            "/" | "" => return Self::Root,
            "/health" => return Self::Health,
            "/.well-known/jwks.json" => return Self::Jwks,
            _ => {}
        }
        if let Some(call) = path.strip_prefix("/api/") {
            return Self::Api(Call::parse(call));
        }
        let Some(rest) = path.strip_prefix('/').and_then(|path| strip_prefix_ignoring_case(path, PREFIX)) else {
            return Self::Unknown;
        };
        let (given, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        Self::Install { name: InstallName::parse(given).ok(), page: Page::parse(below) }
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Where an install stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(String);

impl Home {
    /// The home of the install that is spelled so.
    #[must_use]
    pub fn of(install: &InstallSpelling) -> Self {
        Self(format!("/{PREFIX}{install}"))
    }

    /// The install's own path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0
    }

    /// The path of one of its pages.
    #[must_use]
    pub fn page(&self, page: Page) -> String {
        format!("{}{}", self.0, page.path())
    }

    /// The path of the login page that leads on to `next`.
    #[must_use]
    pub fn start_then(&self, next: Page) -> String {
        format!("{}?next={}", self.0, next.next())
    }
}

/// One value of a query (WHATWG URL, section 5.1), decoded; the first where there are several.
#[must_use]
pub fn query_value(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Where an agent goes after the login: one of two pages of the same install, whatever was asked for.
#[must_use]
pub fn after_login(next: &str) -> Page {
    match Page::parse(next) {
        Some(Page::PlainDesktop) => Page::PlainDesktop,
        _ => Page::Desktop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::of(&InstallSpelling::parse("Lisbon").unwrap())
    }

    #[test]
    fn letter_case_does_not_matter_in_the_address() {
        let lisbon = InstallName::parse("lisbon").ok();
        for path in ["/oneagentWEB_lisBON/desktop", "/OneAgentWeb_Lisbon/Desktop/"] {
            assert_eq!(Route::parse(path), Route::Install { name: lisbon.clone(), page: Some(Page::Desktop) });
        }
        assert_eq!(Route::parse("/OneAgentWeb_Lisbon/"), Route::Install { name: lisbon, page: Some(Page::Start) });
    }

    #[test]
    fn every_page_is_found_at_the_path_it_is_linked_by() {
        for page in Page::ALL {
            let path = home().page(page);
            assert!(matches!(Route::parse(&path), Route::Install { page: Some(found), .. } if found == page));
        }
        for part in Part::ALL {
            assert!(home().page(Page::Part(part)).ends_with(part.name()));
        }
    }

    #[test]
    fn absurd_paths_are_unknown_and_never_a_panic() {
        for path in ["/é", "//", "/OneAgentWe", "/OneAgentWebéé", "OneAgentWeb_x", "/Health", "\u{0}"] {
            assert_eq!(Route::parse(path), Route::Unknown, "{path}");
        }
        assert_eq!(Route::parse("/OneAgentWeb_%2e%2e/x"), Route::Install { name: None, page: None });
    }

    #[test]
    fn nothing_but_the_desktop_follows_a_login() {
        for next in ["//evil.example", "https://evil.example/desktop", "/desktop/../..", "\\evil", "/sign-out", ""] {
            assert_eq!(after_login(next), Page::Desktop, "{next}");
        }
        assert_eq!(after_login("/desktop/plain"), Page::PlainDesktop);
        assert_eq!(home().start_then(Page::PlainDesktop), "/OneAgentWeb_Lisbon?next=/desktop/plain");
    }
}
