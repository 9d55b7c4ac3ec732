//! The command line: what can be asked for. [`crate::commands`] does it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::account::AccountArgs;
use crate::commands::agent::AddArgs;
use crate::commands::agent_list;
use crate::commands::keys::SetArgs;
use crate::commands::outbox::OutboxArgs;
use crate::commands::service::NewArgs;
use crate::commands::session::{EndArgs, ListArgs};
use crate::plan::Destination;

/// Where wrangler serves by default.
pub(crate) const DEFAULT_PORT: u16 = 8787;

const ABOUT: &str = "Declares installs, instances, hosts, agents and services of OneContact Agent, applies the \
    declarations, rotates keys and ends sessions";

const EXIT_CODES: &str = "\
Exit codes:
  0  done, no errors
  1  the declarations have errors (`apply` has applied what is sound, unless it says otherwise)
  2  wrong usage
  3  `diff --exit-code` found differences
  4  a file, wrangler or a server failed; run the command again to continue from there
  5  refused or not confirmed; nothing was done

A new directory, step by step:
  onecontact init centre
  onecontact agent add centre --instance main --username desk1 --name \"Desk One\"
  onecontact check centre
  onecontact apply centre --local";

/// What was typed.
#[derive(Debug, Parser)]
#[command(name = "onecontact", version, about = ABOUT, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Cli {
    /// Print the result as JSON on standard output, for machines
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a first directory of declarations, with comments, for you to edit
    Init {
        /// The directory; it must not exist yet, or must be empty
        dir: PathBuf,
    },
    /// Find every error in the declarations
    Check {
        /// The directory with the declarations: *.toml, and agents in <instance>.csv
        dir: PathBuf,
    },
    /// Show what `apply` would add, change and remove
    Diff(DiffArgs),
    /// Make KV match the declarations
    ///
    /// Agents and extensions with an error are left out and named; the others are applied, and nothing is removed until
    /// the errors are gone. Nothing is applied while an install, an instance, a host, `[login]`, a service, a client or a
    /// file's format has an error.
    Apply(ApplyArgs),
    /// Add and list agents, and replace clear passwords with their hashes
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Make, rotate and complete the set of keys that tokens are signed with
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Make keys for other systems, and for operators, that call a deployment's API
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Make secrets for the applications that `[[client]]` tables declare
    #[command(subcommand)]
    Client(ClientCommand),
    /// Show who is signed in, and end sessions
    #[command(subcommand)]
    Session(SessionCommand),
    /// Show, unlock, reset and disable accounts, and their second steps, at once; lasting changes belong in the declarations
    #[command(subcommand)]
    Account(AccountCommand),
    /// Show the messages of local development: `cargo xtask dev` does not send them anywhere
    Outbox(OutboxArgs),
    /// Print a shell's completions
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The directory with the declarations
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Where `wrangler dev` serves, as for `apply`
    #[arg(long, default_value_t = DEFAULT_PORT, conflicts_with_all = ["dev", "env"])]
    pub(crate) port: u16,
    /// Exit with 3 if there are differences
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The directory with the declarations
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Where `wrangler dev` serves: links in messages lead there
    #[arg(long, default_value_t = DEFAULT_PORT, conflicts_with_all = ["dev", "env"])]
    pub(crate) port: u16,
    /// Remove what is no longer declared and change several agents' declared passwords without asking, even for most agents
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Which KV namespace.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    #[command(flatten)]
    pub(crate) place: TargetPlace,
    /// Where wrangler keeps the local namespaces, if not in .wrangler/state
    #[arg(long, value_name = "FOLDER", requires = "local")]
    pub(crate) persist_to: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct TargetPlace {
    /// Use this machine's KV for `wrangler dev`, which must not be running meanwhile
    #[arg(long)]
    pub(crate) local: bool,
    /// Use this machine's KV that `cargo xtask dev` served last; it applies declarations by itself
    #[arg(long)]
    pub(crate) dev: bool,
    /// Use Cloudflare's KV of this environment in wrangler.toml: staging or production
    #[arg(long, value_name = "ENVIRONMENT")]
    pub(crate) env: Option<String>,
}

impl TargetPlace {
    /// Where its records go; on this machine, `wrangler dev` serves at `port`.
    pub(crate) const fn destination(&self, port: u16) -> Destination {
        if self.env.is_some() { Destination::Cloudflare } else { Destination::ThisMachine(port) }
    }

    /// Whether any place was given.
    pub(crate) const fn is_said(&self) -> bool {
        self.local || self.dev || self.env.is_some()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Declare an agent, with an initial password that is shown once and must be changed
    Add(AddArgs),
    /// List the agents, including those a provider vouches for; --json exports all that is declared. KV may be a minute behind
    List(agent_list::ListArgs),
    /// Replace the clear passwords in the declarations with their hashes
    Seal {
        /// The directory with the declarations
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServiceCommand {
    /// Make a service's key, and print the service's declaration
    New(NewArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Make a secret, and print it for the application, and its hash for the declaration
    Secret,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List current sessions; KV may be a minute behind
    List(ListArgs),
    /// End an agent's session at once, wherever it is
    End(EndArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Show what keeps an agent out, and what the agent signs in with
    Show(AccountArgs),
    /// Unlock an account
    Unlock(AccountArgs),
    /// Give an agent an initial password, which is shown once, and end their session
    Reset(AccountArgs),
    /// Keep an agent out at once, and end their session
    Disable(AccountArgs),
    /// Let an agent in again
    Enable(AccountArgs),
    /// Require a second step of an agent, whatever is declared
    RequireSecondStep(AccountArgs),
    /// Require a second step of an agent only where the declarations do
    WaiveSecondStep(AccountArgs),
    /// Forget an agent's authenticator app, passkeys, recovery codes and devices, for example when a phone is lost
    ResetSecondStep(AccountArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Print a new key set for the secret `TOKEN_KEYS`
    New,
    /// Rotate a key set: next keys start signing, active ones retire, new next ones are made
    Rotate(SetArgs),
    /// Add the next keys that a key set lacks, so that it can be rotated
    Complete(SetArgs),
}
