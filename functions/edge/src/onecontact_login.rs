//! `/OneContactLogin`: the identity side, where agents sign in once for all of their applications.
//!
//! These are the pages of its own. Those that it shares with an install's login (the form, the second step, a new
//! password) are in those modules.

mod begin;
mod tenant;
pub(crate) mod way;

pub(crate) use begin::{Beginning, again, begin};
pub(crate) use tenant::address;
pub(crate) use way::Way;

use onecontact_domain::address::Page;
use onecontact_domain::problem::Problem;

use crate::http::{Method, Reply};
use crate::visit::Visit;
use crate::{cookies, federation, forgot, login, new_password, openid, reset, second_step};

/// Answers a request for one of its pages.
pub(crate) async fn answer(visit: &Visit<'_>, page: Page) -> Result<Reply, Problem> {
    if let Some(reply) = visit.tidy_address(page) {
        return Ok(reply);
    }
    if let Some(answered) = openid::answer(visit, page).await {
        return answered;
    }
    match (page, visit.asked.method()) {
        (Page::Start, Method::Get) => begin::get(visit).await,
        (Page::Start, Method::Post) => login::post(visit).await,
        (Page::Tenant, Method::Post) => tenant::post(visit).await,
        (Page::Callback, Method::Get) => federation::get_callback(visit).await,
        (Page::Callback, Method::Post) => federation::post_extension(visit).await,
        (Page::SignedOut, Method::Get) => Ok(federation::get_signed_out(visit)),
        (Page::Cookies, Method::Get) => cookies::get(visit),
        (Page::NewPassword, Method::Get) => new_password::get(visit).await,
        (Page::NewPassword, Method::Post) => new_password::post(visit).await,
        (Page::SecondStep, Method::Get) => second_step::get(visit).await,
        (Page::SecondStep, Method::Post) => second_step::post(visit).await,
        (Page::Forgot, Method::Get) => forgot::get(visit),
        (Page::Forgot, Method::Post) => forgot::post(visit).await,
        (Page::Reset, Method::Get) => reset::get(visit).await,
        (Page::Reset, Method::Post) => reset::post(visit).await,
        // Only a form leads here; whoever types the address begins at the beginning.
        (Page::Tenant, Method::Get) => Ok(Reply::see_other(visit.home.path())),
        (
            Page::Start | Page::Forgot | Page::Reset | Page::Callback | Page::NewPassword | Page::SecondStep,
            Method::Other | Method::Options,
        ) => Err(Problem::MethodNotAllowed { allow: "GET, HEAD, POST" }),
        (Page::Tenant, Method::Other | Method::Options) => Err(Problem::MethodNotAllowed { allow: "POST" }),
        _ => Err(Problem::MethodNotAllowed { allow: "GET, HEAD" }),
    }
}
