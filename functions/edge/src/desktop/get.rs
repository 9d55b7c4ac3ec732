//! GET: the desktop, for browsers with script and without.

use kv_schema::directory::Agent;
use onecontact_domain::address::Page;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::SessionClaims;
use onecontact_templates::{DesktopPage, ExtensionShown, Part, PlainDesktopPage, Template};

use super::part;
use crate::http::Reply;
use crate::page;
use crate::visit::Visit;

/// The page that loads the parts. It needs only the token.
pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let session = match visit.session().await {
        Ok(session) => session,
        Err(why) => return Ok(visit.to_login(Page::Desktop, why)),
    };
    let claims = &session.claims;
    let reply = Reply::page(200, |nonce| {
        DesktopPage {
            frame: visit.session_frame(claims, nonce),
            agent: claims.agent.as_str(),
            instance_name: visit.instance.as_ref().map(|instance| instance.display_name.as_str()),
            extension: claims.extension.as_ref().map(kv_schema::names::Extension::as_str),
            since: claims.auth_time,
            returns_by_pages: claims.returns_by_pages(),
            now: visit.asked.now(),
        }
        .render()
    });
    let reply = reply.map_err(|error| Problem::defect(&error))?;
    Ok(reply.with_cookies(session.cookie))
}

/// The page that contains the parts.
pub(crate) async fn get_plain(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let session = match visit.session().await {
        Ok(session) => session,
        Err(why) => return Ok(visit.to_login(Page::PlainDesktop, why)),
    };
    let claims = &session.claims;
    let agent = part::agent(visit, claims).await;
    let instance = part::instance(visit, claims).await;
    let reply = Reply::page(200, |nonce| {
        PlainDesktopPage {
            frame: visit.session_frame(claims, nonce),
            username: claims.agent.as_str(),
            display_name: shown(visit, agent.as_ref().map(|agent| agent.display_name.as_str())),
            instance_name: shown(visit, instance.as_ref().map(|instance| instance.display_name.as_str())),
            extension: shown(visit, agent.as_ref().map(|agent| extension(claims, agent))),
            browser: Part::Loaded(visit.asked.browser()),
            install: visit.spelling.as_str(),
            since: claims.auth_time,
            now: visit.asked.now(),
        }
        .render()
    });
    let reply = reply.map_err(|error| Problem::defect(&error))?;
    Ok(reply.with_cookies(session.cookie))
}

/// A part for the page; a failure is logged.
fn shown<T>(visit: &Visit<'_>, part: Result<T, &Problem>) -> Part<T> {
    match part {
        Ok(value) => Part::Loaded(value),
        Err(problem) => {
            page::note(visit.asked, Some(visit.bindings), Some(visit), problem);
            Part::Failed
        }
    }
}

fn extension<'a>(claims: &'a SessionClaims, agent: &Agent) -> Option<ExtensionShown<'a>> {
    let number = claims.extension.as_ref()?;
    Some(ExtensionShown { number: number.as_str(), default: part::is_default(claims, agent) })
}
