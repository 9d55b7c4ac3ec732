//! `onecontact account`: shows accounts, and changes them at once, through the deployment's API as a service.

use clap::Args;
use serde_json::json;

use super::now;
use super::session::{AgentArgs, CallerArgs};
use crate::api::Account;
use crate::failure::{Exit, Failure};
use crate::output::{Output, time};
use crate::passwords;

/// Whose account, and as whom.
#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    #[command(flatten)]
    agent: AgentArgs,
    #[command(flatten)]
    caller: CallerArgs,
}

/// Shows the state of an account.
pub(super) fn show(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let (instance, agent) = args.agent.ids()?;
    let account = args.caller.api()?.account(&instance, &agent, now())?;
    output.result(shown(&account), &account)?;
    Ok(Exit::Done)
}

/// What keeps the agent out, if anything, and what they are checked against.
fn shown(account: &Account) -> String {
    let until = account.locked_until.map_or_else(String::new, |until| format!(" until {}", time(until)));
    let declared =
        (account.declared == "disabled").then(|| "disabled by the declarations: change them and apply".into());
    let kept_out = account.kept_out.iter().map(|by| match by.as_str() {
        "disabled" => "disabled by an operator: `onecontact account enable`".to_owned(),
        "locked" => format!("locked{until}: wait, or `onecontact account unlock`"),
        "wrong_codes" => "locked after too many wrong codes: `onecontact account unlock`".to_owned(),
        other => other.to_owned(),
    });
    let kept_out: Vec<String> = declared.into_iter().chain(kept_out).collect();
    let kept_out = if kept_out.is_empty() { "nothing".to_owned() } else { kept_out.join("; ") };
    let password = match account.password.as_str() {
        "declared" => "the declared one",
        "given" => "one an operator gave, to be replaced at the next login",
        "own" => "one of their own",
        "none" => "none: a provider vouches for them",
        other => other,
    };
    let wanted = if account.second_step_required { "required by an operator" } else { "as declared" };
    let proofs = if account.second_step.is_empty() {
        "nothing set up".to_owned()
    } else {
        format!("{} set up, {} recovery codes left", account.second_step.join(" and "), account.recovery_codes)
    };
    let agent = &account.agent;
    let since = account.password_since.map_or_else(String::new, |since| format!(", since {}", time(since)));
    format!("{agent}\n  kept out by  {kept_out}\n  password     {password}{since}\n  second step  {wanted}; {proofs}")
}

/// Ends a lock.
pub(super) fn unlock(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    // The API does not say whether there was a lock, or whether something else keeps them out.
    let text = "Unlocked: no lock keeps {agent} out now. The password is unchanged, and so is whether the account is \
        disabled.";
    change(args, "unlock", text, output)
}

/// Keeps an agent out, and ends their session.
pub(super) fn disable(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let text = "Disabled: {agent} cannot sign in, whatever is declared, until `onecontact account enable`. Any session \
        has ended.";
    change(args, "disable", text, output)
}

/// Lets an agent in again.
pub(super) fn enable(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let text = "Enabled: `onecontact account disable` no longer keeps {agent} out. The declarations or a lock still \
        may.";
    change(args, "enable", text, output)
}

/// Requires more than a password from an agent.
pub(super) fn require_second_step(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    let text = "Required: from the next login on, {agent} needs more than a password, whatever is declared.";
    change(args, "require-second-step", text, output)
}

/// Requires it only if that is declared.
pub(super) fn waive_second_step(args: &AccountArgs, output: &Output) -> Result<Exit, Failure> {
    change(args, "waive-second-step", "Waived: for {agent}, the declarations apply again.", output)
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
    api.reset_account(&instance, &agent, &passwords::hash(&password)?, now())?;
    let text = format!(
        "Reset: any session has ended. The initial password of {agent} is shown only now, and must be changed at the \
         next login:\n{}",
        password.reveal()
    );
    output.result(text, &json!({ "agent": agent, "done": "reset", "password": password.reveal() }))?;
    Ok(Exit::Done)
}
