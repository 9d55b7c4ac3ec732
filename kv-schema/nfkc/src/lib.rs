//! Compatibility composition (NFKC, Unicode Annex 15): one text for all the ways to write it.
//!
//! A crate of its own because of one measurement: ICU's tables were 35 kB of the Worker's 316 gzipped, and the platform
//! that runs the Worker has them. So the Worker asks the platform, and everything else asks ICU. The two may be of
//! different versions: Unicode never changes the form of a character that it has once assigned (Annex 15, section 3).
//!
//! Nothing else belongs here: `kv-schema` and `onecontact-domain` know of no platform but through this.

use std::borrow::Cow;

/// The composed form of `text`. Text of ASCII alone is its own.
#[must_use]
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { composed(text) }
}

#[cfg(not(target_family = "wasm"))]
fn composed(text: &str) -> Cow<'_, str> {
    icu_normalizer::ComposingNormalizerBorrowed::new_nfkc().normalize(text)
}

/// ECMA-262, section 22.1.3.15.
#[cfg(target_family = "wasm")]
fn composed(text: &str) -> Cow<'_, str> {
    Cow::Owned(js_sys::JsString::from(text).normalize("NFKC").into())
}

#[cfg(test)]
mod tests {
    use super::nfkc;

    #[test]
    fn every_way_to_write_a_text_becomes_one() {
        for (written, composed) in
            [("re\u{301}gie", "régie"), ("ｐｏ４２", "po42"), ("ﬁn", "fin"), ("K", "K"), ("plain 1", "plain 1")]
        {
            assert_eq!(nfkc(written), composed, "{written}");
        }
    }
}
