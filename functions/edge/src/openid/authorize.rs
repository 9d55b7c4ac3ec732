//! `/OneContactLogin/authorize`: an application sends an agent to sign in (RFC 6749, section 4.1; `OpenID` Connect
//! Core, section 3.1.2). The agent returns with a code, after a login if one is needed.

use std::rc::Rc;

use kv_schema::directory::Client;
use kv_schema::names::{Extension, InstanceName, RedirectUri};
use onecontact_domain::address::Next;
use onecontact_domain::openid::{self, Decision, Meant, MeantAgent, Params, Refused, Request, decide, with_query};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::SignInClaims;

use super::{grant, hint, issuer, sign_in};
use crate::http::Reply;
use crate::log::Event;
use crate::onecontact_login::{Beginning, begin, way};
use crate::visit::Visit;

/// An application's request, understood.
pub(crate) struct Asking {
    pub(crate) client: Rc<Client>,
    pub(crate) request: Request,
}

pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let query = visit.asked.query();
    let asking = match read(visit, query).await? {
        Ok(asking) => asking,
        Err(told) => return Ok(told),
    };
    let by = sign_in::current(visit);
    go(visit, query, &asking, by.as_ref().map(|by| (by, None, false))).await
}

/// The same by a form (`OpenID` Connect Core, section 3.1.2.1). It comes from another site, and so without our cookies:
/// a redirect repeats the request with them.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let form = visit.asked.form().await?;
    let query = Params::parse(&form).query();
    openid::asked(&query).map_err(bad_application)?;
    Ok(Reply::see_other(&visit.home.then(&Next::Application(query))))
}

/// The agent does not want to sign in: tells the application.
pub(crate) async fn cancel(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let Asking { client, request } = match read(visit, visit.asked.query()).await? {
        Ok(asking) => asking,
        Err(told) => return Ok(told),
    };
    note_refusal(visit, &client, None, "cancelled");
    sent_back(visit, &request.redirect_uri, ("error", "access_denied"), Some(&request.state))
}

/// Continues with what an application asked for in `query`, for an agent who has just proved who they are.
pub(crate) async fn answer(
    visit: &Visit<'_>,
    query: &str,
    by: &SignInClaims,
    extension: Option<Extension>,
) -> Result<Reply, Problem> {
    match read(visit, query).await? {
        Ok(asking) => go(visit, query, &asking, Some((by, extension, true))).await,
        Err(told) => Ok(told),
    }
}

/// Reads a request. What is wrong with it is told to the application, unless it has to be told on a page.
///
/// # Errors
/// [`Problem::BadApplication`] if it has to be told on a page.
pub(crate) async fn read(visit: &Visit<'_>, query: &str) -> Result<Result<Asking, Reply>, Problem> {
    let (params, id) = openid::asked(query).map_err(bad_application)?;
    let (_, client) = way::client(visit, &id, &params).await?.ok_or_else(|| bad_application("unknown_client"))?;
    match Request::read(&params, &client) {
        Ok(request) => Ok(Ok(Asking { client, request })),
        Err(Refused::OnPage(reason)) => Err(Problem::BadApplication([client.id.as_str(), ": ", reason].concat())),
        Err(Refused::ToClient { redirect_uri, state, error, reason }) => {
            note_refusal(visit, &client, None, reason);
            Ok(Err(sent_back(visit, &redirect_uri, ("error", error), state.as_deref())?))
        }
    }
}

/// The problem with a request of no known application: the id that it states may be anything, and is not logged.
fn bad_application(reason: &str) -> Problem {
    Problem::BadApplication(reason.to_owned())
}

/// Logs that an application is told that an agent is not signed in, who that is if somebody is, and why.
fn note_refusal(visit: &Visit<'_>, client: &Client, by: Option<&SignInClaims>, reason: &str) {
    let event = visit.event("authorization_refused");
    visit.log().write(&Event {
        instance: by.map(|by| by.instance.as_str()).or(event.instance),
        agent: by.map(|by| by.agent.as_str()),
        reason: Some(reason),
        detail: Some(client.id.as_str()),
        ..event
    });
}

/// Continues with a request. `by`, if somebody is signed in, is their sign-in, the extension that was typed, and
/// whether they signed in for this very request.
async fn go(
    visit: &Visit<'_>,
    query: &str,
    Asking { client, request }: &Asking,
    by: Option<(&SignInClaims, Option<Extension>, bool)>,
) -> Result<Reply, Problem> {
    let tenant = match &request.tenant {
        Some(name) => visit.directory.instance_by_name(name).await?.map(|named| named.instance),
        None => None,
    };
    let agent = match &request.id_token_hint {
        Some(hint) => hint::stated(visit, hint).await?.map_or(MeantAgent::Unknown, |stated| MeantAgent::Of(stated.sub)),
        None => MeantAgent::Anybody,
    };
    let meant = Meant { tenant, agent };
    let is_fresh = by.as_ref().is_some_and(|(.., is_fresh)| *is_fresh);
    let decided = |by: Option<&SignInClaims>| decide(request, client, &meant, by, is_fresh, visit.asked.now());
    let signed_in = by.as_ref().map(|(by, ..)| *by);
    let mut decision = decided(signed_in);
    if let (Decision::Issue, Some((by, extension, _))) = (decision, by) {
        if let Some(code) = grant::issue(visit, client, request, by, extension).await? {
            note_issue(visit, client, by);
            return sent_back(visit, &request.redirect_uri, ("code", &code), Some(&request.state));
        }
        // The guard knows better than the cookie.
        decision = decided(None);
    }
    match decision {
        Decision::Refuse { error, reason } => {
            note_refusal(visit, client, signed_in, reason);
            sent_back(visit, &request.redirect_uri, ("error", error), Some(&request.state))
        }
        Decision::Issue | Decision::Login => {
            let beginning = Beginning {
                next: Some(Next::Application(query.to_owned())),
                tenant: tenant_of(visit, client, request).await?,
                login_hint: request.login_hint.clone(),
                notice: None,
            };
            begin(visit, beginning).await
        }
    }
}

/// The tenant that nobody has to type: the one that the request names, or the client's only one.
async fn tenant_of(visit: &Visit<'_>, client: &Client, request: &Request) -> Result<Option<InstanceName>, Problem> {
    match (&request.tenant, client.only_instance()) {
        (Some(tenant), _) => Ok(Some(tenant.clone())),
        (None, Some(id)) => Ok(visit.directory.instance(id).await?.map(|instance| instance.name.clone())),
        (None, None) => Ok(None),
    }
}

/// Sends the agent back to the application, naming the issuer (RFC 9207).
fn sent_back(
    visit: &Visit<'_>,
    redirect_uri: &RedirectUri,
    answer: (&str, &str),
    state: Option<&str>,
) -> Result<Reply, Problem> {
    let issuer = issuer(visit)?;
    let state = state.map(|state| ("state", state));
    let description = (answer.0 == "error").then(|| openid::error_description(visit.asked.id()));
    let description = description.as_deref().map(|description| ("error_description", description));
    let pairs = [Some(answer), description, state, Some(("iss", &issuer))];
    Ok(Reply::to_application(with_query(redirect_uri, &openid::query(pairs.into_iter().flatten()))))
}

fn note_issue(visit: &Visit<'_>, client: &Client, by: &SignInClaims) {
    visit.log().write(&Event {
        instance: Some(by.instance.as_str()),
        agent: Some(by.agent.as_str()),
        detail: Some(client.id.as_str()),
        ..visit.event("code_issued")
    });
}
