//! Creating an agent whom their instance's provider vouches for, or updating one.
//!
//! The account's guard takes them in and knows them from then on, wherever the next request arrives. What is written to
//! KV is for operators to list.

use kv_schema::Record;
use kv_schema::directory::Agent;
use kv_schema::sessions::CreatedAgent;
use onecontact_domain::federation::{Refusal, agent_of};
use onecontact_domain::guard::{Answer, Ask};
use onecontact_domain::problem::Problem;

use crate::log::Event;
use crate::visit::Visit;
use crate::{guard, page};

/// The agent, as they are from now on.
pub(super) async fn agent(visit: &Visit<'_>, mut created: CreatedAgent) -> Result<Result<Agent, Refusal>, Problem> {
    let is_refused = created.default_extension.is_some() && !has_own_extension(visit, &created).await?;
    if is_refused {
        created.default_extension = None;
    }
    let ask = Ask::Vouch(Box::new(created.clone()));
    let answer = guard::ask(visit.bindings, &created.instance, &created.username, &ask).await?;
    let before = match answer {
        Answer::Created(before) => before,
        Answer::Superseded => return Ok(Err(Refusal::OtherSubject)),
        _ => return Err(guard::not_understood()),
    };
    let left = before.as_ref().and_then(|before| before.default_extension.as_ref());
    if let Some(left) = left.filter(|left| created.default_extension.as_ref() != Some(left)) {
        guard::usual(visit.bindings, &created, left, false).await?;
    }
    if before.as_deref() != Some(&created) {
        visit.log().write(&Event {
            instance: Some(created.instance.as_str()),
            agent: Some(created.username.as_str()),
            reason: is_refused.then_some("extension_not_free"),
            ..visit.event(if before.is_some() { "agent_updated" } else { "agent_created" })
        });
    }
    list(visit, &created).await;
    Ok(Ok(agent_of(created)))
}

/// Whether the extension that the provider names becomes the agent's usual one: it has to be one of the instance's that
/// they may use, and no other agent's usual one.
async fn has_own_extension(visit: &Visit<'_>, created: &CreatedAgent) -> Result<bool, Problem> {
    let Some(wanted) = &created.default_extension else { return Ok(false) };
    let declared = visit.directory.extension(&created.instance, wanted).await?;
    let is_free = declared.is_some_and(|extension| {
        extension.allows(&created.username) && extension.usual_of.iter().all(|agent| *agent == created.username)
    });
    Ok(is_free && guard::usual(visit.bindings, created, wanted, true).await?)
}

/// Lists the agent for operators. No sign-in waits for this to be visible, or fails because of it.
async fn list(visit: &Visit<'_>, created: &CreatedAgent) {
    let written = match created.json() {
        Ok(json) => visit.bindings.sessions.write(&created.key(), &json, CreatedAgent::LIFE).await,
        Err(error) => Err(Problem::defect(&error)),
    };
    if let Err(problem) = written {
        page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
    }
}
