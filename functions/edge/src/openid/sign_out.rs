//! `/OneContactLogin/sign-out`: ends this browser's sign-in, for the agent or at the request of an application
//! (`OpenID` Connect RP-Initiated Logout 1.0). A link alone signs nobody out: without an ID token of this very sign-in
//! the agent is asked.

use std::rc::Rc;

use kv_schema::directory::{Agent, Client};
use onecontact_domain::address::Page;
use onecontact_domain::cookies;
use onecontact_domain::openid::{self, Leaving, Params, SignOut, is_certain, with_query};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{SignInClaims, Stated};
use onecontact_templates::{EntryPage, SignedInPage};

use super::{hint, sign_in};
use crate::bindings::random_bits;
use crate::federation;
use crate::http::Reply;
use crate::log::Event;
use crate::login;
use crate::visit::Visit;

pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let params = Params::parse(visit.asked.query().as_bytes());
    let (leaving, hint) = read(visit, &params).await?;
    let by = sign_in::current(visit);
    match by {
        Some(by) if !is_certain(hint.as_ref(), Some(&by)) => ask(visit, &by, &params, &leaving).await,
        by => end(visit, by.as_ref(), leaving).await,
    }
}

/// The agent has agreed; or an application asks by a form, which comes from another site and so without our cookies: a
/// redirect repeats the request with them.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let params = Params::parse(&visit.asked.form().await?);
    let Some(form_token) = params.get("form") else {
        return Ok(Reply::see_other(&asked_again(visit, &params)));
    };
    let (leaving, _) = read(visit, &params).await?;
    match sign_in::current(visit) {
        Some(by) if login::ours(visit, form_token)?.is_none() => ask(visit, &by, &params, &leaving).await,
        by => end(visit, by.as_ref(), leaving).await,
    }
}

/// The address that repeats an application's request.
fn asked_again(visit: &Visit<'_>, params: &Params) -> String {
    let query = openid::query(kept(params));
    let path = visit.home.page(Page::SignOut);
    if query.is_empty() { path } else { [&path, "?", &query].concat() }
}

/// The parts of a request that are kept while the agent is asked.
fn kept(params: &Params) -> impl Iterator<Item = (&str, &str)> {
    let known = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
    known.into_iter().filter_map(|name| Some((name, params.get(name)?)))
}

/// Where a request leads, and what its hint states, if that is one of ours.
async fn read(visit: &Visit<'_>, params: &Params) -> Result<(Leaving, Option<Stated>), Problem> {
    let request = SignOut::read(params);
    let hint = match &request.hint {
        Some(hint) => hint::stated(visit, hint).await?,
        None => None,
    };
    let client: Option<Rc<Client>> = match request.client(hint.as_ref()) {
        Some(id) => visit.directory.client(&id).await?,
        None => None,
    };
    Ok((request.leaving(client.as_deref()), hint))
}

/// The page that asks the agent.
async fn ask(visit: &Visit<'_>, by: &SignInClaims, params: &Params, leaving: &Leaving) -> Result<Reply, Problem> {
    let Some(agent) = sign_in::stands(visit, by).await? else { return end(visit, Some(by), leaving.clone()).await };
    let kept: Vec<(&str, &str)> = kept(params).filter(|_| leaving.is_some()).collect();
    let reply = shown(visit, &agent, None, Some(&kept)).await?;
    Ok(match leaving {
        Some((uri, _)) => reply.leading_to(uri.origin()),
        None => reply,
    })
}

/// The page that says who is signed in, with the way to the desktop and the way out. `asked` is what is passed along if
/// the agent is asked to sign out.
pub(crate) async fn shown(
    visit: &Visit<'_>,
    agent: &Agent,
    desktop: Option<&str>,
    asked: Option<&[(&str, &str)]>,
) -> Result<Reply, Problem> {
    let instance = visit.directory.instance(&agent.instance).await?;
    let (form_token, set_browser) = login::tie(visit, None)?;
    let reply = Reply::page(200, |nonce| {
        SignedInPage {
            frame: visit.form_frame(nonce),
            name: &agent.display_name,
            username: agent.username.as_str(),
            instance_name: instance.as_ref().map_or("", |instance| &instance.display_name),
            desktop,
            form_token: &form_token,
            asks: asked.is_some(),
            kept: asked.unwrap_or_default(),
        }
        .document()
    });
    Ok(reply.map_err(|error| Problem::defect(&error))?.with_cookies(set_browser))
}

/// Ends the sign-in and leads on: by way of the agent's own provider, if they came from there.
async fn end(visit: &Visit<'_>, by: Option<&SignInClaims>, leaving: Leaving) -> Result<Reply, Problem> {
    let then = leaving.map(|(uri, state)| {
        let state = state.as_deref().map(|state| ("state", state));
        with_query(&uri, &openid::query(state))
    });
    let farewell = match by {
        Some(by) => ended(visit, by, then.clone()).await?,
        None => None,
    };
    let reply = match then.filter(|_| farewell.is_none()) {
        Some(then) => Reply::to_application(then),
        None => Reply::see_other(&[visit.home.path(), "?signed-out=1"].concat()),
    };
    // A new mark: a form that is still open in this browser is not for the next person to send.
    let mark = cookies::set_browser(&cookies::mark(random_bits()));
    Ok(reply.with_cookies([cookies::clear_sign_in(), mark]).with_cookies(farewell))
}

/// Ends the sign-in. Returns the cookie that makes the agent sign out at their own provider, if that is due.
async fn ended(visit: &Visit<'_>, by: &SignInClaims, then: Option<String>) -> Result<Option<String>, Problem> {
    let hint = sign_in::leave(visit.bindings, &by.instance, &by.agent, by.sid.clone()).await?;
    visit.log().write(&Event {
        instance: Some(by.instance.as_str()),
        agent: Some(by.agent.as_str()),
        ..visit.event("signed_out")
    });
    hint.map(|hint| federation::farewell(visit, &by.instance, hint, then)).transpose()
}
