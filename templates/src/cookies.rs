//! How to turn on cookies: a page, whose steps the login page's pop-up fetches.

use askama::Template;
use onecontact_domain::browser::{Browser, Family, System};

use crate::entry::{Around, EntryPage};
use crate::frame::Frame;
use crate::texts::{self, Cookies, Step};

/// The steps for turning on cookies, for those whom the pop-up does not reach.
#[derive(Clone, Copy, Template)]
#[template(path = "pages/cookies.html")]
pub struct CookiesPage<'a> {
    /// What every page needs.
    pub frame: Frame<'a>,
    /// The browser in use: its steps come first.
    pub browser: Browser,
}

impl CookiesPage<'_> {
    fn guide(&self) -> Guide {
        Guide::new(self.frame, self.browser)
    }
}

/// The steps for every browser, sorted for one.
#[derive(Template)]
#[template(path = "partials/guide.html")]
struct Guide {
    texts: &'static Cookies,
    /// The reader's browser, if we know the steps for it.
    own: Option<BrowserSteps>,
    others: Vec<BrowserSteps>,
}

/// The steps for one browser.
struct BrowserSteps {
    name: &'static str,
    steps: &'static [Step],
}

/// The browsers in the order in which they are listed.
const LISTED: [Family; 5] = [Family::Chrome, Family::Edge, Family::Firefox, Family::Safari, Family::InternetExplorer];

impl Guide {
    fn new(frame: Frame<'_>, browser: Browser) -> Self {
        let texts = &frame.texts().cookies;
        let (own, others) = LISTED
            .into_iter()
            .filter_map(|family| Some((family, steps(texts, Browser { family, ..browser })?)))
            .partition::<Vec<_>, _>(|(family, _)| *family == browser.family);
        Self {
            texts,
            own: own.into_iter().map(|(_, steps)| steps).next(),
            others: others.into_iter().map(|(_, steps)| steps).collect(),
        }
    }

    fn own_title(&self, name: &str) -> String {
        texts::fill(self.texts.own, &[("browser", name)])
    }
}

fn steps(texts: &'static Cookies, browser: Browser) -> Option<BrowserSteps> {
    let steps: &[Step] = match browser.family {
        Family::Chrome => &texts.chrome,
        Family::Edge => &texts.edge,
        Family::Firefox => &texts.firefox,
        Family::Safari if browser.system == System::Ios => &texts.safari_ios,
        Family::Safari => &texts.safari_mac,
        Family::InternetExplorer => &texts.internet_explorer,
        Family::Other => return None,
    };
    Some(BrowserSteps { name: browser.family.name()?, steps })
}

impl EntryPage for CookiesPage<'_> {
    fn around(&self) -> Around<'_> {
        let texts = self.frame.texts();
        Around { frame: self.frame, title: texts.login.cookie_help.to_owned(), place: None, has_form: false }
    }
}
