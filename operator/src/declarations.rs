//! A directory of declarations: which files it has, what they say, and everything that is wrong with them.
//!
//! Nothing here knows KV: records are made in [`crate::plan`].

pub(crate) mod address;
pub(crate) mod agent;
mod client;
mod common_passwords;
mod cross;
pub(crate) mod csv_file;
mod csv_rows;
pub(crate) mod csv_table;
mod extension;
mod instance;
pub(crate) mod item;
pub(crate) mod model;
mod outline;
pub(crate) mod owners;
pub(crate) mod place;
mod provider;
mod reader;
pub(crate) mod service;
mod toml_file;
mod understand;
mod unextended;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kv_schema::names::InstanceName;
use walkdir::WalkDir;
use zeroize::Zeroizing;

use crate::cli::DEFAULT_PORT;
use crate::failure::Failure;
use item::{Item, ItemKind};
use model::Declared;
use outline::Outlines;
use owners::Owners;
use place::{Place, Problem, Problems, Severity};

/// The content of a directory, not yet understood.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    pub(crate) items: Vec<Item>,
    /// CSV files without a row, and what their rows would declare.
    empty: Vec<(Arc<str>, ItemKind)>,
    demo: bool,
    /// A file is not TOML: what it declares is unknown, so nothing can be said about the directory.
    is_unclear: bool,
    pub(crate) problems: Problems,
}

/// What a directory declares, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Without the agents that have a problem.
    pub(crate) declared: Declared,
    pub(crate) problems: Vec<Problem>,
    /// Files without any agent, and the instance that their agents would belong to.
    pub(crate) without_agents: Vec<(Place, InstanceName)>,
    /// A file is not TOML, and nothing else was checked.
    pub(crate) is_unclear: bool,
}

impl Checked {
    pub(crate) fn has(&self, severity: Severity) -> bool {
        self.problems.iter().any(|problem| problem.severity == severity)
    }
}

/// Whether `path` is named as a CSV file, in whatever letter case a spreadsheet wrote the extension.
pub(crate) fn is_csv(path: &Path) -> bool {
    has_extension(path, "csv")
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

/// The files of `directory` that declare something, in a fixed order: `*.toml` and `*.csv` at any depth, except hidden
/// ones.
pub(crate) fn files(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = called_so(directory)?;
    files.retain(|path| path.is_file());
    if files.is_empty() {
        let message =
            format!("{} has no *.toml and no *.csv; `onecontact init` creates a first one", directory.display());
        return Err(Failure::Refused(message));
    }
    Ok(files)
}

/// Everything named like such a file, including folders and links that lead nowhere.
fn called_so(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    if directory.is_file() {
        let folder = directory.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (file, folder) = (directory.display(), folder.display());
        return Err(Failure::failed(format!("{file} is a file: name the directory it is in, {folder}")));
    }
    if !directory.is_dir() {
        return Err(Failure::failed(format!("there is no directory {}", directory.display())));
    }
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let walk = WalkDir::new(directory).follow_links(true).sort_by_file_name().into_iter();
    let mut found = Vec::new();
    for entry in walk.filter_entry(|entry| entry.depth() == 0 || !hidden(entry.file_name())) {
        let entry = entry.map_err(|error| Failure::files(directory, &error.into()))?;
        let is_inside = entry.depth() > 0; // the directory itself may be called anything
        if is_inside && (is_csv(entry.path()) || has_extension(entry.path(), "toml")) {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

/// Reads all files of `directory`.
pub(crate) fn load(directory: &Path) -> Result<Stated, Failure> {
    load_at(directory, DEFAULT_PORT)
}

/// Reads all files of `directory` as `cargo xtask dev` applies them when it serves at `port`: addresses on this machine
/// are moved to that port.
pub(crate) fn load_at(directory: &Path, port: u16) -> Result<Stated, Failure> {
    let mut stated = Stated::default();
    for path in files(directory)? {
        stated.add(&path, port)?;
    }
    for path in called_so(directory)?.iter().filter(|path| !path.is_file()) {
        let place = Place::new(&path.to_string_lossy().into(), 1);
        let (what, fix) = ("this is not a file, so it declares nothing", "give it another name, or put a file there");
        stated.problems.add(Severity::Warning, &place, what, fix);
    }
    Ok(stated)
}

/// Whose passwords the `files` hold. A file that cannot be read contributes nothing.
pub(crate) fn owners(files: &[PathBuf]) -> Owners {
    let mut stated = Stated::default();
    for path in files {
        let _ = stated.add(path, DEFAULT_PORT);
    }
    Owners::of(&stated.items)
}

impl Stated {
    fn add(&mut self, path: &Path, port: u16) -> Result<(), Failure> {
        let (usual, served) = (format!("localhost:{DEFAULT_PORT}"), format!("localhost:{port}"));
        let bytes = Zeroizing::new(std::fs::read(path).map_err(|error| Failure::files(path, &error))?);
        let file: Arc<str> = path.to_string_lossy().into();
        if is_csv(path) {
            self.add_csv(&file, &bytes);
        } else {
            self.add_toml(&file, &bytes, (&usual, &served));
        }
        Ok(())
    }

    fn add_csv(&mut self, file: &Arc<str>, bytes: &[u8]) {
        match csv_file::read(file, bytes, &mut self.problems) {
            Ok(items) => self.items.extend(items),
            Err(kind) => self.empty.push((Arc::clone(file), kind)),
        }
    }

    fn add_toml(&mut self, file: &Arc<str>, bytes: &[u8], (usual, served): (&str, &str)) {
        let Ok(text) = std::str::from_utf8(csv_file::without_bom(bytes)) else {
            let place = Place::new(file, 1);
            self.problems.add(Severity::Blocking, &place, "the file is not UTF-8", "save it as UTF-8");
            return;
        };
        let text = Zeroizing::new(text.replace(usual, served));
        let found = toml_file::read(file, &text, &mut self.problems);
        self.items.extend(found.items);
        self.demo |= found.demo;
        self.is_unclear |= found.is_unclear;
    }
}

/// Interprets `stated`, and finds everything that is wrong with it.
pub(crate) fn check(stated: Stated) -> Checked {
    let Stated { items, empty, demo, is_unclear, mut problems } = stated;
    let mut declared = Declared { demo, ..Declared::default() };
    if is_unclear {
        return Checked { declared, problems: problems.into_sorted(), without_agents: Vec::new(), is_unclear };
    }
    let mut outlines = Outlines::default();
    for item in items {
        let (problems, outlines) = (&mut problems, &mut outlines);
        match item.kind {
            ItemKind::Install => declared.installs.extend(understand::install(item, problems, outlines)),
            ItemKind::Instance => declared.instances.extend(instance::instance(item, problems, outlines)),
            ItemKind::Host => declared.hosts.extend(understand::host(item, problems, outlines)),
            ItemKind::Agent => declared.agents.extend(agent::agent(item, problems, outlines)),
            ItemKind::Extension => declared.extensions.extend(extension::extension(item, problems, outlines)),
            ItemKind::Login => declared.logins.extend(understand::login(item, problems, outlines)),
            ItemKind::Client => declared.clients.extend(client::client(item, problems, outlines)),
            ItemKind::Service => declared.services.extend(service::service(item, problems, outlines)),
        }
    }
    let mut without_agents = Vec::new();
    for (file, kind) in empty {
        let of_instance = csv_file::empty(&file, &mut problems, &mut outlines);
        without_agents.extend(of_instance.filter(|_| kind == ItemKind::Agent));
    }
    cross::check(&mut declared, &outlines, &mut problems);
    Checked { declared, problems: problems.into_sorted(), without_agents, is_unclear }
}

#[cfg(test)]
mod tests;
