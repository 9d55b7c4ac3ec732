//! Asking the guard of an account.

use kv_schema::Timestamp;
use kv_schema::names::{ClientId, Extension, InstanceId, Username};
use kv_schema::sessions::CreatedAgent;
use onecontact_domain::guard::{Answer, Ask, Lock};
use onecontact_domain::problem::Problem;

use crate::bindings::Bindings;
use crate::log::Event;
use crate::objects::{self, Sent};
use crate::visit::Visit;

const BINDING: &str = "ACCOUNT_GUARD";

/// Asks the guard of an account, whether or not the account exists.
pub(crate) async fn ask(
    bindings: &Bindings,
    instance: &InstanceId,
    agent: &Username,
    ask: &Ask,
) -> Result<Answer, Problem> {
    objects::ask(&bindings.account_guard, BINDING, &objects::account_name(instance, agent), ask).await
}

/// Tells the guard of an account something, without waiting.
pub(crate) fn send(bindings: &Bindings, instance: &InstanceId, agent: &Username, ask: &Ask) -> Result<Sent, Problem> {
    objects::send(&bindings.account_guard, BINDING, &objects::account_name(instance, agent), ask)
}

/// Asks the guard whose object has this id. `None` if the id can be no object's.
pub(crate) async fn ask_by_id(bindings: &Bindings, id: &str, ask: &Ask) -> Result<Option<Answer>, Problem> {
    objects::ask_by_id(&bindings.account_guard, BINDING, id, ask).await
}

/// The id of the object that carries an account's guard.
pub(crate) fn id_of(bindings: &Bindings, instance: &InstanceId, agent: &Username) -> Result<String, Problem> {
    objects::id_of(&bindings.account_guard, BINDING, &objects::account_name(instance, agent))
}

/// Whether an application's token, identified by the hash of its id, is shown for the first time. An application has
/// its own guard for that, which no account can have: an instance's id has a different form.
pub(crate) async fn is_new(
    bindings: &Bindings,
    client: &ClientId,
    hash: String,
    until: Timestamp,
) -> Result<bool, Problem> {
    let name = ["client/", client.as_str()].concat();
    let ask = Ask::Once { hash, until };
    let answer: Answer = objects::ask(&bindings.account_guard, BINDING, &name, &ask).await?;
    Ok(answer == Answer::Done)
}

/// Whether an agent whom nobody has declared may have this extension as their usual one; with `takes` false they
/// release it. An extension, like an application, has its own guard for that, which no account can have.
pub(crate) async fn usual(
    bindings: &Bindings,
    agent: &CreatedAgent,
    extension: &Extension,
    takes: bool,
) -> Result<bool, Problem> {
    let name = ["usual/", agent.instance.as_str(), "/", extension.as_str()].concat();
    let ask = Ask::Usual { agent: agent.username.clone(), takes };
    let answer: Answer = objects::ask(&bindings.account_guard, BINDING, &name, &ask).await?;
    Ok(answer == Answer::Done)
}

/// Logs that an attempt has locked its account, if it has: after `refused`, which says why it was refused.
pub(crate) fn note_lock(visit: &Visit<'_>, lock: Option<Lock>, refused: &Event<'_>) {
    if let Some(lock) = lock {
        visit.log().write(&Event { name: "account_locked", detail: Some(&lock.text()), ..refused.clone() });
    }
}

/// The problem of a guard that answers something other than what it was asked.
pub(crate) fn not_understood() -> Problem {
    crate::directory::outage(BINDING, &"an answer to something else")
}
