//! The command `bench`: the Worker side by side with its alternatives.
//!
//! This builds the Worker and fetches the peers. The crate in `bench/` does the measuring.

use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use crate::project::Project;
use crate::tools;

/// What can be measured on its own.
pub(crate) const WORKS: [&str; 14] = [
    "constant",
    "login",
    "session",
    "forged",
    "renewal",
    "bearer",
    "access-token",
    "jwks",
    "offer",
    "sign-in",
    "sign-in-extension",
    "sign-in-hashed",
    "cold",
    "growth",
];

/// Measures everything, or only the work that is named.
pub(crate) fn run(project: &Project, only: Option<&str>) -> Result<()> {
    if let Some(name) = only.filter(|name| !WORKS.contains(name)) {
        bail!("there is no work `{name}`; there are {}", WORKS.join(", "));
    }
    build::run(project, Profile::Release)?;
    tools::ensure_packages(project, "bench")?;
    let args = ["build", "--package", "onecontact-bench"];
    project.console.run("Benchmark: compile", project.command("cargo", &args))?;
    // Its progress is a single line that is overwritten: it needs the terminal for itself.
    let mut measure = project.command(project.target.join("debug/onecontact-bench"), &[]);
    let status = measure.args(only.map(|name| ["--only", name]).into_iter().flatten()).status();
    if !status.context("the benchmark could not be started")?.success() {
        bail!("the benchmark did not come to its end");
    }
    Ok(())
}
