//! `onecontact init`

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::json;
use ulid::Ulid;

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::rewrite;

const TEMPLATE: &str = include_str!("init/onecontact.toml");

/// Writes a first directory, to be edited.
pub(super) fn run(dir: &Path, output: &Output) -> Result<Exit, Failure> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) => return Err(Failure::Refused(format!("{} is not empty: name a new directory", dir.display()))),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(Failure::files(dir, &error)),
        _ => {}
    }
    fs::create_dir_all(dir).map_err(|error| Failure::files(dir, &error))?;
    let file = dir.join("onecontact.toml");
    rewrite::replace(&file, TEMPLATE.replace("{id}", &Ulid::generate().to_string()).as_bytes())?;
    let text = format!(
        "Created {}: edit it, then declare an agent:\n  cargo onecontact agent add {} --instance main --username desk1 \
         --name \"Desk One\"",
        file.display(),
        dir.display(),
    );
    output.result(text, &json!({ "file": file }))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declarations::item::AGENT_FIELDS;

    #[test]
    fn the_first_file_names_every_column_that_a_file_of_agents_may_have() {
        let named = TEMPLATE.split_once("Its columns are").unwrap().1.split_once("Only").unwrap().0;
        let named: Vec<&str> = named.split([',', '#']).map(str::trim).filter(|name| !name.is_empty()).collect();
        assert_eq!(named, AGENT_FIELDS[1..]);
    }
}
