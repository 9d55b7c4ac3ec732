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

/// Whole minutes and hours: "1 h 23 min", "12 h", "0 min".
pub(crate) fn duration(texts: &Desktop, seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    let hours_told = texts::fill(texts.hours, &[("hours", &hours.to_string())]);
    let minutes_told = texts::fill(texts.minutes, &[("minutes", &minutes.to_string())]);
    match (hours, minutes) {
        (0, _) => minutes_told,
        (_, 0) => hours_told,
        _ => [hours_told, minutes_told].join(" "),
    }
}

/// "Chrome on Windows", as far as it is known.
pub(crate) fn browser(texts: &Desktop, browser: Browser) -> String {
    match (browser.family.name(), browser.system.name()) {
        (Some(family), Some(system)) => texts::fill(texts.browser_on, &[("browser", family), ("system", system)]),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => texts.browser_unknown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use kv_schema::Language;

    use super::*;

    #[test]
    fn a_duration_says_no_more_than_it_has_to() {
        let texts = &texts::of(Language::En).desktop;
        let said = [0, 59, 60, 3_599, 3_600, 3_660, 43_200].map(|seconds| duration(texts, seconds));
        assert_eq!(said, ["0 min", "0 min", "1 min", "59 min", "1 h", "1 h 1 min", "12 h"]);
    }
}
