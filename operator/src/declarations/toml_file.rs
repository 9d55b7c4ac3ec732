//! TOML files of declarations.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::item::{Field, FieldValue, Item, ItemKind};
use super::place::{Place, Problems, Severity};

/// What a TOML file holds.
#[derive(Debug, Default)]
pub(super) struct TomlFile {
    pub(super) items: Vec<Item>,
    /// It says `demo = true`.
    pub(super) demo: bool,
    /// It is not TOML, and what it should declare is unknown.
    pub(super) is_unclear: bool,
}

/// Reads the text of a TOML file. If its syntax is wrong, nothing else is reported: it would be made up.
pub(super) fn read(file: &Arc<str>, text: &str, problems: &mut Problems) -> TomlFile {
    let lines = Lines::new(file, text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut found = TomlFile::default();
    for error in errors {
        let span = error.span().unwrap_or_default();
        let (what, fix) = match (error.message(), text.get(span.clone())) {
            ("duplicate key", Some(key)) => (format!("`{key}` appears twice"), "keep the right one"),
            (message, _) => {
                found.is_unclear = true;
                (format!("not TOML: {message}"), "correct the line")
            }
        };
        problems.add(Severity::Blocking, &lines.place(span.start), what, fix);
    }
    if found.is_unclear {
        return found;
    }
    for (name, value) in table.get_ref() {
        let place = lines.place(name.span().start);
        let name = name.get_ref().as_ref();
        if name == "demo" {
            found.demo = demo(value, &place, problems);
            continue;
        }
        match ItemKind::ALL.into_iter().find(|kind| kind.name() == name) {
            Some(kind) => items(kind, value, &lines, &mut found.items, problems),
            None => unknown_table(name, &place, problems),
        }
    }
    found
}

fn demo(value: &Spanned<DeValue<'_>>, place: &Place, problems: &mut Problems) -> bool {
    let flag = value.get_ref().as_bool();
    if flag.is_none() {
        problems.add(Severity::Blocking, place, "`demo` is neither true nor false", "make it true or false");
    }
    flag == Some(true)
}

fn unknown_table(name: &str, place: &Place, problems: &mut Problems) {
    let known = ItemKind::ALL.map(ItemKind::heading).join(", ");
    problems.add(Severity::Blocking, place, format!("there is no `{name}` here"), format!("use one of {known}"));
}

fn items(
    kind: ItemKind,
    value: &Spanned<DeValue<'_>>,
    lines: &Lines<'_>,
    items: &mut Vec<Item>,
    problems: &mut Problems,
) {
    if let (true, Some(table)) = (kind.is_single(), value.get_ref().as_table()) {
        let place = lines.place(value.span().start);
        items.push(Item { kind, place, fields: fields(table, lines), broken: false });
        return;
    }
    if kind.is_single() {
        let place = lines.place(value.span().start);
        let fix = format!("write {} with one bracket, once", kind.heading());
        problems.add(Severity::Blocking, &place, format!("`{}` is not a table", kind.name()), fix);
        return;
    }
    let Some(entries) = value.get_ref().as_array() else {
        let place = lines.place(value.span().start);
        let fix = format!("write [[{}]] with two brackets: there may be several", kind.name());
        problems.add(Severity::Blocking, &place, format!("`{}` is not a list of tables", kind.name()), fix);
        return;
    };
    for entry in entries {
        let place = lines.place(entry.span().start);
        if let Some(table) = entry.get_ref().as_table() {
            items.push(Item { kind, place, fields: fields(table, lines), broken: false });
        } else {
            let what = format!("this {} is {}", kind.name(), entry.get_ref().type_str());
            problems.add(Severity::Blocking, &place, what, format!("write it as a table [[{}]]", kind.name()));
        }
    }
}

fn fields(table: &DeTable<'_>, lines: &Lines<'_>) -> Vec<Field> {
    let field = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        Field { name: name.clone().into_owned(), place: lines.place(value.span().start), value: of(value, lines) }
    };
    table.iter().map(field).collect()
}

fn of(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> FieldValue {
    match value.get_ref() {
        DeValue::String(text) => FieldValue::text(text.as_ref()),
        DeValue::Boolean(flag) => FieldValue::Flag(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(FieldValue::Other("a number out of range"), FieldValue::Number),
        DeValue::Array(entries) => FieldValue::List(
            entries
                .iter()
                .map(|entry| Field {
                    name: String::new(),
                    place: lines.place(entry.span().start),
                    value: of(entry, lines),
                })
                .collect(),
        ),
        DeValue::Table(table) => FieldValue::Table(fields(table, lines)),
        DeValue::Float(_) => FieldValue::Other("a number with a decimal point"),
        DeValue::Datetime(_) => FieldValue::Other("a date"),
    }
}

/// Converts positions in the text to lines.
struct Lines<'a> {
    file: &'a Arc<str>,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(file: &'a Arc<str>, text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, starts }
    }

    fn place(&self, offset: usize) -> Place {
        Place::new(self.file, self.starts.partition_point(|start| *start <= offset).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (TomlFile, Vec<String>) {
        let mut problems = Problems::default();
        let file = read(&"a.toml".into(), text, &mut problems);
        (file, problems.into_sorted().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_item_knows_its_line_and_that_of_each_field() {
        let (file, problems) =
            read_text("demo = true\n\n[[host]]\nhost = \"a\"\n\n[[host]]\ninstance = \"b\"\nhost = 0x10\n");
        assert_eq!(problems, [""; 0]);
        assert!(file.demo);
        let lines: Vec<usize> = file.items.iter().map(|item| item.place.line).collect();
        assert_eq!(lines, [3, 6]);
        let mut second: Vec<usize> = file.items[1].fields.iter().map(|field| field.place.line).collect();
        second.sort_unstable();
        assert_eq!(second, [7, 8]);
    }

    #[test]
    fn two_mistakes_in_the_syntax_are_both_reported() {
        let (_, problems) = read_text("[[host]]\nhost = \n[[host]]\nhost == \"b\"\n");
        assert!(problems.len() >= 2, "{problems:?}");
        assert!(problems[0].starts_with("a.toml:2: error: not TOML"), "{problems:?}");
        assert!(problems.iter().any(|problem| problem.starts_with("a.toml:4:")), "{problems:?}");
    }

    #[test]
    fn a_key_that_is_there_twice_is_named() {
        for (text, line) in [
            ("[[host]]\nhost = \"a\"\nhost = \"b\"\n", 3),
            ("[[host]]\nhost.a = 1\nhost.a = 2\n", 3),
            ("[[host]]\nx = { host = 1, host = 2 }\n", 2),
            ("[host]\n[host]\n", 2),
        ] {
            let (_, problems) = read_text(text);
            let told = problems.iter().find(|problem| problem.contains("appears twice"));
            let place = format!("a.toml:{line}: error: `");
            assert!(told.is_some_and(|told| told.starts_with(&place)), "{text:?} {problems:?}");
        }
        let (_, problems) = read_text("[[host]]\nhost = \"a\"\nhost = \"b\"\n");
        assert!(problems[0].contains("`host` appears twice"), "{problems:?}");
    }

    #[test]
    fn an_unknown_table_and_a_single_bracket_are_told_apart() {
        let (_, problems) = read_text("[[tenant]]\nname = \"a\"\n[host]\nhost = \"a\"\n");
        assert!(problems[0].contains("there is no `tenant` here"), "{problems:?}");
        assert!(problems[1].contains("write [[host]] with two brackets"), "{problems:?}");
    }

    #[test]
    fn a_number_may_have_underscores() {
        let (file, _) = read_text("[[install]]\nshift_minutes = 1_000\n");
        assert!(matches!(file.items[0].fields[0].value, FieldValue::Number(1000)));
    }
}
