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

/// Asks the guard of an account, be there such an account or not.
pub(crate) async fn ask(
    bindings: &Bindings,
    instance: &InstanceId,
    agent: &Username,
    ask: &Ask,
) -> Result<Answer, Problem> {
    objects::ask(&bindings.account_guard, BINDING, &objects::account_name(instance, agent), ask).await
}

/// Tells the guard of an account something without waiting.
pub(crate) fn send(bindings: &Bindings, instance: &InstanceId, agent: &Username, ask: &Ask) -> Result<Sent, Problem> {
    objects::send(&bindings.account_guard, BINDING, &objects::account_name(instance, agent), ask)
}

/// Asks the guard whose object has this id. `None` where there can be none.
pub(crate) async fn ask_by_id(bindings: &Bindings, id: &str, ask: &Ask) -> Result<Option<Answer>, Problem> {
    objects::ask_by_id(&bindings.account_guard, BINDING, id, ask).await
}

/// The id of the object that the guard of an account is.
pub(crate) fn id_of(bindings: &Bindings, instance: &InstanceId, agent: &Username) -> Result<String, Problem> {
    objects::id_of(&bindings.account_guard, BINDING, &objects::account_name(instance, agent))
}

/// Whether an application's token, by the hash of its id, is shown for the first time. An application has a guard of its own
/// for that, which no account has: the id of an instance has another form.
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

/// Whether an agent whom nobody has declared may have this extension as the usual one; with `takes` false they let it go. An
/// extension has a guard of its own for that, which no account has, as an application has.
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

/// Writes down that an attempt has locked its account, where it has: after `refused`, which says how it was refused.
pub(crate) fn note_lock(visit: &Visit<'_>, lock: Option<Lock>, refused: &Event<'_>) {
    if let Some(lock) = lock {
        visit.log().write(&Event { name: "account_locked", detail: Some(&lock.text()), ..refused.clone() });
    }
}

/// The guard has answered something else than what it was asked.
pub(crate) fn not_understood() -> Problem {
    crate::directory::outage(BINDING, &"an answer to something else")
}
