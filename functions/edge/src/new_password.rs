//! `<home>/new-password`: an agent whose password was given to them chooses one of their own. No session stands
//! before that.

use kv_schema::directory::Agent;
use kv_schema::names::Extension;
use onecontact_domain::address::{Page, after_login};
use onecontact_domain::guard::{Answer, Ask};
use onecontact_domain::login::{BrokenRule, Filled, NewPassword, Notice};
use onecontact_domain::password::{self, Verdict, Work};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, NewPasswordClaims};
use onecontact_templates::{NewPasswordPage, Template};
use rand_core::OsRng;

use crate::http::Reply;
use crate::log::Event;
use crate::login::Shown;
use crate::session::{self, Entry, Opening};
use crate::visit::Visit;
use crate::{login, objects, page, step, take_over};

/// Asks for a new password, after the given one was right.
pub(crate) fn ask(
    visit: &Visit<'_>,
    agent: &Agent,
    extension: Option<Extension>,
    browser: String,
    next: Page,
) -> Result<Reply, Problem> {
    let claims = NewPasswordClaims {
        agent: agent.username.clone(),
        instance: agent.instance.clone(),
        install: visit.name(),
        browser,
        extension,
        instead_of: agent.password.set_at,
    };
    let step =
        token::seal(&visit.bindings.keys, &claims, visit.asked.now()).map_err(|error| Problem::defect(&error))?;
    form(visit, 200, agent, &step, next, &[])
}

fn form(
    visit: &Visit<'_>,
    status: u16,
    agent: &Agent,
    step: &str,
    next: Page,
    broken: &[BrokenRule],
) -> Result<Reply, Problem> {
    let reply = Reply::page(status, |nonce| {
        let frame = visit.frame(nonce);
        let username = agent.username.as_str();
        let instance_name = visit.instance.as_ref().map(|instance| instance.display_name.as_str());
        NewPasswordPage { frame, instance_name, username, step, next: next.next(), broken }.render()
    });
    reply.map_err(|error| Problem::defect(&error))
}

/// Takes the new password and opens the session. A step that is too old, or of another browser, begins again.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let asked = visit.asked;
    login::limit_rate(visit).await?;
    let form = NewPassword::parse(&asked.form().await?);
    let next = after_login(&form.next);
    let begin_again = || Ok(Reply::see_other(&visit.home.start_then(next)));
    let Some(claims) = step::open::<NewPasswordClaims>(visit, &form.step) else { return begin_again() };
    let agent = visit.directory.agent(&claims.instance, &claims.agent).await?;
    let current = |agent: &Agent| !agent.disabled && agent.password.set_at == claims.instead_of;
    let Some(agent) = agent.filter(current) else { return begin_again() };
    let mut work = Work::default();
    let mut broken = form.broken_rules(&agent);
    if broken.is_empty() && is_the_given_one(&form, &agent, &mut work) {
        broken.push(BrokenRule::SameAsGiven);
    }
    if !broken.is_empty() {
        return self::form(visit, 422, &agent, &form.step, next, &broken);
    }
    let phc = password::hash(&form.password, &mut OsRng, &mut work).map_err(|error| Problem::defect(&error))?;
    let change = Ask::Change { phc, instead_of: claims.instead_of };
    let name = objects::account_name(&claims.instance, &claims.agent);
    let set = || Ok(Reply::see_other(&format!("{}?password-set=1", visit.home.path())));
    if login::ask_guard(visit, &name, &change).await? != Answer::Done {
        // Sent twice, or the answer to the first was lost: it is set.
        return set();
    }
    visit.log().write(&Event {
        instance: Some(agent.instance.as_str()),
        agent: Some(agent.username.as_str()),
        ..visit.event("password_changed")
    });
    let extension = claims.extension.clone();
    let entry = Entry { extension: claims.extension, ..Entry::default() };
    match session::open(visit, &agent, entry, work).await {
        Ok(Opening::Open(cookies)) => Ok(Reply::see_other(&visit.home.page(next)).with_cookies(cookies)),
        Ok(Opening::Occupied(occupant)) => take_over::ask(visit, &agent, extension, visit.asked.now(), &occupant, next),
        Ok(Opening::NoExtension(lack)) => {
            let filled = Filled::of(agent.username.as_str(), extension.as_ref());
            let notice = Some(Notice::PasswordSet);
            let shown = Shown { filled, notice, next: Some(next), ..Shown::default() };
            login::without_extension(visit, &agent, *lack, shown)
        }
        // Nobody was asked yet.
        Ok(Opening::Stale) => set(),
        Err(problem) => {
            // Whatever became of the session, the password is the new one, and the agent has to know.
            page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            set()
        }
    }
}

fn is_the_given_one(form: &NewPassword, agent: &Agent, work: &mut Work) -> bool {
    matches!(password::check(&form.password, Some(&agent.password.phc), work), Ok(Verdict::Right { .. }))
}
