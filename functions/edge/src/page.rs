//! The one place where a problem becomes a page, and a line in the log.

use kv_schema::Language;
use onecontact_domain::cookies;
use onecontact_domain::problem::Problem;
use onecontact_templates::{CookiesPage, Frame, ProblemPage, Template};

use crate::bindings::Bindings;
use crate::http::{Asked, Reply};
use crate::log::{Event, Log};
use crate::visit::Visit;

/// The page that tells of `problem`.
pub(crate) fn problem(
    asked: &Asked,
    bindings: Option<&Bindings>,
    visit: Option<&Visit<'_>>,
    problem: &Problem,
) -> Reply {
    note(asked, bindings, visit, problem);
    let chosen = asked.query_value("lang").and_then(|tag| Language::from_tag(&tag));
    let language = chosen.unwrap_or_else(|| visit.map_or_else(|| asked.language(None), |visit| visit.language));
    let home = visit.map(|visit| visit.home.path());
    let page = Reply::page(problem.status(), |nonce| {
        let frame = Frame { language, nonce, home, path: asked.own_path() };
        match problem {
            Problem::CookiesRequired => CookiesPage { frame, browser: asked.browser() }.render(),
            problem => ProblemPage { frame, problem, request_id: asked.id() }.render(),
        }
    });
    let mut reply = page.unwrap_or_else(|error| {
        note(asked, bindings, visit, &Problem::defect(&error));
        Reply::empty(503)
    });
    reply = reply.with_cookies(chosen.map(cookies::set_language));
    if let Some(seconds) = problem.retry_after() {
        reply = reply.with("retry-after", seconds.to_string());
    }
    if let Problem::MethodNotAllowed { allow } = problem {
        reply = reply.with("allow", (*allow).to_owned());
    }
    reply
}

/// Writes down what an operator would want to know. Nobody needs to know of every mistyped address.
pub(crate) fn note(asked: &Asked, bindings: Option<&Bindings>, visit: Option<&Visit<'_>>, problem: &Problem) {
    let detail = match problem {
        Problem::Unavailable(outage) => format!("{}: {}", outage.binding, outage.cause),
        Problem::Unreadable(error) => error.to_string(),
        Problem::Misconfigured(cause) | Problem::Defect(cause) => cause.clone(),
        Problem::InstallWithoutInstances(install) => {
            format!("no instance names the install {install}; declare one and apply")
        }
        Problem::TooManyAttempts { .. } => "LOGIN_RATE".to_owned(),
        _ => return,
    };
    let event = visit.map_or(Event::new("problem"), |visit| visit.event("problem"));
    Log { asked, events: bindings.map(|bindings| &bindings.events) }.write(&Event {
        reason: Some(problem.code()),
        detail: Some(&detail),
        is_for_the_operator: problem.is_for_the_operator(),
        ..event
    });
}
