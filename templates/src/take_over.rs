//! The page for an agent who is signed in elsewhere: where, and whether to end that.

use askama::Template;
use kv_schema::Timestamp;
use onecontact_domain::browser::Browser;

use crate::entry::{Around, EntryPage};
use crate::frame::Frame;
use crate::{texts, wording};

/// Says where the first session is, and asks whether this login takes over.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/take-over.html")]
pub struct TakeOverPage<'a> {
    /// What every page is framed by.
    pub frame: Frame<'a>,
    /// The instance's name, if it is known.
    pub instance_name: Option<&'a str>,
    /// The browser of the first session.
    pub browser: Browser,
    /// Since when the first session has held the desk.
    pub since: Timestamp,
    /// The time now.
    pub now: Timestamp,
    /// What the agent is doing there.
    pub doing: Doing,
    /// For how many seconds that page has been silent; `None` while it is heard from.
    pub silent_seconds: Option<u64>,
    /// The token of the previous step.
    pub step: &'a str,
}

/// What an agent is doing, as far as it matters to a take-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Gets no offers.
    NotReady,
    /// Gets offers.
    Ready,
    /// In an interaction; a take-over stops its sound at the first computer.
    InInteraction,
    /// Finishing one up.
    WrapUp,
}

impl TakeOverPage<'_> {
    fn place(&self) -> String {
        wording::browser(&self.frame.texts().desktop, self.browser)
    }

    fn since_time(&self) -> String {
        wording::time_of_day(self.since)
    }

    fn lasting(&self) -> String {
        wording::lasting(&self.frame.texts().desktop, self.now.since(self.since))
    }

    const fn doing_text(&self) -> &'static str {
        let texts = &self.frame.texts().take_over;
        match self.doing {
            Doing::NotReady => texts.not_ready,
            Doing::Ready => texts.ready,
            Doing::InInteraction => texts.in_interaction,
            Doing::WrapUp => texts.wrap_up,
        }
    }

    fn silence(&self) -> Option<String> {
        let (texts, seconds) = (self.frame.texts(), self.silent_seconds?);
        let duration = match seconds {
            0..60 => texts::fill(texts.take_over.seconds, &[("seconds", &seconds.to_string())]),
            _ => wording::duration(&texts.desktop, seconds),
        };
        Some(texts::fill(texts.take_over.silent, &[("duration", &duration)]))
    }

    fn needs_consent(&self) -> bool {
        self.doing == Doing::InInteraction
    }
}

impl EntryPage for TakeOverPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around { frame: self.frame, title: texts.take_over.title.to_owned(), place: self.instance_name, has_form: true }
    }
}
