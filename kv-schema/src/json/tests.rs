use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
struct Outer {
    inner: Inner,
    list: Vec<Inner>,
    maybe: Option<Inner>,
    kind: Kind,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Inner {
    number: u8,
}

#[derive(Debug, PartialEq, Deserialize)]
enum Kind {
    Bare,
    With { number: u8 },
    Of(Inner),
}

#[test]
fn what_is_written_as_an_object_is_read() {
    for (kind, expected) in [
        (r#""Bare""#, Kind::Bare),
        (r#"{"With":{"number":4}}"#, Kind::With { number: 4 }),
        (r#"{"Of":{"number":5}}"#, Kind::Of(Inner { number: 5 })),
    ] {
        let text =
            format!(r#"{{"inner":{{"number":1}},"list":[{{"number":2}}],"maybe":{{"number":3}},"kind":{kind}}}"#);
        let (inner, list) = (Inner { number: 1 }, vec![Inner { number: 2 }]);
        let outer = Outer { inner, list, maybe: Some(Inner { number: 3 }), kind: expected };
        assert_eq!(from_str::<Outer>(&text).unwrap(), outer);
    }
}

#[test]
fn an_array_is_no_struct_at_whatever_depth() {
    assert_eq!(serde_json::from_str::<Inner>("[1]").unwrap(), Inner { number: 1 });
    for text in [
        "[1]",
        r#"{"inner":[1],"list":[],"maybe":null,"kind":"Bare"}"#,
        r#"{"inner":{"number":1},"list":[[1]],"maybe":null,"kind":"Bare"}"#,
        r#"{"inner":{"number":1},"list":[],"maybe":[1],"kind":"Bare"}"#,
        r#"{"inner":{"number":1},"list":[],"maybe":null,"kind":{"With":[1]}}"#,
        r#"{"inner":{"number":1},"list":[],"maybe":null,"kind":{"Of":[1]}}"#,
    ] {
        assert!(from_str::<Outer>(text).is_err() && from_str::<Inner>(text).is_err(), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_told_by_its_field_and_never_by_what_stood_there() {
    for (text, field) in [
        (r#"{"list":[],"maybe":null,"kind":"Bare"}"#, "inner"),
        (r#"{"inner":{"number":"secret"},"list":[],"maybe":null,"kind":"Bare"}"#, "number"),
        (r#"{"inner":{"number":256},"list":[],"maybe":null,"kind":"Bare"}"#, "number"),
        (r#"{"inner":{"number":-1},"list":[],"maybe":null,"kind":"Bare"}"#, "number"),
        (r#"{"inner":{"number":1.5},"list":[],"maybe":null,"kind":"Bare"}"#, "number"),
        (r#"{"inner":{"number":1,"number":1},"list":[],"maybe":null,"kind":"Bare"}"#, "number"),
        (r#"{"inner":{"number":1},"list":[{}],"maybe":null,"kind":"Bare"}"#, "number"),
        (r#"{"inner":{"number":1},"list":[],"maybe":null,"kind":"secret"}"#, "kind"),
        (r#"{"inner":{"number":1},"list":[],"maybe":null,"kind":{"Bare":1}}"#, "kind"),
        (r#"{"inner":{"number":1},"list":[],"maybe":null,"kind":{"Bare":null,"Of":null}}"#, "kind"),
        ("null", "the value"),
    ] {
        let error = from_str::<Outer>(text).unwrap_err();
        assert!(error.is_data(), "{text}");
        assert_eq!(error.to_string(), format!("{field} is missing or of the wrong form"), "{text}");
        assert_eq!(read::<Outer>(text).unwrap_err(), if field == "the value" { "" } else { field }, "{text}");
    }
}

#[test]
fn unknown_fields_and_escaped_texts_are_no_trouble() {
    let text = r#"{"later":[1.5,{"a":null}],"\u006eumber":7}"#;
    assert_eq!(from_str::<Inner>(text).unwrap(), Inner { number: 7 });
    assert_eq!(from_str::<String>(r#""a\n\u00e9""#).unwrap(), "a\né");
}

#[test]
fn what_is_no_json_is_told_by_its_place() {
    for (text, is_cut) in [("", true), (r#"{"number":1"#, true), ("{number:1}", false), ("nul", true)] {
        let error = from_str::<Inner>(text).unwrap_err();
        assert_eq!((error.is_eof(), error.is_syntax()), (is_cut, !is_cut), "{text}");
    }
    // Nobody can exhaust the stack.
    assert!(from_str::<Inner>(&"[".repeat(100_000)).is_err());
}

#[test]
fn what_follows_a_value_is_refused() {
    assert!(from_str::<Inner>(r#"{"number":1} {}"#).is_err());
}
