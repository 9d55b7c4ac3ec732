//! `/OneContactLogin/tenant`: the tenant that was typed. It goes into the address of what follows, so that going back,
//! reloading and returning are harmless.
//!
//! Whether the tenant exists is not revealed: the form follows in any case, and takes the same work (L1).

use kv_schema::names::InstanceName;
use onecontact_domain::address::Next;
use onecontact_domain::login::{Filled, Notice, Tenant};
use onecontact_domain::openid::Params;
use onecontact_domain::problem::Problem;
use onecontact_templates::{EntryPage, TenantPage};

use super::Way;
use crate::federation;
use crate::http::Reply;
use crate::login::{self, Shown};
use crate::step;
use crate::visit::Visit;

/// The query parameter of an address on which another tenant is to be typed.
pub(super) const ANOTHER: &str = "another-tenant";

/// The page that asks for the tenant.
pub(super) fn page(visit: &Visit<'_>, status: u16, shown: &Shown) -> Result<Reply, Problem> {
    let (form_token, set_browser) = login::tie(visit, None)?;
    let path = address(visit, shown.next.as_ref(), None);
    let next = shown.next.as_ref().map(Next::text);
    let reply = Reply::page(status, |nonce| {
        let frame = visit.frame_of(nonce, &path);
        TenantPage {
            frame,
            filled: &shown.filled,
            problems: &shown.problems,
            notice: shown.notice,
            form_token: &form_token,
            next: next.as_deref(),
            application: shown.way.application.as_deref(),
            cancel: shown.way.cancel.as_deref(),
        }
        .document()
    });
    let reply = reply.map_err(|error| Problem::defect(&error))?;
    Ok(shown.way.allowed_by(reply).with_cookies(set_browser).with_cookies(step::forgotten(visit)))
}

/// The form, for whoever claims `tenant` as theirs.
pub(super) async fn form(
    visit: &Visit<'_>,
    tenant: &InstanceName,
    filled: Filled,
    next: Option<Next>,
    notice: Option<Notice>,
) -> Result<Reply, Problem> {
    let filled = Filled { instance: tenant.to_string(), ..filled };
    let way = Way::of(visit, next.as_ref()).await?;
    login::page(visit, 200, &Shown { filled, notice, next, way, tenant: Some(tenant.clone()), ..Shown::default() })
}

pub(super) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    login::limit_rate(visit).await?;
    let posted = Tenant::parse(&visit.asked.form().await?);
    let next = Some(visit.home.next(&posted.next));
    let way = Way::of(visit, next.as_ref()).await?;
    if login::ours(visit, &posted.form_token)?.is_none() {
        let (notice, filled) = (Some(Notice::StaleForm), posted.filled);
        return page(visit, 403, &Shown { filled, notice, next, way, ..Shown::default() });
    }
    match posted.tenant {
        Ok(tenant) => match federation::elsewhere(visit, Some(&tenant)).await? {
            Some(instance) => federation::begin(visit, &instance, next, false).await,
            None => Ok(Reply::see_other(&address(visit, next.as_ref(), Some(&tenant)))),
        },
        Err(problem) => {
            let (problems, filled) = (vec![problem], posted.filled);
            page(visit, 422, &Shown { filled, problems, next, way, ..Shown::default() })
        }
    }
}

/// The address of the form, for whoever claims `tenant` as theirs; without a tenant, of the page that signing in begins
/// with.
pub(crate) fn address(visit: &Visit<'_>, next: Option<&Next>, tenant: Option<&InstanceName>) -> String {
    match (next, tenant) {
        (Some(Next::Application(query)), Some(tenant)) => {
            let params =
                Params::parse(query.as_bytes()).without("tenant").without(ANOTHER).and("tenant", tenant.as_str());
            visit.home.then(&Next::Application(params.query()))
        }
        (Some(next @ Next::Application(_)), None) => visit.home.then(next),
        (_, Some(tenant)) => [visit.home.path(), "?tenant=", tenant.as_str()].concat(),
        (_, None) => visit.home.path().to_owned(),
    }
}
