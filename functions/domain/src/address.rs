//! Addresses: what a path asks for, and the paths that pages link to.
//!
//! Every path is built here, from an install's record; no host is ever part of one. The records are not read here.

use kv_schema::directory::LoginSite;
use kv_schema::names::{InstallName, InstallSpelling};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use crate::api::Call;

/// What precedes an install's name in an address. Letter case does not matter on the way in.
const PREFIX: &str = "OneAgentWeb_";

/// Where `OneContactLogin` is.
pub const LOGIN: &str = "/OneContactLogin";

/// What a path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Root,
    /// `/health`, for load balancers and smoke tests.
    Health,
    /// `/.well-known/jwks.json`, the keys that others verify access tokens with.
    Jwks,
    /// `/api/…`, for other systems; `None` if there is nothing there.
    Api(Option<Call>),
    /// `/OneAgentWeb_<install>` and what is below.
    Install {
        /// The install's name; `None` if no install can have that name.
        name: Option<InstallName>,
        /// The page below it; `None` if there is no such page.
        page: Option<Page>,
    },
    /// `/OneContactLogin` and what is below: the page; `None` if there is no such page.
    Login(Option<Page>),
    /// Anything else.
    Unknown,
}

/// A page of an install, or of `OneContactLogin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The login page, or the desktop if a session stands.
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
    /// Choosing a password in place of a given one.
    NewPassword,
    /// The second step of a login.
    SecondStep,
    /// Asking for a link, if the password is forgotten.
    Forgot,
    /// Choosing a password through that link.
    Reset,
    /// Signing out.
    SignOut,
    /// The steps that turn cookies on.
    Cookies,
    /// A token that shows another application who the agent is.
    AccessToken,
    /// Back from `OneContactLogin`.
    SignedIn,
    /// The tenant was typed.
    Tenant,
    /// The agent does not want to sign in.
    Cancel,
    /// Where an application sends agents to sign in (RFC 6749, section 3.1).
    Authorize,
    /// Where applications redeem codes (RFC 6749, section 3.2).
    Token,
    /// Who an access token is about (`OpenID` Connect Core, section 5.3).
    UserInfo,
    /// What the provider can do (`OpenID` Connect Discovery, section 4).
    Discovery,
    /// Back from an instance's own provider.
    Callback,
    /// Back from signing out there.
    SignedOut,
}

/// The things that the desktop loads, each separately.
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
    /// Every page of an install except the parts.
    const OF_INSTALL: [Self; 14] = [
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
        Self::SignedIn,
    ];

    /// Every page of `OneContactLogin`.
    const OF_LOGIN: [Self; 15] = [
        Self::Start,
        Self::Tenant,
        Self::Cancel,
        Self::NewPassword,
        Self::SecondStep,
        Self::Forgot,
        Self::Reset,
        Self::SignOut,
        Self::Cookies,
        Self::Authorize,
        Self::Token,
        Self::UserInfo,
        Self::Discovery,
        Self::Callback,
        Self::SignedOut,
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
            Self::SignedIn => "/signed-in",
            Self::Tenant => "/tenant",
            Self::Cancel => "/cancel",
            Self::Authorize => "/authorize",
            Self::Token => "/token",
            Self::UserInfo => "/userinfo",
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Callback => "/callback",
            Self::SignedOut => "/signed-out",
        }
    }

    fn of_install(path: &str) -> Option<Self> {
        Self::find(path, Self::OF_INSTALL.into_iter().chain(Part::ALL.map(Self::Part)))
    }

    fn of_login(path: &str) -> Option<Self> {
        Self::find(path, Self::OF_LOGIN.into_iter())
    }

    fn find(path: &str, mut pages: impl Iterator<Item = Self>) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        pages.find(|page| page.path().eq_ignore_ascii_case(path))
    }
}

impl Route {
    /// Parses the path of a request. Never fails.
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
        // An underscore may come as `%5F` (RFC 3986, section 2.3): the same address.
        let path = &*percent_decode_str(path).decode_utf8_lossy();
        let below = strip_prefix_ignoring_case(path, LOGIN);
        if let Some(below) = below.filter(|below| below.is_empty() || below.starts_with('/')) {
            return Self::Login(Page::of_login(below));
        }
        let Some(rest) = path.strip_prefix('/').and_then(|path| strip_prefix_ignoring_case(path, PREFIX)) else {
            return Self::Unknown;
        };
        let (given, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let name = InstallName::parse(given).ok().filter(|name| *name != InstallName::login());
        Self::Install { name, page: Page::of_install(below) }
    }

    /// Whether what asks for this is a program, which reads no page, whatever it says that it accepts.
    #[must_use]
    pub const fn is_for_programs(&self) -> bool {
        matches!(
            self,
            Self::Health
                | Self::Jwks
                | Self::Api(_)
                | Self::Install { page: Some(Page::Part(_) | Page::Desk | Page::FormToken | Page::AccessToken), .. }
                | Self::Login(Some(Page::Token | Page::UserInfo | Page::Discovery))
        )
    }
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// The path of an install, or of `OneContactLogin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home(String);

impl Home {
    /// The home of the install with this spelling, or of `OneContactLogin` if that is what it stands for.
    #[must_use]
    pub fn of(install: &InstallSpelling) -> Self {
        if install.is_login() { Self(LOGIN.to_owned()) } else { Self(format!("/{PREFIX}{install}")) }
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

    /// Where a login leads, according to a form or a query: at an install to one of two of its pages, at
    /// `OneContactLogin` on with what an application has asked for. Never fails.
    #[must_use]
    pub fn next(&self, text: &str) -> Next {
        if self.0 == LOGIN {
            return match text.strip_prefix('?') {
                Some(query) => Next::Application(query.to_owned()),
                None => Next::Page(Page::Start),
            };
        }
        match Page::of_install(text) {
            Some(Page::PlainDesktop) => Next::Page(Page::PlainDesktop),
            _ => Next::Page(Page::Desktop),
        }
    }

    /// The path of `next`.
    #[must_use]
    pub fn then(&self, next: &Next) -> String {
        match next {
            Next::Page(page) => self.page(*page),
            Next::Application(query) => format!("{}?{query}", self.page(Page::Authorize)),
        }
    }

    /// The path of a page on the way from a login to `next`. It has a query.
    #[must_use]
    pub fn page_then(&self, page: Page, next: &Next) -> String {
        let next = form_urlencoded::byte_serialize(next.text().as_bytes()).collect::<String>();
        [&self.page(page), "?next=", &next].concat()
    }

    /// The path, with a query, at which a login that leads on to `next` begins.
    #[must_use]
    pub fn start_then(&self, next: &Next) -> String {
        match next {
            // An application's request is made again, and leads to the login by itself.
            Next::Application(_) => self.then(next),
            Next::Page(_) => format!("{}?next={}", self.0, next.text()),
        }
    }
}

/// Where a login leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// To a page.
    Page(Page),
    /// On with what an application has asked for: the query of its authorization request, as it came. It accompanies
    /// the forms of the login, and is parsed and checked whenever it is used.
    Application(String),
}

impl Next {
    /// Its spelling in a form or a query.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Page(page) => page.path().to_owned(),
            Self::Application(query) => format!("?{query}"),
        }
    }
}

/// The name of `OneContactLogin` to applications (`OpenID` Connect Core, section 2).
#[must_use]
pub fn issuer(site: &LoginSite) -> String {
    format!("{}{LOGIN}", site.address)
}

/// Where an instance's own provider sends agents back to: the same for every instance.
#[must_use]
pub fn callback(site: &LoginSite) -> String {
    [&issuer(site), Page::Callback.path()].concat()
}

/// Where it sends them back to once they have signed out there.
#[must_use]
pub fn signed_out(site: &LoginSite) -> String {
    [&issuer(site), Page::SignedOut.path()].concat()
}

/// One value of a query (WHATWG URL, section 5.1), decoded; the first if there are several.
#[must_use]
pub fn query_value(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::of(&InstallSpelling::parse("Lisbon").unwrap())
    }

    fn login() -> Home {
        Home::of(&InstallSpelling::login())
    }

    #[test]
    fn the_login_stands_beside_the_installs_and_no_install_in_its_place() {
        assert_eq!(Route::parse("/onecontactlogin/"), Route::Login(Some(Page::Start)));
        assert_eq!(Route::parse("/OneContactLogin/desktop"), Route::Login(None));
        assert_eq!(Route::parse("/OneContactLogins"), Route::Unknown);
        assert_eq!(Route::parse("/OneContactLogin\u{e9}"), Route::Unknown);
        let impostor = Route::parse("/OneAgentWeb_onecontactlogin");
        assert_eq!(impostor, Route::Install { name: None, page: Some(Page::Start) });
    }

    #[test]
    fn an_address_is_the_same_however_its_characters_are_written() {
        let plain = Route::parse("/OneAgentWeb_Lisbon/desktop");
        assert_eq!(Route::parse("/%4fneAgentWeb%5FLisbon/desktop"), plain);
        assert_eq!(Route::parse("/OneAgentWeb%5flisbon/%64esktop/"), Route::parse("/OneAgentWeb_lisbon/desktop/"));
        for odd in ["/OneAgentWeb%", "/OneAgentWeb_%ff", "/OneAgentWeb_%00", "/%"] {
            assert!(matches!(Route::parse(odd), Route::Unknown | Route::Install { name: None, .. }), "{odd}");
        }
    }

    #[test]
    fn pages_are_for_people_and_everything_else_for_programs() {
        let programs = [
            "/health",
            "/.well-known/jwks.json",
            "/api/v1/nothing",
            "/OneAgentWeb_Lisbon/desk",
            "/OneAgentWeb_Lisbon/desktop/parts/session",
            "/OneAgentWeb_Lisbon/access-token",
            "/OneContactLogin/token",
            "/OneContactLogin/.well-known/openid-configuration",
        ];
        assert_eq!(programs.map(|path| Route::parse(path).is_for_programs()), [true; 8]);
        let people = ["/", "/OneAgentWeb_Lisbon", "/OneAgentWeb_Lisbon/desktop", "/OneContactLogin/authorize", "/x"];
        assert_eq!(people.map(|path| Route::parse(path).is_for_programs()), [false; 5]);
    }

    #[test]
    fn what_an_application_has_asked_for_goes_along_with_the_login() {
        let next = login().next("?client_id=crm&state=a%26b");
        assert_eq!(next, Next::Application("client_id=crm&state=a%26b".to_owned()));
        assert_eq!(login().next(&next.text()), next);
        assert_eq!(login().start_then(&next), "/OneContactLogin/authorize?client_id=crm&state=a%26b");
        assert_eq!(login().next("//evil.example"), Next::Page(Page::Start));
        assert_eq!(home().next("?client_id=crm"), Next::Page(Page::Desktop), "at an install nothing but the desktop");
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
        for page in Page::OF_INSTALL {
            let path = home().page(page);
            assert!(matches!(Route::parse(&path), Route::Install { page: Some(found), .. } if found == page));
        }
        for page in Page::OF_LOGIN {
            assert_eq!(Route::parse(&login().page(page)), Route::Login(Some(page)));
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
            assert_eq!(home().next(next), Next::Page(Page::Desktop), "{next}");
        }
        let plain = home().next("/desktop/plain");
        assert_eq!(plain, Next::Page(Page::PlainDesktop));
        assert_eq!(home().start_then(&plain), "/OneAgentWeb_Lisbon?next=/desktop/plain");
    }
}
