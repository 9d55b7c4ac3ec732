//! Cookies: the one place that knows their names, what they hold, and how they are set.
//!
//! All of them are `__Host-` cookies (RFC 6265bis, section 4.1.3.2): no neighbour on a parent domain can plant one.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use kv_schema::Language;
use kv_schema::names::InstallName;
use url::form_urlencoded;

use crate::login::{Filled, ResetLink};
use crate::second_step::DEVICE_DAYS;
use crate::token::{ErrandClaims, FarewellClaims, Kind, Step};
use crate::workstation::Workstation;

/// The cookies of a request: the value of its `Cookie` header.
#[derive(Debug, Clone, Copy)]
pub struct Cookies<'a>(&'a str);

// Named so that no install's name can turn its session cookie into one of these.
const FORM: &str = "__Host-onecontact-form";
const LANGUAGE: &str = "__Host-onecontact-language";
const WORKSTATION: &str = "__Host-onecontact-workstation";
const RESET: &str = "__Host-onecontact-reset";
const SIGN_IN: &str = "__Host-onecontact-login";
/// Followed by a digit, [`FAILED`] or [`FAREWELL`].
const PROVIDER: &str = "__Host-onecontact-provider-";
const FAILED: &str = "failed";
const FAREWELL: &str = "farewell";
/// How many errands at a provider a browser may have at once, one in each tab.
const ERRANDS: u8 = 4;
/// As long as its token is valid.
const ERRAND_SECONDS: i64 = ErrandClaims::LIFETIME.cast_signed();
/// Long enough to choose a password. The link in the mailbox can be opened again.
const RESET_SECONDS: i64 = 10 * 60;

fn session_name(install: &InstallName) -> String {
    format!("__Host-oneagent-{install}")
}

fn flow_name(install: &InstallName) -> String {
    format!("__Host-onecontact-flow-{install}")
}

fn step_name(install: &InstallName) -> String {
    format!("__Host-onecontact-step-{install}")
}

fn remembered_name(install: &InstallName) -> String {
    format!("__Host-onecontact-remembered-{install}")
}

fn device_name(install: &InstallName) -> String {
    format!("__Host-onecontact-device-{install}")
}

impl<'a> Cookies<'a> {
    /// The cookies of `header`, which is empty for a request without any.
    #[must_use]
    pub const fn new(header: &'a str) -> Self {
        Self(header)
    }

    /// The value of a cookie (RFC 6265, section 5.4: pairs, separated by semicolons). The `cookie` crate would also
    /// look for the attributes of `Set-Cookie`, which never come in, and its dates would add 10 kB to the Worker.
    fn value(self, name: &str) -> Option<&'a str> {
        let pairs = self.0.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next()
    }

    /// The session token of `install`, not yet opened.
    #[must_use]
    pub fn session(self, install: &InstallName) -> Option<&'a str> {
        self.value(&session_name(install))
    }

    /// The token of the sign-in at `OneContactLogin`, not yet opened.
    #[must_use]
    pub fn sign_in(self) -> Option<&'a str> {
        self.value(SIGN_IN)
    }

    /// The browser's random mark, which form tokens are tied to.
    #[must_use]
    pub fn browser(self) -> Option<&'a str> {
        self.value(FORM).filter(|mark| is_mark(mark))
    }

    /// The link for choosing a password that this browser was opened with.
    #[must_use]
    pub fn reset_link(self) -> Option<ResetLink> {
        self.value(RESET).and_then(ResetLink::parse)
    }

    /// The token of the errand at a provider that `state` belongs to, not yet opened.
    #[must_use]
    pub fn errand(self, state: &str) -> Option<&'a str> {
        let slot = state.get(..1).filter(|slot| slot.bytes().all(|byte| byte.is_ascii_digit()))?;
        self.value(&[PROVIDER, slot].concat())
    }

    /// The slot for the token of one more errand: that of the first, if there are too many.
    #[must_use]
    pub fn free_slot(self) -> u8 {
        (0..ERRANDS).find(|slot| self.value(&errand_name(*slot)).is_none()).unwrap_or(0)
    }

    /// The token of the errand that last came to nothing, not yet opened.
    #[must_use]
    pub fn failed_errand(self) -> Option<&'a str> {
        self.value(&[PROVIDER, FAILED].concat())
    }

    /// The token of the farewell that this browser is on, not yet opened.
    #[must_use]
    pub fn farewell(self) -> Option<&'a str> {
        self.value(&[PROVIDER, FAREWELL].concat())
    }

    /// What this device was given to be remembered by. The account's guard knows whether it is valid.
    #[must_use]
    pub fn device(self, install: &InstallName) -> Option<&'a str> {
        self.value(&device_name(install)).filter(|shown| shown.len() <= 128)
    }

    /// The language that the agent chose.
    #[must_use]
    pub fn language(self) -> Option<Language> {
        self.value(LANGUAGE).and_then(Language::from_tag)
    }

    /// The number by which a screen recorder knows this browser's workstation.
    #[must_use]
    pub fn workstation(self) -> Option<Workstation> {
        self.value(WORKSTATION).and_then(Workstation::parse)
    }

    /// What an agent was sent away with to sign in at `OneContactLogin`, not yet opened.
    #[must_use]
    pub fn flow(self, install: &InstallName) -> Option<&'a str> {
        self.value(&flow_name(install))
    }

    /// The token of the step that a login has reached, not yet opened.
    #[must_use]
    pub fn step(self, install: &InstallName) -> Option<&'a str> {
        self.value(&step_name(install))
    }

    /// What is remembered on this device. It counts as typed: nothing trusts it.
    #[must_use]
    pub fn remembered(self, install: &InstallName) -> Option<Filled> {
        let value = self.value(&remembered_name(install))?;
        let mut filled = Filled { remember: true, ..Filled::default() };
        for (name, value) in form_urlencoded::parse(value.as_bytes()) {
            let field = match &*name {
                "instance" => &mut filled.instance,
                "username" => &mut filled.username,
                "extension" => &mut filled.extension,
                _ => continue,
            };
            *field = value.chars().filter(|c| !c.is_control()).take(256).collect();
        }
        Some(filled)
    }
}

/// Writes 128 random bits as a browser's mark.
#[must_use]
pub fn mark(bits: u128) -> String {
    format!("{bits:032x}")
}

fn is_mark(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn errand_name(slot: u8) -> String {
    [PROVIDER, &slot.to_string()].concat()
}

/// The value of a `Set-Cookie`. Without `days` the cookie ends with the browser session.
fn host_cookie(name: String, value: String, days: Option<i64>) -> String {
    lasting_cookie(name, value, days.map(Duration::days))
}

/// The same, for an age shorter than a day.
fn lasting_cookie(name: String, value: String, age: Option<Duration>) -> String {
    let cookie = Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Lax);
    let cookie = match age {
        Some(age) => cookie.max_age(age),
        None => cookie,
    };
    written(&cookie.build())
}

/// The cookie as a header value (RFC 6265, section 4.1.1). The crate's own writer also writes dates, which none of ours
/// has and which would add 9 kB to the gzipped Worker.
fn written(cookie: &Cookie<'_>) -> String {
    let mut text = [cookie.name(), "=", cookie.value()].concat();
    if cookie.http_only() == Some(true) {
        text.push_str("; HttpOnly");
    }
    match cookie.same_site() {
        Some(SameSite::Strict) => text.push_str("; SameSite=Strict"),
        Some(SameSite::Lax) => text.push_str("; SameSite=Lax"),
        Some(SameSite::None) => text.push_str("; SameSite=None"),
        None => {}
    }
    if cookie.secure() == Some(true) {
        text.push_str("; Secure");
    }
    if let Some(path) = cookie.path() {
        text.push_str("; Path=");
        text.push_str(path);
    }
    if let Some(age) = cookie.max_age() {
        text.push_str("; Max-Age=");
        text.push_str(&age.whole_seconds().to_string());
    }
    text
}

/// The `Set-Cookie` that gives the browser its session. It ends with the browser session; the token expires sooner.
#[must_use]
pub fn set_session(install: &InstallName, token: String) -> String {
    host_cookie(session_name(install), token, None)
}

/// The `Set-Cookie` that removes the session.
#[must_use]
pub fn clear_session(install: &InstallName) -> String {
    host_cookie(session_name(install), String::new(), Some(0))
}

/// The `Set-Cookie` by which a browser is known at `OneContactLogin`. It ends with the browser session; the sign-in
/// ends sooner.
#[must_use]
pub fn set_sign_in(token: String) -> String {
    host_cookie(SIGN_IN.to_owned(), token, None)
}

/// The `Set-Cookie` by which it is no longer known there.
#[must_use]
pub fn clear_sign_in() -> String {
    host_cookie(SIGN_IN.to_owned(), String::new(), Some(0))
}

/// The `Set-Cookie` that keeps what an agent was sent away with to sign in at `OneContactLogin`.
#[must_use]
pub fn set_flow(install: &InstallName, token: String) -> String {
    host_cookie(flow_name(install), token, None)
}

/// The `Set-Cookie` that forgets that.
#[must_use]
pub fn clear_flow(install: &InstallName) -> String {
    host_cookie(flow_name(install), String::new(), Some(0))
}

/// The `Set-Cookie` that keeps the step that a login has reached, for as long as its token may be valid: its page can
/// be reloaded.
#[must_use]
pub fn set_step<S: Step>(install: &InstallName, token: String) -> String {
    let age = Duration::seconds(S::LIFETIME.cast_signed());
    lasting_cookie(step_name(install), token, Some(age))
}

/// The `Set-Cookie` that forgets that step.
#[must_use]
pub fn clear_step(install: &InstallName) -> String {
    host_cookie(step_name(install), String::new(), Some(0))
}

/// The `Set-Cookie` that marks a browser.
#[must_use]
pub fn set_browser(mark: &str) -> String {
    host_cookie(FORM.to_owned(), mark.to_owned(), None)
}

/// The `Set-Cookie` that takes a link's secret out of the address, which is recorded in many places. It ends long
/// before the link does: whoever sits here next must not choose the password.
#[must_use]
pub fn set_reset_link(link: &ResetLink) -> String {
    lasting_cookie(RESET.to_owned(), link.text(), Some(Duration::seconds(RESET_SECONDS)))
}

/// The `Set-Cookie` that forgets that link.
#[must_use]
pub fn clear_reset_link() -> String {
    host_cookie(RESET.to_owned(), String::new(), Some(0))
}

/// The `Set-Cookie` that keeps the token of an errand at a provider, for as long as that is valid.
#[must_use]
pub fn set_errand(slot: u8, token: String) -> String {
    lasting_cookie(errand_name(slot), token, Some(Duration::seconds(ERRAND_SECONDS)))
}

/// The `Set-Cookie` that forgets that errand.
#[must_use]
pub fn clear_errand(slot: u8) -> String {
    host_cookie(errand_name(slot), String::new(), Some(0))
}

/// The `Set-Cookie` that keeps what an errand that came to nothing is begun again with.
#[must_use]
pub fn set_failed_errand(token: String) -> String {
    lasting_cookie([PROVIDER, FAILED].concat(), token, Some(Duration::seconds(ERRAND_SECONDS)))
}

/// The `Set-Cookie` that forgets that.
#[must_use]
pub fn clear_failed_errand() -> String {
    host_cookie([PROVIDER, FAILED].concat(), String::new(), Some(0))
}

/// The `Set-Cookie` that makes somebody who has signed out here sign out at their provider, too.
#[must_use]
pub fn set_farewell(token: String) -> String {
    let age = Duration::seconds(FarewellClaims::LIFETIME.cast_signed());
    lasting_cookie([PROVIDER, FAREWELL].concat(), token, Some(age))
}

/// The `Set-Cookie` that forgets the farewell.
#[must_use]
pub fn clear_farewell() -> String {
    host_cookie([PROVIDER, FAREWELL].concat(), String::new(), Some(0))
}

/// The `Set-Cookie` by which a device where an agent has taken the second step is remembered.
#[must_use]
pub fn set_device(install: &InstallName, shown: &str) -> String {
    host_cookie(device_name(install), shown.to_owned(), Some(DEVICE_DAYS.into()))
}

/// The `Set-Cookie` that keeps the agent's language for a year.
#[must_use]
pub fn set_language(language: Language) -> String {
    host_cookie(LANGUAGE.to_owned(), language.tag().to_owned(), Some(365))
}

/// The `Set-Cookie` that keeps the workstation's number for as long as browsers keep anything (RFC 6265bis,
/// section 5.5).
#[must_use]
pub fn set_workstation(workstation: &Workstation) -> String {
    host_cookie(WORKSTATION.to_owned(), workstation.as_str().to_owned(), Some(400))
}

/// The `Set-Cookie` that remembers instance, username and extension for 180 days, or forgets them if the agent does
/// not want that. Never the password: [`Filled`] has none.
#[must_use]
pub fn set_remembered(install: &InstallName, filled: &Filled) -> String {
    let name = remembered_name(install);
    if !filled.remember {
        return host_cookie(name, String::new(), Some(0));
    }
    let value = form_urlencoded::Serializer::new(String::new())
        .append_pair("instance", &filled.instance)
        .append_pair("username", &filled.username)
        .append_pair("extension", &filled.extension)
        .finish();
    host_cookie(name, value, Some(180))
}
#[cfg(test)]
mod tests;
