//! `<home>/sign-out`: ends the session.

use kv_schema::Record;
use kv_schema::record::Version;
use kv_schema::sessions::{EndReason, Revoked};
use onecontact_domain::cookies;
use onecontact_domain::desk::Ask;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::SessionClaims;

use crate::bindings::random_bits;
use crate::http::Reply;
use crate::log::Event;
use crate::openid::sign_in;
use crate::visit::Visit;
use crate::{desk, federation, page, session};

/// Ends this browser's session and clears the cookie. A script of ours is told by an answer of its own: a redirect could
/// be anybody's, such as that of a network that wants its users to log in.
///
/// Only the cookie's `SameSite` and the request's origin guard it: all that a forged request could do is sign out.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    if asked.is_foreign() {
        return Ok(Reply::see_other(visit.home.path()));
    }
    // A new mark: a form that is still open in this browser is not for the next person to send.
    let mark = cookies::set_browser(&cookies::mark(random_bits()));
    let told = if page::is_for_script(asked) {
        Reply::empty(204)
    } else {
        Reply::see_other(&format!("{}?signed-out=1", visit.home.path()))
    };
    let signed_out = told.with_cookies([cookies::clear_session(&visit.name()), mark]);
    // Ending a session opens no door: an expired token is good enough for it.
    let Some(claims) = visit.past_session() else { return Ok(signed_out) };
    leave(visit, &claims).await?;
    // Whoever is next at this workplace must not be able to sign in as this agent with a click: neither through our
    // sign-in nor through their provider's.
    let hint = match claims.sign_in.clone() {
        Some(sign_in) => sign_in::leave(visit.bindings, &claims.instance, &claims.agent, sign_in).await?,
        None => None,
    };
    let farewell = hint.map(|hint| federation::farewell(visit, &claims.instance, hint, None)).transpose()?;
    session::remember_over(&claims.sid, Some(EndReason::SignedOut));
    visit.log().write(&Event {
        instance: Some(claims.instance.as_str()),
        agent: Some(claims.agent.as_str()),
        ..visit.event("logout")
    });
    Ok(signed_out.with_cookies(farewell))
}

/// Leaves the desk, which tells KV. If the desk cannot be reached, KV is told from here: nobody stays signed in who
/// wants to go.
async fn leave(visit: &Visit<'_>, claims: &SessionClaims) -> Result<(), Problem> {
    let ask = Ask::Leave { sid: claims.sid.clone() };
    let Err(problem) = desk::ask(visit.bindings, &claims.instance, &claims.agent, &ask).await else { return Ok(()) };
    page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
    let now = visit.asked.now();
    let tombstone = Revoked {
        v: Version,
        sid: claims.sid.clone(),
        instance: claims.instance.clone(),
        agent: claims.agent.clone(),
        reason: EndReason::SignedOut,
        by: None,
        at: now,
        hard_end: claims.hard_end,
    };
    let json = tombstone.json().map_err(|error| Problem::defect(&error))?;
    visit.bindings.sessions.write(&tombstone.key(), &json, tombstone.ttl(now)).await
}
