//! An attempt to sign in, from the form to whether its password is right.
//!
//! Whoever is refused, for whatever reason, has caused the same look-ups, the same question to a guard and the same
//! one password hash.

use kv_schema::ReadError;
use kv_schema::directory::{Agent, LockPolicy};
use onecontact_domain::guard::{Admission, Answer, Ask, Due, Rehashed, Replaced};
use onecontact_domain::login::LoginForm;
use onecontact_domain::password::{self, Verdict, Work};
use onecontact_domain::problem::Problem;
use rand_core::OsRng;

use crate::account::{self, Account};
use crate::guard;
use crate::log::Event;
use crate::visit::Visit;

/// What an attempt came to.
pub(super) enum Outcome {
    /// The page does not tell why; the log does.
    Refused,
    /// The password is right, and the agent may sign in.
    Right {
        agent: Box<Agent>,
        /// Why a new one has to be chosen first, where that is so.
        due: Option<Due>,
        /// What a new one would replace.
        replaced: Replaced,
        /// What it has cost.
        work: Work,
    },
}

/// Decides whether the form's password is right.
pub(super) async fn decide(visit: &Visit<'_>, form: &LoginForm) -> Result<Outcome, Problem> {
    let account = account::find(visit, form.instance.as_ref(), &form.account).await?;
    let policy = account.instance.as_ref().map_or_else(LockPolicy::default, |instance| instance.lock);
    let active = account.active();
    let max_age_days = account.instance.as_ref().map_or(0, |instance| instance.password_max_age_days);
    let declared = active.map(|agent| agent.password.clone());
    let begin = Ask::Begin { policy, declared, max_age_days };
    let ask_guard = async |ask| guard::ask(visit.bindings, &account.instance_id, &account.username, &ask).await;
    let Answer::Admission(admission) = ask_guard(begin).await? else { return Err(guard::not_understood()) };
    let (phc, due, own) = match &admission {
        Admission::Check { phc, due, own } => (phc.as_deref(), *due, *own),
        Admission::Locked { .. } | Admission::Disabled => (None, None, None),
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
        if outdated && due.is_none() { password::hash(&form.password, &mut OsRng, &mut work).ok() } else { None };
    let rehashed = rehash.map(|phc| Rehashed { phc, set_at: agent.password.set_at });
    ask_guard(Ask::Succeeded { rehashed }).await?;
    let replaced = Replaced { declared: agent.password.set_at, own };
    let agent = Box::new(agent.clone());
    Ok(Outcome::Right { agent, due, replaced, work })
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
        (Some(_), Admission::Disabled) => "disabled",
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
