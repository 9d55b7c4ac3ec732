//! Somebody else's JSON, looked at field by field: its structure is not ours to define, and a type for each form would
//! weigh more on the Worker than what is done with it.

use std::borrow::Cow;

use super::Node;

/// A JSON object. A field that occurs twice has no value, because nobody knows which is meant; that it is there can
/// still be found out.
#[derive(Debug)]
pub struct Object<'de>(Vec<(Cow<'de, str>, Node<'de>)>);

impl<'de> Object<'de> {
    /// Reads an object; `None` if the text is not one.
    #[must_use]
    pub fn parse(text: &'de str) -> Option<Self> {
        match serde_json::from_str(text).ok()? {
            Node::Object(fields) => Some(Self(fields)),
            _ => None,
        }
    }

    fn value(&self, name: &str) -> Option<&Node<'de>> {
        let mut same = self.0.iter().filter(|(found, _)| found == name);
        let (_, node) = same.next()?;
        same.next().is_none().then_some(node)
    }

    /// Whether there is such a field, whatever it contains.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(found, _)| found == name)
    }

    /// The text in a field.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The non-negative number in a field, without its fraction.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is looked at before")]
    pub fn unsigned(&self, name: &str) -> Option<u64> {
        match self.value(name)? {
            Node::Unsigned(number) => Some(*number),
            Node::Float(number) if (0.0..1e15).contains(number) => Some(*number as u64),
            _ => None,
        }
    }

    /// Whether a field says `true`.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Node::Bool(true)))
    }

    /// Whether a field says `false`.
    #[must_use]
    pub fn is_false(&self, name: &str) -> bool {
        matches!(self.value(name), Some(Node::Bool(false)))
    }

    /// The strings in a field: a list of nothing else, or a single one.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Vec<&str>> {
        match self.value(name)? {
            Node::Text(text) => Some(vec![text]),
            Node::List(nodes) => nodes.iter().map(as_text).collect(),
            _ => None,
        }
    }

    /// The objects in a list; anything else in it is skipped.
    #[must_use]
    pub fn objects(self, name: &str) -> Option<Vec<Self>> {
        self.value(name)?;
        let (_, node) = self.0.into_iter().find(|(found, _)| found == name)?;
        let Node::List(nodes) = node else { return None };
        let object = |node| match node {
            Node::Object(fields) => Some(Self(fields)),
            _ => None,
        };
        Some(nodes.into_iter().filter_map(object).collect())
    }
}

fn as_text<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match node {
        Node::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_what_they_hold() {
        let json = r#"{"a":"x","n":7,"f":7.9,"t":true,"l":["p","q"],"m":["p",1],"no":false,"o":[{"k":"1"},2,{"k":"2"}],"z":-1}"#;
        let object = Object::parse(json).unwrap();
        assert_eq!((object.text("a"), object.text("n"), object.text("none")), (Some("x"), None, None));
        assert_eq!((object.unsigned("n"), object.unsigned("f"), object.unsigned("z")), (Some(7), Some(7), None));
        assert!(object.is_true("t") && !object.is_true("a") && object.has("z") && !object.has("none"));
        assert!(object.is_false("no") && !object.is_false("t") && !object.is_false("none"));
        assert_eq!((object.texts("l"), object.texts("a")), (Some(vec!["p", "q"]), Some(vec!["x"])));
        assert_eq!((object.texts("m"), object.texts("n")), (None, None));
        let keys: Vec<String> =
            object.objects("o").unwrap().iter().filter_map(|o| o.text("k").map(Into::into)).collect();
        assert_eq!(keys, ["1", "2"]);
    }

    #[test]
    fn of_two_fields_of_one_name_neither_counts_and_what_is_no_object_is_none() {
        let object = Object::parse(r#"{"a":"x","a":"y","o":[],"o":[]}"#).unwrap();
        assert!(object.has("a") && object.text("a").is_none() && object.objects("o").is_none());
        for text in ["", "[]", "1", "{", "null", r#"{"a":}"#] {
            assert!(Object::parse(text).is_none(), "{text}");
        }
    }
}
