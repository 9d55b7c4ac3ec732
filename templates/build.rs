//! Makes constants of the assets' addresses: `STYLE_CSS`, `LOGIN_JS`, …, from the manifest that `cargo xtask build`
//! writes. Before its first run, the names without their hashes stand in, so that native tests build.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What pages link to whether or not there is a manifest yet.
const LINKED: [&str; 12] = [
    "common-passwords.txt",
    "desk-link.js",
    "desktop.de.js",
    "desktop.en.js",
    "desktop.es.js",
    "desktop.fr.js",
    "desktop.pt.js",
    "icon.svg",
    "login.js",
    "passkey.js",
    "set-up.js",
    "style.css",
];

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../assets/dist/manifest.json");
    println!("cargo:rerun-if-changed={}", manifest.display());
    let entries = match fs::read_to_string(&manifest) {
        Ok(text) => parse(&text)?,
        Err(_) => LINKED.map(|name| (name.to_owned(), format!("/assets/{name}"))).into(),
    };
    if let Some(missing) = LINKED.iter().find(|linked| !entries.iter().any(|(name, _)| name == *linked)) {
        return Err(format!("{} does not name {missing}", manifest.display()).into());
    }
    let mut code = String::new();
    for (name, address) in entries {
        let constant = name.to_uppercase().replace(|char: char| !char.is_ascii_alphanumeric(), "_");
        writeln!(code, "/// The address of `{name}`.\npub const {constant}: &str = {address:?};")?;
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("assets.rs"), code)?;
    Ok(())
}

/// The manifest is one flat object with an entry to a line, in which nothing is escaped: no parser is worth compiling.
fn parse(text: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let entry = |line: &str| match line.split('"').collect::<Vec<_>>()[..] {
        [_, name, ": ", address, _] => Ok((name.to_owned(), address.to_owned())),
        _ => Err(format!("the assets' manifest has a line that is no entry: {line}").into()),
    };
    text.lines().filter(|line| line.contains('"')).map(entry).collect()
}
