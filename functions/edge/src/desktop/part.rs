//! GET: one of the things that the desktop loads, as JSON. Each succeeds or fails by itself.

use std::rc::Rc;

use kv_schema::Record;
use kv_schema::directory::{Agent, Instance};
use onecontact_domain::address::Part;
use onecontact_domain::cookies;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::SessionClaims;
use serde_json::{Value, json};

use crate::http::Reply;
use crate::page;
use crate::visit::Visit;

/// Media type of a problem (RFC 9457, section 6.1).
const PROBLEM: &str = "application/problem+json";

pub(crate) async fn get(visit: &Visit<'_>, part: Part) -> Reply {
    let Ok(session) = visit.session().await else {
        let gone = json!({ "type": "about:blank", "status": 401, "title": "The session is over." });
        return Reply::data(401, PROBLEM, gone.to_string())
            // Required with this status (RFC 9110, section 15.5.2); no browser asks for a password because of it.
            .with("www-authenticate", "Cookie".to_owned())
            .with_cookies([cookies::clear_session(&visit.name())]);
    };
    let loaded = match part {
        Part::Profile => profile(visit, &session.claims).await,
        Part::Instance => instance_part(visit, &session.claims).await,
        Part::Extension => extension(visit, &session.claims).await,
        Part::Session => Ok(session_part(visit, &session.claims)),
    };
    match loaded {
        Ok(json) => Reply::data(200, "application/json", json.to_string()).with_cookies(visit.renewal(&session)),
        Err(problem) => failed(visit, &problem),
    }
}

fn failed(visit: &Visit<'_>, problem: &Problem) -> Reply {
    page::note(visit.asked, Some(visit.bindings), Some(visit), problem);
    let status = problem.status();
    let json = json!({
        "type": "about:blank",
        "status": status,
        "title": "This part could not be loaded.",
        "code": problem.code(),
        "request": visit.asked.id(),
    });
    Reply::data(status, PROBLEM, json.to_string())
}

/// The record of the session's agent.
pub(super) async fn agent(visit: &Visit<'_>, claims: &SessionClaims) -> Result<Agent, Problem> {
    let found = visit.directory.agent(&claims.instance, &claims.agent).await?;
    found.ok_or_else(|| not_there(Agent::NAMESPACE, &Agent::key_of(&claims.instance, &claims.agent)))
}

/// The record of the session's instance.
pub(super) async fn instance(visit: &Visit<'_>, claims: &SessionClaims) -> Result<Rc<Instance>, Problem> {
    if let Some(instance) = &visit.instance {
        return Ok(Rc::clone(instance));
    }
    let found = visit.directory.instance(&claims.instance).await?;
    found.ok_or_else(|| not_there(Instance::NAMESPACE, &Instance::key_of(&claims.instance)))
}

/// A record that a session stands on is not there: late, or taken away since.
fn not_there(namespace: kv_schema::Namespace, key: &str) -> Problem {
    crate::directory::outage(namespace.binding(), &format!("{key} is not there"))
}

async fn profile(visit: &Visit<'_>, claims: &SessionClaims) -> Result<Value, Problem> {
    let agent = agent(visit, claims).await?;
    Ok(json!({ "part": "profile", "username": agent.username, "display_name": agent.display_name }))
}

async fn instance_part(visit: &Visit<'_>, claims: &SessionClaims) -> Result<Value, Problem> {
    let instance = instance(visit, claims).await?;
    Ok(json!({ "part": "instance", "name": instance.name, "display_name": instance.display_name }))
}

async fn extension(visit: &Visit<'_>, claims: &SessionClaims) -> Result<Value, Problem> {
    let agent = agent(visit, claims).await?;
    let is_default = claims.extension == agent.default_extension;
    Ok(json!({ "part": "extension", "extension": claims.extension, "default": is_default }))
}

/// The session: all of it stands in the token, and that it has not been ended was looked up to get here.
fn session_part(visit: &Visit<'_>, claims: &SessionClaims) -> Value {
    let browser = visit.asked.browser();
    json!({
        "part": "session",
        "install": visit.install.name,
        "since": claims.auth_time,
        "hard_end": claims.hard_end,
        "browser": { "family": browser.family.name(), "system": browser.system.name() },
    })
}
