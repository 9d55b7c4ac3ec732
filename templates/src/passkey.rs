//! What the pages of the second step ask the browser to do with passkeys.

use askama::Template;

use crate::frame::Frame;

/// What a browser is asked for: with a user, to make a passkey; otherwise, to sign with one.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyShown<'a> {
    /// What is to be signed, as base64url.
    pub challenge: &'a str,
    /// The ids of the agent's passkeys for this address, as base64url: one of them signs, and none of them is made
    /// again. The relying party is the page's own host, which is the browsers' default.
    pub ids: &'a [String],
    /// Whom one is made for.
    pub user: Option<PasskeyUser<'a>>,
}

/// Whom a passkey is made for.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyUser<'a> {
    /// What authenticators know the account by.
    pub handle: &'a str,
    /// What people know the account by.
    pub name: &'a str,
    /// The agent's name.
    pub display_name: &'a str,
}

/// The part of a page that its script shows if the browser supports passkeys. What a passkey has signed is sent with
/// the page's own form.
#[derive(Template)]
#[template(path = "partials/passkey.html")]
pub(crate) struct PasskeyPart<'a> {
    pub(crate) frame: Frame<'a>,
    pub(crate) shown: PasskeyShown<'a>,
    /// Whether the browser asks without a click: if nothing else on the page has to be decided.
    pub(crate) at_once: bool,
}

impl PasskeyPart<'_> {
    fn ids(&self) -> String {
        self.shown.ids.join(" ")
    }

    const fn lead(&self) -> &'static str {
        let texts = &self.frame.texts().second_step;
        if self.shown.user.is_some() { texts.passkey_make_lead } else { texts.passkey_lead }
    }

    const fn label(&self) -> &'static str {
        let texts = &self.frame.texts().second_step;
        if self.shown.user.is_some() { texts.passkey_make } else { texts.passkey_use }
    }
}
