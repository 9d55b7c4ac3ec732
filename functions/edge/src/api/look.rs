//! GET of an agent: who is signed in and what they are doing, as the desk has it.

use kv_schema::Timestamp;
use kv_schema::names::{InstallName, SessionId, Username};
use onecontact_domain::api::Call;
use onecontact_domain::browser::Browser;
use onecontact_domain::desk::{Answer, Ask, Connection, Next, State};
use onecontact_domain::problem::Problem;
use serde::Serialize;

use super::{Failed, known};
use crate::bindings::Bindings;
use crate::desk;
use crate::http::Asked;

#[derive(Serialize)]
struct Seen<'a> {
    agent: &'a Username,
    /// Nothing where the agent is not signed in.
    session: Option<Session>,
}

/// The session that the agent has.
#[derive(Serialize)]
struct Session {
    sid: SessionId,
    install: InstallName,
    browser: Browser,
    since: Timestamp,
    hard_end: Timestamp,
    state: State,
    state_since: Timestamp,
    next: Option<Next>,
    connection: Connection,
}

pub(super) async fn get(asked: &Asked, bindings: &Bindings, call: &Call) -> Result<String, Failed> {
    let answer = desk::ask(bindings, &call.instance, &call.agent, &Ask::Look).await?;
    let Answer::Seen(view) = answer else { return Err(desk::not_understood().into()) };
    if view.is_none() {
        known(asked, bindings, call).await?;
    }
    let session = view.map(|view| Session {
        sid: view.sid,
        install: view.install,
        browser: view.browser,
        since: view.since,
        hard_end: view.hard_end,
        state: view.state,
        state_since: view.state_since,
        next: view.next,
        connection: view.connection,
    });
    let seen = Seen { agent: &call.agent, session };
    serde_json::to_string(&seen).map_err(|error| Problem::defect(&error).into())
}
