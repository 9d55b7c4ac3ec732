//! `onecontact session`: who is signed in, and ending a session.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use clap::Args;
use kv_schema::Namespace;
use kv_schema::names::{InstanceId, InstanceName, ServiceName, Username};
use kv_schema::sessions::Session;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{instance_id, now, open_to_read, tell_where};
use crate::api::{Api, Reason};
use crate::cli::TargetArgs;
use crate::failure::{Exit, Failure};
use crate::instances;
use crate::output::{Output, time};
use crate::sessions::{self, Wanted};
use crate::signing::ServiceJwk;

/// Which sessions to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// This instance only, by its name, its id or a host
    #[arg(long)]
    instance: Option<String>,
    /// This agent only, by username
    #[arg(long, value_parser = Username::parse)]
    agent: Option<Username>,
}

/// Which deployment is asked, and as whom.
#[derive(Debug, Args)]
pub(crate) struct CallerArgs {
    /// The deployment's address, with its scheme
    #[arg(long, value_name = "URL")]
    server: String,
    /// The service to ask as; it needs the scope sessions:end to end sessions, accounts:manage for accounts
    #[arg(long, value_name = "NAME", value_parser = ServiceName::parse)]
    service: ServiceName,
    /// The file with the service's private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

impl CallerArgs {
    /// The deployment's API.
    pub(super) fn api(&self) -> Result<Api, Failure> {
        let key = fs::read_to_string(&self.key).map_err(|error| Failure::files(&self.key, &error))?;
        Api::new(&self.server, self.service.clone(), ServiceJwk::parse(&Zeroizing::new(key))?)
    }
}

/// An agent, as a person names one.
#[derive(Debug, Args)]
#[command(mut_group("TargetPlace", |place| place.required(false)))]
pub(crate) struct AgentArgs {
    /// The instance: its id, or its name or a host, which is looked up in the KV that --env, --local or --dev names
    instance: String,
    /// The agent's username
    #[arg(value_parser = Username::parse)]
    agent: Username,
    #[command(flatten)]
    target: TargetArgs,
}

impl AgentArgs {
    /// The instance's id, and the agent's name as it is looked up.
    pub(super) fn ids(&self) -> Result<(InstanceId, Username), Failure> {
        Ok((instance_id(&self.instance, &self.target)?, self.agent.clone()))
    }
}

/// Whose session to end, and as whom.
#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    #[command(flatten)]
    agent: AgentArgs,
    #[command(flatten)]
    caller: CallerArgs,
    /// Tell the agent that the account was disabled, not that the session was ended
    #[arg(long)]
    disabled: bool,
}

/// Lists the current sessions.
pub(super) fn list(args: &ListArgs, output: &Output) -> Result<Exit, Failure> {
    let mut directory = open_to_read(&args.target, Namespace::Directory)?;
    tell_where(&args.target, &directory, output);
    let instance = args.instance.as_deref().map(|text| instance_id(text, &args.target)).transpose()?;
    let mut store = open_to_read(&args.target, Namespace::Sessions)?;
    let found = sessions::list(&mut store, &Wanted { instance, agent: args.agent.clone() }, now())?;
    let names = instances::names(&mut directory, found.sessions.iter().map(|session| &session.instance))?;
    for unreadable in &found.unreadable {
        output.note(format!("skipped: {unreadable}"));
    }
    let value: Vec<Value> = found.sessions.iter().map(|session| json!(session)).collect();
    let text = if value.is_empty() { nobody(args) } else { table(&found.sessions, &names) };
    output.result(text, &value)?;
    Ok(Exit::Done)
}

/// Says that no session matches the request.
fn nobody(args: &ListArgs) -> String {
    let of = args.instance.as_ref().map_or_else(String::new, |instance| format!(" of {instance:?}"));
    match &args.agent {
        Some(agent) => format!("{agent}{of} is not signed in."),
        None => format!("Nobody{of} is signed in."),
    }
}

/// Ends an agent's session, wherever it is.
pub(super) fn end(args: &EndArgs, output: &Output) -> Result<Exit, Failure> {
    let (instance, agent) = args.agent.ids()?;
    let api = args.caller.api()?;
    let reason = if args.disabled { Reason::Disabled } else { Reason::Forced };
    let ended = api.end_session(&instance, &agent, reason, now())?;
    let text = match ended.ended.as_slice() {
        [] => format!("{agent} is not signed in: there was nothing to end."),
        sids => format!("Ended: {}. The agent is told at once.", sids.join(", ")),
    };
    output.result(text, &ended)?;
    Ok(Exit::Done)
}

/// The sessions in columns, below the name and the id of each instance.
fn table(sessions: &[Session], names: &BTreeMap<InstanceId, InstanceName>) -> String {
    let width = |of: fn(&Session) -> usize| sessions.iter().map(of).max().unwrap_or_default();
    let agents = width(|session| session.agent.as_str().chars().count());
    let extensions = width(|session| session.extension.as_ref().map_or(1, |extension| extension.as_str().len()));
    let line = |session: &Session| {
        let extension = session.extension.as_ref().map_or("-", |extension| extension.as_str());
        let (since, until) = (time(session.auth_time), time(session.hard_end));
        let (agent, install, browser) = (session.agent.as_str(), &session.install, &session.browser);
        format!("{agent:agents$}  {extension:>extensions$}  since {since}  until {until}  {install}  {browser}")
    };
    instances::below(names, sessions.iter().map(|session| (&session.instance, line(session))))
}
