//! Building what is deployed: first the assets, whose hashed names the templates compile in, then the Worker.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::console;
use crate::project::Project;
use crate::stamp::Stamp;
use crate::{assets, tools};

/// Set by `dev` and `test` for the wranglers that they start: the Worker is built, and wrangler's own `[build]` command
/// has nothing to do.
pub(crate) const ALREADY_BUILT: &str = "ONECONTACT_ALREADY_BUILT";

/// The crate that becomes the Worker.
const EDGE: &str = "functions/edge";
/// Where worker-build puts it, and where wrangler.toml looks for it.
const OUTPUT: &str = "functions/edge/build";
const MODULE: &str = "functions/edge/build/index_bg.wasm";
/// What worker-build produces, and the name under which the entry point bundles it.
const SCRIPT: &str = "functions/edge/build/index.js";
const INNER_SCRIPT: &str = "functions/edge/build/worker.js";
/// The Worker's entry point.
const ENTRY: &str = "functions/edge/entry.js";
/// Replaces one of the platform's globals.
const MICROTASK: &str = "functions/edge/microtask.js";
/// Holds the flags for rustc that are for the Worker alone.
const FLAGS: &str = "CARGO_ENCODED_RUSTFLAGS";
/// Separates the flags in it: not a space, which paths may contain.
const SEPARATOR: &str = "\u{1f}";
/// Optimises for size, and removes the names of functions, which worker-build would keep (a tenth of the module that
/// nothing reads). Instead of worker-build's own optimising, not after it: 335 kB compressed where both made 337, in a
/// third of the time. The features are those that worker-build allows.
///
/// A function with a single caller stays separate unless it is tiny. By default all of them are inlined into their
/// callers: half of the Worker became one function of 145 kB, whose thousand variables took two bytes at each use, and
/// which took the platform's compiler longest. Sorted by name, functions are next to similar ones, within gzip's
/// window. 549 kB compressed became 474.
const SHRINK: [&str; 14] = [
    "-Oz",
    "--one-caller-inline-max-function-size=12",
    "--reorder-functions-by-name",
    "--strip-debug",
    "--enable-bulk-memory",
    "--enable-exception-handling",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    MODULE,
    "-o",
    MODULE,
];
/// The project's limit for the compressed module, in bytes. The aim is 350 kB; extensions, offers, the API for routing,
/// the screen recorder, messages, forgotten passwords, the second step, passkeys, `OneContactLogin` with its provider,
/// and instances' own providers have added more than that, most of it for reading and writing JSON.
const GZIP_LIMIT: u64 = 535_000;

/// How the Worker is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// For trying a change: no link-time optimisation, no wasm-opt.
    Dev,
    /// For deploying.
    Release,
}

impl Profile {
    /// Cargo's name for the profile.
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "edge-dev",
            Self::Release => "release",
        }
    }
}

/// The command `build`, which wrangler also runs before a deployment.
pub(crate) fn command(project: &Project) -> Result<()> {
    if std::env::var_os(ALREADY_BUILT).is_some() {
        return Ok(());
    }
    run(project, Profile::Release).map(|_| ())
}

/// Fetches the tools, builds everything, and for a release checks its size. Returns whether anything is new.
pub(crate) fn run(project: &Project, profile: Profile) -> Result<bool> {
    tools::ensure(project)?;
    let assets_are_new = assets::build(project)?;
    let worker_is_new = worker(project, profile)?;
    if profile == Profile::Release {
        check_size(project)?;
        check_names(project)?;
    }
    Ok(assets_are_new || worker_is_new)
}

/// Builds the Worker, unless it exists and neither its crates nor its tools have changed. Returns whether it did.
fn worker(project: &Project, profile: Profile) -> Result<bool> {
    // Cargo decides whether anything has to be compiled; worker-build would do the rest of its work in any case.
    let args = ["build", "--lib", "--target", "wasm32-unknown-unknown", "--profile", profile.name()];
    let flags = flags(project)?;
    let mut compile = project.command("cargo", &args);
    compile.current_dir(project.path(EDGE)).env(FLAGS, &flags);
    project.console.run(&format!("Worker: compile ({})", profile.name()), compile)?;

    let module = project.target.join("wasm32-unknown-unknown").join(profile.name()).join("onecontact_edge.wasm");
    let options = match profile {
        Profile::Dev => ["--profile", "edge-dev", "--no-opt"].as_slice(),
        Profile::Release => &["--release", "--no-opt"],
    };
    let files = [ENTRY, MICROTASK, "Cargo.lock", "package-lock.json"].map(|file| project.path(file));
    let inputs: Vec<PathBuf> = std::iter::once(module).chain(files).collect();
    let stamp = Stamp::new(project.path(OUTPUT).join(".built"), &inputs, &format!("{options:?} {SHRINK:?}"))?;
    if stamp.is_fresh() {
        return Ok(false);
    }
    let mut pack = project.command(project.cargo_tool("worker-build"), options);
    pack.current_dir(project.path(EDGE))
        .env(FLAGS, &flags)
        .env("WASM_BINDGEN_BIN", project.cargo_tool("wasm-bindgen"))
        .env("ESBUILD_BIN", project.npm_tool("esbuild"));
    project.console.run("Worker: bind, bundle", pack)?;
    if profile == Profile::Release {
        project.console.run("Worker: optimise", project.command(project.npm_tool("wasm-opt"), &SHRINK))?;
    }
    enter(project)?;
    stamp.set()?;
    Ok(true)
}

/// The flags with which the module, which names the source file of each place that can panic, names nothing of the
/// machine that built it: a commit yields the same bytes on every machine, and anyone who wants to know what is
/// deployed can rebuild it.
fn flags(project: &Project) -> Result<OsString> {
    let version = rustc(project, &["-vV"])?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
    let sysroot = PathBuf::from(rustc(project, &["--print", "sysroot"])?);
    // If somebody has installed Rust's own sources, they are there; otherwise rustc uses this name anyway.
    let of_rust = remapped(&sysroot.join("lib/rustlib/src/rust/"), &format!("/rustc/{commit}/"));
    let of_crates = cargo_homes(project)?.into_iter().map(|home| remapped(&home.join("registry/src/"), ""));
    Ok(of_crates.chain([of_rust]).collect::<Vec<_>>().join(OsStr::new(SEPARATOR)))
}

/// The output of rustc.
fn rustc(project: &Project, asked: &[&str]) -> Result<String> {
    let output = project.command("rustc", asked).output().context("rustc could not be started")?;
    if !output.status.success() {
        bail!("`rustc {}` failed: {}", asked.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where Cargo keeps, among other things, the sources of crates: a relative folder is below the one that it compiles
/// in.
fn cargo_homes(project: &Project) -> Result<Vec<PathBuf>> {
    let set = std::env::var_os("CARGO_HOME").filter(|set| !set.is_empty()).map(PathBuf::from);
    let home = set.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).context("there is no home directory")?;
    Ok(spellings(project.path(EDGE).join(home)))
}

/// A folder's path, and its path without symbolic links if that differs: either may appear.
fn spellings(folder: PathBuf) -> Vec<PathBuf> {
    let real = folder.canonicalize().ok().filter(|real| *real != folder);
    [folder].into_iter().chain(real).collect()
}

/// The flag that makes files below `from` appear below `to`.
fn remapped(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.extend([from.as_os_str(), OsStr::new("="), OsStr::new(to)]);
    flag
}

/// Replaces worker-build's entry point with the Worker's own.
fn enter(project: &Project) -> Result<()> {
    let inner = project.path(INNER_SCRIPT);
    fs::rename(project.path(SCRIPT), &inner).context("worker-build made no index.js")?;
    let out = format!("--outfile={SCRIPT}");
    let args =
        [ENTRY, "--bundle", "--minify", "--format=esm", "--external:./index_bg.wasm", "--external:cloudflare:workers"];
    let mut bundle = project.command(project.npm_tool("esbuild"), &args);
    bundle.args([&format!("--inject:{MICROTASK}"), "--log-level=warning", &out]);
    project.console.run("Worker: bundle the entry point", bundle)?;
    fs::remove_file(&inner).with_context(|| format!("{} cannot be removed", inner.display()))
}

/// Prints what the Worker weighs, and refuses one that has become too heavy.
fn check_size(project: &Project) -> Result<()> {
    let wasm = project.path(MODULE);
    let raw = fs::metadata(&wasm).with_context(|| format!("{} was not built", wasm.display()))?.len();
    let gzip = gzip_size(project, &wasm)?;
    console::say(format_args!("  Worker: {} kB of wasm, {} kB gzipped", raw.div_ceil(1000), gzip.div_ceil(1000)));
    if gzip > GZIP_LIMIT {
        bail!(
            "the Worker weighs {} kB gzipped, and {} kB is the limit: find what made it grow (`cargo tree -p \
             onecontact-edge -e no-dev`), or raise the limit in xtask/src/build.rs with a reason",
            gzip.div_ceil(1000),
            GZIP_LIMIT / 1000
        );
    }
    Ok(())
}

/// Refuses a Worker that names a folder of this machine.
fn check_names(project: &Project) -> Result<()> {
    let wasm = fs::read(project.path(MODULE)).context("the Worker cannot be read")?;
    for folder in cargo_homes(project)?.into_iter().chain(spellings(project.root.clone())) {
        let name = folder.as_os_str().as_encoded_bytes();
        if wasm.windows(name.len()).any(|part| part == name) {
            bail!("the Worker names {}: built elsewhere, it would differ", folder.display());
        }
    }
    Ok(())
}

/// The size in bytes after gzip, by Node's zlib, which is available anyway.
fn gzip_size(project: &Project, file: &PathBuf) -> Result<u64> {
    const SCRIPT: &str = "console.log(require('zlib').gzipSync(require('fs').readFileSync(process.argv[1])).length)";
    let mut command = project.command(tools::node(project)?, &["-e", SCRIPT]);
    let output = command.arg(file).output().context("Node could not be started")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim().parse().with_context(|| format!("{} could not be compressed", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_rustc_that_fails_ends_the_build_with_what_it_said() {
        let project = Project::find(console::Console::new(false)).unwrap();
        let told = rustc(&project, &["--print", "nonsense"]).unwrap_err().to_string();
        assert!(
            told.starts_with("`rustc --print nonsense` failed: ") && told.contains("unknown print request"),
            "{told}"
        );
    }

    #[test]
    fn a_folder_behind_a_link_is_known_by_both_its_names() {
        let temporary = std::env::temp_dir().canonicalize().unwrap();
        let folder = temporary.join(format!("xtask-{}-spellings", std::process::id()));
        let [real, link] = ["real", "link"].map(|name| folder.join(name));
        fs::create_dir_all(&real).unwrap();
        symlink(&real, &link).unwrap();
        let relative = real.join("../real");
        let found = [&real, &link, &relative].map(|named| spellings(named.clone()));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, [vec![real.clone()], vec![link, real.clone()], vec![relative, real]]);
    }
}
