//! Signing out at an instance's provider, once the agent is signed out here (`OpenID` Connect RP-Initiated Logout 1.0).
//!
//! Nothing here undoes or delays signing out: what has ended has ended before the provider is even looked up.

use kv_schema::directory::Instance;
use kv_schema::names::InstanceId;
use onecontact_domain::address::{self, Page};
use onecontact_domain::cookies;
use onecontact_domain::federation::{Parting, Refusal, end_session};
use onecontact_domain::own_client;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, FarewellClaims, Hint};
use onecontact_templates::{EntryPage, FarewellPage};

use super::begin::LONGEST_TOKEN;
use super::{Failure, ask, noted};
use crate::http::Reply;
use crate::openid::sign_in;
use crate::visit::Visit;

/// The cookie that makes this front's next page lead on to the provider: with `hint`, and finally to `then`.
pub(crate) fn farewell(
    visit: &Visit<'_>,
    instance: &InstanceId,
    hint: Hint,
    then: Option<String>,
) -> Result<String, Problem> {
    let mut claims = FarewellClaims { instance: instance.clone(), install: visit.name(), then, hint: Some(hint) };
    loop {
        let token = sealed(visit, &claims)?;
        match claims.shorter() {
            Some(shorter) if token.len() > LONGEST_TOKEN => claims = shorter,
            _ => return Ok(cookies::set_farewell(token)),
        }
    }
}

fn sealed(visit: &Visit<'_>, claims: &FarewellClaims) -> Result<String, Problem> {
    token::seal(&visit.bindings.keys, claims, visit.asked.now()).map_err(|error| Problem::defect(&error))
}

fn opened(visit: &Visit<'_>, token: &str) -> Option<FarewellClaims> {
    let claims = token::open::<FarewellClaims>(&visit.bindings.keys, token, visit.asked.now()).ok()?.claims;
    let is_here = visit.instance.as_ref().is_none_or(|instance| instance.id == claims.instance);
    is_here.then_some(claims)
}

/// What follows for somebody who has just signed out at this front, `because` of what its address says: first the page
/// that leads on to their provider, then the provider. `None` if the front's own page is the last one.
pub(crate) async fn get_farewell(visit: &Visit<'_>, because: &str) -> Result<Option<Reply>, Problem> {
    let claims = visit.asked.cookies().farewell().and_then(|token| opened(visit, token));
    let Some(claims) = claims.filter(|claims| claims.install == visit.name()) else { return Ok(None) };
    let instance = visit.directory.instance(&claims.instance).await?;
    let leaves = |instance: &Instance| instance.provider.as_ref().is_some_and(|provider| !provider.outlives_sign_out);
    let Some(instance) = instance.filter(|instance| leaves(instance)) else {
        return Ok(claims.then.map(|then| Reply::to_application(then).with_cookies([cookies::clear_farewell()])));
    };
    if visit.asked.query_value("go").is_some() {
        return Ok(Some(gone(visit, &instance, claims, because).await?.with_cookies([cookies::clear_farewell()])));
    }
    // By a refresh, not a redirect: browsers let a form redirect to no other site.
    let go = [&*own_page(visit, because), "&go=1"].concat();
    Ok(Some(page(visit, &instance, false, &go)?.with("refresh", ["0; url=", &go].concat())))
}

/// A redirect to the provider, or the page that says that the session there may still stand.
async fn gone(visit: &Visit<'_>, instance: &Instance, claims: FarewellClaims, because: &str) -> Result<Reply, Problem> {
    let site = visit.directory.login_site().await?.ok_or(Problem::UnknownPage)?;
    let FarewellClaims { hint, then, .. } = &claims;
    let address = if visit.login_site().is_some() { &site.address } else { own_client::address(&site, Some(instance)) };
    let after = || [address.as_str(), &own_page(visit, because)].concat();
    let back = FarewellClaims { hint: None, then: Some(then.clone().unwrap_or_else(after)), ..claims.clone() };
    let (state, redirect_uri) = (sealed(visit, &back)?, address::signed_out(&site));
    let hint = hint.clone().unwrap_or_default();
    let parting = Parting { redirect_uri: &redirect_uri, state: &state, hint: &hint, language: visit.language };
    match away(instance, parting).await {
        Ok(away) => Ok(Reply::see_other(&away)),
        Err(failure) => {
            noted(visit, "provider_sign_out_failed", Some(instance), &failure);
            let on = match then {
                Some(_) => [&visit.home.page(Page::SignedOut), "?state=", &state].concat(),
                None => own_page(visit, because),
            };
            page(visit, instance, true, &on)
        }
    }
}

/// The front's own page that says who has signed out.
fn own_page(visit: &Visit<'_>, because: &str) -> String {
    [visit.home.path(), "?signed-out=", because].concat()
}

fn page(visit: &Visit<'_>, instance: &Instance, stays: bool, on: &str) -> Result<Reply, Problem> {
    let provider = instance.provider.as_ref().map_or("", |provider| &provider.name);
    let reply =
        Reply::page(200, |nonce| FarewellPage { frame: visit.form_frame(nonce), provider, stays, on }.document());
    reply.map_err(|error| Problem::defect(&error))
}

/// The address at which the agent signs out at the provider.
async fn away(instance: &Instance, parting: Parting<'_>) -> Result<String, Failure> {
    let provider = instance.provider.as_ref().ok_or(Refusal::OtherPlace)?;
    let discovered = ask::discovered(provider).await?;
    Ok(end_session(&discovered, provider, parting)?)
}

/// `/OneContactLogin/signed-out`: back from the provider. Whoever returns without our own token (after some time, or
/// from a provider that passes nothing back) is led to the front's own page, which says so if somebody is still signed
/// in.
pub(crate) fn get_signed_out(visit: &Visit<'_>) -> Reply {
    let state = visit.asked.query_value("state");
    match state.and_then(|state| opened(visit, &state)?.then) {
        Some(then) => Reply::to_application(then),
        None if sign_in::current(visit).is_some() => Reply::see_other(visit.home.path()),
        None => Reply::see_other(&[visit.home.path(), "?signed-out=1"].concat()),
    }
}
