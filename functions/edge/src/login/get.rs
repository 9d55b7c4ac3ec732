//! GET: the login page, or the desktop where a session already stands.

use onecontact_domain::address::{Page, after_login};
use onecontact_domain::cookies;
use onecontact_domain::login::Notice;
use onecontact_domain::problem::Problem;

use super::form::{self, Shown};
use crate::http::Reply;
use crate::visit::{NoSession, Visit};

pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    let next = asked.query_value("next").map(|next| after_login(&next));
    let refused = match visit.session().await {
        Ok(_) => return Ok(Reply::see_other(&visit.home.page(next.unwrap_or(Page::Desktop)))),
        Err(NoSession::NoToken) => None,
        Err(NoSession::Rejected(_) | NoSession::Revoked) => Some(cookies::clear_session(&visit.name())),
    };
    let notice = if asked.query_value("signed-out").is_some() {
        Some(Notice::SignedOut)
    } else if asked.query_value("password-set").is_some() {
        Some(Notice::PasswordSet)
    } else if refused.is_some() || asked.query_value("over").is_some() {
        Some(Notice::SessionOver)
    } else {
        next.map(|_| Notice::SignInFirst)
    };
    let filled = asked.cookies().remembered(&visit.name()).unwrap_or_default();
    let shown = Shown { filled, problems: Vec::new(), notice, next };
    Ok(form::page(visit, 200, &shown)?.with_cookies(refused))
}
