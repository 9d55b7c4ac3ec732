//! Noticing changed files.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, Result};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::project::Project;

/// What the Worker and its assets are made from.
const SOURCES: [&str; 7] =
    ["functions", "templates", "kv-schema", "assets/src", "assets/static", "Cargo.toml", "Cargo.lock"];
/// What building writes into those.
const MADE: &str = "functions/edge/build";
/// Editors write a file in several steps: a change counts once nothing has happened for this long.
const QUIET: Duration = Duration::from_millis(200);

/// What has to be done again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    /// Building.
    Sources,
    /// Applying the declarations.
    Declarations,
}

/// Watches the sources and the declarations.
pub(super) struct Watcher {
    changes: Receiver<Change>,
    _watcher: RecommendedWatcher, // ends when dropped
}

impl Watcher {
    /// Starts watching.
    pub(super) fn new(project: &Project, declarations: &Path) -> Result<Self> {
        let (sender, changes) = mpsc::channel();
        let (root, directory) = (project.root.clone(), declarations.to_owned());
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return }; // a watch that was lost shows as a change that is not noticed
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            for change in event.paths.iter().filter_map(|path| change(&root, &directory, path)) {
                let _ = sender.send(change); // fails only when nobody waits any more
            }
        })
        .context("files cannot be watched")?;
        let sources = SOURCES.iter().map(|source| project.path(source)).filter(|path| path.exists());
        for path in sources.chain([declarations.to_owned()]) {
            watcher
                .watch(&path, RecursiveMode::Recursive)
                .with_context(|| format!("{} cannot be watched", path.display()))?;
        }
        Ok(Self { changes, _watcher: watcher })
    }

    /// What changed, in the order in which to attend to it; nothing, if nothing changes within `patience`.
    pub(super) fn next(&self, patience: Duration) -> BTreeSet<Change> {
        let mut seen: BTreeSet<Change> = self.changes.recv_timeout(patience).into_iter().collect();
        while !seen.is_empty()
            && let Ok(change) = self.changes.recv_timeout(QUIET)
        {
            seen.insert(change);
        }
        seen
    }
}

/// What a change to the file at `path` requires.
fn change(root: &Path, declarations: &Path, path: &Path) -> Option<Change> {
    let name = path.file_name()?.to_string_lossy();
    if name.starts_with('.') || name.ends_with('~') || name.ends_with(".tmp") || path.starts_with(root.join(MADE)) {
        None
    } else if path.starts_with(declarations) {
        Some(Change::Declarations)
    } else {
        Some(Change::Sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change_at(path: &str) -> Option<Change> {
        change(Path::new("/clone"), Path::new("/clone/demo"), Path::new(path))
    }

    #[test]
    fn a_changed_declaration_asks_for_applying() {
        assert_eq!(change_at("/clone/demo/agents.csv"), Some(Change::Declarations));
    }

    #[test]
    fn a_changed_page_asks_for_building() {
        assert_eq!(change_at("/clone/templates/templates/login.html"), Some(Change::Sources));
    }

    #[test]
    fn what_building_writes_asks_for_nothing() {
        assert_eq!(change_at("/clone/functions/edge/build/index.js"), None);
    }

    #[test]
    fn what_editors_leave_behind_asks_for_nothing() {
        assert_eq!(change_at("/clone/templates/src/.lib.rs.swp"), None);
        assert_eq!(change_at("/clone/templates/src/lib.rs~"), None);
    }
}
