//! The desk: asking it, its page's socket, and the object that carries it.

mod calls;
mod carrier;
mod object;
mod platform;
mod socket;
mod storage;
mod telling;

use std::rc::Rc;

use kv_schema::names::{InstanceId, Username};
use onecontact_domain::desk::{Answer, Ask, CONNECT, Connect, SEEN};
use onecontact_domain::problem::Problem;
use worker::Env;

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

/// Looks at the desk of an agent: its view as JSON, as the desk has written it; `None` where nobody holds it.
pub(crate) async fn look(
    bindings: &Bindings,
    instance: &InstanceId,
    agent: &Username,
) -> Result<Option<String>, Problem> {
    let name = objects::account_name(instance, agent);
    let answer = objects::ask_text(&bindings.agent_desk, BINDING, &name, &Ask::Look).await?;
    let view = answer.strip_prefix(SEEN).and_then(|rest| rest.strip_suffix('}')).ok_or_else(not_understood)?;
    Ok((view != "null").then(|| view.to_owned()))
}

/// Asks the desk of a session's agent for a socket. Its answer is the response itself: the socket, or why there is none.
async fn connect(bindings: &Bindings, connect: &Connect) -> Result<web_sys::Response, Problem> {
    let session = &connect.visitor.session;
    let name = objects::account_name(&session.instance, &session.agent);
    objects::connect(&bindings.agent_desk, BINDING, &name, CONNECT, connect).await
}

/// What the object has been given.
fn bindings(env: &Env) -> worker::Result<Rc<Bindings>> {
    Bindings::of(env).map_err(|problem| worker::Error::RustError(problem.detail().unwrap_or_default()))
}

/// The desk does not answer.
pub(crate) fn silent() -> Problem {
    crate::directory::outage(BINDING, &"it does not answer")
}

/// The desk has answered something else than what it was asked.
pub(crate) fn not_understood() -> Problem {
    crate::directory::outage(BINDING, &"an answer to something else")
}
