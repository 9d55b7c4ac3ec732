//! The commonest passwords, also in disguise: which parts of a password have to be looked up among them.
//!
//! The list itself is a static asset, not part of the Worker (`assets/static/common-passwords.txt`).

use kv_schema::names::canonical_text;

/// The texts of which none may be among the commonest passwords if `password` is to be accepted: all of it, what it
/// repeats, and either without the digits and signs around it. Letter case and blanks do not matter.
#[must_use]
pub fn roots(password: &str) -> Vec<String> {
    let whole = canonical_text(password);
    let unit = repeated(&whole);
    let mut roots: Vec<String> = Vec::new();
    for text in [&*whole, unit] {
        let core = text.trim_matches(|c: char| !c.is_alphabetic());
        for root in [text, core, repeated(core)] {
            if !root.is_empty() && roots.iter().all(|other| other != root) {
                roots.push(root.to_owned());
            }
        }
    }
    roots
}

/// The shortest text that `text` consists of, repeated.
fn repeated(text: &str) -> &str {
    let is_unit = |length: &usize| {
        text.len().is_multiple_of(*length)
            && text.is_char_boundary(*length)
            && text.as_bytes().chunks(*length).all(|chunk| *chunk == text.as_bytes()[..*length])
    };
    (1..text.len()).find(is_unit).map_or(text, |length| &text[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = include_str!("../../../../assets/static/common-passwords.txt");

    fn is_common(password: &str) -> bool {
        roots(password).iter().any(|root| LIST.lines().any(|line| line == root))
    }

    #[test]
    fn a_common_password_is_one_in_every_disguise() {
        for password in [
            "passwordpassword",
            "Password Password Password",
            "123456789987654321",
            "1qaz2wsx3edc4rfv",
            "sunshine2026!2026!",
            "!!!!!Dragon!!!!!!!",
            "2026liverpoolliverpool2026",
            "iloveyou1iloveyou1",
            "ｐａｓｓｗｏｒｄ１２３４５６７８",
            "qwertyuiop 12345",
        ] {
            assert!(is_common(password), "{password}: {:?}", roots(password));
        }
    }

    #[test]
    fn a_phrase_is_not_common_because_its_words_are() {
        for password in ["correct horse battery", "a phrase of one's own", "the monkey and the dragon", "", "🐢🐢🐢🐢"]
        {
            assert!(!is_common(password), "{password}: {:?}", roots(password));
        }
    }

    #[test]
    fn the_list_is_as_passwords_are_looked_up_in_it() {
        let lines: Vec<&str> = LIST.lines().collect();
        assert!(lines.len() > 49_000 && LIST.ends_with('\n'), "{} lines", lines.len());
        assert!(lines.is_sorted_by(|a, b| a < b), "it is sorted, and each stands in it once");
        let odd = lines.iter().find(|line| canonical_text(line) != **line || line.len() < 4);
        assert_eq!(odd, None, "each is as short as may be and spelt as all are");
    }
}
