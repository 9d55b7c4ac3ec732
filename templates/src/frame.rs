//! The frame of every page.

use kv_schema::Language;
use onecontact_domain::address;

use crate::texts::{self, Texts};

/// The products' names, the same in every language.
const AGENT: &str = "OneContact Agent";
const LOGIN: &str = "OneContactLogin";

/// What every page needs, whatever it shows.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The page's language.
    pub language: Language,
    /// The nonce of this answer's Content-Security-Policy.
    pub nonce: &'a str,
    /// The install's path in its canonical spelling (`/OneAgentWeb_Demo`), if it is known.
    pub home: Option<&'a str>,
    /// The page's own path, which the links to other languages lead to. It may have a query.
    pub path: &'a str,
    /// Whether it is the answer to a form, which has the form's address instead of its own.
    pub is_answer: bool,
}

/// A link to the same page in another language.
pub(crate) struct LanguageLink {
    pub tag: &'static str,
    pub name: &'static str,
    pub href: String,
    pub current: bool,
}

impl Frame<'_> {
    pub(crate) const fn texts(&self) -> &'static Texts {
        texts::of(self.language)
    }

    /// Whether it is a page of `OneContactLogin`.
    pub(crate) fn is_login(&self) -> bool {
        self.home == Some(address::LOGIN)
    }

    /// The product that it belongs to.
    pub(crate) fn product(&self) -> &'static str {
        if self.is_login() { LOGIN } else { AGENT }
    }

    /// The prefix of paths below the install.
    pub(crate) fn base(&self) -> &str {
        self.home.unwrap_or_default()
    }

    pub(crate) fn languages(&self) -> impl Iterator<Item = LanguageLink> {
        let joint = if self.path.contains('?') { '&' } else { '?' };
        Language::ALL.into_iter().map(move |language| LanguageLink {
            tag: language.tag(),
            name: texts::name(language),
            href: format!("{}{joint}lang={}", self.path, language.tag()),
            current: language == self.language,
        })
    }
}
