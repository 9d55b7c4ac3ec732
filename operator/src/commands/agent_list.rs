//! `onecontact agent list`

use std::fmt::Write as _;

use clap::Args;
use kv_schema::Namespace;
use kv_schema::names::InstanceName;

use super::open;
use crate::agents::{self, From};
use crate::cli::TargetArgs;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::sessions;

/// Which agents to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Of this instance only, by name or id
    #[arg(long)]
    instance: Option<String>,
}

/// Lists the agents, each with where they come from.
pub(super) fn run(args: &ListArgs, output: &Output) -> Result<Exit, Failure> {
    let mut directory = open(&args.target, Namespace::Directory)?;
    let instance = args.instance.as_deref().map(|text| sessions::instance(&mut directory, text)).transpose()?;
    let mut store = open(&args.target, Namespace::Sessions)?;
    let listed = agents::list(&mut directory, &mut store, instance.as_ref())?;
    let names = sessions::names(&mut directory, listed.iter().map(|agent| &agent.instance))?;
    let mut text = String::new();
    let mut before = None;
    for agent in &listed {
        if before != Some(&agent.instance) {
            let name = names.get(&agent.instance).map_or("not in the directory", InstanceName::as_str);
            let _ = writeln!(text, "{name} ({})", agent.instance);
            before = Some(&agent.instance);
        }
        let from = match agent.from {
            From::Declarations => "",
            From::Provider => "  by the instance's provider",
        };
        let _ = writeln!(text, "  {}{from}", agent.username);
    }
    text.truncate(text.trim_end().len());
    output.result(if text.is_empty() { "There are no agents." } else { &text }, &listed);
    Ok(Exit::Done)
}
