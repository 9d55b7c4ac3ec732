//! POST `…/end-session`: ends what session the agent has, wherever it is.

use kv_schema::directory::Service;
use kv_schema::names::SessionId;
use onecontact_domain::api::{self, Call, LARGEST_BODY};
use onecontact_domain::desk::{Answer, Ask};
use onecontact_domain::problem::Problem;
use serde::Serialize;

use super::{Failed, known, note_done};
use crate::bindings::Bindings;
use crate::desk;
use crate::http::Asked;

/// What was ended.
#[derive(Serialize)]
struct Ended {
    ended: Vec<SessionId>,
}

pub(super) async fn post(asked: &Asked, bindings: &Bindings, call: &Call, service: &Service) -> Result<String, Failed> {
    let body = asked.json(LARGEST_BODY).await?;
    let ending = api::ending(&body, &service.name)?;
    let answer = desk::ask(bindings, &call.instance, &call.agent, &Ask::End(ending)).await?;
    let Answer::Ended(ended) = answer else { return Err(desk::not_understood().into()) };
    if ended.is_none() {
        known(asked, bindings, call).await?;
    }
    // The desk has told of the session that it ended; this tells of the call, and of which service by its id.
    note_done(asked, bindings, call, service, ("end_session", ""));
    let ended: Vec<SessionId> = ended.into_iter().collect();
    serde_json::to_string(&Ended { ended }).map_err(|error| Problem::defect(&error).into())
}
