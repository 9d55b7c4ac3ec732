//! `<home>/reset`: where the link in a message leads. A new password is chosen, which ends every session and lifts the
//! lock.
//!
//! The browser that opened the link knows it for as long as choosing takes, and only until somebody goes to where a
//! login begins, as *Cancel* does ([`crate::step::forgotten`]). It stays good: it can be opened again.

use std::rc::Rc;

use kv_schema::directory::{Agent, Instance};
use kv_schema::sessions::EndReason;
use onecontact_domain::address::Page;
use onecontact_domain::cookies;
use onecontact_domain::desk::{self as domain_desk, Ending};
use onecontact_domain::guard::{Answer, Ask, Change, Proof};
use onecontact_domain::keyed::{self, Purpose};
use onecontact_domain::login::{BrokenRule, NewPassword, ResetLink};
use onecontact_domain::message;
use onecontact_domain::password::{self, Work};
use onecontact_domain::problem::Problem;
use onecontact_templates::{EntryPage, NewPasswordPage, Told, Why};
use rand_core::OsRng;

use crate::agent_messages::{send_afterwards, to_mailbox};
use crate::http::Reply;
use crate::log::Event;
use crate::visit::Visit;
use crate::{desk, forgot, guard, login, new_password, page};

/// A link that stands, and the agent whose it is.
struct Standing {
    agent: Agent,
    instance: Rc<Instance>,
    proof: Proof,
}

/// The page on which a password is chosen. First the secret leaves the address, which ends up in histories and logs.
pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    if let Some(text) = visit.asked.query_value("link") {
        let Some(link) = ResetLink::parse(&text) else { return over(visit) };
        let to = format!("{}?opened=1", visit.home.page(Page::Reset));
        let (_, set_browser) = login::mark(visit);
        return Ok(Reply::see_other(&to).with_cookies([cookies::set_reset_link(&link)]).with_cookies(set_browser));
    }
    let Some(link) = visit.asked.cookies().reset_link() else {
        let takes_no_cookies = visit.asked.cookies().browser().is_none() && visit.asked.query_value("opened").is_some();
        return if takes_no_cookies { Err(Problem::CookiesRequired) } else { forgotten(visit) };
    };
    match standing(visit, &link).await? {
        Some(standing) => form(visit, 200, &standing, &[]),
        None => over(visit),
    }
}

pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    login::limit_rate(visit).await?;
    let form = NewPassword::parse(&visit.asked.form().await?);
    if login::ours(visit, &form.form_token)?.is_none() {
        return Ok(Reply::see_other(&visit.home.page(Page::Reset)));
    }
    let Some(link) = visit.asked.cookies().reset_link() else { return forgotten(visit) };
    let Some(standing) = standing(visit, &link).await? else { return over(visit) };
    let Standing { agent, instance, .. } = &standing;
    let mut work = Work::default();
    let broken = new_password::broken_rules(visit, &form, agent, instance, &mut work).await?;
    if !broken.is_empty() {
        return self::form(visit, 422, &standing, &broken);
    }
    let phc = password::hash(&form.password, &mut OsRng, &mut work).map_err(|error| Problem::defect(&error))?;
    // Before, so that if the desk cannot be asked the link remains for another try; and after, for whoever has signed
    // in with the old password in between.
    end_sessions(visit, agent).await?;
    let (declared, replaces) = (agent.password.phc.clone(), agent.password.set_at);
    let (proof, history) = (standing.proof.clone(), instance.password_history);
    let change = Ask::Change(Change { phc, replaces, declared, proof, history });
    if guard::ask(visit.bindings, &agent.instance, &agent.username, &change).await? != Answer::Done {
        return over(visit);
    }
    visit.log().write(&Event {
        instance: Some(agent.instance.as_str()),
        agent: Some(agent.username.as_str()),
        reason: Some("link"),
        hashes: Some(work.hashes),
        ..visit.event("password_changed")
    });
    if let Err(problem) = end_sessions(visit, agent).await {
        page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
    }
    let (purpose, now) = (message::Purpose::PasswordChanged, visit.asked.now());
    if let Some(told) = to_mailbox(visit, agent, instance, purpose, |to| to.password_changed(now)) {
        send_afterwards(visit, told);
    }
    let to = format!("{}?password-set=1", visit.home.path());
    Ok(Reply::see_other(&to).with_cookies([cookies::clear_reset_link()]))
}

/// Whose password `link` replaces, if it still stands.
async fn standing(visit: &Visit<'_>, link: &ResetLink) -> Result<Option<Standing>, Problem> {
    let is_here = visit.instance.as_ref().is_none_or(|instance| instance.id == link.instance);
    let (agent, instance) = (
        visit.directory.agent(&link.instance, &link.agent).await?,
        visit.directory.instance(&link.instance).await?.filter(|_| is_here),
    );
    let (Some(agent), Some(instance)) = (agent.filter(|agent| !agent.disabled), instance) else { return Ok(None) };
    let owner = (&agent.instance, &agent.username);
    let hashes = keyed::hashes(&visit.bindings.keys, Purpose::ResetLink, owner, &link.secret, visit.asked.now());
    let ask = Ask::Link { hashes: hashes.clone(), declared: agent.password.set_at };
    let stands = guard::ask(visit.bindings, owner.0, owner.1, &ask).await? == Answer::Done;
    Ok(stands.then_some(Standing { agent, instance, proof: Proof::Link(hashes) }))
}

/// The same page for whatever makes a link no good.
fn over(visit: &Visit<'_>) -> Result<Reply, Problem> {
    Ok(forgot::told(visit, 410, Told::LinkOver)?.with_cookies([cookies::clear_reset_link()]))
}

/// The page for when no link was opened in this browser, or it has since been forgotten here and may still be good.
fn forgotten(visit: &Visit<'_>) -> Result<Reply, Problem> {
    forgot::told(visit, 410, Told::LinkForgotten)
}

fn form(visit: &Visit<'_>, status: u16, standing: &Standing, broken: &[BrokenRule]) -> Result<Reply, Problem> {
    let (form_token, set_browser) = login::tie(visit, None)?;
    let reply = Reply::page(status, |nonce| {
        NewPasswordPage {
            frame: visit.frame(nonce),
            instance_name: Some(&standing.instance.display_name),
            username: standing.agent.username.as_str(),
            why: Why::Forgotten { form_token: &form_token },
            history: standing.instance.password_history,
            names: &NewPassword::names(&standing.agent),
            broken,
        }
        .document()
    });
    Ok(reply.map_err(|error| Problem::defect(&error))?.with_cookies(set_browser))
}

/// Ends the sessions that were opened with the old password.
async fn end_sessions(visit: &Visit<'_>, agent: &Agent) -> Result<(), Problem> {
    let ending = Ending { reason: EndReason::PasswordChanged, by: None, browser: None };
    desk::ask(visit.bindings, &agent.instance, &agent.username, &domain_desk::Ask::End(ending)).await.map(|_| ())
}
