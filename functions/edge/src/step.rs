//! The steps of a login after the first, and what the previous one has proved.
//!
//! Each has a page of its own, whose token is in a cookie: the form or link that led to it is used up, but the page can
//! be loaded again. Its form carries the token as well, so that two tabs do not lose each other's. Whoever goes back to
//! where the login began has given it up, and whoever sits there next is not to go on in their place.

use std::rc::Rc;

use kv_schema::directory::{Agent, Instance};
use onecontact_domain::address::{Next, Page};
use onecontact_domain::cookies;
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::Place;
use onecontact_domain::token::{self, Step, StepClaims};

use crate::http::Reply;
use crate::log::Event;
use crate::visit::Visit;

/// Leads to the page at `path`, where this step is taken.
pub(crate) fn lead_to<S: Step>(visit: &Visit<'_>, path: &str, claims: &S) -> Result<Reply, Problem> {
    let step = sealed(visit, claims)?;
    Ok(Reply::see_other(path).with_cookies([cookies::set_step::<S>(&visit.name(), step)]))
}

/// Seals the token of a step.
pub(crate) fn sealed(visit: &Visit<'_>, claims: &impl Step) -> Result<String, Problem> {
    token::seal(&visit.bindings.keys, claims, visit.asked.now()).map_err(|error| Problem::defect(&error))
}

/// The token of the step that the login in this browser has reached.
pub(crate) fn kept<'a>(visit: &'a Visit<'_>) -> Option<&'a str> {
    visit.asked.cookies().step(&visit.name())
}

/// Clears that token, if there is one, and the link for a new password that was opened in this browser
/// ([`crate::reset`]).
pub(crate) fn forgotten(visit: &Visit<'_>) -> impl Iterator<Item = String> + use<> {
    let step = kept(visit).map(|_| cookies::clear_step(&visit.name()));
    let link = visit.asked.cookies().reset_link().map(|_| cookies::clear_reset_link());
    step.into_iter().chain(link)
}

/// Leads whoever opens the page of a step that is not this browser's to where the login begins.
pub(crate) fn begin_again(visit: &Visit<'_>) -> Reply {
    match visit.asked.query_value("next") {
        Some(next) => Reply::see_other(&visit.home.start_then(&visit.home.next(&next))),
        None => Reply::see_other(visit.home.path()),
    }
}

/// A place in a login's flow, after the password: what the previous step states, whose it is, and where it all leads.
pub(crate) struct At {
    pub(crate) claims: StepClaims,
    pub(crate) agent: Agent,
    pub(crate) instance: Rc<Instance>,
    pub(crate) next: Next,
    /// The token that says so.
    pub(crate) step: String,
}

impl At {
    /// Reads the place that this browser says it is at. `None` if it is too old, or from another browser, or the
    /// agent's password is no longer the one that was right.
    pub(crate) async fn read(visit: &Visit<'_>, step: &str, next: Next) -> Result<Option<Self>, Problem> {
        let Some(claims) = open::<StepClaims>(visit, step) else { return Ok(None) };
        let agent = visit.directory.agent(&claims.instance, &claims.agent).await?;
        let current = |agent: &Agent| !agent.disabled && agent.password.set_at == claims.replaced.declared;
        let Some(agent) = agent.filter(current) else { return Ok(None) };
        let instance = visit.directory.instance(&claims.instance).await?;
        Ok(instance.map(|instance| Self { claims, agent, instance, next, step: step.to_owned() }))
    }

    /// As [`Self::read`], for a page that is loaded.
    pub(crate) async fn kept(visit: &Visit<'_>) -> Result<Option<Self>, Problem> {
        let next = visit.home.next(&visit.asked.query_value("next").unwrap_or_default());
        match kept(visit) {
            Some(step) => Self::read(visit, step, next).await,
            None => Ok(None),
        }
    }

    /// The path of this place's page.
    pub(crate) fn path(&self, visit: &Visit<'_>) -> String {
        path(visit, self.claims.at, &self.next)
    }
}

/// The path of a place's page.
pub(crate) fn path(visit: &Visit<'_>, at: Place, next: &Next) -> String {
    visit.home.page_then(if at == Place::NewPassword { Page::NewPassword } else { Page::SecondStep }, next)
}

/// What the previous step has proved, if this is the browser and the install that it was proved in.
pub(crate) fn open<C: Step>(visit: &Visit<'_>, step: &str) -> Option<C> {
    let claims = claims(visit, step);
    if claims.is_none() {
        visit.log().write(&Event { reason: Some("step_refused"), ..visit.event("form_refused") });
    }
    claims
}

fn claims<C: Step>(visit: &Visit<'_>, step: &str) -> Option<C> {
    let asked = visit.asked;
    // Whoever follows a link may come from another site, such as `OneContactLogin`, and changes nothing by it.
    let is_ours = asked.is_reading() || !asked.is_foreign();
    let browser = asked.cookies().browser().filter(|_| is_ours)?;
    let claims = token::open::<C>(&visit.bindings.keys, step, asked.now()).ok()?.claims;
    let is_ours = claims.browser() == browser
        && *claims.install() == visit.name()
        && visit.instance.as_ref().is_none_or(|instance| instance.id == *claims.instance());
    is_ours.then_some(claims)
}
