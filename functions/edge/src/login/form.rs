//! The page with the form, as both GET and POST show it.

use kv_schema::directory::{Agent, SecondStep};
use kv_schema::names::InstanceName;
use onecontact_domain::address::{Next, Page};
use onecontact_domain::cookies;
use onecontact_domain::desk::{Lack, Why};
use onecontact_domain::login::{Field, FieldProblem, Filled, Notice, Rules};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, FormClaims};
use onecontact_templates::{EntryPage, InstanceShown, LoginPage, SetUpShown};
use serde::Serialize;

use crate::bindings::random_bits;
use crate::forgot;
use crate::http::Reply;
use crate::log::Event;
use crate::onecontact_login::{self, Way};
use crate::visit::Visit;
use crate::{page, step};

/// What the page shows besides the empty form.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) filled: Filled,
    pub(crate) problems: Vec<(Field, FieldProblem)>,
    pub(crate) notice: Option<Notice>,
    pub(crate) next: Option<Next>,
    /// Whether whoever signs in wants to set up an authenticator app or a passkey.
    pub(crate) sets_up: bool,
    /// The tenant that was typed on the previous page.
    pub(crate) tenant: Option<InstanceName>,
    /// Where the agent is going, at `OneContactLogin`.
    pub(crate) way: Way,
}

/// Which fields the page has.
pub(crate) fn rules(visit: &Visit<'_>, way: &Way) -> Result<Rules, Problem> {
    let ask_instance = visit.instance.is_none();
    if visit.login_site().is_some() {
        return Ok(Rules { ask_instance, allow_extension: way.allows_extension() });
    }
    Ok(Rules { ask_instance, allow_extension: visit.install()?.allow_extension_configuration })
}

/// `<home>/form-token`: a token for signing in again without leaving the desktop.
pub(crate) fn token(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let (form_token, set_browser) = tie(visit, None)?;
    // A token is base64url and dots: nothing in it needs escaping.
    Ok(Reply::json(200, format!("{{\"form_token\":\"{form_token}\"}}")).with_cookies(set_browser))
}

/// This browser's mark; if it has none, a new one together with the cookie that sets it.
pub(crate) fn mark(visit: &Visit<'_>) -> (String, Option<String>) {
    let known = visit.asked.cookies().browser();
    let is_new = known.is_none();
    let browser = known.map_or_else(|| cookies::mark(random_bits()), str::to_owned);
    let set_browser = is_new.then(|| cookies::set_browser(&browser));
    (browser, set_browser)
}

/// A token that ties a form to this browser, which is given a mark now if it has none, and to the tenant that was
/// typed.
pub(crate) fn tie(visit: &Visit<'_>, tenant: Option<InstanceName>) -> Result<(String, Option<String>), Problem> {
    let (browser, set_browser) = mark(visit);
    let claims = FormClaims { install: visit.name(), browser, tenant };
    let token =
        token::seal(&visit.bindings.keys, &claims, visit.asked.now()).map_err(|error| Problem::defect(&error))?;
    Ok((token, set_browser))
}

/// The login page again, for an agent who has proved who they are but cannot have the extension that they typed.
pub(crate) fn without_extension(visit: &Visit<'_>, agent: &Agent, lack: Lack, shown: Shown) -> Result<Reply, Problem> {
    visit.log().write(&Event {
        instance: Some(agent.instance.as_str()),
        agent: Some(agent.username.as_str()),
        reason: Some(lack.why.name()),
        ..visit.event("extension_refused")
    });
    let status = if lack.why == Why::Held { 409 } else { 422 };
    if page::is_for_script(visit.asked) {
        return Ok(Reply::json(status, serde_json::to_string(&Told { code: "extension", lack }).unwrap_or_default()));
    }
    let free_in = lack.free_at.map(|free_at| free_at.since(visit.asked.now()));
    let problems = vec![(Field::Extension, FieldProblem::NotHeld { lack, free_in })];
    page(visit, status, &Shown { problems, ..shown })
}

/// What a script is told instead of a page.
#[derive(Serialize)]
struct Told {
    code: &'static str,
    lack: Lack,
}

/// The login page, with a form tied to this browser. A script is told only what the page would say at its top.
pub(crate) fn page(visit: &Visit<'_>, status: u16, shown: &Shown) -> Result<Reply, Problem> {
    if !visit.asked.is_reading() && page::is_for_script(visit.asked) {
        return Ok(Reply::json(status, format!("{{\"code\":\"{}\"}}", code(shown))));
    }
    let Rules { allow_extension, .. } = rules(visit, &shown.way)?;
    let (form_token, set_browser) = tie(visit, shown.tenant.clone())?;
    let path = address(visit, shown);
    let next = shown.next.as_ref().map(Next::text);
    let reply = Reply::page(status, |nonce| {
        LoginPage {
            frame: visit.frame_of(nonce, &path),
            instance: match &shown.tenant {
                Some(tenant) => InstanceShown::Typed(tenant.as_str()),
                None => instance_shown(visit),
            },
            allow_extension,
            filled: &shown.filled,
            problems: &shown.problems,
            notice: shown.notice,
            request_id: (shown.notice == Some(Notice::Refused)).then(|| visit.asked.id()),
            form_token: &form_token,
            set_up: match &visit.instance {
                _ if shown.sets_up => SetUpShown::Chosen,
                Some(instance) if instance.second_step != SecondStep::Off => SetUpShown::Offered,
                _ => SetUpShown::Nothing,
            },
            can_reset: forgot::can_reset(visit),
            next: next.as_deref(),
            application: shown.way.application.as_deref(),
            cancel: shown.way.cancel.as_deref(),
        }
        .document()
    });
    let reply = reply.map_err(|error| Problem::defect(&error))?;
    Ok(shown.way.allowed_by(reply).with_cookies(set_browser).with_cookies(step::forgotten(visit)))
}

/// The address of the page that the form is on.
fn address(visit: &Visit<'_>, shown: &Shown) -> String {
    if visit.login_site().is_some() {
        let path = onecontact_login::address(visit, shown.next.as_ref(), shown.tenant.as_ref());
        let is_ours = !matches!(shown.next, Some(Next::Application(_)));
        return if shown.sets_up && is_ours { [&path, "?set-up=1"].concat() } else { path };
    }
    // Whoever sent the form back was only asked to sign in: the desktop is not a page that they had asked for.
    let is_plain = !visit.asked.is_reading() && shown.next == Some(Next::Page(Page::Desktop));
    let next = shown.next.as_ref().filter(|_| !is_plain).map(|next| visit.home.start_then(next));
    let (path, joint) = next.map_or((visit.home.path().to_owned(), "?"), |next| (next, "&"));
    if shown.sets_up { [&path, joint, "set-up=1"].concat() } else { path }
}

/// The instance, as far as the address determines it.
pub(crate) fn instance_shown<'a>(visit: &'a Visit<'_>) -> InstanceShown<'a> {
    match &visit.instance {
        Some(instance) => InstanceShown::Known(&instance.display_name),
        None => InstanceShown::Asked,
    }
}

fn code(shown: &Shown) -> &'static str {
    match shown.notice {
        Some(Notice::StaleForm) => "stale_form",
        Some(_) => "refused",
        None if shown.problems.contains(&(Field::Extension, FieldProblem::NotAllowed)) => "extension_not_allowed",
        None => "check_fields",
    }
}
