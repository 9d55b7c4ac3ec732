//! Offers: routing makes them, learns their outcome, and withdraws them.

use onecontact_domain::api;
use onecontact_domain::desk::{Answer, Ask, OFFER, RoutingId};

use super::{Failed, ServiceCall, failed};
use crate::desk;

/// POST `…/offers`: offers an interaction, and waits for its outcome for as long as the query says.
pub(super) async fn post(on: &ServiceCall<'_>) -> Result<String, Failed> {
    let wait = api::wait(on.asked.query())?;
    let proposal = api::proposal(&on.body().await?)?;
    let offer = proposal.id.clone();
    let mut ask = Ask::Offer { proposal, by: on.by(), is_declared: false };
    let mut answer = desk::ask_for(OFFER, on.bindings, on.call, &ask).await?;
    if let (Err(Answer::Nobody), Ask::Offer { is_declared, .. }) = (&answer, &mut ask) {
        on.agent().await?;
        *is_declared = true;
        answer = desk::ask_for(OFFER, on.bindings, on.call, &ask).await?;
    }
    let made = answer.map_err(|answer| failed(&answer))?;
    on.note_done("offer", offer.as_str());
    if wait > 0 && is_open(&made) { on.told_by_desk(OFFER, &Ask::Find { offer, wait }).await } else { Ok(made) }
}

/// GET `…/offers/<id>`: the state of an offer; with `wait`, once it has its outcome.
pub(super) async fn get(on: &ServiceCall<'_>, id: &RoutingId) -> Result<String, Failed> {
    let wait = api::wait(on.asked.query())?;
    on.told_by_desk(OFFER, &Ask::Find { offer: id.clone(), wait }).await
}

/// POST `…/offers/<id>/cancel`: withdraws an offer, unless it has already been answered. Returns its state afterwards.
pub(super) async fn post_cancel(on: &ServiceCall<'_>, id: &RoutingId) -> Result<String, Failed> {
    let offer = on.told_by_desk(OFFER, &Ask::Cancel { offer: id.clone(), by: on.by() }).await?;
    on.note_done("cancel_offer", id.as_str());
    Ok(offer)
}

/// Whether an offer awaits its outcome. Inside a JSON string these quotes would be escaped.
fn is_open(offer: &str) -> bool {
    offer.contains(r#""outcome":null"#)
}
