//! The command `dev`: from a fresh clone to an agent's login page, and then a rebuild on every change.
//!
//! This has the order of events. The modules below do the serving and the watching, and handle what is declared.

mod declarations;
mod outbox;
mod ports;
mod provider_secrets;
mod server;
mod token_keys;
mod watch;

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::{self, Profile};
use crate::console;
use crate::project::Project;
use declarations::Directory;
use outbox::Outbox;
use ports::Ports;
use server::Server;
use watch::{Change, Watcher};

/// Also wrangler's default.
pub(crate) const DEFAULT_PORT: u16 = 8787;
/// The demonstration's declarations.
pub(crate) const DEFAULT_DIRECTORY: &str = "demo";

/// What the command line said.
pub(crate) struct Options {
    /// The port to serve on, at 127.0.0.1.
    pub(crate) port: u16,
    /// The declarations to apply and watch; relative to where the command was called, or to the project.
    pub(crate) directory: PathBuf,
}

/// Serves until Ctrl-C.
pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    // Mistakes are reported before any time is spent on building; the first is that another `dev` is running, which has
    // its ports.
    let _store = reserve_store(project)?;
    declarations::forget_copy(project).context("a leftover copy of declarations cannot be removed")?;
    let ports = Ports::at(options.port)?;
    ports.check()?;
    let directory = Directory::find(project, &options.directory)?;
    build::run(project, Profile::Dev)?;
    token_keys::ensure(project)?;
    directory.apply(project, ports.worker)?;
    directory.name_store(project, ports.worker)?;

    let watcher = Watcher::new(project, directory.path())?;
    ports.check()?; // building took a while
    let outbox = Outbox::start(project, ports.messages)?;
    let settings = [outbox.settings().to_vec(), provider_secrets::settings(project)].concat();
    let serve = || Server::start(project, ports.worker, &directory.store(project), &settings);
    let mut server = Some(serve()?);
    console::say(format_args!("\n{}\n", directory.welcome(ports.worker, &directory.installs(project))));
    console::say(format_args!(
        "Messages to agents are at {} and in `cargo onecontact outbox`; none is sent.\n",
        outbox.address()
    ));
    loop {
        let changes = watcher.next(Duration::from_secs(1));
        // A mistake is shown, and what was good before is still served.
        if let Err(error) = attend(project, (&directory, ports.worker), &changes, &mut server, serve) {
            console::tell(format_args!("\nerror: {error:#}\n"));
        }
        if server.as_mut().is_some_and(Server::has_ended) {
            bail!("wrangler ended by itself; its output is above");
        }
    }
}

/// Keeps a second `dev` away from the local store for as long as the returned file is open: two processes on one store
/// lose writes.
fn reserve_store(project: &Project) -> Result<File> {
    let directory = project.path(".wrangler");
    fs::create_dir_all(&directory)?;
    let lock = File::create(directory.join("dev.lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => bail!(
            "`cargo xtask dev` is already running in this clone, and two would lose each other's writes; end that one \
             first, or use a second clone"
        ),
        Err(TryLockError::Error(error)) => Err(error).context("the local store cannot be reserved"),
    }
}

/// Does what the changes require.
fn attend(
    project: &Project,
    (directory, port): (&Directory, u16),
    changes: &BTreeSet<Change>,
    server: &mut Option<Server>,
    serve: impl FnOnce() -> Result<Server>,
) -> Result<()> {
    let rebuilt = changes.contains(&Change::Sources) && build::run(project, Profile::Dev)?;
    let declared = changes.contains(&Change::Declarations);
    if !rebuilt && !declared {
        return Ok(());
    }
    // Wrangler restarts in either case: it does not notice a new wasm module beside an unchanged script, and while it
    // runs nothing else may write to the local store.
    *server = None;
    let applied = if declared { directory.apply(project, port) } else { Ok(()) };
    *server = Some(serve()?);
    applied.map_err(|error| {
        let what = declarations::served_after(&error);
        error.context(what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Console;

    #[test]
    fn a_second_one_in_the_same_clone_is_told_so_and_not_of_the_ports_that_the_first_one_has() {
        let project = Project::find(Console::new(false)).unwrap();
        let _first = reserve_store(&project); // or one that runs here already
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let options = Options { port: taken.local_addr().unwrap().port(), directory: DEFAULT_DIRECTORY.into() };
        let refusal = run(&project, &options).unwrap_err().to_string();
        assert!(refusal.contains("is already running in this clone"), "{refusal}");
    }
}
