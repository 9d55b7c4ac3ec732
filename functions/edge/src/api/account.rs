//! POST `…/account/<action>`: what operators do to an account at once, in its guard.

use kv_schema::sessions::EndReason;
use onecontact_domain::api::{self, AccountAction, Call, LARGEST_BODY, Refusal};
use onecontact_domain::desk::{Ask, Ending};
use onecontact_domain::guard;
use onecontact_domain::token::service::Caller;

use super::{Failed, note_done};
use crate::bindings::Bindings;
use crate::directory::Directory;
use crate::http::Asked;

pub(super) async fn post(
    asked: &Asked,
    bindings: &Bindings,
    call: &Call,
    caller: &Caller,
    action: AccountAction,
) -> Result<String, Failed> {
    let body = asked.json(LARGEST_BODY).await?;
    let directory = Directory::new(&bindings.directory, asked.now());
    let agent = directory.agent(&call.instance, &call.agent).await?.ok_or(Refusal::UnknownAgent)?;
    // Later than any declaration that is seen, whatever the clock says that it was declared by.
    let operation = api::operation(action, &body, caller.issued_at().max(agent.password.set_at))?;
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
    crate::guard::ask(bindings, &call.instance, &call.agent, &guard::Ask::Operate(operation)).await?;
    if let Some(reason) = ends {
        let by = Some(caller.service().name.as_str().to_owned());
        let ending = Ending { reason, by, browser: None };
        crate::desk::ask(bindings, &call.instance, &call.agent, &Ask::End(ending)).await?;
    }
    note_done(asked, bindings, call, caller.service(), ("account", what));
    Ok("{}".to_owned())
}
