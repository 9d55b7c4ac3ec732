//! Asking for an extension on the way to an instance's provider, where the install lets agents type one (S3).

use kv_schema::directory::Instance;
use onecontact_domain::cookies;
use onecontact_domain::login::{Field, FieldProblem, Filled, OnTheWay};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::ErrandClaims;
use onecontact_templates::{EntryPage, ExtensionPage};

use super::begin::leading_on;
use super::callback::{Errand, opened};
use super::sealed;
use crate::http::Reply;
use crate::login;
use crate::onecontact_login::{self, Way};
use crate::visit::Visit;

/// The page that asks. Its form carries the errand that it begins, so that two tabs do not lose each other's.
pub(super) fn page(
    visit: &Visit<'_>,
    status: u16,
    instance: &Instance,
    errand: &ErrandClaims,
    way: &Way,
    (filled, problems): (&Filled, &[(Field, FieldProblem)]),
) -> Result<Reply, Problem> {
    let provider = instance.provider.as_ref().map_or("", |provider| &provider.name);
    let tenant = visit.instance.is_none().then_some(&instance.name);
    let path = onecontact_login::address(visit, Some(&visit.home.next(&errand.next)), tenant);
    let errand = sealed(visit, errand)?;
    let reply = Reply::page(status, |nonce| {
        let (frame, cancel) = (visit.frame_of(nonce, &path), way.cancel.as_deref());
        let instance_name = &*instance.display_name;
        ExtensionPage { frame, instance_name, provider, filled, problems, errand: &errand, cancel }.document()
    });
    reply.map_err(|error| Problem::defect(&error))
}

/// POST `/OneContactLogin/callback`: that page's form. One that is too old, or from another browser, begins again.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    login::limit_rate(visit).await?;
    let posted = OnTheWay::parse(&visit.asked.form().await?);
    let Ok(Errand { claims, instance }) = opened(visit, &posted.errand).await? else {
        return Ok(Reply::see_other(visit.home.path()));
    };
    let way = Way::of(visit, Some(&visit.home.next(&claims.next))).await?;
    if !claims.failed || !way.allows_extension() {
        return Ok(Reply::see_other(visit.home.path()));
    }
    match posted.extension {
        Ok(extension) => {
            let filled = Filled { instance: instance.name.to_string(), username: String::new(), ..posted.filled };
            let remembered = cookies::set_remembered(&visit.name(), &filled);
            let reply = leading_on(visit, &instance, ErrandClaims { extension, ..claims }, false)?;
            Ok(reply.with_cookies([remembered]))
        }
        Err(problem) => page(visit, 422, &instance, &claims, &way, (&posted.filled, &[problem])),
    }
}
