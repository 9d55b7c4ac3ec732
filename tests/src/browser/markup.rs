//! As much HTML as the tests need: tags with their attributes, and the text up to the next tag.

use std::collections::BTreeMap;

/// A start tag.
#[derive(Debug, Clone)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    pub(super) attributes: BTreeMap<&'a str, String>,
    /// What follows it.
    pub(super) rest: &'a str,
}

/// Every start tag of a document written by askama: attributes in double quotes, `<` nowhere else.
pub(super) fn tags(document: &str) -> Vec<Tag<'_>> {
    document.match_indices('<').filter_map(|(at, _)| tag(&document[at + 1..])).collect()
}

fn tag(text: &str) -> Option<Tag<'_>> {
    let name_end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, mut rest) = text.split_at(name_end);
    if name.is_empty() {
        return None;
    }
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix('>') {
            return Some(Tag { name, attributes, rest });
        }
        let end = rest.find(|c: char| matches!(c, '=' | '>') || c.is_whitespace())?;
        let (key, after) = rest.split_at(end.max(1));
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"')?,
            None => ("", after),
        };
        attributes.insert(key, decoded(value));
        rest = after;
    }
}

/// The text before the next tag.
pub(super) fn text_before_tag(rest: &str) -> String {
    decoded(rest.split('<').next().unwrap_or_default().trim())
}

/// The text with its character references replaced.
pub(super) fn decoded(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<")];
    let more = [("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")];
    named.iter().chain(&more).fold(text.to_owned(), |text, (name, c)| text.replace(name, c))
}
