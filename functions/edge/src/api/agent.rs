//! An agent: who is signed in and what they are doing, as the desk has it; and what changes that.

use kv_schema::directory::Service;
use onecontact_domain::api::{self, Call, LARGEST_BODY};
use onecontact_domain::desk::{Ask, RoutingId, SEEN};
use onecontact_domain::problem::Problem;

use super::{Failed, failed, known, note_done};
use crate::bindings::Bindings;
use crate::desk;
use crate::http::Asked;

/// GET: who is signed in, and in which state.
pub(super) async fn get(asked: &Asked, bindings: &Bindings, call: &Call) -> Result<String, Failed> {
    seen(asked, bindings, call, &Ask::Look).await
}

/// POST `…/state`: chooses a state in the agent's place.
pub(super) async fn post_state(
    asked: &Asked,
    bindings: &Bindings,
    call: &Call,
    service: &Service,
) -> Result<String, Failed> {
    let body = asked.json(LARGEST_BODY).await?;
    let ask = Ask::Choose { next: api::state(&body)?, by: service.name.as_str().to_owned() };
    let seen = seen(asked, bindings, call, &ask).await?;
    note_done(asked, bindings, call, service, ("state", ""));
    Ok(seen)
}

/// POST `…/interactions/<id>/end`: the interaction is over. Saying so again does no harm.
pub(super) async fn post_end(
    asked: &Asked,
    bindings: &Bindings,
    call: &Call,
    service: &Service,
    id: &RoutingId,
) -> Result<String, Failed> {
    let ask = Ask::Finish { interaction: id.clone(), by: service.name.as_str().to_owned() };
    let seen = seen(asked, bindings, call, &ask).await?;
    note_done(asked, bindings, call, service, ("end_interaction", id.as_str()));
    Ok(seen)
}

/// What the desk shows of itself when it is asked this.
async fn seen(asked: &Asked, bindings: &Bindings, call: &Call, ask: &Ask) -> Result<String, Failed> {
    let session = match desk::ask_for(SEEN, bindings, call, ask).await? {
        Ok(session) => session,
        Err(answer) => {
            let failed = failed(&answer);
            // Of nobody there is nothing to say but that.
            known(asked, bindings, call).await?;
            return Err(failed);
        }
    };
    if session == "null" {
        known(asked, bindings, call).await?;
    }
    let agent = serde_json::to_string(&call.agent).map_err(|error| Problem::defect(&error))?;
    Ok(["{\"agent\":", &agent, ",\"session\":", &session, "}"].concat())
}
