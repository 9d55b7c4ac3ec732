//! `/api/v1/…`: what other systems ask. Each request carries a token that the service has signed with its own key; there
//! are no cookies here, and no pages.

mod account;
mod agent;
mod caller;
mod end_session;
mod offer;

use kv_schema::directory::Service;
use onecontact_domain::api::{Call, Refusal, What};
use onecontact_domain::desk::Answer;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::service::Caller;

use crate::bindings::Bindings;
use crate::desk;
use crate::directory::Directory;
use crate::http::{Asked, Method, Reply};
use crate::log::{Event, Log};
use crate::page;

/// Why a call does not get its answer.
enum Failed {
    Refused(Refusal),
    Problem(Problem),
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Answers a call; `call` is what the path asks for.
pub(crate) async fn answer(asked: &Asked, bindings: &Bindings, call: Option<Call>) -> Reply {
    let answered = match caller::find(asked, bindings).await {
        Ok(caller) => {
            let answered = admitted(asked, bindings, call.as_ref(), &caller).await;
            if let Err(Failed::Refused(refusal)) = &answered {
                note(asked, bindings, refusal.code(), caller.service().name.as_str(), call.as_ref());
            }
            answered
        }
        Err(failed) => Err(failed),
    };
    match answered {
        Ok(json) => Reply::json(200, json),
        Err(Failed::Refused(refusal)) => refused(asked, refusal),
        Err(Failed::Problem(problem)) => page::json_problem(asked, Some(bindings), None, &problem),
    }
}

async fn admitted(asked: &Asked, bindings: &Bindings, call: Option<&Call>, caller: &Caller) -> Result<String, Failed> {
    let call = call.ok_or(Refusal::UnknownAddress)?;
    call.admits(caller)?;
    let service = caller.service();
    match (&call.what, asked.method()) {
        (What::Look, Method::Get) => agent::get(asked, bindings, call).await,
        (What::ChooseState, Method::Post) => agent::post_state(asked, bindings, call, service).await,
        (What::EndInteraction(id), Method::Post) => agent::post_end(asked, bindings, call, service, id).await,
        (What::EndSession, Method::Post) => end_session::post(asked, bindings, call, service).await,
        (What::Offer, Method::Post) => offer::post(asked, bindings, call, service).await,
        (What::FindOffer(id), Method::Get) => offer::get(asked, bindings, call, id).await,
        (What::Account(action), Method::Post) => account::post(asked, bindings, call, caller, *action).await,
        (What::CancelOffer(id), Method::Post) => offer::post_cancel(asked, bindings, call, service, id).await,
        _ => Err(Refusal::MethodNotAllowed { allow: call.allow() }.into()),
    }
}

/// Why a desk's answer is not the one that was hoped for.
fn failed(answer: &Answer) -> Failed {
    Refusal::of(answer).map_or_else(|| desk::not_understood().into(), Failed::Refused)
}

/// Writes down that `service` has done something to an agent.
fn note_done(asked: &Asked, bindings: &Bindings, call: &Call, service: &Service, (what, more): (&str, &str)) {
    let space = if more.is_empty() { "" } else { " " };
    Log { asked, events: Some(&bindings.events) }.write(&Event {
        instance: Some(call.instance.as_str()),
        agent: Some(call.agent.as_str()),
        reason: Some(what),
        detail: Some(&[service.name.as_str(), " ", service.id.as_str(), space, more].concat()),
        ..Event::new("service_call")
    });
}

/// Of an agent whose desk knows of nobody, whether there is one at all.
async fn known(asked: &Asked, bindings: &Bindings, call: &Call) -> Result<(), Failed> {
    let directory = Directory::new(&bindings.directory, asked.now());
    match directory.agent(&call.instance, &call.agent).await? {
        Some(_) => Ok(()),
        None => Err(Refusal::UnknownAgent.into()),
    }
}

fn refused(asked: &Asked, refusal: Refusal) -> Reply {
    let reply = page::told(asked, refusal.status(), refusal.title(), refusal.code());
    match refusal {
        // Required with this status (RFC 9110, section 15.5.2).
        Refusal::NotAuthenticated => reply.with("www-authenticate", "Bearer".to_owned()),
        Refusal::MethodNotAllowed { allow } => reply.with("allow", allow.to_owned()),
        Refusal::TooManyOffers => reply.with("retry-after", "3600".to_owned()),
        _ => reply,
    }
}

/// Writes down that `service`, which is one, was refused.
fn note(asked: &Asked, bindings: &Bindings, reason: &str, service: &str, call: Option<&Call>) {
    Log { asked, events: Some(&bindings.events) }.write(&Event {
        instance: call.map(|call| call.instance.as_str()),
        reason: Some(reason),
        detail: Some(service),
        ..Event::new("service_refused")
    });
}
