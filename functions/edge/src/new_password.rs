//! `<home>/new-password`: an agent whose password was given to them, or has become too old, chooses a new one. No
//! session stands before that.

use kv_schema::directory::{Agent, Instance};
use onecontact_domain::guard::{Answer, Ask, Change, Due, Proof};
use onecontact_domain::login::{BrokenRule, Filled, NewPassword, Notice, roots};
use onecontact_domain::password::{self, Work};
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::Place;
use onecontact_domain::token::Proved;
use onecontact_templates::{EntryPage, NewPasswordPage, Why};
use rand_core::OsRng;

use crate::http::Reply;
use crate::log::Event;
use crate::login::{self, Proven};
use crate::onecontact_login::Way;
use crate::step::{self, At};
use crate::visit::Visit;
use crate::{common_passwords, guard, page};

/// Asks for a new password, after the old one was right, and the second step, if there was one.
pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    match At::kept(visit).await?.filter(is_here) {
        Some(at) => form(visit, 200, &at, &[]).await,
        None => Ok(step::begin_again(visit)),
    }
}

fn is_here(at: &At) -> bool {
    at.claims.at == Place::NewPassword
}

/// The page, with the rules that the chosen password breaks.
async fn form(visit: &Visit<'_>, status: u16, at: &At, broken: &[BrokenRule]) -> Result<Reply, Problem> {
    let way = Way::of(visit, Some(&at.next)).await?;
    let path = at.path(visit);
    let reply = Reply::page(status, |nonce| {
        let due = at.claims.due.unwrap_or(Due::Given);
        NewPasswordPage {
            frame: visit.frame_of(nonce, &path),
            instance_name: Some(&at.instance.display_name),
            username: at.agent.username.as_str(),
            why: Why::Due { step: &at.step, next: &at.next.text(), due },
            history: at.instance.password_history,
            names: &NewPassword::names(&at.agent),
            broken,
        }
        .document()
    });
    Ok(way.allowed_by(reply.map_err(|error| Problem::defect(&error))?))
}

/// Sets the new password and opens the session. A step that is too old, or from another browser, begins again.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    login::limit_rate(visit).await?;
    let form = NewPassword::parse(&asked.form().await?);
    let next = visit.home.next(&form.next);
    let beginning = visit.home.start_then(&next);
    let Some(at) = At::read(visit, &form.step, next).await?.filter(is_here) else {
        return Ok(Reply::see_other(&beginning));
    };
    let mut work = Work::default();
    let mut broken = broken_rules(visit, &form, &at.agent, &at.instance, &mut work).await?;
    if !broken.is_empty() {
        // Whoever is here has just typed the present password: typing it once more is named, whatever else is wrong
        // with it.
        if !broken.contains(&BrokenRule::UsedBefore)
            && is_one_of_the_latest(visit, &form, &at.agent, 1, &mut work).await?
        {
            broken.push(BrokenRule::UsedBefore);
        }
        return self::form(visit, 422, &at, &broken).await;
    }
    let At { claims, agent, instance, next, .. } = at;
    let phc = password::hash(&form.password, &mut OsRng, &mut work).map_err(|error| Problem::defect(&error))?;
    let (declared, history) = (agent.password.phc.clone(), instance.password_history);
    let (replaces, proof) = (claims.replaced.declared, Proof::Password(claims.replaced.own));
    let change = Ask::Change(Change { phc, replaces, declared, proof, history });
    let set = || Ok(Reply::see_other(&format!("{}?password-set=1", visit.home.path())));
    if guard::ask(visit.bindings, &agent.instance, &agent.username, &change).await? != Answer::Done {
        // Sent twice, or the first answer was lost: it is set.
        return set();
    }
    visit.log().write(&Event {
        instance: Some(agent.instance.as_str()),
        agent: Some(agent.username.as_str()),
        ..visit.event("password_changed")
    });
    let proven = Proven {
        filled: Filled::of(agent.username.as_str(), claims.extension.as_ref()),
        extension: claims.extension,
        resumes: None,
        proof: Proved::here(visit.asked.now(), claims.second),
        notice: Some(Notice::PasswordSet),
        next,
        work,
    };
    match login::authenticated(visit, &agent, proven).await {
        Ok(reply) => Ok(reply),
        // If another agent is busy in this browser, its login page leads to that agent's desktop.
        Err(problem @ Problem::BrowserInUse) => Err(problem),
        Err(problem) => {
            // Whatever became of the session, the new password is set, and the agent has to know.
            page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            set()
        }
    }
}

/// The rules that the new password breaks. Those that need a look-up or hashes are checked only if nothing else is
/// wrong.
pub(crate) async fn broken_rules(
    visit: &Visit<'_>,
    form: &NewPassword,
    agent: &Agent,
    instance: &Instance,
    work: &mut Work,
) -> Result<Vec<BrokenRule>, Problem> {
    let broken = form.broken_rules(agent);
    if !broken.is_empty() {
        return Ok(broken);
    }
    if common_passwords::hold(visit.bindings, &roots(&form.password)).await? {
        return Ok(vec![BrokenRule::Common]);
    }
    let is_old = is_one_of_the_latest(visit, form, agent, instance.password_history, work).await?;
    Ok(if is_old { vec![BrokenRule::UsedBefore] } else { Vec::new() })
}

/// Whether it is one of the latest `count` passwords, counting the present one. Takes a hash for each.
async fn is_one_of_the_latest(
    visit: &Visit<'_>,
    form: &NewPassword,
    agent: &Agent,
    count: u32,
    work: &mut Work,
) -> Result<bool, Problem> {
    let past = Ask::Past { count };
    let Answer::Past(past) = guard::ask(visit.bindings, &agent.instance, &agent.username, &past).await? else {
        return Err(guard::not_understood());
    };
    // The guard knows of the declared one only once it has been replaced.
    let all = past.iter().map(String::as_str).chain([agent.password.phc.as_str()]);
    Ok(password::is_one_of(&form.password, all, work))
}
