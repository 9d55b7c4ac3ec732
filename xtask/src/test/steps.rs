//! What each step of `test` does, apart from the audit.

use std::path::Path;

use anyhow::Result;

use crate::assets;
use crate::build::{self, ALREADY_BUILT, Profile};
use crate::client;
use crate::console::Output;
use crate::project::Project;
use crate::tools;

const EDGE: &str = "onecontact-edge";
const WASM: &str = "wasm32-unknown-unknown";

/// Every crate is formatted as rustfmt would format it.
pub(super) fn format(project: &Project) -> Result<()> {
    project.console.run("cargo fmt", project.command("cargo", &["fmt", "--all", "--check"]))
}

/// The templates compile in the assets' addresses: those of an earlier checkout would not do.
fn build_assets(project: &Project) -> Result<()> {
    tools::ensure(project)?;
    assets::build(project).map(|_| ())
}

/// Clippy has no complaints: about the native crates natively, about the Worker as wasm.
pub(super) fn lint(project: &Project) -> Result<()> {
    build_assets(project)?;
    let native = ["clippy", "--workspace", "--exclude", EDGE, "--all-targets", "--", "-D", "warnings"];
    project.console.run("clippy, native crates", project.command("cargo", &native))?;
    let edge = ["clippy", "--package", EDGE, "--target", WASM, "--", "-D", "warnings"];
    project.console.run("clippy, the Worker", project.command("cargo", &edge))
}

/// The native crates' own tests.
pub(super) fn native(project: &Project) -> Result<()> {
    build_assets(project)?;
    project.console.run_showing("cargo test", project.command("cargo", &["test"]), Output::Always)
}

/// The scripts type-check; esbuild only strips types.
pub(super) fn types(project: &Project) -> Result<()> {
    tools::ensure(project)?;
    let command = project.command(project.npm_tool("tsc"), &["--noEmit", "--project", "assets"]);
    project.console.run("tsc", command)
}

/// The Worker builds and is not too heavy.
pub(super) fn build(project: &Project) -> Result<()> {
    build::run(project, Profile::Release).map(|_| ())
}

/// The Worker answers as it should, on real workerd.
pub(super) fn wire(project: &Project) -> Result<()> {
    build::run(project, Profile::Release)?;
    client::build(project)?;
    tools::ensure_packages(project, "tests/applications")?;
    tools::ensure_packages(project, "tests/provider")?;
    let mut command = project.command("cargo", &["test", "--package", "onecontact-tests", "--test", "wire"]);
    command.env(ALREADY_BUILT, "1");
    project.console.run_showing("cargo test, over the wire", command, Output::Always)
}

/// Thousands of calls that schemathesis generates from the API's document are answered as the document says.
pub(super) fn schemathesis(project: &Project) -> Result<()> {
    with_tool(project, "schemathesis", "SCHEMATHESIS", &tools::python::ensure_schemathesis(project)?)
}

/// Authlib, a library for applications, signs agents in with the provider.
pub(super) fn authlib(project: &Project) -> Result<()> {
    with_tool(project, "authlib", "AUTHLIB", &tools::python::ensure_authlib(project)?)
}

/// The wire tests that need a tool, which they find through `variable`.
fn with_tool(project: &Project, tests: &str, variable: &str, tool: &Path) -> Result<()> {
    build::run(project, Profile::Release)?;
    let args = ["test", "--package", "onecontact-tests", "--test", "wire", tests, "--", "--nocapture"];
    let mut command = project.command("cargo", &args);
    command.env(ALREADY_BUILT, "1").env(variable, tool);
    project.console.run_showing(&format!("cargo test, {tests}"), command, Output::Always)
}

/// Its pages work in a real browser.
pub(super) fn browser(project: &Project) -> Result<()> {
    let chromium = tools::chromium::find(project)?;
    build::run(project, Profile::Release)?;
    let suite = ["--test", "--test-reporter=spec", "tests/browser/suite.mjs"];
    let mut command = project.command(tools::node(project)?, &suite);
    command.env("CHROMIUM", chromium).env(ALREADY_BUILT, "1");
    project.console.run_showing("node --test tests/browser", command, Output::Always)
}

/// Nobody loses a session when a node dies; with `CHAOS=full` in the environment, measured against the figures that the
/// product promises.
pub(super) fn chaos(project: &Project) -> Result<()> {
    let chromium = tools::chromium::find(project)?;
    build::run(project, Profile::Release)?;
    let cargo = project.command("cargo", &["test", "--package", "onecontact-tests", "--test", "chaos"]);
    let suite = ["--test", "--test-reporter=spec", "tests/browser/continuity.test.mjs"];
    let node = project.command(tools::node(project)?, &suite);
    for (name, mut command) in [("cargo test, nodes killed", cargo), ("node --test, nodes killed under Chromium", node)]
    {
        command.env("CHROMIUM", &chromium).env(ALREADY_BUILT, "1");
        project.console.run_showing(name, command, Output::Always)?;
    }
    Ok(())
}

/// Wrangler would deploy it, in both environments.
pub(super) fn deploy(project: &Project) -> Result<()> {
    build::run(project, Profile::Release)?;
    for environment in ["staging", "production"] {
        let mut command = project.command("npx", &["wrangler", "deploy", "--dry-run", "--env", environment]);
        command.env(ALREADY_BUILT, "1").env("WRANGLER_SEND_METRICS", "false");
        project.console.run(&format!("wrangler deploy --dry-run, {environment}"), command)?;
    }
    Ok(())
}
