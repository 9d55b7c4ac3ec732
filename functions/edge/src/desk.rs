//! The desk: asking it, the socket of its page, and the object that carries it.

mod calls;
mod carrier;
mod gateway;
mod object;
mod socket;
mod storage;
mod telling;
mod waiting;

use kv_schema::names::{InstanceId, Username};
use onecontact_domain::api::AgentCall;
use onecontact_domain::desk::{Answer, Ask, CONNECT, Connect};
use onecontact_domain::problem::Problem;

use crate::bindings::Bindings;
use crate::objects;

pub(crate) use socket::get as get_socket;

const BINDING: &str = "AGENT_DESK";

/// Asks the desk of an agent.
pub(crate) async fn ask(
    bindings: &Bindings,
    instance: &InstanceId,
    agent: &Username,
    ask: &Ask,
) -> Result<Answer, Problem> {
    objects::ask(&bindings.agent_desk, BINDING, &objects::account_name(instance, agent), ask).await
}

/// Asks the desk of an agent for what it passes on as JSON after `prefix`, exactly as the desk has written it: parsing
/// it only to write it again would cost time and size. Any other answer is parsed.
pub(crate) async fn ask_for(
    prefix: &str,
    bindings: &Bindings,
    call: &AgentCall,
    ask: &Ask,
) -> Result<Result<String, Answer>, Problem> {
    let name = objects::account_name(&call.instance, &call.agent);
    let sent = objects::send(&bindings.agent_desk, BINDING, &name, ask)?;
    let answer = sent.answer_after(if let Ask::Find { wait, .. } = ask { *wait } else { 0 }).await?;
    if let Some(json) = answer.strip_prefix(prefix).and_then(|rest| rest.strip_suffix('}')) {
        return Ok(Ok(json.to_owned()));
    }
    kv_schema::json::from_str(&answer).map(Err).map_err(|_| not_understood())
}

/// Asks the desk of a session's agent for a socket. Returns the desk's response itself: the socket, or why there is
/// none.
async fn connect(bindings: &Bindings, connect: &Connect) -> Result<web_sys::Response, Problem> {
    let session = &connect.visitor.session;
    let name = objects::account_name(&session.instance, &session.agent);
    objects::connect(&bindings.agent_desk, BINDING, &name, CONNECT, connect).await
}

/// The problem of a desk that does not answer.
pub(crate) fn silent() -> Problem {
    crate::directory::outage(BINDING, &"it does not answer")
}

/// The problem of a desk that answers something other than what it was asked.
pub(crate) fn not_understood() -> Problem {
    crate::directory::outage(BINDING, &"an answer to something else")
}
