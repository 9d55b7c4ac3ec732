//! The built command, run as a person runs it, in a folder that is removed with the test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder to run commands in.
pub(crate) struct Folder(TempDir);

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("onecontact").tempdir().unwrap())
    }

    /// A folder that is a project: it has a `wrangler.toml`, and this project's packages.
    pub(crate) fn project() -> Self {
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node_modules");
        assert!(
            packages.join("wrangler").is_dir(),
            "wrangler is not installed: run `npm ci` in the project's root, or all tests with `cargo xtask test`"
        );
        let folder = Self::new();
        folder.write(
            "wrangler.toml",
            "name = \"test\"\ncompatibility_date = \"2026-11-01\"\n\n[[kv_namespaces]]\nbinding = \"DIRECTORY\"\nid = \
             \"test-directory\"\n",
        );
        link(&packages.canonicalize().unwrap(), &folder.path("node_modules"));
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs `onecontact` with these arguments here.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_onecontact")).args(args).current_dir(self.0.path()).output();
        let Output { status, stdout, stderr } = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    /// Like [`Self::run`], for a command that must succeed.
    pub(crate) fn done(&self, args: &[&str]) -> Ran {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{args:?}: {ran:#?}");
        ran
    }
}

impl Ran {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) {
    std::os::unix::fs::symlink(to, at).unwrap();
}

#[cfg(windows)]
fn link(to: &Path, at: &Path) {
    std::os::windows::fs::symlink_dir(to, at).unwrap();
}

/// Declarations of one install, one instance and one host.
pub(crate) const CENTRE: &str = r#"
[[install]]
name = "Lisbon"
instances = ["acme"]

[[instance]]
id = "01KAS5D3M0ACME000000000001"
name = "acme"

[[host]]
host = "acme.example"
instance = "acme"
"#;
