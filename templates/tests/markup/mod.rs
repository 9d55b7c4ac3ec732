//! Just enough reading of our own markup for the tests: values are escaped, so `<` always begins a tag and `>` ends it.

/// A start tag.
#[derive(Debug, Clone)]
pub(crate) struct Tag<'a> {
    /// The element's name.
    pub(crate) name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    /// The attribute's value; an attribute without one has an empty one.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }

    /// Every attribute, in order.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.attributes.iter().copied()
    }
}

/// Every start tag of a document.
pub(crate) fn tags(html: &str) -> Vec<Tag<'_>> {
    html.split('<')
        .skip(1)
        .filter(|piece| piece.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(|piece| tag(piece.split('>').next().unwrap_or_default()))
        .collect()
}

/// The element with this id.
pub(crate) fn by_id<'a>(html: &'a str, id: &str) -> Option<Tag<'a>> {
    tags(html).into_iter().find(|tag| tag.get("id") == Some(id))
}

/// Every run of text that people see, trimmed.
pub(crate) fn texts(html: &str) -> Vec<&str> {
    let runs = html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
    runs.filter(|text| !text.is_empty()).collect()
}

fn tag(text: &str) -> Tag<'_> {
    let (name, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let mut attributes = Vec::new();
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[start..];
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, left) = match after.strip_prefix("=\"").and_then(|after| after.split_once('"')) {
            Some((value, left)) => (value, left),
            None => ("", after),
        };
        attributes.push((key, value));
        rest = left;
    }
    Tag { name, attributes }
}
