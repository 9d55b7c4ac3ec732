//! `onecontact account`: changes accounts at once, by asking the deployment as a service.

use clap::Args;
use serde_json::json;

use super::now;
use super::session::{AgentArgs, CallerArgs};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::passwords;

/// Whose account, and as whom.
#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    #[command(flatten)]
    agent: AgentArgs,
    #[command(flatten)]
    caller: CallerArgs,
}

/// Ends a lock.
pub(super) fn unlock(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    change(args, "unlock", "Unlocked: {agent} can sign in with the password that they have.", output)
}

/// Keeps an agent out, and ends their session.
pub(super) fn disable(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let text =
        "Disabled: {agent} is signed out and cannot sign in, whatever is declared, until `onecontact account enable`.";
    change(args, "disable", text, output)
}

/// Lets an agent in again.
pub(super) fn enable(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    change(args, "enable", "Enabled: {agent} can sign in, if the declarations do not say otherwise.", output)
}

/// Wants more than a password of an agent.
pub(super) fn require_second_step(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let text = "Required: from the next login on, {agent} proves more than a password, whatever is declared.";
    change(args, "require-second-step", text, output)
}

/// Wants it only where that is declared.
pub(super) fn waive_second_step(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    change(args, "waive-second-step", "Waived: for {agent}, what is declared holds again.", output)
}

/// Forgets what an agent's second step was checked against.
pub(super) fn reset_second_step(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let text =
        "Reset: the authenticator app, the passkeys, the recovery codes and the devices of {agent} are forgotten.";
    change(args, "reset-second-step", text, output)
}

fn change(args: &AccountArgs, action: &str, text: &str, output: &Output) -> Result<Exit, Failure> {
    let (instance, agent) = args.agent.ids()?;
    args.caller.api()?.change_account(&instance, &agent, action, now())?;
    output.result(text.replace("{agent}", agent.as_str()), &json!({ "agent": agent, "done": action }))?;
    Ok(Exit::Done)
}

/// Gives an agent an initial password, which is shown once. Only its hash leaves this machine.
pub(super) fn reset(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let (instance, agent) = args.agent.ids()?;
    let api = args.caller.api()?;
    let password = passwords::initial();
    let hashes = passwords::hash_all(&[&password])?;
    api.reset_account(&instance, &agent, hashes.first().map_or("", String::as_str), now())?;
    let text = format!(
        "Reset: {agent} is signed out. The initial password, shown only now, has to be changed at the next login:\n{}",
        password.reveal()
    );
    output.result(text, &json!({ "agent": agent, "done": "reset", "password": password.reveal() }))?;
    Ok(Exit::Done)
}
