//! `<home>/sign-out`: ends the session.

use kv_schema::record::Version;
use kv_schema::sessions::{EndReason, Revoked};
use onecontact_domain::cookies;
use onecontact_domain::desk::{Answer, Ask};
use onecontact_domain::problem::Problem;

use crate::bindings::random_bits;
use crate::http::Reply;
use crate::log::Event;
use crate::visit::Visit;
use crate::{objects, sessions};

/// Ends the session of this browser, leaves a tombstone, and takes the cookie away.
///
/// Only the cookie's `SameSite` and the request's origin guard it: all that a forged one could do is sign out.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    if asked.is_foreign() {
        return Ok(Reply::see_other(visit.home.path()));
    }
    // A new mark: whatever form stands open in this browser is not the next person's to send.
    let mark = cookies::set_browser(&cookies::mark(random_bits()));
    let signed_out = Reply::see_other(&format!("{}?signed-out=1", visit.home.path()))
        .with_cookies([cookies::clear_session(&visit.name()), mark]);
    let Ok(session) = visit.session().await else { return Ok(signed_out) };
    let claims = session.claims;
    let revoked = Revoked {
        v: Version,
        sid: claims.sid.clone(),
        instance: claims.instance.clone(),
        agent: claims.agent.clone(),
        reason: EndReason::SignedOut,
        by: None,
        at: asked.now(),
        hard_end: claims.hard_end,
    };
    let store = &visit.bindings.sessions;
    sessions::revoke(store, &revoked, asked.now()).await?;
    visit.log().write(&Event {
        instance: Some(claims.instance.as_str()),
        agent: Some(claims.agent.as_str()),
        ..visit.event("logout")
    });
    let name = objects::account_name(&claims.instance, &claims.agent);
    let leave = Ask::Leave { sid: claims.sid };
    let left: Result<Answer, _> = objects::ask(&visit.bindings.agent_desk, "AGENT_DESK", &name, &leave).await;
    let forgotten = sessions::forget(store, &revoked.session_key()).await;
    // The session is over by its tombstone; what is left of it goes by itself, and a desk is taken by the next login.
    for problem in [left.err(), forgotten.err()].into_iter().flatten() {
        crate::page::note(asked, Some(visit.bindings), Some(visit), &problem);
    }
    Ok(signed_out)
}
