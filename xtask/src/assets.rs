//! The style sheet, the scripts, fonts and icons: bundled, minified and named after their content by esbuild.
//!
//! `assets/dist/public/` is what wrangler serves: `/assets/<name>.<hash>.<extension>`, cacheable for ever.
//! `assets/dist/manifest.json` tells the templates the name of each; it is not served.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::project::Project;
use crate::stamp::Stamp;

/// What pages link to; whatever these import is included.
const ENTRY_POINTS: [&str; 10] = [
    "assets/src/style.css",
    "assets/src/login.ts",
    "assets/src/passkey.ts",
    "assets/src/set-up.ts",
    "assets/src/desk-link.ts",
    // The desktop with its texts: one file per language, so that nobody fetches the other four.
    "assets/src/desktop.de.ts",
    "assets/src/desktop.en.ts",
    "assets/src/desktop.es.ts",
    "assets/src/desktop.fr.ts",
    "assets/src/desktop.pt.ts",
];
/// Everything in here is served as it is, under a hashed name.
const STATIC: &str = "assets/static";
const DIST: &str = "assets/dist";
const PUBLIC: &str = "assets/dist/public";
const MANIFEST: &str = "assets/dist/manifest.json";
const OPTIONS: [&str; 9] = [
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=es2022",
    "--charset=utf8",
    "--entry-names=[name].[hash]",
    "--asset-names=[name].[hash]",
    "--outdir=assets/dist/public/assets",
    "--metafile=assets/dist/meta.json",
];
const HEADERS: &str = "\
/assets/*
  ! Cache-Control
  Cache-Control: public, max-age=31536000, immutable
  X-Content-Type-Options: nosniff
";

/// Builds the assets, unless they exist and none of their inputs has changed. Returns whether it did.
pub(crate) fn build(project: &Project) -> Result<bool> {
    let inputs = ["assets/src", STATIC, "package-lock.json"].map(|input| project.path(input));
    let stamp = Stamp::new(project.path("assets/dist/.built"), &inputs, &format!("{OPTIONS:?}{HEADERS}"))?;
    if stamp.is_fresh() {
        return Ok(false);
    }
    if project.path(PUBLIC).exists() {
        fs::remove_dir_all(project.path(PUBLIC)).context("the assets' last build cannot be removed")?;
    }
    let files = static_files(&project.path(STATIC))?;
    let mut command = project.command(project.npm_tool("esbuild"), &OPTIONS);
    command.args(ENTRY_POINTS).args(files.iter().map(|file| format!("{STATIC}/{file}")));
    // Files that are served as they are: `copy` preserves their bytes, even where the style sheet refers to them.
    command.args(extensions(&files).map(|extension| format!("--loader:.{extension}=copy")));
    project.console.run("Assets: style sheet, scripts, icons", command)?;

    fs::write(project.path(PUBLIC).join("_headers"), HEADERS)?;
    let meta = fs::read_to_string(project.path(DIST).join("meta.json")).context("esbuild wrote no metafile")?;
    let manifest = serde_json::to_string_pretty(&manifest(&serde_json::from_str(&meta)?))? + "\n";
    let path = project.path(MANIFEST);
    // Left alone if it is the same, so that cargo does not recompile the templates.
    if fs::read_to_string(&path).ok().as_ref() != Some(&manifest) {
        fs::write(&path, manifest)?;
    }
    stamp.set()?;
    Ok(true)
}

fn static_files(directory: &Path) -> Result<Vec<String>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut files: Vec<String> = fs::read_dir(directory)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    files.retain(|file| !file.starts_with('.'));
    files.sort();
    Ok(files)
}

fn extensions(files: &[String]) -> impl Iterator<Item = String> + use<> {
    let mut extensions: Vec<String> =
        files.iter().filter_map(|file| Some(Path::new(file).extension()?.to_string_lossy().into_owned())).collect();
    extensions.sort();
    extensions.dedup();
    extensions.into_iter()
}

/// The name that a page would use for a file, and its address, from what esbuild says about its outputs.
fn manifest(meta: &Value) -> BTreeMap<String, String> {
    let outputs = meta["outputs"].as_object().into_iter().flatten();
    outputs
        .filter_map(|(output, about)| {
            let source = PathBuf::from(about["entryPoint"].as_str()?);
            let source = if source.extension()? == "ts" { source.with_extension("js") } else { source };
            let name = source.file_name()?.to_string_lossy().into_owned();
            Some((name, format!("/assets/{}", Path::new(output).file_name()?.to_string_lossy())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_entry_points_as_pages_know_them_and_leaves_out_the_rest() {
        let meta = serde_json::json!({ "outputs": {
            "assets/dist/public/assets/style.AA.css": { "entryPoint": "assets/src/style.css" },
            "assets/dist/public/assets/login.BB.js": { "entryPoint": "assets/src/login.ts" },
            "assets/dist/public/assets/icon.CC.svg": { "entryPoint": "assets/static/icon.svg" },
            "assets/dist/public/assets/shared.DD.js": {},
        }});
        let manifest = manifest(&meta);
        let entries: Vec<_> = manifest.iter().map(|(name, address)| (name.as_str(), address.as_str())).collect();
        assert_eq!(
            entries,
            [
                ("icon.svg", "/assets/icon.CC.svg"),
                ("login.js", "/assets/login.BB.js"),
                ("style.css", "/assets/style.AA.css"),
            ]
        );
    }

    #[test]
    fn each_extension_gets_one_loader() {
        let files = ["a.svg", "b.svg", "c.woff2", "LICENCE"].map(str::to_owned);
        assert_eq!(extensions(&files).collect::<Vec<_>>(), ["svg", "woff2"]);
    }
}
