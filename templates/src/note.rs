//! Pages that say one thing and lead back to the login.

use askama::Template;

use crate::entry::{Around, EntryPage};
use crate::frame::Frame;

/// Says one thing.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/note.html")]
pub struct NotePage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// What the page says.
    pub told: Told,
}

/// What the page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// A link for a new password was sent, if there is anybody to send it to.
    LinkSent,
    /// Such a link is no longer good, or never was.
    LinkOver,
    /// Nothing in this browser says which link was opened.
    LinkForgotten,
    /// The agent did not want to sign in.
    Cancelled,
    /// Signing in elsewhere failed. The log says why.
    NotSignedIn,
}

impl NotePage<'_> {
    fn title(&self) -> &'static str {
        let texts = self.frame.texts();
        match self.told {
            Told::LinkSent => texts.forgot.sent_title,
            Told::LinkOver => texts.forgot.over_title,
            Told::LinkForgotten => texts.forgot.forgotten_title,
            Told::Cancelled => texts.sign_in.cancelled,
            Told::NotSignedIn => texts.sign_in.failed,
        }
    }

    fn paragraphs(&self) -> Vec<&'static str> {
        let texts = &self.frame.texts().forgot;
        match self.told {
            Told::LinkSent => vec![texts.sent, texts.sent_wait, texts.sent_none],
            Told::LinkOver => vec![texts.over],
            Told::LinkForgotten => vec![texts.forgotten, texts.over],
            Told::Cancelled => Vec::new(),
            Told::NotSignedIn => vec![self.frame.texts().sign_in.failed_hint],
        }
    }

    fn is_about_a_link(&self) -> bool {
        matches!(self.told, Told::LinkSent | Told::LinkOver | Told::LinkForgotten)
    }
}

impl EntryPage for NotePage<'_> {
    fn around(&self) -> Around<'_> {
        Around { frame: self.frame, title: self.title().to_owned(), place: None, has_form: false }
    }
}
