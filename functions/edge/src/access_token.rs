//! GET `<home>/access-token?audience=<name>`: a token with which the agent's desktop shows another application whom it
//! acts for.

use onecontact_domain::problem::Problem;
use onecontact_domain::token::access;
use serde::Serialize;

use crate::bindings::random_bits;
use crate::http::Reply;
use crate::session::Unsure;
use crate::visit::Visit;
use crate::{desktop, page, webcrypto};

/// The answer, named as in OAuth 2.0 (RFC 6749, section 5.1).
#[derive(Serialize)]
struct Issued<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
}

pub(crate) async fn get(visit: &Visit<'_>) -> Reply {
    // Others honour what is issued here without asking anyone, so the desk is asked first.
    let session = match visit.exact_session().await {
        Ok((session, _)) => session,
        Err(Unsure::Over(_, ended)) => return desktop::no_session(visit, ended.as_ref()),
        Err(Unsure::Unknown(problem)) => {
            return page::json_problem(visit.asked, Some(visit.bindings), Some(visit), &problem);
        }
    };
    let cookie = session.cookie.clone();
    let reply = issue(visit, &session.claims).await;
    let reply =
        reply.unwrap_or_else(|problem| page::json_problem(visit.asked, Some(visit.bindings), Some(visit), &problem));
    reply.with_cookies(cookie)
}

async fn issue(visit: &Visit<'_>, session: &onecontact_domain::token::SessionClaims) -> Result<Reply, Problem> {
    let audience = visit.asked.query_value("audience").unwrap_or_default();
    if !visit.install()?.audiences.contains(&audience) {
        let title = "The install has no such audience declared.";
        return Ok(page::told(visit.asked, 400, title, "unknown_audience"));
    }
    let now = visit.asked.now();
    let (keys, until) = (&visit.bindings.keys, session.hard_end);
    let Some(unsigned) = access::prepare(keys, session.into(), &audience, random_bits(), now, until) else {
        let title = "This deployment's key set has no active EdDSA key, so it cannot issue access tokens.";
        return Ok(page::told(visit.asked, 503, title, "no_access_tokens"));
    };
    let expires_in = unsigned.expires_at().since(now);
    let token = webcrypto::signed(unsigned).await?;
    let issued = Issued { access_token: &token, token_type: "Bearer", expires_in };
    Ok(Reply::json(200, serde_json::to_string(&issued).map_err(|error| Problem::defect(&error))?))
}
