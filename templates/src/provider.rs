//! The pages between ours and the login of an agent's organisation.

use askama::Template;

use crate::entry::{Around, EntryPage};
use crate::frame::Frame;
use crate::texts::fill;

/// Leads to the instance's own provider.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/provider.html")]
pub struct ProviderPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The provider's name.
    pub provider: &'a str,
    /// Whether the agent has just signed out here.
    pub signed_out: bool,
}

impl ProviderPage<'_> {
    fn filled(&self, text: &str) -> String {
        fill(text, &[("provider", self.provider)])
    }
}

impl EntryPage for ProviderPage<'_> {
    fn around(&self) -> Around<'_> {
        let title = self.filled(self.frame.texts().provider.title);
        Around { frame: self.frame, title, place: None, has_form: false }
    }
}

/// Leads on to the instance's own provider when the agent has signed out here, or says that it does not.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/farewell.html")]
pub struct FarewellPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The provider's name.
    pub provider: &'a str,
    /// Whether the agent's session there may still stand, because the way there is barred.
    pub stays: bool,
    /// Where the agent goes on to.
    pub on: &'a str,
}

impl FarewellPage<'_> {
    fn filled(&self, text: &str) -> String {
        fill(text, &[("provider", self.provider)])
    }
}

impl EntryPage for FarewellPage<'_> {
    fn around(&self) -> Around<'_> {
        let title = self.frame.texts().provider.left.to_owned();
        Around { frame: self.frame, title, place: None, has_form: false }
    }
}
