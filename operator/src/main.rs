//! `onecontact`, the operators' command line tool: checks a directory of declarations, compares it with the content of
//! Workers KV, and applies it.
//!
//! In scope: what operators declare, keys, and calling the Worker's API, for example to end a session. Out of scope:
//! what changes by use (locks, states, passwords that agents choose), which the Worker keeps in Durable Objects.
//!
//! [`declarations`] interprets the files, [`plan`] is pure and decides what to write, [`store`] reaches KV, [`apply`]
//! brings the three together, and [`commands`] talks to people.

// These macros panic when nobody reads any more; `output` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod agents;
mod api;
mod apply;
mod cli;
mod commands;
mod declarations;
mod deployment;
mod failure;
#[cfg(test)]
mod fixture;
mod instances;
mod key_set;
mod lock;
mod output;
mod passwords;
mod plan;
mod report;
mod rewrite;
mod secret;
mod sessions;
mod signing;
mod store;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;
use output::Output;

fn main() -> ExitCode {
    let Cli { json, command } = Cli::parse();
    let output = Output { json };
    let exit = commands::run(command, &output).unwrap_or_else(|failure| {
        output.failure(&failure);
        failure.exit()
    });
    exit.into()
}
