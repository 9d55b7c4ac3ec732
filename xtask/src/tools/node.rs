//! What comes from npm, and the Node that runs it.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::version::Version;
use crate::project::Project;
use crate::stamp::Stamp;

/// What npm needs to install the packages.
const OLDEST_SYSTEM_NODE: Version = Version(20, 0, 0);
/// What wrangler needs to run.
const OLDEST_WRANGLER_NODE: Version = Version(22, 12, 0);

/// Installs the packages of package-lock.json, if it has changed since they were installed.
pub(super) fn ensure(project: &Project) -> Result<()> {
    let inputs = [project.path("package.json"), project.path("package-lock.json")];
    let stamp = Stamp::new(project.path("node_modules/.installed"), &inputs, "")?;
    if stamp.is_fresh() {
        return Ok(());
    }
    let found = project.command("node", &["--version"]).output().ok();
    check_system_node(found.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).as_deref())?;
    if project.command("npm", &["--version"]).output().is_err() {
        bail!(
            "npm was not found; it comes with Node, but some systems package it separately: `sudo apt-get install npm`"
        );
    }
    project.console.run(
        "Tools: install the npm packages",
        project.command("npm", &["ci", "--no-audit", "--no-fund", "--include=dev", "--include=optional"]),
    )?;
    stamp.set()
}

/// Installs the packages of a folder with its own package-lock.json, if it has changed since they were installed.
pub(crate) fn ensure_packages(project: &Project, folder: &str) -> Result<()> {
    let inputs = ["package.json", "package-lock.json"].map(|name| project.path(folder).join(name));
    let stamp = Stamp::new(project.path(folder).join("node_modules/.installed"), &inputs, "")?;
    if stamp.is_fresh() {
        return Ok(());
    }
    let args = ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--include=dev"];
    project.console.run(&format!("Tools: install the npm packages of {folder}"), project.command("npm", &args))?;
    stamp.set()
}

fn check_system_node(printed: Option<&str>) -> Result<()> {
    let Some(version) = printed.and_then(Version::in_text) else {
        bail!("Node was not found; install version {OLDEST_SYSTEM_NODE} or later from https://nodejs.org");
    };
    if version < OLDEST_SYSTEM_NODE {
        bail!(
            "Node is version {version}, but {OLDEST_SYSTEM_NODE} or later is needed; install a newer one from \
             https://nodejs.org"
        );
    }
    Ok(())
}

/// A Node that wrangler accepts: the one that npm installed with the packages, or the system's if npm has none for this
/// kind of machine.
pub(crate) fn node(project: &Project) -> Result<PathBuf> {
    let own = project.npm_tool("node");
    if own.exists() {
        return Ok(own);
    }
    let found = project.command("node", &["--version"]).output()?;
    match Version::in_text(&String::from_utf8_lossy(&found.stdout)) {
        Some(version) if version >= OLDEST_WRANGLER_NODE => Ok("node".into()),
        _ => bail!(
            "wrangler needs Node {OLDEST_WRANGLER_NODE} or later, and npm brings none for this kind of machine; \
             install one from https://nodejs.org"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_is_too_old_is_refused_with_both_versions_named() {
        let message = check_system_node(Some("v18.19.1\n")).unwrap_err().to_string();
        assert!(message.contains("18.19.1") && message.contains("20.0.0"), "{message}");
    }

    #[test]
    fn no_node_at_all_is_answered_with_where_to_get_it() {
        let message = check_system_node(None).unwrap_err().to_string();
        assert!(message.contains("nodejs.org"), "{message}");
    }

    #[test]
    fn the_oldest_node_that_will_do_is_accepted() {
        assert!(check_system_node(Some("v20.0.0")).is_ok());
    }
}
