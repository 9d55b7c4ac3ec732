//! Signing in at an instance's own `OpenID` provider: `OneContactLogin` sends the agent there, and takes them back at
//! `/OneContactLogin/callback`.
//!
//! `onecontact_domain::federation` says what is asked and what is believed. This carries it: to the provider, to the
//! platform's cryptography, to the log. Whatever goes wrong ends on one page, which nobody leaves without a click: an
//! agent is never sent back to a provider automatically.

mod ask;
mod begin;
mod callback;
mod create;
mod extension;
mod farewell;

pub(crate) use begin::{begin, elsewhere};
pub(crate) use callback::get_callback;
pub(crate) use extension::post as post_extension;
pub(crate) use farewell::{farewell, get_farewell, get_signed_out};

use kv_schema::directory::Instance;
use kv_schema::names::Username;
use onecontact_domain::cookies;
use onecontact_domain::federation::Refusal;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, ErrandClaims};

use crate::http::Reply;
use crate::log::Event;
use crate::page;
use crate::visit::Visit;

/// Why a sign-in came to nothing.
#[derive(Debug)]
struct Failure {
    refusal: Refusal,
    /// The agent, if it is known who it would be.
    agent: Option<Username>,
    /// What an operator needs to mend it.
    detail: Option<String>,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, agent: None, detail: None }
    }
}

/// Seals an errand as the token for its cookie.
fn sealed(visit: &Visit<'_>, errand: &ErrandClaims) -> Result<String, Problem> {
    token::seal(&visit.bindings.keys, errand, visit.asked.now()).map_err(|error| Problem::defect(&error))
}

/// The page that says that it came to nothing; the log is told why.
fn failed(visit: &Visit<'_>, instance: Option<&Instance>, failure: &Failure) -> Reply {
    noted(visit, "provider_refused", instance, failure);
    told(visit, instance, failure.refusal.is_outage(), None)
}

/// The cookies that end `errand`, which came to nothing, and keep what its page says and what is needed to begin again
/// from there.
fn begun_again(visit: &Visit<'_>, errand: ErrandClaims, refusal: Refusal) -> Result<[String; 2], Problem> {
    let slot = cookies::clear_errand(errand.slot);
    let (request, is_outage) = (Some(visit.asked.id().to_owned()), refusal.is_outage());
    let failed = ErrandClaims { failed: true, request, is_outage, ..errand };
    Ok([slot, cookies::set_failed_errand(sealed(visit, &failed)?)])
}

/// Logs why it came to nothing.
fn noted(visit: &Visit<'_>, name: &'static str, instance: Option<&Instance>, failure: &Failure) {
    let Failure { refusal, agent, detail } = failure;
    let event = visit.event(name);
    visit.log().write(&Event {
        instance: instance.map(|instance| instance.id.as_str()).or(event.instance),
        agent: agent.as_ref().map(Username::as_str),
        reason: Some(refusal.code()),
        detail: detail.as_deref(),
        is_for_the_operator: refusal.is_for_the_operator(),
        ..event
    });
}

/// The page alone; `request` is the earlier one that it tells of, if it was an earlier one.
fn told(visit: &Visit<'_>, instance: Option<&Instance>, is_outage: bool, request: Option<String>) -> Reply {
    let provider = instance.and_then(|instance| instance.provider.as_ref());
    let provider = provider.map(|provider| provider.name.clone());
    let problem = Problem::SignInElsewhere { provider, is_outage, request };
    page::problem(visit.asked, Some(visit.bindings), Some(visit), &problem)
}
