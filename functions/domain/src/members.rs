//! JSON objects written member by member: a struct for each object that others are sent would weigh on the Worker.

/// The value of a member.
#[derive(Debug, Clone, Copy)]
pub enum Member<'a> {
    /// A text.
    Text(&'a str),
    /// A number.
    Number(u64),
    /// True or false.
    Flag(bool),
    /// Several texts.
    List(&'a [&'a str]),
    /// Nothing: the member is left out.
    Absent,
}

impl<'a> From<Option<&'a str>> for Member<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::Absent, Self::Text)
    }
}

/// The object with these members.
#[must_use]
pub fn object(members: &[(&str, Member<'_>)]) -> String {
    let mut json = String::from("{");
    for (name, member) in members {
        if matches!(member, Member::Absent) {
            continue;
        }
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&quoted(name));
        json.push(':');
        match member {
            Member::Text(text) => json.push_str(&quoted(text)),
            Member::Number(number) => json.push_str(&number.to_string()),
            Member::Flag(flag) => json.push_str(if *flag { "true" } else { "false" }),
            Member::List(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                json.extend(["[", &texts.join(","), "]"]);
            }
            Member::Absent => {}
        }
    }
    json.push('}');
    json
}

/// Writes a text as JSON, which always succeeds.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_holds_what_it_was_given() {
        let json = object(&[
            ("text", Member::Text("a \"b\"\n\u{1f600}")),
            ("absent", Member::Absent),
            ("number", Member::Number(7)),
            ("flag", Member::Flag(true)),
            ("list", Member::List(&["a", "b"])),
        ]);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        let wanted = serde_json::json!({ "text": "a \"b\"\n\u{1f600}", "number": 7, "flag": true, "list": ["a", "b"] });
        assert_eq!(read, wanted);
        assert_eq!(object(&[("absent", None.into())]), "{}");
    }
}
