//! GET: the login page, or the desktop where a session already stands.

use kv_schema::sessions::EndReason;
use onecontact_domain::address::{Next, Page};
use onecontact_domain::cookies;
use onecontact_domain::login::{Filled, Notice};
use onecontact_domain::problem::Problem;

use super::form::{self, Shown};
use crate::federation;
use crate::http::Reply;
use crate::session::NoSession;
use crate::visit::Visit;
use crate::{own_client, step};

pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    let next = asked.query_value("next").map(|next| visit.home.next(&next));
    let sets_up = asked.query_value("set-up").is_some();
    // The desktop has told them that their session is over, which the token may not show yet, and what there is to tell of it.
    let is_again = asked.query_value("again").is_some();
    let refused = match visit.session().await {
        Ok(_) if sets_up || is_again => None,
        Ok(_) => {
            let on = visit.home.then(&next.unwrap_or(Next::Page(Page::Desktop)));
            return Ok(Reply::see_other(&on).with_cookies(step::forgotten(visit)));
        }
        Err(NoSession::NoToken) => None,
        Err(why) => Some(why),
    };
    let notice = if is_again {
        None
    } else if let Some(because) = asked.query_value("signed-out") {
        let (because, notice) =
            if because == "recorder" { ("recorder", Notice::RecorderFailed) } else { ("1", Notice::SignedOut) };
        if let Some(farewell) = federation::get_farewell(visit, because).await? {
            return Ok(farewell.with_cookies(step::forgotten(visit)));
        }
        Some(notice)
    } else if asked.query_value("password-set").is_some() {
        Some(Notice::PasswordSet)
    } else if asked.query_value("start-over").is_some() {
        Some(Notice::StartOver)
    } else if sets_up {
        Some(Notice::SetUp)
    } else if let Some(NoSession::Over(reason)) = refused {
        Some(Notice::SessionOver(reason))
    } else if let Some(over) = asked.query_value("over") {
        Some(Notice::SessionOver(EndReason::from_name(&over)))
    } else if refused.is_some() {
        Some(Notice::SessionOver(None))
    } else {
        next.as_ref().map(|_| Notice::SignInFirst)
    };
    let cleared = refused.map(|_| cookies::clear_session(&visit.name()));
    let before = if is_again { visit.past_session() } else { None };
    if own_client::is_away(visit) {
        let away = match notice {
            None | Some(Notice::SignInFirst | Notice::SetUp) => {
                let username = before.as_ref().map(|session| &session.agent);
                own_client::send(visit, &next.unwrap_or(Next::Page(Page::Desktop)), username).await?
            }
            Some(notice) => own_client::told(visit, notice, next.as_ref())?,
        };
        return Ok(away.with_cookies(cleared).with_cookies(step::forgotten(visit)));
    }
    let remembered = asked.cookies().remembered(&visit.name());
    let filled = match before {
        Some(session) => {
            let instance = visit.directory.instance(&session.instance).await?;
            Filled::again(&session, instance.as_ref().map(|instance| &instance.name), remembered.as_ref())
        }
        None => remembered.unwrap_or_default(),
    };
    let shown = Shown { filled, notice, next, sets_up, ..Shown::default() };
    Ok(form::page(visit, 200, &shown)?.with_cookies(cleared))
}
