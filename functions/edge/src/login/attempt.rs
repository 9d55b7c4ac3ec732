//! An attempt to sign in, from the form to whether its password is right.
//!
//! Whoever is refused, for whatever reason, has caused the same look-ups, the same question to a guard and the same
//! one password hash.

use std::rc::Rc;

use kv_schema::ReadError;
use kv_schema::directory::{Agent, Instance, LockPolicy};
use kv_schema::names::{EmailAddress, InstanceId, Username};
use onecontact_domain::guard::{self, Admission, Answer, Rehashed};
use onecontact_domain::login::LoginForm;
use onecontact_domain::password::{self, Verdict, Work};
use onecontact_domain::problem::Problem;
use onecontact_domain::resolve;
use rand_core::OsRng;

use crate::log::Event;
use crate::objects;
use crate::visit::Visit;

const GUARD: &str = "ACCOUNT_GUARD";

/// What an attempt came to.
pub(super) enum Outcome {
    /// The page does not tell why; the log does.
    Refused,
    /// The password is right, and the agent may sign in.
    Right {
        agent: Box<Agent>,
        /// It was given to them, and a new one has to be chosen first.
        must_change: bool,
        /// What it has cost.
        work: Work,
    },
}

/// Whom the form is about, as far as there is such an account.
struct Account {
    instance: Option<Rc<Instance>>,
    /// Under which its guard stands, whether or not it is there.
    instance_id: InstanceId,
    username: Username,
    agent: Option<Agent>,
}

/// Decides whether the form's password is right.
pub(super) async fn decide(visit: &Visit<'_>, form: &LoginForm) -> Result<Outcome, Problem> {
    let account = find(visit, form).await?;
    let policy = account.instance.as_ref().map_or_else(LockPolicy::default, |instance| instance.lock);
    let active = account.agent.as_ref().filter(|agent| !agent.disabled);
    let begin = guard::Ask::Begin { policy, declared: active.map(|agent| agent.password.clone()) };
    let name = objects::account_name(&account.instance_id, &account.username);
    let Answer::Admission(admission) = ask_guard(visit, &name, &begin).await? else {
        return Err(crate::directory::outage(GUARD, &"an answer to something else"));
    };
    let (phc, must_change) = match &admission {
        Admission::Check { phc, must_change } => (phc.as_deref(), *must_change),
        Admission::Locked { .. } => (None, false),
    };
    let mut work = Work::default();
    let verdict =
        password::check(&form.password, phc, &mut work).map_err(|error| unusable(&account, &error.to_string()))?;
    let (Verdict::Right { outdated }, Some(agent)) = (verdict, active) else {
        note_refusal(visit, &account, &admission, work);
        return Ok(Outcome::Refused);
    };
    // A password that is about to be replaced is not worth a better hash.
    let rehash =
        if outdated && !must_change { password::hash(&form.password, &mut OsRng, &mut work).ok() } else { None };
    let rehashed = rehash.map(|phc| Rehashed { phc, set_at: agent.password.set_at });
    ask_guard(visit, &name, &guard::Ask::Succeeded { rehashed }).await?;
    let agent = Box::new(agent.clone());
    Ok(Outcome::Right { agent, must_change, work })
}

/// Asks the guard called `name`.
pub(crate) async fn ask_guard(visit: &Visit<'_>, name: &str, ask: &guard::Ask) -> Result<Answer, Problem> {
    objects::ask(&visit.bindings.account_guard, GUARD, name, ask).await
}

/// Looks the account up. An instance or a name that cannot be is looked up as one that is not.
async fn find(visit: &Visit<'_>, form: &LoginForm) -> Result<Account, Problem> {
    let instance = match (&visit.instance, &form.instance) {
        (Some(instance), _) => Some(Rc::clone(instance)),
        (None, Some(name)) => match visit.directory.instance_by_name(name).await? {
            Some(named) => visit.directory.instance(&named.instance).await?,
            None => None,
        },
        (None, None) => None,
    };
    let install = visit.install()?;
    let instance = instance.filter(|instance| resolve::is_served(instance, install));
    let instance_id = instance.as_ref().map_or_else(InstanceId::nobody, |instance| instance.id.clone());
    let by_email = match EmailAddress::parse(&form.account) {
        Ok(email) => visit.directory.email(&instance_id, &email).await?.map(|email| email.username),
        Err(_) => None,
    };
    let username = match by_email {
        Some(username) => username,
        None => Username::parse(&form.account).unwrap_or_else(|_| Username::impossible()),
    };
    let agent = visit.directory.agent(&instance_id, &username).await?;
    Ok(Account { instance, instance_id, username, agent })
}

fn unusable(account: &Account, why: &str) -> Problem {
    let key = Agent::key_of(&account.instance_id, &account.username);
    Problem::Unreadable(ReadError::Damaged { key, why: why.to_owned() })
}

fn note_refusal(visit: &Visit<'_>, account: &Account, admission: &Admission, work: Work) {
    let reason = match (&account.agent, admission) {
        _ if account.instance.is_none() => "unknown_instance",
        (_, Admission::Locked { .. }) => "locked",
        (None, _) => "unknown_account",
        (Some(agent), _) if agent.disabled => "disabled",
        (Some(_), _) => "wrong_password",
    };
    visit.log().write(&Event {
        instance: account.instance.as_ref().map(|instance| instance.id.as_str()),
        agent: account.agent.as_ref().map(|agent| agent.username.as_str()),
        reason: Some(reason),
        hashes: Some(work.hashes),
        ..visit.event("login_refused")
    });
}
