//! Where the built Worker and workerd stand in the project.

use std::fs;
use std::path::{Path, PathBuf};

/// The Worker's modules, as worker-build names them.
pub const MODULES: [&str; 2] = ["index.js", "index_bg.wasm"];

/// What a test needs from the project, found or said to be missing.
#[derive(Debug, Clone)]
pub struct Project {
    /// The directory with the Worker's [`MODULES`].
    pub worker: PathBuf,
    /// The workerd binary, of the version that wrangler brings.
    pub workerd: PathBuf,
    /// `compatibility_date` of `wrangler.toml`: the tests run what is deployed.
    pub compatibility_date: String,
}

impl Project {
    /// Finds all of it from this crate's own place.
    ///
    /// # Panics
    /// Where something is missing, with the command that makes it. A test never passes because it could not run.
    #[must_use]
    pub fn find() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the project");
        let worker = root.join("functions/edge/build");
        for module in MODULES {
            assert!(
                worker.join(module).is_file(),
                "{} is missing. Build the Worker first: cargo xtask build (cargo xtask test does both)",
                worker.join(module).display()
            );
        }
        let workerd = root.join("node_modules/.bin/workerd");
        assert!(
            workerd.is_file(),
            "{} is missing. Fetch the npm packages first: cargo xtask build (or npm ci)",
            workerd.display()
        );
        Self { worker, workerd, compatibility_date: compatibility_date(&root.join("wrangler.toml")) }
    }
}

fn compatibility_date(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let table: toml::Table = text.parse().expect("wrangler.toml is TOML");
    table["compatibility_date"].as_str().expect("wrangler.toml has a compatibility_date").to_owned()
}
