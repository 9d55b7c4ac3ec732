//! The second step of a login: what the first one has proved.

use onecontact_domain::token::{self, Step};

use crate::log::Event;
use crate::visit::Visit;

/// What the step before has proved, if this is the browser and the install that it was proved in.
pub(crate) fn open<C: Step>(visit: &Visit<'_>, step: &str) -> Option<C> {
    let claims = claims(visit, step);
    if claims.is_none() {
        visit.log().write(&Event { reason: Some("step_refused"), ..visit.event("form_refused") });
    }
    claims
}

fn claims<C: Step>(visit: &Visit<'_>, step: &str) -> Option<C> {
    let asked = visit.asked;
    // Whoever comes by a link may come from another site, as from `OneContactLogin`, and does nothing by it.
    let is_ours = asked.is_reading() || !asked.is_foreign();
    let browser = asked.cookies().browser().filter(|_| is_ours)?;
    let claims = token::open::<C>(&visit.bindings.keys, step, asked.now()).ok()?.claims;
    let is_ours = claims.browser() == browser
        && *claims.install() == visit.name()
        && visit.instance.as_ref().is_none_or(|instance| instance.id == *claims.instance());
    is_ours.then_some(claims)
}
