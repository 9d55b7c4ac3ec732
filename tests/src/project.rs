//! Where the built Worker and workerd are in the project.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The Worker's modules, as worker-build names them.
const MODULES: [&str; 2] = ["index.js", "index_bg.wasm"];

/// What a test needs from the project, found or reported missing.
#[derive(Debug, Clone)]
pub struct Project {
    /// The Worker's modules, by name. Read once: all nodes of a run are of one build, even if another one begins.
    pub modules: Vec<(&'static str, Vec<u8>)>,
    /// The workerd binary, of the version that comes with wrangler.
    pub workerd: PathBuf,
    /// `compatibility_date` of `wrangler.toml`: the tests run what is deployed.
    pub compatibility_date: String,
}

impl Project {
    /// Finds everything, starting from this crate's own folder.
    ///
    /// # Panics
    /// If something is missing, with the command that makes it. A test never passes because it could not run.
    #[must_use]
    pub fn find() -> Self {
        let root = root();
        let modules = MODULES.map(|module| {
            let file = root.join("functions/edge/build").join(module);
            let content = fs::read(&file).unwrap_or_else(|error| {
                panic!(
                    "{}: {error}. Build the Worker first: cargo xtask build (cargo xtask test does both)",
                    file.display()
                )
            });
            (module, content)
        });
        let workerd = root.join("node_modules/.bin/workerd");
        assert!(
            workerd.is_file(),
            "{} is missing. Fetch the npm packages first: cargo xtask build (or npm ci)",
            workerd.display()
        );
        Self { modules: modules.into(), workerd, compatibility_date: compatibility_date(&root.join("wrangler.toml")) }
    }
}

/// The project's folder.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the project")
}

/// The Node that npm installed with the packages, or the system's.
#[must_use]
pub fn node() -> PathBuf {
    let own = root().join("node_modules/.bin/node");
    if own.exists() { own } else { "node".into() }
}

/// The folder of the built static assets, which the platform serves below `/`.
#[must_use]
pub fn assets() -> PathBuf {
    root().join("assets/dist/public")
}

/// A directory that is removed with its handle: beside the tests' own binary, where nothing tidies up while they run.
#[must_use]
pub fn scratch() -> TempDir {
    let binary = std::env::current_exe().expect("a test knows its binary");
    tempfile::tempdir_in(binary.parent().expect("a binary stands in a directory")).unwrap()
}

/// The same in memory, if the system has such a place: one disk must not be a bottleneck for hundreds of objects that
/// elsewhere have a disk each.
#[must_use]
pub fn scratch_in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| scratch())
}

fn compatibility_date(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let table: toml::Table = text.parse().expect("wrangler.toml is TOML");
    table["compatibility_date"].as_str().expect("wrangler.toml has a compatibility_date").to_owned()
}
