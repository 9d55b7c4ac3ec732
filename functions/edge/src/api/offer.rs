//! Offers: routing makes them, learns what comes of them, and takes them back.

use kv_schema::directory::Service;
use onecontact_domain::api::{self, Call, LARGEST_BODY};
use onecontact_domain::desk::{Answer, Ask, OFFER, RoutingId};

use super::{Failed, failed, known, note_done};
use crate::bindings::Bindings;
use crate::desk;
use crate::http::Asked;

/// POST `…/offers`: offers an interaction, and waits for what comes of it as long as the query says.
pub(super) async fn post(asked: &Asked, bindings: &Bindings, call: &Call, service: &Service) -> Result<String, Failed> {
    let wait = api::wait(asked.query())?;
    let proposal = api::proposal(&asked.json(LARGEST_BODY).await?)?;
    let (offer, by) = (proposal.id.clone(), service.name.as_str().to_owned());
    let mut ask = Ask::Offer { proposal, by, is_declared: false };
    let mut answer = desk::ask_for(OFFER, bindings, call, &ask).await?;
    if let (Err(Answer::Nobody), Ask::Offer { is_declared, .. }) = (&answer, &mut ask) {
        known(asked, bindings, call).await?;
        *is_declared = true;
        answer = desk::ask_for(OFFER, bindings, call, &ask).await?;
    }
    let made = answer.map_err(|answer| failed(&answer))?;
    note_done(asked, bindings, call, service, ("offer", offer.as_str()));
    if wait > 0 && is_open(&made) { found(asked, bindings, call, &Ask::Find { offer, wait }).await } else { Ok(made) }
}

/// GET `…/offers/<id>`: how an offer stands; with `wait`, once it has its outcome.
pub(super) async fn get(asked: &Asked, bindings: &Bindings, call: &Call, id: &RoutingId) -> Result<String, Failed> {
    let wait = api::wait(asked.query())?;
    found(asked, bindings, call, &Ask::Find { offer: id.clone(), wait }).await
}

/// POST `…/offers/<id>/cancel`: takes an offer back, unless it was answered before. What is told is how it stands then.
pub(super) async fn post_cancel(
    asked: &Asked,
    bindings: &Bindings,
    call: &Call,
    service: &Service,
    id: &RoutingId,
) -> Result<String, Failed> {
    let ask = Ask::Cancel { offer: id.clone(), by: service.name.as_str().to_owned() };
    let offer = found(asked, bindings, call, &ask).await?;
    note_done(asked, bindings, call, service, ("cancel_offer", id.as_str()));
    Ok(offer)
}

async fn found(asked: &Asked, bindings: &Bindings, call: &Call, ask: &Ask) -> Result<String, Failed> {
    match desk::ask_for(OFFER, bindings, call, ask).await? {
        Ok(offer) => Ok(offer),
        Err(answer) => {
            // An agent that is not there has no offers either: that goes first.
            known(asked, bindings, call).await?;
            Err(failed(&answer))
        }
    }
}

/// Whether an offer waits for its outcome. Within a text the quotes would have a backslash before them.
fn is_open(offer: &str) -> bool {
    offer.contains(r#""outcome":null"#)
}
