//! The one place where a problem becomes a page and a line in the log.

use kv_schema::Language;
use onecontact_domain::address::{Page, Route};
use onecontact_domain::cookies;
use onecontact_domain::problem::Problem;
use onecontact_templates::{CookiesPage, EntryPage, Frame, ProblemPage};
use serde::Serialize;

use crate::bindings::Bindings;
use crate::http::{Asked, Reply};
use crate::log::{Event, Log};
use crate::visit::Visit;

/// The reply that tells of `problem`: a page, or for a program a problem document (RFC 9457).
pub(crate) fn problem(
    asked: &Asked,
    bindings: Option<&Bindings>,
    visit: Option<&Visit<'_>>,
    problem: &Problem,
) -> Reply {
    if is_for_script(asked) || Route::parse(asked.path()).is_for_programs() {
        return json_problem(asked, bindings, visit, problem);
    }
    note(asked, bindings, visit, problem);
    let chosen = asked.query_value("lang").and_then(|tag| Language::from_tag(&tag));
    let language = chosen.unwrap_or_else(|| visit.map_or_else(|| asked.language(None), |visit| visit.language));
    let home = visit.map(|visit| visit.home.path());
    // This one is told at whichever address the login was, and can be returned to at this one.
    let elsewhere = match (problem, visit) {
        (Problem::SignInElsewhere { .. }, Some(visit)) => Some(visit.home.page(Page::Callback)),
        _ => None,
    };
    let page = Reply::page(problem.status(), |nonce| {
        let frame =
            Frame { language, nonce, home, path: elsewhere.as_deref().unwrap_or(asked.own_path()), is_answer: false };
        match problem {
            Problem::CookiesRequired => CookiesPage { frame, browser: asked.browser() }.document(),
            problem => ProblemPage { frame, problem, request_id: problem.request().unwrap_or(asked.id()) }.document(),
        }
    });
    let reply = page.unwrap_or_else(|error| {
        note(asked, bindings, visit, &Problem::defect(&error));
        Reply::empty(503)
    });
    with_headers(reply.with_cookies(chosen.map(cookies::set_language)), problem)
}

/// `reply` with the headers by which `problem` tells programs more.
fn with_headers(mut reply: Reply, problem: &Problem) -> Reply {
    if let Some(seconds) = problem.retry_after() {
        reply = reply.with("retry-after", seconds.to_string());
    }
    if let Problem::MethodNotAllowed { allow } = problem {
        reply = reply.with("allow", (*allow).to_owned());
    }
    reply
}

/// A problem of RFC 9457, with what a person quotes to whoever runs the system: the answer to a script.
pub(crate) fn json_problem(
    asked: &Asked,
    bindings: Option<&Bindings>,
    visit: Option<&Visit<'_>>,
    problem: &Problem,
) -> Reply {
    note(asked, bindings, visit, problem);
    let reply = refused(asked, problem.status(), problem.code());
    with_headers(reply, problem)
}

/// As [`json_problem`], for something that nobody has to log.
pub(crate) fn refused(asked: &Asked, status: u16, code: &str) -> Reply {
    told(asked, status, "This cannot be done.", code)
}

/// As [`refused`], with a title of its own.
pub(crate) fn told(asked: &Asked, status: u16, title: &str, code: &str) -> Reply {
    told_of(asked, status, title, code, None)
}

/// As [`told`], with a detail of this occurrence.
pub(crate) fn told_of(asked: &Asked, status: u16, title: &str, code: &str, detail: Option<&str>) -> Reply {
    #[derive(Serialize)]
    struct Told<'a> {
        r#type: &'static str,
        status: u16,
        title: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<&'a str>,
        code: &'a str,
        request: &'a str,
    }
    let told = Told { r#type: "about:blank", status, title, detail, code, request: asked.id() };
    Reply::problem(status, serde_json::to_string(&told).unwrap_or_default())
}

/// Whether the request is made by a script of ours, which reads no pages.
pub(crate) fn is_for_script(asked: &Asked) -> bool {
    asked.header("accept").is_some_and(|accept| accept == "application/json")
}

/// Logs what an operator would want to know. Nobody needs to know of every mistyped address.
pub(crate) fn note(asked: &Asked, bindings: Option<&Bindings>, visit: Option<&Visit<'_>>, problem: &Problem) {
    let Some(detail) = problem.detail() else { return };
    let event = visit.map_or(Event::new("problem"), |visit| visit.event("problem"));
    Log { asked, events: bindings.map(|bindings| &bindings.events) }.write(&Event {
        reason: Some(problem.code()),
        detail: Some(&detail),
        is_for_the_operator: problem.is_for_the_operator(),
        ..event
    });
}
