//! An API client that a public generator makes from the API's document (`docs/openapi.json`), and the round that the
//! wire tests play with it (`tests/client/`).

use anyhow::Result;

use crate::project::Project;
use crate::stamp::Stamp;
use crate::tools;

/// The generator's folder, with what it needs. It brings its own TypeScript.
const FOLDER: &str = "tests/client";

/// Generates the client, type-checks the round against it, and bundles both into `generated/round.mjs`.
pub(crate) fn build(project: &Project) -> Result<()> {
    let mut inputs = vec![project.path("docs/openapi.json")];
    inputs.extend(["package-lock.json", "round.ts", "tsconfig.json"].map(|name| project.path(FOLDER).join(name)));
    let stamp = Stamp::new(project.path(FOLDER).join("generated/.built"), &inputs, "")?;
    if stamp.is_fresh() {
        return Ok(());
    }
    tools::ensure_packages(project, FOLDER)?;
    let node = tools::node(project)?;
    let generator = ["tests/client/node_modules/@hey-api/openapi-ts/bin/run.js"];
    let mut generate = project.command(&node, &generator);
    generate.args(["--input", "./docs/openapi.json", "--client", "@hey-api/client-fetch"]);
    generate.args(["--output", "tests/client/generated"]);
    project.console.run("Client: generate", generate)?;
    let check = ["tests/client/node_modules/typescript/bin/tsc", "--project", FOLDER];
    project.console.run("Client: tsc", project.command(&node, &check))?;
    let mut bundle = project.command(project.npm_tool("esbuild"), &["tests/client/round.ts", "--bundle"]);
    bundle.args(["--platform=node", "--format=esm", "--log-level=warning"]);
    bundle.arg("--outfile=tests/client/generated/round.mjs");
    project.console.run("Client: bundle", bundle)?;
    stamp.set()
}
