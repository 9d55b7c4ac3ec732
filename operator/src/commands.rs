//! The commands, one file each. They read, call the pure parts, and print.

pub(crate) mod account;
pub(crate) mod agent;
pub(crate) mod agent_list;
mod apply;
mod check;
mod client;
mod diff;
mod init;
pub(crate) mod keys;
pub(crate) mod outbox;
mod seal;
pub(crate) mod service;
pub(crate) mod session;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::CommandFactory;
use kv_schema::names::InstanceId;
use kv_schema::{Namespace, Timestamp};

use crate::cli::{
    AccountCommand, AgentCommand, Cli, ClientCommand, Command, KeysCommand, ServiceCommand, SessionCommand, TargetArgs,
};
use crate::failure::{Exit, Failure};
use crate::instances;
use crate::output::{self, Output};
use crate::store::wrangler::{DevStore, Target, Wrangler};

/// Runs a command.
pub(crate) fn run(command: Command, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Init { dir } => init::run(&dir, output),
        Command::Check { dir } => check::run(&dir, output),
        Command::Diff(args) => diff::run(&args, output),
        Command::Apply(args) => apply::run(&args, output),
        Command::Agent(AgentCommand::Add(args)) => agent::run(&args, output),
        Command::Agent(AgentCommand::List(args)) => agent_list::run(&args, output),
        Command::Agent(AgentCommand::Seal { dir }) => seal::run(&dir, output),
        Command::Keys(KeysCommand::New) => keys::new(),
        Command::Keys(KeysCommand::Rotate(args)) => keys::rotate(&args, output),
        Command::Keys(KeysCommand::Complete(args)) => keys::complete(&args, output),
        Command::Service(ServiceCommand::New(args)) => service::new(&args, output),
        Command::Client(ClientCommand::Secret) => client::secret(output),
        Command::Session(SessionCommand::List(args)) => session::list(&args, output),
        Command::Session(SessionCommand::End(args)) => session::end(&args, output),
        Command::Account(AccountCommand::Show(args)) => account::show(&args, output),
        Command::Account(AccountCommand::Unlock(args)) => account::unlock(&args, output),
        Command::Account(AccountCommand::Reset(args)) => account::reset(&args, output),
        Command::Account(AccountCommand::Disable(args)) => account::disable(&args, output),
        Command::Account(AccountCommand::Enable(args)) => account::enable(&args, output),
        Command::Account(AccountCommand::RequireSecondStep(args)) => account::require_second_step(&args, output),
        Command::Account(AccountCommand::WaiveSecondStep(args)) => account::waive_second_step(&args, output),
        Command::Account(AccountCommand::ResetSecondStep(args)) => account::reset_second_step(&args, output),
        Command::Outbox(args) => outbox::run(&args, output),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "onecontact", &mut script);
            output::print(String::from_utf8_lossy(&script).trim_end())?;
            Ok(Exit::Done)
        }
    }
}

fn here() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(Failure::failed)
}

/// What the latest `cargo xtask dev` serves.
fn dev_store() -> Result<DevStore, Failure> {
    DevStore::find(&here()?)
}

/// Opens the requested store.
fn open(args: &TargetArgs, namespace: Namespace) -> Result<Wrangler, Failure> {
    let here = here()?;
    // Wrangler runs in the project's root, where a relative path would mean another folder.
    let absolute = |folder: &PathBuf| std::path::absolute(folder).map_err(Failure::failed);
    let target = match &args.place.env {
        Some(environment) => Target::Remote { environment: environment.clone() },
        None if args.place.dev => Target::Local { persist_to: Some(dev_store()?.folder) },
        None => Target::Local { persist_to: args.persist_to.as_ref().map(absolute).transpose()? },
    };
    Wrangler::find(&here, target, namespace)
}

/// Opens the requested store for reading. Wrangler would create a missing folder and find nothing in it.
fn open_to_read(args: &TargetArgs, namespace: Namespace) -> Result<Wrangler, Failure> {
    let store = open(args, namespace)?;
    match store.folder().filter(|folder| !folder.is_dir()) {
        Some(folder) => {
            let folder = folder.display();
            Err(Failure::Refused(format!(
                "there is no folder {folder}: nothing was ever applied there. Is it misspelt?"
            )))
        }
        None => Ok(store),
    }
}

/// The id of the instance that a person means by its id, its name or a host. `target` may be empty if it is an id.
fn instance_id(text: &str, target: &TargetArgs) -> Result<InstanceId, Failure> {
    instances::find(text, || {
        if target.place.is_said() {
            return open_to_read(target, Namespace::Directory);
        }
        let message = format!(
            "{text:?} is not an instance's id: say where to look for it, with --env, --local or \
            --dev"
        );
        Err(Failure::Refused(message))
    })
}

/// Says where a list comes from if the reader may expect another place.
fn tell_where(args: &TargetArgs, store: &Wrangler, output: &Output) {
    if args.place.local && args.persist_to.is_none() && store.has_dev_store() {
        output.note(
            "Looking in .wrangler/state, where `wrangler dev` and `apply --local` keep the namespaces. `cargo xtask \
             dev` keeps its own elsewhere; use --dev to look there.",
        );
    }
}

fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}
