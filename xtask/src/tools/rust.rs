//! What comes from rustup and from the Rust registry.

use std::fs;

use anyhow::{Context, Result, bail};

use super::version::Version;
use crate::project::Project;

const WORKER_BUILD: Version = Version(0, 8, 7);
const CARGO_DENY: Version = Version(0, 20, 2);
const WASM: &str = "wasm32-unknown-unknown";

/// Adds the wasm target to the Rust toolchain in use.
pub(super) fn ensure_wasm_target(project: &Project) -> Result<()> {
    let library = project
        .command("rustc", &["--target", WASM, "--print", "target-libdir"])
        .output()
        .context("rustc could not be started; install Rust with rustup from https://rustup.rs")?;
    if fs::exists(String::from_utf8_lossy(&library.stdout).trim())? {
        return Ok(());
    }
    if project.command("rustup", &["--version"]).output().is_err() {
        bail!(
            "this Rust has no {WASM} target and there is no rustup to add it with; install your distribution's package \
             for it (on Debian libstd-rust-dev-wasm32), or Rust with rustup from https://rustup.rs"
        );
    }
    project.console.run("Rust: add the wasm target", project.command("rustup", &["target", "add", WASM]))
}

/// Installs worker-build, which turns the edge crate into a Worker.
pub(super) fn ensure_worker_build(project: &Project) -> Result<()> {
    install(project, "worker-build", "worker-build", WORKER_BUILD, &[])
}

/// Installs wasm-bindgen's command line tool, which has to be of exactly the version that the crates are compiled with.
pub(super) fn ensure_wasm_bindgen(project: &Project) -> Result<()> {
    let lock = fs::read_to_string(project.path("Cargo.lock")).context("Cargo.lock cannot be read")?;
    let version = Version::locked(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    // Without features: those are for running tests in remote browsers, and bring a TLS library to compile.
    install(project, "wasm-bindgen-cli", "wasm-bindgen", version, &["--bin", "wasm-bindgen", "--no-default-features"])
}

/// Installs cargo-deny. It compiles in little over a minute, and understands licence expressions better than we would.
pub(super) fn ensure_cargo_deny(project: &Project) -> Result<()> {
    install(project, "cargo-deny", "cargo-deny", CARGO_DENY, &[])
}

/// Installs `package` at `version`, unless its `program` is there and says that it is of that version.
fn install(project: &Project, package: &str, program: &str, version: Version, options: &[&str]) -> Result<()> {
    let path = project.cargo_tool(program);
    let found = project.command(&path, &["--version"]).output().ok();
    if found.and_then(|output| Version::in_text(&String::from_utf8_lossy(&output.stdout))) == Some(version) {
        return Ok(());
    }
    let root = project.target.join("tools");
    let (number, root) = (version.to_string(), root.to_string_lossy());
    // Unoptimised: compiling takes the time, and the tools are fast enough without.
    let args = ["install", package, "--version", &number, "--locked", "--debug", "--force", "--root", &root];
    let mut command = project.command("cargo", &args);
    command.args(options).env("CARGO_PROFILE_DEV_DEBUG", "0");
    project.console.run(&format!("Tools: compile {package} {version}, once"), command)
}
