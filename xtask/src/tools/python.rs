//! What comes from the Python registry, for steps that run on request: schemathesis, and Authlib.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::version::Version;
use crate::project::Project;

const SCHEMATHESIS: Version = Version(4, 32, 5);
const AUTHLIB: Version = Version(1, 9, 10);

/// Installs schemathesis into a folder of its own, and returns the path of its program. Needs Python 3 with its `venv`.
pub(crate) fn ensure_schemathesis(project: &Project) -> Result<PathBuf> {
    let program = project.target.join("tools/python/bin/schemathesis");
    let asked = (program, &["--version"][..]);
    ensure(project, "tools/python", asked, SCHEMATHESIS, &[format!("schemathesis=={SCHEMATHESIS}")])
}

/// Installs Authlib, and its HTTP client, into a folder of its own, and returns the path of that folder's Python.
pub(crate) fn ensure_authlib(project: &Project) -> Result<PathBuf> {
    let program = project.target.join("tools/authlib/bin/python");
    let asked = (program, &["-c", "import authlib, joserfc, requests; print(authlib.__version__)"][..]);
    let packages = [format!("Authlib=={AUTHLIB}"), "joserfc==1.8.0".to_owned(), "requests==2.34.2".to_owned()];
    ensure(project, "tools/authlib", asked, AUTHLIB, &packages)
}

/// Installs `packages` into `folder`, unless the program there, run with `args`, says that it is of this version.
fn ensure(
    project: &Project,
    folder: &str,
    (program, args): (PathBuf, &[&str]),
    version: Version,
    packages: &[String],
) -> Result<PathBuf> {
    let found = project.command(&program, args).output().ok();
    if found.and_then(|output| Version::in_text(&String::from_utf8_lossy(&output.stdout))) == Some(version) {
        return Ok(program);
    }
    let folder = project.target.join(folder);
    let venv = project.command("python3", &["-m", "venv", &folder.to_string_lossy()]);
    let made = project.console.run("Tools: a folder for Python", venv);
    made.context("this needs Python 3 with venv (on Debian, python3-venv)")?;
    let mut install = project.command(folder.join("bin/pip"), &["install", "--quiet"]);
    install.args(packages);
    project.console.run(&format!("Tools: install {}", packages.join(" ")), install)?;
    Ok(program)
}
