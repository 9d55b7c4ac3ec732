//! GET `/api/v1/instances/<instance id>/sessions`: who is signed in, as listed in `SESSIONS`. No desk is asked.

use kv_schema::Namespace;
use kv_schema::names::InstanceId;
use onecontact_domain::api::{Listing, Refusal};
use onecontact_domain::problem::{Outage, Problem};

use super::Failed;
use crate::bindings::Bindings;
use crate::directory::{Directory, outage};
use crate::http::Asked;

/// What KV says of a cursor that it did not issue. It accepts everything else that it is asked here.
const NOT_TAKEN: &str = " 400 ";

pub(super) async fn get(asked: &Asked, bindings: &Bindings, instance: &InstanceId) -> Result<String, Failed> {
    let listing = Listing::asked(instance, asked.query())?;
    let listed = match bindings.sessions.list(&listing.options()).await {
        Err(Problem::Unavailable(Outage { cause, .. })) if listing.goes_on() && cause.contains(NOT_TAKEN) => {
            return Err(Listing::bad_cursor().into());
        }
        listed => listed?,
    };
    let (page, has_any) = listing
        .page(&listed)
        .ok_or_else(|| outage(Namespace::Sessions.binding(), &"an answer that was not understood"))?;
    if !has_any && Directory::new(bindings, asked.now()).instance(instance).await?.is_none() {
        return Err(Refusal::UnknownInstance.into());
    }
    Ok(page)
}
