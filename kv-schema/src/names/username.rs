//! An agent's username. All spellings of one account must become one text here: the lock relies on it, and a spelling
//! that escaped would be a way round the lock.

use std::borrow::Cow;

use nfkc::{caseless, nfkc};

use super::{NameError, name_as_string};

const RULE: &str = "a username has 1 to 64 characters, none of them a colon or a control character";

/// A username in its canonical form: the name of an agent within an instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

impl Username {
    /// Longest canonical form, in bytes. With an instance id and a session id it stays far below KV's 512 for a key.
    pub const LONGEST_BYTES: usize = 256;

    /// Parses a typed or declared username.
    ///
    /// Letter case, Unicode form, width and blanks (anywhere, including invisible ones) do not matter.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.len() > 4 * Self::LONGEST_BYTES {
            return Err(NameError { rule: RULE });
        }
        let canonical = canonical_text(text);
        let fits = (1..=64).contains(&canonical.chars().count()) && canonical.len() <= Self::LONGEST_BYTES;
        let clean = !canonical.chars().any(|c| c == ':' || c.is_control());
        if fits && clean { Ok(Self(canonical.into_owned())) } else { Err(NameError { rule: RULE }) }
    }
}

impl Username {
    /// A name that no agent can have. What cannot be a name is looked up under it, so that the work is the same.
    #[must_use]
    pub fn impossible() -> Self {
        Self(":".to_owned())
    }
}

name_as_string!(Username, "Username of an agent, in its canonical form.");

/// The one text that all spellings of a name share: no blanks, compatibility-composed (NFKC, Unicode Annex 15), lower
/// case. Folding and composing can each undo the other's work, so composing is repeated at the end.
#[must_use]
pub fn canonical_text(text: &str) -> Cow<'_, str> {
    let already = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
    if text.bytes().all(already) {
        return Cow::Borrowed(text);
    }
    let shown: String = nfkc(text).chars().filter(|c| !is_blank(*c)).collect();
    Cow::Owned(nfkc(&caseless(&shown)).chars().filter(|c| !is_blank(*c)).collect())
}

/// White space, and the format characters that take up no room on a screen.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_account_is_one_account() {
        let spellings = [
            "poste.régie.6s",
            "POSTE.RÉGIE.6S",
            "poste.re\u{301}gie.6s",
            " poste.régie.6s ",
            "poste. régie.6s",
            "poste\u{200B}.régie.6s",
            "\u{FEFF}poste.régie.6s",
            "ｐｏｓｔｅ.régie.６s",
            "Poste.Re\u{301}gie.6S\u{A0}",
            "po\u{17F}te.r\u{E9}gie.6\u{17F}",
        ];
        for spelling in spellings {
            assert_eq!(Username::parse(spelling).unwrap().as_str(), "poste.régie.6s", "{spelling:?}");
        }
    }

    #[test]
    fn the_canonical_form_is_its_own_canonical_form() {
        for text in ["ǅ", "İstanbul", "ﬁn", "Straße", "ΣΊΣΥΦΟΣ", "K", "Å", "\u{345}α", "ẞ"] {
            let once = canonical_text(text).into_owned();
            assert_eq!(canonical_text(&once), once, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_name_is_refused() {
        for text in ["", "   ", "\u{200B}", "a:b", "a\0b", "a\u{7}", &"a".repeat(65), &"é".repeat(5000)] {
            assert!(Username::parse(text).is_err(), "{text:?}");
        }
    }
}
