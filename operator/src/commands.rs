//! The commands, one file each. They read, ask the pure parts, and print.

pub(crate) mod agent;
mod apply;
mod check;
mod diff;
mod init;
mod keys;
mod seal;

use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::CommandFactory;
use kv_schema::Timestamp;

use crate::cli::{AgentCommand, Cli, Command, KeysCommand, TargetArgs};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::store::wrangler::{Target, Wrangler};

/// Does what was asked for.
pub(crate) fn run(command: Command, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Init { dir } => init::run(&dir, output),
        Command::Check { dir } => check::run(&dir, output),
        Command::Diff(args) => diff::run(&args, output),
        Command::Apply(args) => apply::run(&args, output),
        Command::Agent(AgentCommand::Add(args)) => agent::run(&args, output),
        Command::Agent(AgentCommand::Seal { dir }) => seal::run(&dir, output),
        Command::Keys(KeysCommand::New) => keys::run(),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "onecontact", &mut io::stdout());
            Ok(Exit::Done)
        }
    }
}

/// The store that was asked for.
fn open(args: &TargetArgs) -> Result<Wrangler, Failure> {
    let here = std::env::current_dir().map_err(Failure::failed)?;
    // Wrangler runs in the project's root, where a relative path would mean another folder.
    let absolute = |folder: &PathBuf| std::path::absolute(folder).map_err(Failure::failed);
    let target = match &args.place.env {
        Some(environment) => Target::Remote { environment: environment.clone() },
        None => Target::Local { persist_to: args.persist_to.as_ref().map(absolute).transpose()? },
    };
    Wrangler::find(&here, target)
}

fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
