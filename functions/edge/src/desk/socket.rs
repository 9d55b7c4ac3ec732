//! `<home>/desk`: the socket between a desktop and its agent's desk.

use onecontact_domain::address::query_value;
use onecontact_domain::desk::{Answer, Connect, Ended};
use onecontact_domain::problem::Problem;

use crate::desktop::no_session;
use crate::http::Reply;
use crate::objects;
use crate::page;
use crate::visit::Visit;

/// Connects the browser to the desk. Its page cannot see why a socket was refused: it then asks for its session.
pub(crate) async fn get(visit: &Visit<'_>) -> Reply {
    let asked = visit.asked;
    if !asked.header("upgrade").is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket")) {
        // Not 426: that requires an `Upgrade` header, which no Worker can set.
        return page::refused(asked, 400, "not_a_socket");
    }
    // Browsers let any site open a socket to any other, cookies included.
    if asked.is_foreign() {
        return page::refused(asked, 403, "foreign_origin");
    }
    let claims = match visit.token().await {
        Ok(opened) => opened.claims,
        Err(_) => return no_session(visit, None),
    };
    if let Some((_, ended)) = visit.heed(&claims).await {
        return no_session(visit, ended.as_ref());
    }
    let after = query_value(asked.query(), "after").and_then(|after| after.parse().ok()).unwrap_or_default();
    let connect = Connect { visitor: visit.visitor(&claims, None).await, after };
    match connected(visit, &connect).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(ended)) => no_session(visit, ended.as_ref()),
        Err(problem) => page::json_problem(asked, Some(visit.bindings), Some(visit), &problem),
    }
}

async fn connected(visit: &Visit<'_>, connect: &Connect) -> Result<Result<Reply, Option<Ended>>, Problem> {
    let response = super::connect(visit.bindings, connect).await?;
    if response.status() == 101 {
        return Ok(Ok(Reply::handed_on(response)));
    }
    match objects::read(&response, super::BINDING).await? {
        Answer::Over(ended) => Ok(Err(ended)),
        _ => Err(super::not_understood()),
    }
}
