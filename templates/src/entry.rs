//! The surroundings of a page on which an agent enters something or is told something: every page but the desktop.

use askama::{Error, Template};

use crate::frame::Frame;
use crate::texts::Texts;

/// The whole document.
#[derive(Template)]
#[template(path = "partials/entry.html")]
struct Document<'a> {
    frame: Frame<'a>,
    title: &'a str,
    place: Option<&'a str>,
    has_form: bool,
    main: &'a str,
}

/// What a page tells its surroundings about itself.
pub struct Around<'a> {
    /// What every page needs.
    pub(crate) frame: Frame<'a>,
    /// Its title, without the product's name.
    pub(crate) title: String,
    /// Where the agent is: the instance's name.
    pub(crate) place: Option<&'a str>,
    /// Whether it has a form, and so needs the script for forms.
    pub(crate) has_form: bool,
}

/// A page that is rendered on its own and then put into its surroundings, so that the Worker contains those once.
pub trait EntryPage: Template {
    /// What surrounds it.
    fn around(&self) -> Around<'_>;

    /// The whole document.
    ///
    /// # Errors
    /// If a text cannot be rendered: a defect.
    fn document(&self) -> Result<String, Error> {
        put_into(self.around(), &self.render()?)
    }
}

fn put_into(around: Around<'_>, main: &str) -> Result<String, Error> {
    let Around { frame, title, place, has_form } = around;
    Document { frame, title: &title, place, has_form, main }.render()
}

/// The title of a page with a form; if there is something to check, it says so first.
pub(crate) fn checked(texts: &Texts, has_problems: bool, title: &str) -> String {
    if has_problems { [texts.login.error_title, " – ", title].concat() } else { title.to_owned() }
}
