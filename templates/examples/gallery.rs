//! Writes every page in every state and language into a folder, to look at and to test:
//! `cargo run -p onecontact-templates --example gallery -- <folder>`, then serve that folder with any static server.
//! Assets come from the last `cargo xtask build`.

#[path = "../tests/states/mod.rs"]
#[expect(clippy::expect_used, reason = "a page that does not render has to be seen at once")]
mod states;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, error::Error, fs};

/// What the desktop's script fetches, so that it comes to life in the gallery.
const PARTS: [(&str, &str); 4] = [
    ("profile", r#"{"part":"profile","username":"desk.one","display_name":"Desk One"}"#),
    ("instance", r#"{"part":"instance","name":"acme","display_name":"Acme Support"}"#),
    ("extension", r#"{"part":"extension","extension":"1001","default":true}"#),
    (
        "session",
        r#"{"part":"session","since":1795419540,"hard_end":1795462740,"browser":{"family":"Chrome","system":"Windows"},"install":"Demo"}"#,
    ),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("give the folder to write to")?);
    fs::create_dir_all(&folder)?;
    let mut index = String::from("<!doctype html><html lang=\"en\"><title>Gallery</title><h1>Gallery</h1><ul>");
    for page in states::all() {
        let file = format!("{}.{}.html", page.name, page.language.tag());
        write!(index, "<li><a href=\"{file}\">{file}</a>")?;
        fs::write(folder.join(file), page.html)?;
    }
    fs::write(folder.join("index.html"), index)?;
    let parts = folder.join("OneAgentWeb_Demo/desktop/parts");
    fs::create_dir_all(&parts)?;
    for (name, json) in PARTS {
        fs::write(parts.join(name), json)?;
    }
    copy_assets(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/dist/public/assets"), &folder.join("assets"))
}

fn copy_assets(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let Ok(files) = fs::read_dir(from) else {
        eprintln!("no assets are built: the pages have no style until `cargo xtask build` has run");
        return Ok(());
    };
    fs::create_dir_all(to)?;
    for file in files {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}
