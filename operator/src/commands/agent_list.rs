//! `onecontact agent list`

use clap::Args;
use kv_schema::Namespace;

use super::{instance_id, open, tell_where};
use crate::agents::{self, From, Listed};
use crate::cli::TargetArgs;
use crate::failure::{Exit, Failure};
use crate::instances;
use crate::output::Output;

/// Which agents to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Of this instance only, by its name, its id or a host
    #[arg(long)]
    instance: Option<String>,
}

/// Lists the agents, each with where they come from.
pub(super) fn run(args: &ListArgs, output: &Output) -> Result<Exit, Failure> {
    let mut directory = open(&args.target, Namespace::Directory)?;
    tell_where(&args.target, &directory, output);
    let instance = args.instance.as_deref().map(|text| instance_id(text, &args.target)).transpose()?;
    let mut store = open(&args.target, Namespace::Sessions)?;
    let listed = agents::list(&mut directory, &mut store, instance.as_ref())?;
    let names = instances::names(&mut directory, listed.iter().map(|agent| &agent.instance))?;
    let line = |agent: &Listed| match agent.from {
        From::Declarations => agent.username.to_string(),
        From::Provider => format!("{}  by the instance's provider", agent.username),
    };
    let text = instances::below(&names, listed.iter().map(|agent| (&agent.instance, line(agent))));
    output.result(if text.is_empty() { "There are no agents." } else { &text }, &listed)?;
    Ok(Exit::Done)
}
