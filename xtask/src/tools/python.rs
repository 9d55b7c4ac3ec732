//! What comes from the Python registry: schemathesis, for whoever asks for it by name.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::version::Version;
use crate::project::Project;

const SCHEMATHESIS: Version = Version(4, 32, 5);

/// Installs schemathesis into a folder of its own; where its program stands. Needs Python 3 with its `venv`.
pub(crate) fn ensure_schemathesis(project: &Project) -> Result<PathBuf> {
    let folder = project.target.join("tools/python");
    let program = folder.join("bin/schemathesis");
    let found = project.command(&program, &["--version"]).output().ok();
    if found.and_then(|output| Version::in_text(&String::from_utf8_lossy(&output.stdout))) == Some(SCHEMATHESIS) {
        return Ok(program);
    }
    let venv = project.command("python3", &["-m", "venv", &folder.to_string_lossy()]);
    let made = project.console.run("Tools: a folder for Python", venv);
    made.context("schemathesis needs Python 3 with venv (on Debian, python3-venv)")?;
    let package = format!("schemathesis=={SCHEMATHESIS}");
    let install = project.command(folder.join("bin/pip"), &["install", "--quiet", &package]);
    project.console.run(&format!("Tools: install {package}"), install)?;
    Ok(program)
}
