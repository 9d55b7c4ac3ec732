//! POST `…/account/<action>`: what operators do to an account at once, in its guard.

use kv_schema::sessions::EndReason;
use onecontact_domain::api::{self, AccountAction};
use onecontact_domain::desk::{Ask, Ending};
use onecontact_domain::guard;

use super::{Failed, ServiceCall};

pub(super) async fn post(on: &ServiceCall<'_>, action: AccountAction) -> Result<String, Failed> {
    let body = on.body().await?;
    let declared = on.agent().await?.password.set_at;
    // Later than any declaration that is seen, whatever the clock says that it was declared by.
    let operation = api::operation(action, &body, on.caller.issued_at().max(declared))?;
    let what = operation.name();
    // Whoever is signed in loses what they were signed in with: first the account, so that nobody comes in again.
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
    // It is done, whatever comes after.
    on.note_done("account", what);
    if let Some(reason) = ends {
        on.ask_desk(&Ask::End(Ending { reason, by: Some(on.by()), browser: None })).await?;
    }
    Ok("{}".to_owned())
}
