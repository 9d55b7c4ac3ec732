//! `OneContactLogin` as an `OpenID` provider: its endpoints, and who is signed in.

pub(crate) mod authorize;
mod discovery;
pub(crate) mod grant;
mod hint;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
mod token;
mod userinfo;

use onecontact_domain::address::{self, Page};
use onecontact_domain::problem::Problem;

use crate::http::{Method, Reply};
use crate::page;
use crate::visit::Visit;

/// Answers a request for one of the endpoints. `None` for any other page.
pub(crate) async fn answer(visit: &Visit<'_>, page: Page) -> Option<Result<Reply, Problem>> {
    Some(match (page, visit.asked.method()) {
        (Page::Authorize, Method::Get) => authorize::get(visit).await,
        (Page::Authorize, Method::Post) => authorize::post(visit).await,
        (Page::Cancel, Method::Get) => authorize::cancel(visit).await,
        (Page::SignOut, Method::Get) => sign_out::get(visit).await,
        (Page::SignOut, Method::Post) => sign_out::post(visit).await,
        (Page::Discovery, Method::Get) => Ok(for_scripts(visit, discovery::get(visit))),
        (Page::UserInfo, Method::Get | Method::Post) => Ok(for_scripts(visit, userinfo::get(visit).await)),
        (Page::Token, Method::Post) => Ok(for_scripts(visit, token::post(visit).await)),
        (Page::Discovery | Page::UserInfo | Page::Token, Method::Options) => Ok(Reply::preflight()),
        (Page::Token, _) => Ok(not_allowed(visit, "POST, OPTIONS")),
        (Page::UserInfo, _) => Ok(not_allowed(visit, "GET, HEAD, POST, OPTIONS")),
        (Page::Discovery, _) => Ok(not_allowed(visit, "GET, HEAD, OPTIONS")),
        (Page::Authorize | Page::SignOut, _) => Err(Problem::MethodNotAllowed { allow: "GET, HEAD, POST" }),
        _ => return None,
    })
}

/// The answer to an application, which reads no pages, wherever its script runs.
fn for_scripts(visit: &Visit<'_>, answered: Result<Reply, Problem>) -> Reply {
    let told = |problem| page::json_problem(visit.asked, Some(visit.bindings), Some(visit), &problem);
    answered.unwrap_or_else(told).for_any_origin()
}

fn not_allowed(visit: &Visit<'_>, allow: &'static str) -> Reply {
    for_scripts(visit, Err(Problem::MethodNotAllowed { allow }))
}

/// The provider's issuer identifier.
///
/// # Errors
/// [`Problem::UnknownPage`] if this is not a visit to it.
fn issuer(visit: &Visit<'_>) -> Result<String, Problem> {
    visit.login_site().map(address::issuer).ok_or(Problem::UnknownPage)
}
