//! GET of an agent: who is signed in and what they are doing, as the desk has it.

use onecontact_domain::api::Call;
use onecontact_domain::problem::Problem;

use super::{Failed, known};
use crate::bindings::Bindings;
use crate::desk;
use crate::http::Asked;

pub(super) async fn get(asked: &Asked, bindings: &Bindings, call: &Call) -> Result<String, Failed> {
    let session = desk::look(bindings, &call.instance, &call.agent).await?;
    if session.is_none() {
        known(asked, bindings, call).await?;
    }
    let agent = serde_json::to_string(&call.agent).map_err(|error| Problem::defect(&error))?;
    Ok(["{\"agent\":", &agent, ",\"session\":", session.as_deref().unwrap_or("null"), "}"].concat())
}
