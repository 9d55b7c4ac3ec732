//! Where things are in the project, and how its tools are started.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::console::Console;

/// The clone that this command works on.
pub(crate) struct Project {
    /// The workspace's root.
    pub(crate) root: PathBuf,
    /// Cargo's target directory; the tools are installed below it.
    pub(crate) target: PathBuf,
    /// Where progress is shown.
    pub(crate) console: Console,
}

impl Project {
    /// The project that this xtask was compiled in.
    pub(crate) fn find(console: Console) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent directory")?.to_owned();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self { root, target, console })
    }

    /// A path inside the project.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A program that `cargo install` put into the project.
    pub(crate) fn cargo_tool(&self, name: &str) -> PathBuf {
        self.target.join("tools/bin").join(name)
    }

    /// A program that npm put into the project.
    pub(crate) fn npm_tool(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }

    /// A command that runs in the project's root and finds the project's own Node and wrangler before any others.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.root).env("PATH", self.search_path());
        // Cargo describes xtask to us in these; a nested build script would take them for its own.
        for (name, _) in env::vars_os().filter(|(name, _)| is_about_xtask(name)) {
            command.env_remove(name);
        }
        command
    }

    fn search_path(&self) -> OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(self.root.join("node_modules/.bin")).chain(env::split_paths(&inherited));
        // A directory with a colon in its name cannot be in PATH at all: then the inherited one has to do.
        env::join_paths(paths).unwrap_or(inherited)
    }
}

fn is_about_xtask(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_BIN_NAME"
}
