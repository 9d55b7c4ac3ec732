//! What a browser says it is, in the few words that people need: for the steps that turn cookies on, and for
//! "Chrome on Windows" where a session is described.
//!
//! Nothing depends on it. The well-kept parsers carry a megabyte of patterns for thousands of devices; six families and
//! seven systems are told apart by the tokens that their makers document.

use serde::{Deserialize, Serialize};

/// A browser's family and the system that it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// Whose browser it is.
    pub family: Family,
    /// What it runs on.
    pub system: System,
}

/// Browser families, told apart where the steps for their users differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// Google Chrome, and Chromium.
    Chrome,
    /// Microsoft Edge.
    Edge,
    /// Mozilla Firefox.
    Firefox,
    /// Apple Safari.
    Safari,
    /// Microsoft Internet Explorer.
    InternetExplorer,
    /// Any other.
    Other,
}

/// Operating systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum System {
    /// Microsoft Windows.
    Windows,
    /// Apple macOS.
    MacOs,
    /// Linux.
    Linux,
    /// Google `ChromeOS`.
    ChromeOs,
    /// Google Android.
    Android,
    /// Apple iOS and iPadOS.
    Ios,
    /// Any other.
    Other,
}

impl Browser {
    /// Reads a `User-Agent` (RFC 9110, section 10.1.5). Never fails.
    #[must_use]
    pub fn from_user_agent(text: &str) -> Self {
        let has = |tokens: &[&str]| tokens.iter().any(|token| text.contains(token));
        // The order matters: most browsers name the ones that they descend from.
        let family = if has(&["Edg/", "EdgA/", "EdgiOS/", "Edge/"]) {
            Family::Edge
        } else if has(&["OPR/", "SamsungBrowser/", "Vivaldi/"]) {
            Family::Other
        } else if has(&["Firefox/", "FxiOS/"]) {
            Family::Firefox
        } else if has(&["Chrome/", "Chromium/", "CriOS/"]) {
            Family::Chrome
        } else if has(&["Trident/", "MSIE "]) {
            Family::InternetExplorer
        } else if has(&["Safari/"]) && has(&["Version/"]) {
            Family::Safari
        } else {
            Family::Other
        };
        let system = if has(&["Windows"]) {
            System::Windows
        } else if has(&["Android"]) {
            System::Android
        } else if has(&["iPhone", "iPad"]) {
            System::Ios
        } else if has(&["CrOS"]) {
            System::ChromeOs
        } else if has(&["Macintosh", "Mac OS X"]) {
            System::MacOs
        } else if has(&["Linux", "X11"]) {
            System::Linux
        } else {
            System::Other
        };
        Self { family, system }
    }
}

/// "Chrome on Windows"; shorter if one of the two is not known, empty if neither is.
impl std::fmt::Display for Browser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.family.name(), self.system.name()) {
            (Some(family), Some(system)) => write!(f, "{family} on {system}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(one),
            (None, None) => Ok(()),
        }
    }
}

impl Family {
    /// The product's name, the same in every language; `None` for [`Family::Other`].
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Chrome => Some("Chrome"),
            Self::Edge => Some("Edge"),
            Self::Firefox => Some("Firefox"),
            Self::Safari => Some("Safari"),
            Self::InternetExplorer => Some("Internet Explorer"),
            Self::Other => None,
        }
    }
}

impl System {
    /// The product's name, the same in every language; `None` for [`System::Other`].
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Windows => Some("Windows"),
            Self::MacOs => Some("macOS"),
            Self::Linux => Some("Linux"),
            Self::ChromeOs => Some("ChromeOS"),
            Self::Android => Some("Android"),
            Self::Ios => Some("iOS"),
            Self::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_told_from_the_ones_it_names_itself_after() {
        let cases = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                Family::Chrome,
                System::Windows,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                Family::Edge,
                System::Windows,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Family::Firefox, System::Linux),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                Family::Safari,
                System::MacOs,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                Family::Chrome,
                System::Ios,
            ),
            (
                "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
                Family::InternetExplorer,
                System::Windows,
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                Family::Chrome,
                System::ChromeOs,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
                Family::Other,
                System::Android,
            ),
            ("", Family::Other, System::Other),
        ];
        for (text, family, system) in cases {
            assert_eq!(Browser::from_user_agent(text), Browser { family, system }, "{text}");
        }
    }
}
