//! Where signing in begins: with the tenant, or with the form if the tenant is known.

use kv_schema::names::InstanceName;
use onecontact_domain::address::Next;
use onecontact_domain::login::{Filled, Notice};
use onecontact_domain::problem::Problem;

use super::{Way, tenant};
use crate::federation;
use crate::http::Reply;
use crate::login::{self, Shown};
use crate::openid::{sign_in, sign_out};
use crate::own_client;
use crate::step;
use crate::visit::Visit;

/// How somebody comes to sign in.
#[derive(Default)]
pub(crate) struct Beginning {
    /// Where they are going.
    pub(crate) next: Option<Next>,
    /// The tenant, if an application names it.
    pub(crate) tenant: Option<InstanceName>,
    /// What they may call themselves.
    pub(crate) login_hint: Option<String>,
    /// What the page says first.
    pub(crate) notice: Option<Notice>,
}

/// The page on its own, with no application behind it: who is signed in, or where signing in begins.
pub(super) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    let notice = if asked.query_value("signed-out").is_some() {
        if let Some(farewell) = federation::get_farewell(visit, "1").await? {
            return Ok(farewell);
        }
        Some(Notice::SignedOut)
    } else if asked.query_value("password-set").is_some() {
        Some(Notice::PasswordSet)
    } else if asked.query_value("start-over").is_some() {
        Some(Notice::StartOver)
    } else {
        asked.query_value("set-up").map(|_| Notice::SetUp)
    };
    let tenant = asked.query_value("tenant").and_then(|tenant| InstanceName::parse(&tenant).ok());
    if let (None, None, Some(by)) = (notice, &tenant, sign_in::current(visit))
        && let Some(agent) = sign_in::stands(visit, &by).await?
    {
        let desktop = own_client::desktop(visit, &agent).await?;
        let shown = sign_out::shown(visit, &agent, desktop.as_deref(), None).await?;
        return Ok(shown.with_cookies(step::forgotten(visit)));
    }
    begin(visit, Beginning { tenant, notice, ..Beginning::default() }).await
}

/// Asks for the tenant, or shows the form if the address or an application gives it. If the tenant has a provider of
/// its own, the agent goes there.
pub(crate) async fn begin(visit: &Visit<'_>, beginning: Beginning) -> Result<Reply, Problem> {
    let Beginning { next, tenant, login_hint, notice } = beginning;
    let mut filled = visit.asked.cookies().remembered(&visit.name()).unwrap_or_default();
    if let Some(username) = login_hint {
        filled = Filled { username, ..filled };
    }
    // A tenant other than the application's is typed on the page that asks for the tenant.
    let tenant = tenant.filter(|_| visit.asked.query_value(tenant::ANOTHER).is_none());
    if let Some(instance) = federation::elsewhere(visit, tenant.as_ref()).await? {
        return federation::begin(visit, &instance, next, notice == Some(Notice::SignedOut)).await;
    }
    if let (None, Some(name)) = (&visit.instance, &tenant) {
        return tenant::form(visit, name, filled, next, notice).await;
    }
    let way = Way::of(visit, next.as_ref()).await?;
    let sets_up = notice == Some(Notice::SetUp) && visit.instance.is_some();
    again(visit, 200, &Shown { filled, notice, next, sets_up, way, ..Shown::default() })
}

/// The page that signing in begins with, once more.
pub(crate) fn again(visit: &Visit<'_>, status: u16, shown: &Shown) -> Result<Reply, Problem> {
    match visit.instance {
        Some(_) => login::page(visit, status, shown),
        None => tenant::page(visit, status, shown),
    }
}
