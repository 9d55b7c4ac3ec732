//! GET: the login page, or the desktop if a session already stands.

use kv_schema::names::{EmailAddress, Username};
use kv_schema::sessions::EndReason;
use onecontact_domain::address::{Next, Page};
use onecontact_domain::cookies;
use onecontact_domain::login::{Filled, Notice};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::SessionClaims;

use super::form::{self, Shown};
use crate::federation;
use crate::http::Reply;
use crate::session::{NoSession, Unsure};
use crate::visit::Visit;
use crate::{own_client, step};

pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    let next = asked.query_value("next").map(|next| visit.home.next(&next));
    let sets_up = asked.query_value("set-up").is_some();
    // The desktop has told them that their session is over, which the token may not show yet, and what there is to say
    // of it.
    let is_again = asked.query_value("again").is_some();
    let over = asked.query_value("over");
    let refused = match standing(visit, over.is_some()).await {
        Standing::Stands if sets_up || is_again => None,
        Standing::Stands => {
            let on = visit.home.then(&next.unwrap_or(Next::Page(Page::Desktop)));
            return Ok(Reply::see_other(&on).with_cookies(step::forgotten(visit)));
        }
        Standing::Refused(NoSession::NoToken) | Standing::Unsure => None,
        Standing::Refused(why) => Some(why),
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
    } else if let Some(over) = over {
        Some(Notice::SessionOver(EndReason::from_name(&over)))
    } else if refused.is_some() {
        Some(Notice::SessionOver(None))
    } else {
        next.as_ref().map(|_| Notice::SignInFirst)
    };
    // The token supplies the name of whoever signs in again, even when the page is reloaded.
    let cleared = refused.filter(|_| !is_again).map(|_| cookies::clear_session(&visit.name()));
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
    let filled = filled(visit, before.as_ref()).await?;
    let shown = Shown { filled, notice, next, sets_up, ..Shown::default() };
    Ok(form::page(visit, 200, &shown)?.with_cookies(cleared))
}

/// Whether the browser's session stands.
enum Standing {
    Stands,
    Refused(NoSession),
    /// Its page was told that it is over, and the desk does not answer.
    Unsure,
}

/// Whether the browser's session stands. If its page was told that it is over, the desk is asked: this node may not
/// know yet, and would lead back to that page.
async fn standing(visit: &Visit<'_>, is_told_over: bool) -> Standing {
    if !is_told_over {
        return visit.session().await.map_or_else(Standing::Refused, |_| Standing::Stands);
    }
    match visit.exact_session().await {
        Ok(_) => Standing::Stands,
        Err(Unsure::Over(why, _)) => Standing::Refused(why),
        Err(Unsure::Unknown(_)) => Standing::Unsure,
    }
}

/// The initial contents of the fields: what is remembered on this device, or what the agent of the session `before`
/// would type.
async fn filled(visit: &Visit<'_>, before: Option<&SessionClaims>) -> Result<Filled, Problem> {
    let remembered = visit.asked.cookies().remembered(&visit.name());
    let Some(session) = before else { return Ok(remembered.unwrap_or_default()) };
    let instance = visit.directory.instance(&session.instance).await?;
    let theirs = match remembered {
        Some(remembered) if is_of(visit, session, &remembered.username).await? => Some(remembered),
        _ => None,
    };
    Ok(Filled::again(session, instance.as_ref().map(|instance| &instance.name), theirs))
}

/// Whether `typed` is the agent of `session`, by username or e-mail address.
async fn is_of(visit: &Visit<'_>, session: &SessionClaims, typed: &str) -> Result<bool, Problem> {
    if let Ok(username) = Username::parse(typed) {
        return Ok(username == session.agent);
    }
    let Ok(email) = EmailAddress::parse(typed) else { return Ok(false) };
    let found = visit.directory.email(&session.instance, &email).await?;
    Ok(found.is_some_and(|email| email.username == session.agent))
}
