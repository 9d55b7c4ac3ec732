//! The command `dev`: from a fresh clone to an agent's login page, and then rebuild on every change.
//!
//! Here: the order of things. What serves, what watches and what is declared stand in the modules below.

mod declarations;
mod server;
mod token_keys;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::build::{self, Profile};
use crate::project::Project;
use server::Server;
use watch::{Change, Watcher};

/// Where wrangler serves by default, too.
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
    server::check_port(options.port)?;
    let directory = declarations::Directory::find(project, &options.directory)?;
    build::run(project, Profile::Dev)?;
    token_keys::ensure(project)?;
    directory.apply(project)?;

    let watcher = Watcher::new(project, directory.path())?;
    let mut server = Server::start(project, options.port)?;
    println!("\n{}\n", directory.welcome(options.port));
    loop {
        for change in watcher.next(Duration::from_secs(1)) {
            let done = match change {
                Change::Sources => build::run(project, Profile::Dev),
                Change::Declarations => {
                    // Two processes on one local store lose writes, so wrangler pauses while the tool writes.
                    server.stop();
                    let applied = directory.apply(project);
                    server = Server::start(project, options.port)?;
                    applied
                }
            };
            // A mistake is shown, and what was good before goes on being served.
            if let Err(error) = done {
                eprintln!("\nerror: {error:#}\n");
            }
        }
        if server.has_ended() {
            bail!("wrangler ended by itself; what it printed stands above");
        }
    }
}
