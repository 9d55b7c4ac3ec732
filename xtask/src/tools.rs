//! Fetching what the project is built and tested with, at pinned versions, into the project's own folders.
//!
//! The Rust and npm registries are used, and Python's for steps that run by name; nothing global is changed except the
//! Rust toolchain's own wasm target, which rustup keeps, and Chromium on a Debian build machine.

pub(crate) mod chromium;
mod node;
pub(crate) mod python;
mod rust;
mod version;

use anyhow::Result;

use crate::project::Project;

pub(crate) use node::{ensure_packages, node};

/// Fetches what building needs. Returns at once if everything is there.
pub(crate) fn ensure(project: &Project) -> Result<()> {
    node::ensure(project)?;
    rust::ensure_wasm_target(project)?;
    rust::ensure_worker_build(project)?;
    rust::ensure_wasm_bindgen(project)
}

/// Fetches cargo-deny, which only `test` needs.
pub(crate) fn ensure_cargo_deny(project: &Project) -> Result<()> {
    rust::ensure_cargo_deny(project)
}
