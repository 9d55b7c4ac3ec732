//! An agent: who is signed in and what they are doing, as the desk has it, and the calls that change it.

use onecontact_domain::api;
use onecontact_domain::desk::{Ask, RoutingId, SEEN};
use onecontact_domain::problem::Problem;

use super::{Failed, ServiceCall};

/// GET: who is signed in, and in which state.
pub(super) async fn get(on: &ServiceCall<'_>) -> Result<String, Failed> {
    seen(on, &Ask::Look).await
}

/// POST `…/state`: chooses a state on the agent's behalf.
pub(super) async fn post_state(on: &ServiceCall<'_>) -> Result<String, Failed> {
    let body = on.body().await?;
    let seen = seen(on, &Ask::Choose { next: api::state(&body)?, by: on.by() }).await?;
    on.note_done("state", "");
    Ok(seen)
}

/// POST `…/interactions/<id>/end`: ends the interaction. Repeating it is harmless.
pub(super) async fn post_end(on: &ServiceCall<'_>, id: &RoutingId) -> Result<String, Failed> {
    let seen = seen(on, &Ask::Finish { interaction: id.clone(), by: on.by() }).await?;
    on.note_done("end_interaction", id.as_str());
    Ok(seen)
}

/// What the desk shows of itself in answer to `ask`.
async fn seen(on: &ServiceCall<'_>, ask: &Ask) -> Result<String, Failed> {
    let session = on.told_by_desk(SEEN, ask).await?;
    if session == "null" {
        on.agent().await?;
    }
    let agent = serde_json::to_string(&on.call.agent).map_err(|error| Problem::defect(&error))?;
    Ok(["{\"agent\":", &agent, ",\"session\":", &session, "}"].concat())
}
