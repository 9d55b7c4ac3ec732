//! An account as its guard has it: its status, and what operators do to it with immediate effect.

use kv_schema::sessions::EndReason;
use onecontact_domain::api::{self, AccountAction};
use onecontact_domain::desk::{Ask, Ending};
use onecontact_domain::guard;
use onecontact_domain::problem::Problem;

use super::{Failed, ServiceCall};

/// GET `…/account`: its status, and whether the declarations let the agent in.
pub(super) async fn get(on: &ServiceCall<'_>) -> Result<String, Failed> {
    let agent = on.agent().await?;
    let ask = guard::Ask::Account { declared: agent.password.set_at };
    let answer = crate::guard::ask(on.bindings, &on.call.instance, &on.call.agent, &ask).await?;
    let guard::Answer::Account(account) = answer else { return Err(crate::guard::not_understood().into()) };
    let name = serde_json::to_string(&agent.username).map_err(|error| Problem::defect(&error))?;
    let declared = if agent.disabled { "disabled" } else { "enabled" };
    let Some(members) = account.strip_prefix('{') else { return Err(crate::guard::not_understood().into()) };
    Ok(["{\"agent\":", &name, ",\"declared\":\"", declared, "\",", members].concat())
}

/// POST `…/account/<action>`: changes it.
pub(super) async fn post(on: &ServiceCall<'_>, action: AccountAction) -> Result<String, Failed> {
    let body = on.body().await?;
    let declared = on.agent().await?.password.set_at;
    // Never earlier than the declaration, whichever clock that was dated by.
    let operation = api::operation(action, &body, on.caller.issued_at().max(declared))?;
    let what = operation.name();
    // Whoever is signed in loses their session: the account comes first, so that nobody gets in again.
    let ends = match action {
        AccountAction::Disable => Some(EndReason::Disabled),
        AccountAction::Reset => Some(EndReason::PasswordChanged),
        AccountAction::Unlock
        | AccountAction::Enable
        | AccountAction::RequireSecondStep
        | AccountAction::WaiveSecondStep
        | AccountAction::ResetSecondStep => None,
    };
    crate::guard::ask(on.bindings, &on.call.instance, &on.call.agent, &guard::Ask::Operate(operation)).await?;
    // It is done, whatever happens next.
    on.note_done("account", what);
    if let Some(reason) = ends {
        on.ask_desk(&Ask::End(Ending { reason, by: Some(on.by()), browser: None })).await?;
    }
    Ok("{}".to_owned())
}
