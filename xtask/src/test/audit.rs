//! The dependency audit, with what the registries themselves offer: licences, sources, duplicate and unwanted crates
//! (cargo-deny, according to deny.toml), and npm packages that are exactly those of the lock file.
//!
//! Not here: advisories. Their database is a git repository elsewhere, which a build machine may not be able to reach;
//! if it can, `target/tools/bin/cargo-deny check advisories` checks them.

use anyhow::Result;

use crate::project::Project;
use crate::tools;

/// Audits the Rust crates and the npm packages.
pub(super) fn run(project: &Project) -> Result<()> {
    tools::ensure(project)?;
    tools::ensure_cargo_deny(project)?;
    let deny = ["--workspace", "--locked", "check", "licenses", "bans", "sources"];
    project.console.run("cargo-deny", project.command(project.cargo_tool("cargo-deny"), &deny))?;
    project.console.run("npm ls", project.command("npm", &["ls", "--all"]))
}
