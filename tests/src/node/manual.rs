//! The events that docs/OPERATIONS.md describes to operators.

use std::collections::BTreeSet;
use std::fs;
use std::sync::LazyLock;

use crate::project;

/// Their names, from the first column of its table.
pub(super) static EVENTS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let manual = fs::read_to_string(project::root().join("docs/OPERATIONS.md")).expect("the manual can be read");
    let mut rows = manual.lines().skip_while(|line| !line.starts_with("| `event` |"));
    rows.by_ref().take(2).for_each(drop);
    let names = rows.map_while(|row| row.strip_prefix("| ")?.split(" |").next());
    names.flat_map(|names| names.split(", ")).map(|name| name.trim_matches('`').to_owned()).collect()
});

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The Worker's sources.
    fn sources() -> String {
        let folders = ["edge", "domain"].map(|part| project::root().join("functions").join(part).join("src"));
        folders.iter().map(|folder| text_of(folder)).collect()
    }

    fn text_of(folder: &Path) -> String {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { text_of(&path) } else { fs::read_to_string(path).unwrap() }).collect()
    }

    /// What is in quotes directly after each `call`.
    fn named<'a>(sources: &'a str, call: &str) -> Vec<&'a str> {
        let behind = sources.split(call).skip(1);
        behind.filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_event_that_the_worker_writes_stands_in_the_manual() {
        // Names that are chosen elsewhere are checked when they are written: a node's log is checked at its end.
        let sources = sources();
        let names = [named(&sources, ".event(\""), named(&sources, "Event::new(\"")].concat();
        assert!(names.contains(&"login") && names.contains(&"session_ended"), "{names:?}");
        for name in names {
            assert!(EVENTS.contains(name), "{name} is not in the table of docs/OPERATIONS.md");
        }
    }

    #[test]
    fn whatever_services_and_take_overs_write_stands_in_the_manual() {
        let manual = fs::read_to_string(project::root().join("docs/OPERATIONS.md")).unwrap();
        let told = |event: &str, reason: &str| {
            let mut rows = manual.lines().filter(|row| row.starts_with(&format!("| `{event}` |")));
            rows.any(|row| row.contains(&format!("`{reason}`")))
        };
        let sources = sources();
        let asked = named(&sources, ".note_done(\"");
        assert!(asked.contains(&"offer") && asked.contains(&"account"), "{asked:?}");
        for reason in asked {
            assert!(told("service_call", reason), "{reason} of service_call is not in docs/OPERATIONS.md");
        }
        assert!(told("login", "taken_over"));
    }

    #[test]
    fn the_manual_tells_of_no_event_that_the_worker_never_writes() {
        let sources = sources();
        assert!(EVENTS.len() > 30, "{:?}", *EVENTS);
        for name in EVENTS.iter() {
            assert!(sources.contains(&format!("\"{name}\"")), "nothing writes {name}");
        }
    }
}
