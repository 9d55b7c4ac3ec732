//! Holds the page, the JSON Schemas, the examples and the types together. `UPDATE_SCHEMAS=1 cargo test -p kv-schema`
//! writes the schemas anew; the examples are frozen once published, and a new version brings a new file.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kv_schema::directory::{
    Agent, Client, Email, Host, Install, InstallExtension, Instance, InstanceByName, LoginSite, Metadata,
    PhoneExtension, Service,
};
use kv_schema::sessions::{CreatedAgent, Revoked, Session};
use kv_schema::{Namespace, ReadError, Record, Timestamp};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// Every record, each held by the same checks.
macro_rules! for_every_record {
    ($check:ident) => {
        [
            $check::<Install>(),
            $check::<Host>(),
            $check::<Instance>(),
            $check::<InstanceByName>(),
            $check::<Agent>(),
            $check::<Email>(),
            $check::<PhoneExtension>(),
            $check::<InstallExtension>(),
            $check::<Service>(),
            $check::<LoginSite>(),
            $check::<Client>(),
            $check::<Session>(),
            $check::<Revoked>(),
            $check::<CreatedAgent>(),
        ]
    };
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn example<R: Record>(version: u32) -> String {
    text(&folder().join(format!("examples/{}.v{version}.json", R::NAME)))
}

/// The schema of what is written: no field besides the known ones, anywhere.
fn schema_of<T: JsonSchema>() -> Value {
    let closed = RecursiveTransform(|schema: &mut Schema| {
        if schema.get("properties").is_some() {
            schema.insert("additionalProperties".into(), Value::Bool(false));
        }
    });
    let settings = SchemaSettings::draft2020_12().for_serialize().with_transform(closed);
    settings.into_generator().into_root_schema_for::<T>().into()
}

fn hold_schema<T: JsonSchema>(name: &str) {
    let path = folder().join(format!("schemas/{name}.schema.json"));
    let wanted = format!("{:#}\n", schema_of::<T>());
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    assert_eq!(text(&path), wanted, "{name}: run the tests once with UPDATE_SCHEMAS=1 and commit the schema");
}

#[test]
fn each_schema_is_the_one_that_its_type_gives() {
    fn check<R: Record + JsonSchema>() {
        hold_schema::<R>(R::NAME);
    }
    for_every_record!(check);
    hold_schema::<Metadata>("metadata");
}

/// Reads `json` from where it belongs: the examples of all versions of a record are of one and the same.
fn read<R: Record>(json: &str) -> Result<R, ReadError> {
    let newest: R = serde_json::from_str(&example::<R>(R::VERSION)).unwrap();
    R::read(&newest.key(), json)
}

#[test]
fn each_example_reads_and_is_written_the_same() {
    fn check<R: Record>() {
        let json = example::<R>(R::VERSION);
        let record = read::<R>(&json).unwrap();
        let written: Value = serde_json::from_str(&record.json().unwrap()).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(&json).unwrap(), "{}", R::NAME);
    }
    for_every_record!(check);
}

#[test]
fn each_example_shows_every_field_and_fits_its_schema() {
    fn check<R: Record + JsonSchema>() {
        let schema = schema_of::<R>();
        let example: Value = serde_json::from_str(&example::<R>(R::VERSION)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let problems: Vec<String> = validator.iter_errors(&example).map(|problem| problem.to_string()).collect();
        assert!(problems.is_empty(), "{}: {problems:?}", R::NAME);
        assert_eq!(names(&example), names(&schema["properties"]), "{}", R::NAME);
    }
    fn names(object: &Value) -> BTreeSet<&String> {
        object.as_object().unwrap().keys().collect()
    }
    for_every_record!(check);
}

#[test]
fn an_unknown_field_fails_the_schema_and_still_reads() {
    fn check<R: Record + JsonSchema>() {
        let validator = jsonschema::validator_for(&schema_of::<R>()).unwrap();
        let known: Value = serde_json::from_str(&example::<R>(R::VERSION)).unwrap();
        for place in objects_in(&known) {
            let mut json = known.clone();
            json.pointer_mut(&place).unwrap()["added_later"] = json!(1);
            assert!(!validator.is_valid(&json), "{} {place}", R::NAME);
            // A variant's one field is its name, and no place for another.
            let variants = [
                "/serves",
                "/instances",
                "/agents",
                "/recorder",
                "/auth",
                "/provider/proof",
                "/provider/account_claim",
            ];
            if !variants.contains(&place.as_str()) {
                assert!(read::<R>(&json.to_string()).is_ok(), "{} {place}", R::NAME);
            }
        }
    }
    for_every_record!(check);
}

/// JSON pointers of all objects in `value`.
fn objects_in(value: &Value) -> Vec<String> {
    let Some(object) = value.as_object() else { return Vec::new() };
    let inner = object.iter().flat_map(|(name, value)| {
        objects_in(value).into_iter().map(move |place| format!("/{name}{place}")).collect::<Vec<_>>()
    });
    std::iter::once(String::new()).chain(inner).collect()
}

#[test]
fn every_version_ever_published_still_reads() {
    fn check<R: Record>() -> BTreeSet<String> {
        let read = |version| {
            let result = read::<R>(&example::<R>(version));
            assert!(result.is_ok(), "{} version {version}: {:?}", R::NAME, result.err());
            format!("{}.v{version}.json", R::NAME)
        };
        (1..=R::VERSION).map(read).collect()
    }
    let known: BTreeSet<String> = for_every_record!(check).into_iter().flatten().collect();
    let files = fs::read_dir(folder().join("examples")).unwrap();
    let found: BTreeSet<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, known);
}

#[test]
fn no_record_escapes_these_tests() {
    fn check<R: Record>() -> &'static str {
        R::NAME
    }
    let sources = ["directory", "sessions"].map(|folder_name| folder().join("src").join(folder_name));
    let files = sources.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let declared: usize = files.map(|file| text(&file.unwrap().path()).matches("impl Record for ").count()).sum();
    let held: BTreeSet<&str> = for_every_record!(check).into();
    assert_eq!(held.len(), declared);
}

/// The part of the page under the heading of this record.
fn section(page: &str, key: &str) -> String {
    let heading = format!("\n### `{key}`\n");
    let start = page.find(&heading).unwrap_or_else(|| panic!("the page has no section {key}")) + heading.len();
    let end = page[start..].find("\n## ").into_iter().chain(page[start..].find("\n### ")).min();
    page[start..].get(..end.unwrap_or(page.len() - start)).unwrap().to_owned()
}

/// The row `| name | value |` of a section.
fn row(section: &str, name: &str) -> String {
    let start = format!("| {name} | ");
    let line = section.lines().find_map(|line| line.strip_prefix(&start));
    line.unwrap_or_else(|| panic!("no row {name} in:\n{section}")).trim_end_matches(" |").to_owned()
}

/// Whether `key` is `pattern` with something in each `<place>`, if it has any; a place may hold anything, a colon too.
fn fits(key: &str, pattern: &str) -> bool {
    let Some((prefix, places)) = pattern.split_once('<') else { return key == pattern };
    let count = places.matches('<').count() + 1;
    key.strip_prefix(prefix)
        .is_some_and(|rest| rest.splitn(count, ':').filter(|part| !part.is_empty()).count() == count)
}

#[test]
fn the_page_tells_each_records_key_lifetime_metadata_and_example() {
    fn check<R: Record>() {
        let page = text(&folder().join("README.md"));
        let json = example::<R>(R::VERSION);
        let key = read::<R>(&json).unwrap().key();
        assert!(key.starts_with(&format!("{}:", R::NAME)), "{key}");
        let pattern = page
            .lines()
            .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
            .find(|pattern| fits(&key, pattern))
            .unwrap_or_else(|| panic!("no heading fits {key}"));
        let section = section(&page, pattern);
        assert_eq!(row(&section, "Key here"), format!("`{key}`"));
        assert_eq!(row(&section, "Version"), R::VERSION.to_string());
        let (ttl, metadata) = match R::NAMESPACE {
            Namespace::Directory => ("none", "`digest`"),
            Namespace::Sessions if R::NAME == CreatedAgent::NAME => ("31 days after each sign-in", "none"),
            Namespace::Sessions => ("seconds to `hard_end`, at least 60", "none"),
        };
        assert_eq!(row(&section, "TTL"), ttl, "{key}");
        assert_eq!(row(&section, "Metadata"), metadata, "{key}");
        assert!(section.contains(&format!("```json\n{json}```")), "{key}: the example is not the page's");
        let overview = format!("| `{}` | [`{pattern}`]", R::NAMESPACE.binding());
        assert!(page.contains(&overview), "the first table has no row {overview}");
        for file in [format!("schemas/{}.schema.json", R::NAME), format!("examples/{}.v{}.json", R::NAME, R::VERSION)] {
            assert!(section.contains(&format!("({file})")), "{key}: no link to {file}");
        }
    }
    for_every_record!(check);
}

#[test]
fn a_session_and_its_tombstone_last_to_the_hard_end_and_never_shorter_than_kv_takes() {
    let session = read::<Session>(&example::<Session>(1)).unwrap();
    let revoked = read::<Revoked>(&example::<Revoked>(1)).unwrap();
    for (before_the_end, ttl) in [(1000, 1000), (61, 61), (60, 60), (5, 60), (0, 60)] {
        let now = Timestamp(session.hard_end.0 - before_the_end);
        assert_eq!((session.ttl(now), revoked.ttl(now)), (ttl, ttl));
    }
    assert_eq!(session.ttl(session.hard_end.plus(10)), 60);
}

#[test]
fn the_page_shows_the_metadata_as_it_is() {
    let page = text(&folder().join("README.md"));
    let start = page.find("```json\n{ \"digest\"").unwrap() + "```json\n".len();
    let shown = page[start..].lines().next().unwrap();
    let metadata: Metadata = serde_json::from_str(shown).unwrap();
    assert_eq!(metadata.digest.len(), 64);
    assert!(jsonschema::validator_for(&schema_of::<Metadata>()).unwrap().is_valid(&json!(metadata)));
}
