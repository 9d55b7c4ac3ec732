//! CSV files of agents or of extensions, as spreadsheets write them. A file is named after its instance: `acme.csv`, or
//! `acme.night-shift.csv` if an instance has several. A file with a column *number* holds extensions.

use std::path::Path;
use std::sync::Arc;

use kv_schema::names::InstanceName;

use super::csv_rows::{Row, Rows};
use super::item::{AGENT_FIELDS, EXTENSION_FIELDS, Field, FieldValue, Item, ItemKind};
use super::outline::{Outline, Outlines};
use super::place::{Place, Problems, Severity};

/// The columns that a file of agents may have: all fields but the instance, which the file's name gives.
const COLUMNS: &[&str] = AGENT_FIELDS.split_at(1).1;
/// The columns that a file of extensions may have.
const EXTENSION_COLUMNS: &[&str] = EXTENSION_FIELDS.split_at(1).1;

/// Reads the bytes of a CSV file. If there is no row under a sound header, the error is what the rows would declare.
pub(super) fn read(file: &Arc<str>, bytes: &[u8], problems: &mut Problems) -> Result<Vec<Item>, ItemKind> {
    let start = Place::new(file, 1);
    if is_utf_16(bytes) {
        let what = "the file is UTF-16, so all of its agents are left out";
        problems.add(Severity::LeavesOut, &start, what, "save it as \"CSV UTF-8\"");
        return Ok(Vec::new());
    }
    let mut rows = Rows::new(without_bom(bytes));
    let header = rows.next().ok_or(ItemKind::Agent)?;
    let kind = kind(&header);
    let Some(Columns { columns, are_known }) = columns(kind, &header, file, problems) else { return Ok(Vec::new()) };
    rows.expect_columns(columns.len());
    let mut rows = rows.peekable();
    rows.peek().ok_or(kind)?;
    let instance = instance_name(file);
    let items = rows.filter_map(|row| item(kind, row, &columns, file, &instance, problems));
    // If a column is unknown, the rows are left out, but whatever else is wrong with them is reported now.
    Ok(items.map(|item| Item { broken: item.broken || !are_known, ..item }).collect())
}

/// Warns that a file without a row declares nothing. Returns its place and its instance.
pub(super) fn empty(
    file: &Arc<str>,
    problems: &mut Problems,
    outlines: &mut Outlines,
) -> Option<(Place, InstanceName)> {
    let place = Place::new(file, 1);
    problems.add(Severity::Warning, &place, "the file declares nothing: it has no rows", "fill it, or delete it");
    let instance = instance_name(file);
    match InstanceName::parse(&instance) {
        Ok(name) => {
            let instances = vec![(place.clone(), name.clone())];
            outlines.add(Outline { instances, ..Outline::new(ItemKind::Agent, &place, true) });
            Some((place, name))
        }
        Err(error) => {
            let what = format!("the file is not named after an instance: `instance` cannot be {instance:?}");
            problems.add(Severity::LeavesOut, &place, what, error.to_string());
            None
        }
    }
}

/// `bytes` without the byte order mark that some programs put first.
pub(crate) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Whether `bytes` are UTF-16, by the byte order mark that most programs put first, or by the first letter's zero byte.
pub(crate) fn is_utf_16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.iter().take(2).any(|byte| *byte == 0)
}

/// The part of the file's name that names the instance.
pub(crate) fn instance_name(file: &str) -> String {
    let name = Path::new(file).file_name().map_or_else(Default::default, |name| name.to_string_lossy());
    name.split('.').next().unwrap_or_default().to_owned()
}

/// What the rows of a file declare, judged by its header.
fn kind(header: &Row) -> ItemKind {
    let headings = header.fields.as_deref().unwrap_or_default();
    if headings.iter().any(|heading| meant(heading, EXTENSION_COLUMNS) == Some("number")) {
        ItemKind::Extension
    } else {
        ItemKind::Agent
    }
}

/// The column that a heading means in a file of agents.
pub(crate) fn column(heading: &str) -> Option<&'static str> {
    meant(heading, COLUMNS)
}

/// The one of `columns` that a heading means: letter case, blanks and punctuation do not matter.
fn meant(heading: &str, columns: &[&'static str]) -> Option<&'static str> {
    let bare =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let heading = bare(heading);
    columns.iter().copied().find(|column| bare(column) == heading)
}

/// What a header says.
struct Columns {
    /// The field that each column holds; `None` if its heading is blank or unknown.
    columns: Vec<Option<&'static str>>,
    /// Whether every heading is known and occurs once.
    are_known: bool,
}

/// Interprets the header; `None` if the file cannot be read by it.
fn columns(kind: ItemKind, header: &Row, file: &Arc<str>, problems: &mut Problems) -> Option<Columns> {
    let place = Place::new(file, header.line);
    let (all, mandatory, whose) = match kind {
        ItemKind::Extension => (EXTENSION_COLUMNS, &["number"][..], "extensions"),
        _ => (COLUMNS, &["username", "name"][..], "agents"),
    };
    let headings = match &header.fields {
        Ok(headings) => headings,
        Err(broken) => {
            let (what, fix) = broken.told();
            let (what, fix) =
                (format!("the header cannot be read: {what}"), format!("{fix}; its {whose} are left out meanwhile"));
            problems.add(Severity::LeavesOut, &place, what, fix);
            return None;
        }
    };
    let known = format!("the columns are {}; its {whose} are left out meanwhile", all.join(", "));
    let mut refuse = |what: String| problems.add(Severity::LeavesOut, &place, what, &*known);
    let mut columns = Vec::new();
    let mut are_known = true;
    for heading in headings {
        let mut column = meant(heading, all);
        if column.is_none() && !heading.trim().is_empty() {
            refuse(format!("the column {:?} is not known", heading.trim()));
            are_known = false;
        } else if column.is_some() && columns.contains(&column) {
            refuse(format!("the column {:?} appears twice", heading.trim()));
            are_known = false;
            column = None;
        }
        columns.push(column);
    }
    let mut missing = mandatory.iter().filter(|mandatory| !columns.contains(&Some(**mandatory))).peekable();
    let is_whole = missing.peek().is_none();
    for mandatory in missing {
        refuse(format!("the column \"{mandatory}\" is missing"));
    }
    is_whole.then_some(Columns { columns, are_known })
}

fn item(
    kind: ItemKind,
    row: Row,
    columns: &[Option<&'static str>],
    file: &Arc<str>,
    instance: &str,
    problems: &mut Problems,
) -> Option<Item> {
    let place = Place::new(file, row.line);
    let mut refuse = |what: &str, fix: &str| problems.add(Severity::LeavesOut, &place, what, fix);
    let cells = match row.fields {
        Ok(cells) => cells,
        Err(broken) => {
            let (what, fix) = broken.told();
            refuse(what, fix);
            return None;
        }
    };
    if cells.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty()) {
        refuse(
            "this row has more fields than the header",
            "put any field that contains the separator in quotes, such as a password_hash",
        );
        return None;
    }
    let mut fields =
        vec![Field { name: "instance".to_owned(), place: Place::new(file, 1), value: FieldValue::text(instance) }];
    let mut broken = false;
    for (column, cell) in columns.iter().zip(cells) {
        let Some(name) = column.filter(|_| !cell.trim().is_empty()) else { continue };
        match value(name, cell, &place) {
            Ok(value) => fields.push(Field { name: name.to_owned(), place: place.clone(), value }),
            Err((what, fix)) => {
                refuse(&what, fix);
                broken = true;
            }
        }
    }
    Some(Item { kind, place, fields, broken })
}

/// Interprets a cell that is not empty.
fn value(column: &str, cell: String, place: &Place) -> Result<FieldValue, (String, &'static str)> {
    match column {
        "disabled" | "must_change" | "requires_extension" | "requires_second_step" => {
            match cell.trim().to_lowercase().as_str() {
                "true" | "yes" | "y" | "x" | "1" => Ok(FieldValue::Flag(true)),
                "false" | "no" | "n" | "0" => Ok(FieldValue::Flag(false)),
                _ => Err((format!("`{column}` cannot be {:?}", cell.trim()), "write true or false, or leave it blank")),
            }
        }
        // Taken further, 1001.0 would become the extension 10010.
        "extension" | "number" | "to" if is_decimal(cell.trim()) => {
            let what = format!("`{column}` is {:?}, which a spreadsheet made from a number", cell.trim());
            Err((what, "format the column as \"text\" and type the digits again"))
        }
        "agents" => {
            let names = cell.split([',', ';', '|']).map(str::trim).filter(|name| !name.is_empty());
            let entry = |name: &str| Field { name: String::new(), place: place.clone(), value: FieldValue::text(name) };
            Ok(FieldValue::List(names.map(entry).collect()))
        }
        _ => Ok(FieldValue::text(cell)),
    }
}

fn is_decimal(text: &str) -> bool {
    let decimals = text.rsplit_once(['.', ',']).map(|(_, decimals)| decimals);
    text.parse::<f64>().is_ok() && decimals.is_some_and(|decimals| decimals.bytes().all(|byte| byte == b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8]) -> (Vec<Item>, Vec<String>) {
        let mut problems = Problems::default();
        let items = read(&"agents/acme.night.csv".into(), bytes, &mut problems).unwrap_or_default();
        (items, problems.into_sorted().iter().map(ToString::to_string).collect())
    }

    fn names(item: &Item) -> Vec<(&str, usize)> {
        item.fields.iter().map(|field| (field.name.as_str(), field.place.line)).collect()
    }

    #[test]
    fn a_spreadsheets_file_reads_whatever_its_habits() {
        let (items, problems) = read_bytes(
            "\u{FEFF}UserName;E-Mail;Name;Must Change;\r\n\r\ndesk1;;Desk1;x;\r\n;;;;\r\ndesk2;r@a.pt;Desk2;NO\r\n"
                .as_bytes(),
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(names(&items[0]), [("instance", 1), ("username", 3), ("name", 3), ("must_change", 3)]);
        assert_eq!(names(&items[1])[2], ("email", 5));
        assert!(matches!(&items[0].fields[0].value, FieldValue::Text(text) if text.as_str() == "acme"));
    }

    #[test]
    fn a_header_with_an_unknown_a_double_or_a_missing_column_leaves_the_file_out() {
        for (header, what) in [
            ("username,name,mail", "the column \"mail\" is not known"),
            ("username,name,e-mail,email", "the column \"email\" appears twice"),
            ("username,email", "the column \"name\" is missing"),
        ] {
            let (items, problems) = read_bytes(format!("{header}\na,b,c\n").as_bytes());
            assert!(items.iter().all(|item| item.broken));
            assert!(problems[0].contains(what), "{problems:?}");
        }
    }

    #[test]
    fn of_a_header_that_cannot_be_read_is_said_what_to_do() {
        for (header, fix) in
            [(&b"username,name,\xE9\n"[..], "save the file as \"CSV UTF-8\""), (b"username,\"name\n", "close it")]
        {
            let (items, problems) = read_bytes(header);
            assert!(items.is_empty() && problems[0].contains(":1: error: the header cannot be read: "), "{problems:?}");
            assert!(problems[0].contains(&format!("\n    {fix}")), "{problems:?}");
        }
    }

    #[test]
    fn each_bad_row_is_named_and_the_others_stay() {
        let text = b"username,name,extension,disabled\na,A,1,maybe\nb,B,1001.0,\nc,C,1,no,more\n\xE9,D,,\ne,\"E,,\nf,F,2,yes\n";
        let (items, problems) = read_bytes(text);
        let sound: Vec<usize> = items.iter().filter(|item| !item.broken).map(|item| item.place.line).collect();
        assert_eq!(sound, [7]);
        assert!(problems[0].contains("write true or false, or leave it blank"), "{problems:?}");
        let lines: Vec<&str> = problems.iter().map(|problem| problem.split(": ").next().unwrap()).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6].map(|line| format!("agents/acme.night.csv:{line}")));
    }

    #[test]
    fn utf_16_is_named_as_such() {
        for text in [&b"\xFF\xFEu\0s\0"[..], b"u\0s\0", b"\0u\0s"] {
            let (items, problems) = read_bytes(text);
            assert!(items.is_empty());
            assert!(problems[0].contains("UTF-16") && problems[0].contains("save it as \"CSV UTF-8\""), "{problems:?}");
        }
    }

    #[test]
    fn a_plain_number_is_no_decimal() {
        for (text, decimal) in [("1001", false), ("1001.0", true), ("35.121", false), ("+351 21", false), ("0", false)]
        {
            assert_eq!(is_decimal(text), decimal, "{text}");
        }
    }
}
