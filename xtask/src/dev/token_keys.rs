//! The local `TOKEN_KEYS`: generated once, kept in `.dev.vars`, where `wrangler dev` looks for secrets.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::{Context, Result, bail};

use crate::console;
use crate::project::Project;

/// Generates a key set with the operators' tool, unless `.dev.vars` has one. The file's other lines are left alone.
pub(super) fn ensure(project: &Project) -> Result<()> {
    let path = project.path(".dev.vars");
    let existing = fs::read_to_string(&path).unwrap_or_default();
    if has_key_set(&existing) {
        return Ok(());
    }
    let output = project
        .command("cargo", &["run", "--quiet", "--package", "onecontact-operator", "--", "keys", "new"])
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("`onecontact keys new` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let keys: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("`onecontact keys new` did not print a JSON key set")?;
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600) // these sign local sessions only, but a habit is a habit
        .open(&path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    write!(file, "{}", addition(&existing, &keys)).context("the key set cannot be written")?;
    console::say("  TOKEN_KEYS for local sessions written to .dev.vars");
    Ok(())
}

fn has_key_set(dev_vars: &str) -> bool {
    dev_vars.lines().any(|line| line.trim_start().starts_with("TOKEN_KEYS="))
}

/// What is written after `existing`, whose last line may lack its end.
fn addition(existing: &str, keys: &serde_json::Value) -> String {
    let end = if existing.is_empty() || existing.ends_with('\n') { "" } else { "\n" };
    format!("{end}{}\n", line(keys))
}

/// One line in the form that wrangler reads: single quotes, between which nothing is expanded. A key set contains
/// base64 and names, so no such quotes.
fn line(keys: &serde_json::Value) -> String {
    format!("TOKEN_KEYS='{keys}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_other_variables_alone_has_no_key_set() {
        assert!(!has_key_set("OTHER=1\n# TOKEN_KEYS comes later\n"));
        assert!(has_key_set("OTHER=1\nTOKEN_KEYS='{}'\n"));
    }

    #[test]
    fn a_last_line_without_its_end_stays_as_it_is() {
        let keys = serde_json::json!({});
        assert_eq!(addition("", &keys), "TOKEN_KEYS='{}'\n");
        assert_eq!(addition("OTHER=1\n", &keys), "TOKEN_KEYS='{}'\n");
        assert_eq!(addition("OTHER=1", &keys), "\nTOKEN_KEYS='{}'\n");
    }

    #[test]
    fn a_key_set_is_one_line_however_it_was_printed() {
        let keys: serde_json::Value = serde_json::from_str("{\n  \"keys\": []\n}").unwrap();
        assert_eq!(line(&keys), "TOKEN_KEYS='{\"keys\":[]}'");
    }
}
