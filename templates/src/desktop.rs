//! The desktop: a shell that the page's script fills, part by part.

use askama::Template;
use kv_schema::{Language, Timestamp};

use crate::frame::Frame;
use crate::{assets, texts};

/// The desktop, with the loading screen that comes before it.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/desktop.html")]
pub struct DesktopPage<'a> {
    /// What every page needs; without a known install there is no desktop, and links lead to the root.
    pub frame: Frame<'a>,
    /// The agent's username.
    pub agent: &'a str,
    /// The instance's display name, if it is at hand.
    pub instance_name: Option<&'a str>,
    /// The extension of this session, if there is one.
    pub extension: Option<&'a str>,
    /// When the agent signed in.
    pub since: Timestamp,
    /// Whether signing in again is done on pages instead of in place.
    pub returns_by_pages: bool,
    /// The time now: durations are right even if the workstation's clock is not.
    pub now: Timestamp,
}

/// A part, as the loading screen lists it.
struct PartItem {
    id: &'static str,
    name: &'static str,
}

impl DesktopPage<'_> {
    /// The script, including the texts of the page's language.
    const fn script(&self) -> &'static str {
        match self.frame.language {
            Language::En => assets::DESKTOP_EN_JS,
            Language::Pt => assets::DESKTOP_PT_JS,
            Language::Es => assets::DESKTOP_ES_JS,
            Language::Fr => assets::DESKTOP_FR_JS,
            Language::De => assets::DESKTOP_DE_JS,
        }
    }

    fn parts(&self) -> [PartItem; 4] {
        let texts = &self.frame.texts().desktop;
        [
            PartItem { id: "profile", name: texts.profile },
            PartItem { id: "instance", name: texts.instance },
            PartItem { id: "extension", name: texts.extension },
            PartItem { id: "session", name: texts.session },
        ]
    }

    fn signed_in_as(&self) -> String {
        texts::fill(self.frame.texts().desktop.signed_in_as, &[("agent", self.agent)])
    }

    fn retry(&self, part: &str) -> String {
        texts::fill(self.frame.texts().desktop.retry_part, &[("part", part)])
    }
}
