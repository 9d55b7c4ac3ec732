//! Asking the guard of an account.

use kv_schema::names::{InstanceId, Username};
use onecontact_domain::guard::{Answer, Ask};
use onecontact_domain::problem::Problem;

use crate::bindings::Bindings;
use crate::objects;

const BINDING: &str = "ACCOUNT_GUARD";

/// Asks the guard of an account, be there such an account or not.
pub(crate) async fn ask(
    bindings: &Bindings,
    instance: &InstanceId,
    agent: &Username,
    ask: &Ask,
) -> Result<Answer, Problem> {
    objects::ask(&bindings.account_guard, BINDING, &objects::account_name(instance, agent), ask).await
}

/// The guard has answered something else than what it was asked.
pub(crate) fn not_understood() -> Problem {
    crate::directory::outage(BINDING, &"an answer to something else")
}
