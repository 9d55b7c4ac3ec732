//! Times, durations and browsers in words, for the pages without script.

use kv_schema::Timestamp;
use onecontact_domain::browser::Browser;

use crate::texts::{self, Desktop};

/// The time of day in UTC: without script the workstation's time zone is unknown.
pub(crate) fn time_of_day(time: Timestamp) -> String {
    let minutes = time.0 / 60 % (24 * 60);
    format!("{:02}:{:02} UTC", minutes / 60, minutes % 60)
}

/// How long something has lasted: "for 1 h 23 min".
pub(crate) fn lasting(texts: &Desktop, seconds: u64) -> String {
    let text = if seconds < 60 { texts.just_now } else { texts.lasting };
    texts::fill(text, &[("duration", &duration(texts, seconds))])
}

/// Whole minutes and hours: "1 h 23 min".
pub(crate) fn duration(texts: &Desktop, seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    let text = if hours == 0 { texts.minutes } else { texts.hours };
    texts::fill(text, &[("hours", &hours.to_string()), ("minutes", &minutes.to_string())])
}

/// "Chrome on Windows", as far as it is known.
pub(crate) fn browser(texts: &Desktop, browser: Browser) -> String {
    match (browser.family.name(), browser.system.name()) {
        (Some(family), Some(system)) => texts::fill(texts.browser_on, &[("browser", family), ("system", system)]),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => texts.browser_unknown.to_owned(),
    }
}
