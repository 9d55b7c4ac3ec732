//! `/api/v1/…`: the API for other systems. Each request carries a token that the service has signed with its own key;
//! there are no cookies and no pages here.

mod account;
mod agent;
mod caller;
mod end_session;
mod offer;
mod sessions;

use kv_schema::directory::Agent;
use onecontact_domain::api::{AgentCall, Call, LARGEST_BODY, Refusal, What};
use onecontact_domain::desk::{Answer, Ask};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::service::Caller;

use crate::bindings::Bindings;
use crate::desk;
use crate::directory::Directory;
use crate::http::{Asked, Method, Reply};
use crate::log::{Event, Log};
use crate::page;

/// Why a call does not get the answer that it asked for.
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

/// A call about an agent, by a service that may make it.
struct ServiceCall<'a> {
    asked: &'a Asked,
    bindings: &'a Bindings,
    call: &'a AgentCall,
    caller: &'a Caller,
}

impl ServiceCall<'_> {
    /// The service's name, under which the desk says who has done something.
    fn by(&self) -> String {
        self.caller.service().name.as_str().to_owned()
    }

    /// The body, which has to be declared as JSON.
    async fn body(&self) -> Result<Vec<u8>, Failed> {
        self.asked.json(LARGEST_BODY).await.map_err(|problem| match problem {
            Problem::NotAForm => Refusal::NotJson.into(),
            Problem::LengthRequired => Refusal::LengthRequired.into(),
            Problem::TooLarge => Refusal::TooLarge.into(),
            problem => problem.into(),
        })
    }

    /// The agent's record: where the desk knows of nobody, it tells whether there is such an agent at all.
    async fn agent(&self) -> Result<Agent, Failed> {
        let directory = Directory::new(self.bindings, self.asked.now());
        let found = directory.agent(&self.call.instance, &self.call.agent).await?;
        found.ok_or(Failed::Refused(Refusal::UnknownAgent))
    }

    async fn ask_desk(&self, ask: &Ask) -> Result<Answer, Problem> {
        desk::ask(self.bindings, &self.call.instance, &self.call.agent, ask).await
    }

    /// What the desk passes on as JSON after `prefix`. If it does not, an unknown agent takes precedence over the
    /// desk's reason.
    async fn told_by_desk(&self, prefix: &str, ask: &Ask) -> Result<String, Failed> {
        match desk::ask_for(prefix, self.bindings, self.call, ask).await? {
            Ok(json) => Ok(json),
            Err(answer) => {
                self.agent().await?;
                Err(failed(&answer))
            }
        }
    }

    /// Records that the service has done something to the agent.
    fn note_done(&self, what: &str, more: &str) {
        let service = self.caller.service();
        let space = if more.is_empty() { "" } else { " " };
        Log { asked: self.asked, events: Some(&self.bindings.events) }.write(&Event {
            instance: Some(self.call.instance.as_str()),
            agent: Some(self.call.agent.as_str()),
            reason: Some(what),
            detail: Some(&[service.name.as_str(), " ", service.id.as_str(), space, more].concat()),
            ..Event::new("service_call")
        });
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
    let not_allowed = || Refusal::MethodNotAllowed { allow: call.allow() };
    let call = match call {
        Call::Sessions(instance) if asked.method() == Method::Get => {
            return sessions::get(asked, bindings, instance).await;
        }
        Call::Sessions(_) => return Err(not_allowed().into()),
        Call::Agent(call) => call,
    };
    let on = ServiceCall { asked, bindings, call, caller };
    match (&call.what, asked.method()) {
        (What::Look, Method::Get) => agent::get(&on).await,
        (What::ChooseState, Method::Post) => agent::post_state(&on).await,
        (What::EndInteraction(id), Method::Post) => agent::post_end(&on, id).await,
        (What::EndSession, Method::Post) => end_session::post(&on).await,
        (What::Offer, Method::Post) => offer::post(&on).await,
        (What::FindOffer(id), Method::Get) => offer::get(&on, id).await,
        (What::LookAtAccount, Method::Get) => account::get(&on).await,
        (What::Account(action), Method::Post) => account::post(&on, *action).await,
        (What::CancelOffer(id), Method::Post) => offer::post_cancel(&on, id).await,
        _ => Err(not_allowed().into()),
    }
}

/// The failure that an unwanted answer of the desk's amounts to.
fn failed(answer: &Answer) -> Failed {
    Refusal::of(answer).map_or_else(|| desk::not_understood().into(), Failed::Refused)
}

fn refused(asked: &Asked, refusal: Refusal) -> Reply {
    let reply = page::told_of(asked, refusal.status(), refusal.title(), refusal.code(), refusal.detail().as_deref());
    if let Some(challenge) = refusal.challenge() {
        return reply.with("www-authenticate", challenge);
    }
    match refusal {
        Refusal::MethodNotAllowed { allow } => reply.with("allow", allow.to_owned()),
        Refusal::TooManyOffers => reply.with("retry-after", "3600".to_owned()),
        _ => reply,
    }
}

/// Records that a request was refused, by `service`, a known one.
fn note(asked: &Asked, bindings: &Bindings, reason: &str, service: &str, call: Option<&Call>) {
    Log { asked, events: Some(&bindings.events) }.write(&Event {
        instance: call.map(|call| call.instance().as_str()),
        reason: Some(reason),
        detail: Some(service),
        ..Event::new("service_refused")
    });
}
