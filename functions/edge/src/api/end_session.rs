//! POST `…/end-session`: ends the agent's session, wherever it is, and every sign-in at `OneContactLogin`, which would
//! give them another one without asking.

use kv_schema::names::SessionId;
use onecontact_domain::api;
use onecontact_domain::desk::{Answer, Ask};
use onecontact_domain::problem::Problem;
use serde::Serialize;

use super::{Failed, ServiceCall};
use crate::desk;
use crate::openid::sign_in;

/// What was ended.
#[derive(Serialize)]
struct Ended {
    ended: Vec<SessionId>,
}

pub(super) async fn post(on: &ServiceCall<'_>) -> Result<String, Failed> {
    let body = on.body().await?;
    let ending = api::ending(&body, &on.caller.service().name)?;
    let answer = on.ask_desk(&Ask::End(ending)).await?;
    let Answer::Ended(ended) = answer else { return Err(desk::not_understood().into()) };
    // The desk has logged the session that it ended; this logs the call, and which service made it, by its id.
    let note_done = || on.note_done("end_session", "");
    if ended.is_some() {
        note_done();
    }
    // After the session, which is thus ended even if this fails: the caller is told, and tries again.
    let ends_sign_ins = sign_in::end(on.bindings, &on.call.instance, &on.call.agent, None, None).await?;
    if ended.is_none() {
        if !ends_sign_ins {
            on.agent().await?;
        }
        note_done();
    }
    let ended: Vec<SessionId> = ended.into_iter().collect();
    serde_json::to_string(&Ended { ended }).map_err(|error| Problem::defect(&error).into())
}
