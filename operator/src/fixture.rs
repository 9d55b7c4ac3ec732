//! Directories of declarations for tests.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// A hash that may be declared, of "an example, never in use".
pub(crate) const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$b25lY29udGFjdC1leGFtcGw$VaiOVIELFg7yydjY0z5/J7Vfv1jl0R2xobrIOabVGjA";

/// One of each kind, without a problem.
pub(crate) const SOUND: &str = r#"
[[install]]
name = "Lisbon"
instances = ["acme"]

[[instance]]
id = "01KAS5D3M0ACME000000000001"
name = "acme"

[[host]]
host = "acme.example"
instance = "acme"

[[agent]]
instance = "acme"
username = "desk1"
name = "Desk1"
email = "desk1@acme.example"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$b25lY29udGFjdC1leGFtcGw$VaiOVIELFg7yydjY0z5/J7Vfv1jl0R2xobrIOabVGjA"
"#;

/// A directory that is removed with the test.
pub(crate) struct Directory(TempDir);

impl Directory {
    /// Writes each file, by its path and its text. The directory's name does not begin with a dot, as a hidden one's
    /// would.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let directory = Self(tempfile::Builder::new().prefix("declared").tempdir().unwrap());
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        directory
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}
