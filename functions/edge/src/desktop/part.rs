//! GET: one of the things that the desktop loads, as JSON. Each succeeds or fails independently.

use std::rc::Rc;

use kv_schema::Record;
use kv_schema::directory::{Agent, Instance, NotReadyReason};
use kv_schema::names::Extension;
use onecontact_domain::address::Part;
use onecontact_domain::desk::{Ended, Standing};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::SessionClaims;
use serde::Serialize;

use crate::http::Reply;
use crate::page;
use crate::session::Unsure;
use crate::visit::Visit;

pub(crate) async fn get(visit: &Visit<'_>, part: Part) -> Reply {
    if part == Part::Session {
        return exact_session(visit).await;
    }
    let Ok(session) = visit.session().await else { return no_session(visit, None) };
    let loaded = match part {
        Part::Profile => profile(visit, &session.claims).await,
        Part::Instance => instance_part(visit, &session.claims).await,
        Part::Extension | Part::Session => extension(visit, &session.claims).await,
    };
    match loaded {
        Ok(json) => Reply::json(200, json).with_cookies(session.cookie),
        Err(problem) => page::json_problem(visit.asked, Some(visit.bindings), Some(visit), &problem),
    }
}

/// The session as the desk has it: an open desktop asks for it to renew its token, and to learn why its socket is gone.
async fn exact_session(visit: &Visit<'_>) -> Reply {
    match visit.exact_session().await {
        Ok((session, standing)) => {
            Reply::json(200, session_part(visit, &session.claims, &standing)).with_cookies(session.cookie)
        }
        Err(Unsure::Over(_, ended)) => no_session(visit, ended.as_ref()),
        Err(Unsure::Unknown(problem)) => page::json_problem(visit.asked, Some(visit.bindings), Some(visit), &problem),
    }
}

/// The answer when there is no session: what became of it, if that is known.
///
/// It leaves the token in place. Whoever asks next needs it to be told the same: the page whose socket was refused,
/// which cannot read why, and another tab. A page is what clears it.
pub(crate) fn no_session(visit: &Visit<'_>, ended: Option<&Ended>) -> Reply {
    #[derive(Serialize)]
    struct Gone<'a> {
        r#type: &'static str,
        status: u16,
        title: &'static str,
        code: &'static str,
        request: &'a str,
        ended: Option<&'a Ended>,
    }
    let (title, request) = ("The session has ended.", visit.asked.id());
    let gone = Gone { r#type: "about:blank", status: 401, title, code: "no_session", request, ended };
    // Required with this status (RFC 9110, section 15.5.2); it makes no browser ask for a password.
    Reply::problem(401, json(&gone)).with("www-authenticate", "Cookie".to_owned())
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

/// The problem of a missing record that a session depends on: not yet visible, or removed since.
fn not_there(namespace: kv_schema::Namespace, key: &str) -> Problem {
    crate::directory::outage(namespace.binding(), &format!("{key} is not there"))
}

async fn profile(visit: &Visit<'_>, claims: &SessionClaims) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Profile<'a> {
        part: &'static str,
        username: &'a str,
        display_name: &'a str,
    }
    let agent = agent(visit, claims).await?;
    let (username, display_name) = (agent.username.as_str(), agent.display_name.as_str());
    Ok(json(&Profile { part: Part::Profile.name(), username, display_name }))
}

async fn instance_part(visit: &Visit<'_>, claims: &SessionClaims) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Shown<'a> {
        part: &'static str,
        name: &'a str,
        display_name: &'a str,
        not_ready_reasons: &'a [NotReadyReason],
    }
    let instance = instance(visit, claims).await?;
    let (name, display_name) = (instance.name.as_str(), instance.display_name.as_str());
    let not_ready_reasons = &instance.not_ready_reasons;
    Ok(json(&Shown { part: Part::Instance.name(), name, display_name, not_ready_reasons }))
}

async fn extension(visit: &Visit<'_>, claims: &SessionClaims) -> Result<String, Problem> {
    #[derive(Serialize)]
    struct Shown<'a> {
        part: &'static str,
        extension: Option<&'a str>,
        default: bool,
    }
    let agent = agent(visit, claims).await?;
    let extension = claims.extension.as_ref().map(Extension::as_str);
    let default = claims.extension.is_some() && is_default(claims, &agent);
    Ok(json(&Shown { part: Part::Extension.name(), extension, default }))
}

/// Whether nobody chose the session's extension: it was, or is, the agent's default.
pub(super) fn is_default(claims: &SessionClaims, agent: &Agent) -> bool {
    !claims.extension_typed || claims.extension == agent.default_extension
}

/// The session: most of it is in the token; the desk has said how it stands now.
fn session_part(visit: &Visit<'_>, claims: &SessionClaims, standing: &Standing) -> String {
    #[derive(Serialize)]
    struct Named {
        family: Option<&'static str>,
        system: Option<&'static str>,
    }
    #[derive(Serialize)]
    struct Session<'a> {
        part: &'static str,
        sid: &'a str,
        install: &'a str,
        since: u64,
        hard_end: u64,
        waits: bool,
        overtime: u32,
        browser: Named,
    }
    let browser = visit.asked.browser();
    json(&Session {
        part: Part::Session.name(),
        sid: claims.sid.as_str(),
        install: visit.spelling.as_str(),
        since: claims.auth_time.0,
        hard_end: standing.hard_end.0,
        waits: standing.waits,
        overtime: standing.overtime_minutes,
        browser: Named { family: browser.family.name(), system: browser.system.name() },
    })
}

/// These values can always be serialised.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
