//! `onecontact agent list`

use std::collections::BTreeMap;

use clap::Args;
use kv_schema::Namespace;
use kv_schema::names::{InstanceId, InstanceName};

use super::{instance_id, open_to_read, tell_where};
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
    /// This instance only, by its name, its id or a host
    #[arg(long)]
    instance: Option<String>,
}

/// Lists the agents, each with where they come from and what is declared about them.
pub(super) fn run(args: &ListArgs, output: &Output) -> Result<Exit, Failure> {
    let mut directory = open_to_read(&args.target, Namespace::Directory)?;
    tell_where(&args.target, &directory, output);
    let instance = args.instance.as_deref().map(|text| instance_id(text, &args.target)).transpose()?;
    let mut store = open_to_read(&args.target, Namespace::Sessions)?;
    let listed = agents::list(&mut directory, &mut store, instance.as_ref())?;
    let names = instances::names(&mut directory, listed.iter().map(|agent| &agent.instance))?;
    let text = match &args.instance {
        _ if !listed.is_empty() => table(&listed, &names),
        Some(instance) => format!("There are no agents of {instance:?}."),
        None => "There are no agents.".to_owned(),
    };
    output.result(text, &listed)?;
    Ok(Exit::Done)
}

/// The agents in columns, below the name and the id of each instance.
fn table(listed: &[Listed], names: &BTreeMap<InstanceId, InstanceName>) -> String {
    let extension = |agent: &Listed| Some(agent.details.as_ref()?.extension.as_ref()?.as_str().to_owned());
    let name = |agent: &Listed| agent.details.as_ref().map_or_else(String::new, |details| details.name.clone());
    let width = |of: &dyn Fn(&Listed) -> usize| listed.iter().map(of).max().unwrap_or_default();
    let usernames = width(&|agent| agent.username.as_str().chars().count());
    let extensions = width(&|agent| extension(agent).map_or(1, |extension| extension.len()));
    let display_names = width(&|agent| name(agent).chars().count());
    let line = |agent: &Listed| {
        let (username, name, remarks) = (agent.username.as_str(), name(agent), remarks(agent).join(", "));
        let extension = extension(agent).unwrap_or_else(|| "-".to_owned());
        let line = format!("{username:usernames$}  {extension:>extensions$}  {name:display_names$}  {remarks}");
        line.trim_end().to_owned()
    };
    instances::below(names, listed.iter().map(|agent| (&agent.instance, line(agent))))
}

/// What is worth knowing about an agent besides the columns that everybody has.
fn remarks(agent: &Listed) -> Vec<&'static str> {
    let Some(details) = &agent.details else { return vec!["cannot be read"] };
    let remarks = [
        (details.disabled, "disabled"),
        (details.requires_second_step, "second step"),
        (agent.from == From::Provider, "by the instance's provider"),
    ];
    remarks.into_iter().filter_map(|(holds, remark)| holds.then_some(remark)).collect()
}
