//! The form on the way to an instance's own provider, if the install lets agents type an extension.

use kv_schema::names::Extension;

use super::form::{Field, FieldProblem, Fields, Filled, Rules, extension};

/// What was posted.
#[derive(Debug)]
pub struct OnTheWay {
    /// The token of the errand that begins with the form, bound to the browser.
    pub errand: String,
    /// What was typed.
    pub filled: Filled,
    /// The extension, if one was typed; or what is wrong.
    pub extension: Result<Option<Extension>, (Field, FieldProblem)>,
}

impl OnTheWay {
    /// Reads the body of the posted form.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let fields = Fields::read(body);
        let typed = extension(&fields, Rules { ask_instance: false, allow_extension: true });
        Self {
            errand: fields.one("errand").unwrap_or_default().to_owned(),
            filled: fields.filled(),
            extension: typed.map_err(|problem| (Field::Extension, problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_read_as_at_any_login() {
        let typed = |body: &str| OnTheWay::parse(body.as_bytes()).extension;
        let number = |text: &str| Ok(Some(Extension::parse(text).unwrap()));
        assert_eq!((typed("extension=10-01"), typed("extension=++")), (number("1001"), Ok(None)));
        assert_eq!(typed("extension=abc"), Err((Field::Extension, FieldProblem::NotDigits)));
        assert_eq!(typed("extension=1&extension=2"), Err((Field::Extension, FieldProblem::Repeated)));
        let posted = OnTheWay::parse(b"errand=t&extension=abc&remember=1");
        assert_eq!((&*posted.errand, &*posted.filled.extension, posted.filled.remember), ("t", "abc", true));
    }
}
