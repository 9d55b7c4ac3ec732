//! One text for every way of writing it: composed for compatibility (NFKC, Unicode Annex 15), and without letter case.
//!
//! A crate of its own because of two measurements: ICU's tables for composing were 35 kB of the Worker's 316 gzipped,
//! and the standard library's for letter case 15 of 359, while the platform that runs the Worker has both. So the
//! Worker asks the platform, and everything else asks ICU and the standard library. They may know different versions of
//! Unicode, but Unicode's stability policies never change the form or the case of an assigned character.
//!
//! Nothing else belongs here: `kv-schema` and `onecontact-domain` depend on the platform only through this crate.

use std::borrow::Cow;

/// The composed form of `text`. Pure ASCII is returned as it is.
#[must_use]
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { tables::composed(text) }
}

/// `text` in lower case, by way of upper case, so that letters that are equal only there (ß and ss, ſ and s) become
/// one.
#[must_use]
pub fn caseless(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { tables::caseless(text) }
}

#[cfg(not(target_family = "wasm"))]
mod tables {
    use std::borrow::Cow;

    pub(crate) fn composed(text: &str) -> Cow<'_, str> {
        icu_normalizer::ComposingNormalizerBorrowed::new_nfkc().normalize(text)
    }

    pub(crate) fn caseless(text: &str) -> String {
        let lower = text.chars().flat_map(char::to_lowercase);
        lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
    }
}

/// As in ECMA-262, section 22.1.3.
#[cfg(target_family = "wasm")]
mod tables {
    use std::borrow::Cow;

    use js_sys::JsString;

    pub(crate) fn composed(text: &str) -> Cow<'_, str> {
        Cow::Owned(JsString::from(text).normalize("NFKC").into())
    }

    pub(crate) fn caseless(text: &str) -> String {
        let lower = JsString::from(text).to_lower_case().to_upper_case().to_lower_case();
        // The one letter whose lower case depends, in JavaScript, on its place in the word.
        String::from(lower).replace('ς', "σ")
    }
}

#[cfg(test)]
mod tests {
    use super::{caseless, nfkc};

    #[test]
    fn every_way_to_write_a_text_becomes_one() {
        for (written, composed) in
            [("re\u{301}gie", "régie"), ("ｐｏ４２", "po42"), ("ﬁn", "fin"), ("K", "K"), ("plain 1", "plain 1")]
        {
            assert_eq!(nfkc(written), composed, "{written}");
        }
    }

    #[test]
    fn letter_case_falls_away() {
        for (written, caseless_one) in
            [("RÉGIE", "régie"), ("Straße", "strasse"), ("ΣΊΣΥΦΟΣ", "σίσυφοσ"), ("Plain", "plain")]
        {
            assert_eq!(caseless(written), caseless_one, "{written}");
        }
    }
}
