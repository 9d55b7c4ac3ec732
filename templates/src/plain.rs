//! The desktop for browsers without script: the same facts, as the server knows them.

use askama::Template;
use kv_schema::Timestamp;
use onecontact_domain::browser::Browser;

use crate::frame::Frame;
use crate::wording;

/// The desktop for browsers without script.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/plain.html")]
pub struct PlainDesktopPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The agent's username.
    pub username: &'a str,
    /// The agent's name for people to read.
    pub display_name: Part<&'a str>,
    /// The instance's name for people to read.
    pub instance_name: Part<&'a str>,
    /// The extension of this session, if there is one.
    pub extension: Part<Option<ExtensionShown<'a>>>,
    /// What the agent signed in with.
    pub browser: Part<Browser>,
    /// The install's name.
    pub install: &'a str,
    /// When the agent signed in.
    pub since: Timestamp,
    /// The time now.
    pub now: Timestamp,
}

/// Something that had to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<T> {
    /// It is here.
    Loaded(T),
    /// It could not be fetched. The page says so beside its name.
    Failed,
}

/// An extension, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionShown<'a> {
    /// Its digits.
    pub number: &'a str,
    /// Whether it is the agent's usual one.
    pub default: bool,
}

impl PlainDesktopPage<'_> {
    /// The names of what could not be fetched, as the loading screen calls them.
    fn failed_parts(&self) -> Vec<&'static str> {
        let texts = &self.frame.texts().desktop;
        [
            (self.display_name == Part::Failed, texts.profile),
            (self.instance_name == Part::Failed, texts.instance),
            (self.extension == Part::Failed, texts.extension),
            (self.browser == Part::Failed, texts.session),
        ]
        .into_iter()
        .filter_map(|(failed, name)| failed.then_some(name))
        .collect()
    }

    fn name(&self) -> &str {
        match self.display_name {
            Part::Loaded(name) => name,
            Part::Failed => self.username,
        }
    }

    fn since_time(&self) -> String {
        wording::time_of_day(self.since)
    }

    fn lasting(&self) -> String {
        wording::lasting(&self.frame.texts().desktop, self.now.since(self.since))
    }

    fn browser_text(&self, browser: Browser) -> String {
        wording::browser(&self.frame.texts().desktop, browser)
    }
}
