//! Every text that a person reads on a page, in every shipped language.
//!
//! In scope: sentences and labels. Out of scope: markup (`pages/`, `partials/`) and the choice of a language.
//!
//! One table per language, a constant of one type: a text that one language lacks does not compile. Fluent was tried
//! and weighed with sixty messages in five languages (wasm32, after wasm-opt, gzipped): these tables 8 kB,
//! fluent-static 0.6 58 kB, fluent-typed 0.9 92 kB and a parse per load; the limit was 40 kB.
//!
//! Forms of address: *Sie*, *vous*, *usted*, and in Portuguese the third person without a pronoun. A `{name}` is filled
//! in by [`fill`] or by the page's script; the tests keep its spelling consistent.

mod de;
mod en;
mod es;
mod fr;
mod provider;
mod pt;
mod second_step;
mod sign_in;

use kv_schema::Language;

pub(crate) use provider::Provider;
pub(crate) use second_step::SecondStep;
pub(crate) use sign_in::SignIn;

/// The texts of one language.
pub(crate) struct Texts {
    /// What several pages say.
    pub common: Common,
    /// The login page.
    pub login: Login,
    /// Choosing a password to replace a given one.
    pub new_password: NewPassword,
    /// The second step.
    pub second_step: SecondStep,
    /// `OneContactLogin`.
    pub sign_in: SignIn,
    /// An instance's own provider.
    pub provider: Provider,
    /// Asking whether another session may be ended.
    pub take_over: TakeOver,
    /// How to turn on cookies.
    pub cookies: Cookies,
    /// Pages about a request that came to nothing.
    pub problems: Problems,
    /// Forgotten passwords.
    pub forgot: Forgot,
    /// What messages say.
    pub messages: Messages,
    /// The desktop.
    pub desktop: Desktop,
}

/// What several pages say.
pub(crate) struct Common {
    pub languages: &'static str,
    pub try_again: &'static str,
    pub to_login: &'static str,
    pub offline: &'static str,
}

/// The login page.
pub(crate) struct Login {
    pub name: &'static str,
    pub signing_in: &'static str,
    pub error_title: &'static str,
    pub mandatory: &'static str,
    pub instance: &'static str,
    pub instance_hint: &'static str,
    pub username: &'static str,
    pub username_hint: &'static str,
    pub password: &'static str,
    pub extension: &'static str,
    pub extension_hint: &'static str,
    pub remember: &'static str,
    pub remember_hint: &'static str,
    pub show: &'static str,
    pub hide: &'static str,
    pub show_password: &'static str,
    pub hide_password: &'static str,
    pub caps_lock: &'static str,
    pub cookie_help: &'static str,
    pub check_fields: fn(usize) -> String,
    pub fields: FieldTexts,
    pub notices: Notices,
}

/// What is wrong with a field: the rule, and so what to do.
pub(crate) struct FieldTexts {
    pub missing_instance: &'static str,
    pub missing_username: &'static str,
    pub missing_password: &'static str,
    pub too_long: &'static str,
    pub bad_characters: &'static str,
    pub repeated: &'static str,
    pub not_an_instance_name: &'static str,
    pub not_digits: &'static str,
    pub too_many_digits: fn(usize) -> String,
    pub not_allowed: &'static str,
    pub unknown_extension: &'static str,
    pub extension_of_other_instance: &'static str,
    pub extension_not_for_you: &'static str,
    pub another_agent: &'static str,
    pub extension_held: &'static str,
    pub extension_held_until: &'static str,
    pub extension_held_silent: &'static str,
}

/// What the login page says first.
pub(crate) struct Notices {
    pub refused: &'static str,
    pub refused_check: &'static str,
    pub refused_check_with_instance: &'static str,
    pub refused_wait: &'static str,
    pub refused_ask: &'static str,
    pub stale_form: &'static str,
    pub password_set: &'static str,
    pub signed_out: &'static str,
    pub recorder_failed: &'static str,
    pub session_over: &'static str,
    pub over_taken_over: &'static str,
    pub over_replaced: &'static str,
    pub over_another_agent: &'static str,
    pub over_connection_lost: &'static str,
    pub over_hard_end: &'static str,
    pub over_forced: &'static str,
    pub over_disabled: &'static str,
    pub over_password_changed: &'static str,
    pub sign_in_first: &'static str,
}

/// Choosing a password to replace one that was given or is too old: the page, and each rule as it appears in the list
/// of rules.
pub(crate) struct NewPassword {
    pub title: &'static str,
    pub lead: &'static str,
    pub lead_too_old: &'static str,
    pub password: &'static str,
    pub again: &'static str,
    pub submit: &'static str,
    pub check: &'static str,
    pub met: &'static str,
    pub unmet: &'static str,
    pub not_met: &'static str,
    pub too_short: fn(usize) -> String,
    pub too_long: &'static str,
    pub holds_name: &'static str,
    pub repetitive: &'static str,
    pub common: &'static str,
    pub used_before: fn(u32) -> String,
    pub different: &'static str,
}

/// Forgotten passwords: asking for a link, and what becomes of it.
pub(crate) struct Forgot {
    pub link: &'static str,
    pub title: &'static str,
    pub lead: &'static str,
    pub submit: &'static str,
    pub sending: &'static str,
    pub stale: &'static str,
    pub sent_title: &'static str,
    pub sent: &'static str,
    pub sent_wait: &'static str,
    pub sent_none: &'static str,
    pub again: &'static str,
    pub reset_lead: &'static str,
    pub over_title: &'static str,
    pub over: &'static str,
    pub forgotten_title: &'static str,
    pub forgotten: &'static str,
}

/// What messages say, as plain text.
pub(crate) struct Messages {
    pub reset_subject: &'static str,
    pub reset: &'static str,
    pub changed_subject: &'static str,
    pub changed: &'static str,
}

/// Asking whether another session may be ended: where it is, what the agent does there, and what becomes of it.
pub(crate) struct TakeOver {
    pub title: &'static str,
    pub lead: &'static str,
    pub place: &'static str,
    pub doing: &'static str,
    pub not_ready: &'static str,
    pub ready: &'static str,
    pub in_interaction: &'static str,
    pub wrap_up: &'static str,
    pub silent: &'static str,
    pub seconds: &'static str,
    pub consequence: &'static str,
    pub engaged: &'static str,
    pub anyway: &'static str,
    pub submit: &'static str,
    pub busy: &'static str,
    pub cancel: &'static str,
}

/// How to turn on cookies.
pub(crate) struct Cookies {
    pub title: &'static str,
    pub lead: &'static str,
    pub own: &'static str,
    pub each: &'static str,
    pub others: &'static str,
    pub managed: &'static str,
    pub close: &'static str,
    pub chrome: [Step; 3],
    pub edge: [Step; 3],
    pub firefox: [Step; 4],
    pub safari_mac: [Step; 3],
    pub safari_ios: [Step; 3],
    pub internet_explorer: [Step; 4],
}

/// One step of an instruction.
pub(crate) struct Step {
    /// What to do.
    pub text: &'static str,
    /// What to type, if something has to be typed; the same in every language.
    pub typed: Option<&'static str>,
}

impl Step {
    const fn new(text: &'static str) -> Self {
        Self { text, typed: None }
    }

    const fn typing(text: &'static str, typed: &'static str) -> Self {
        Self { text, typed: Some(typed) }
    }
}

/// Chrome's page for what sites may store (taken from Chromium 156, as are its labels in each language).
const CHROME_SETTINGS: &str = "chrome://settings/content/siteData";
/// Edge's page for cookies.
const EDGE_SETTINGS: &str = "edge://settings/content/cookies";
/// Firefox's page for privacy.
const FIREFOX_SETTINGS: &str = "about:preferences#privacy";

/// Pages about a request that came to nothing.
pub(crate) struct Problems {
    pub no_install_here: ProblemText,
    pub unknown_install: ProblemText,
    pub install_without_instances: ProblemText,
    pub unknown_page: ProblemText,
    pub method_not_allowed: ProblemText,
    pub length_required: ProblemText,
    pub too_large: ProblemText,
    pub not_a_form: ProblemText,
    pub bad_application: ProblemText,
    pub cookies_required: ProblemText,
    pub browser_in_use: ProblemText,
    pub to_session: &'static str,
    pub too_many_attempts: ProblemText,
    pub unavailable: ProblemText,
    pub unreadable: ProblemText,
    pub misconfigured: ProblemText,
    pub defect: ProblemText,
    pub address_form: &'static str,
    pub address: &'static str,
    pub wait: fn(u32) -> String,
    pub cookie_steps: &'static str,
    pub request_id: &'static str,
}

/// One problem: what is the matter, and what to do.
pub(crate) struct ProblemText {
    pub title: &'static str,
    pub what: &'static str,
    pub todo: &'static str,
}

/// The desktop, its loading screen, and its page without script.
pub(crate) struct Desktop {
    pub title: &'static str,
    pub sign_out: &'static str,
    pub loading: &'static str,
    pub loading_failed: &'static str,
    pub waiting: &'static str,
    pub failed: &'static str,
    pub retry: &'static str,
    pub retry_part: &'static str,
    pub retry_all: &'static str,
    pub go_on: &'static str,
    pub slow: &'static str,
    pub plain_link: &'static str,
    pub plain_note: &'static str,
    pub refresh: &'static str,
    pub profile: &'static str,
    pub instance: &'static str,
    pub extension: &'static str,
    pub session: &'static str,
    pub signed_in_as: &'static str,
    pub username: &'static str,
    pub usual: &'static str,
    pub chosen: &'static str,
    pub none: &'static str,
    pub without_extension: &'static str,
    pub since: &'static str,
    pub lasting: &'static str,
    pub just_now: &'static str,
    pub ends: &'static str,
    pub browser: &'static str,
    pub browser_on: &'static str,
    pub browser_unknown: &'static str,
    pub install: &'static str,
    pub unknown: &'static str,
    pub minutes: &'static str,
    pub hours: &'static str,
}

/// The texts of `language`.
pub(crate) const fn of(language: Language) -> &'static Texts {
    match language {
        Language::En => &en::TEXTS,
        Language::Pt => &pt::TEXTS,
        Language::Es => &es::TEXTS,
        Language::Fr => &fr::TEXTS,
        Language::De => &de::TEXTS,
    }
}

/// A language's own name.
pub(crate) const fn name(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::Pt => "Português",
        Language::Es => "Español",
        Language::Fr => "Français",
        Language::De => "Deutsch",
    }
}

/// `text` with each `{name}` replaced by its value.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
