//! An attempt to sign in: from the form to whether its password is right.
//!
//! Whoever is refused, for whatever reason, has caused the same look-ups, the same question to a guard and the same
//! single password hash.

use std::rc::Rc;

use kv_schema::ReadError;
use kv_schema::directory::{Agent, Instance, LockPolicy};
use onecontact_domain::guard::{Admission, Answer, Ask, Due, Lock, Rehashed, Replaced};
use onecontact_domain::login::LoginForm;
use onecontact_domain::password::{self, Verdict, Work};
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::{self, Facts, Place};
use rand_core::OsRng;

use crate::account::{self, Account};
use crate::guard;
use crate::log::Event;
use crate::objects::Sent;
use crate::onecontact_login::Way;
use crate::visit::Visit;

/// What an attempt came to.
pub(super) enum Outcome {
    /// The page does not say why; the log does.
    Refused,
    /// The password is right, and the agent may sign in. The [`Sent`] is what the guard is told of that: it has to be
    /// waited for before the agent is answered, but not before anything else.
    Right(Box<Right>, Sent),
}

/// A right password, and what follows.
pub(super) struct Right {
    pub(super) agent: Agent,
    pub(super) instance: Rc<Instance>,
    /// The second step that follows, and what is known of whatever it is checked against.
    pub(super) second: Option<(Place, Facts)>,
    /// Why a new password has to be chosen first, if one has to be.
    pub(super) due: Option<Due>,
    /// What a new password would replace.
    pub(super) replaced: Replaced,
    /// What the attempt cost.
    pub(super) work: Work,
}

/// Decides whether the form's password is right, and what follows. `sets_up` is whether the agent wants to set up an
/// authenticator app or a passkey, and `way` where they are going.
pub(super) async fn decide(visit: &Visit<'_>, form: &LoginForm, sets_up: bool, way: &Way) -> Result<Outcome, Problem> {
    let account = account::find(visit, form.instance.as_ref(), &form.account).await?;
    let policy = account.instance.as_ref().map_or_else(LockPolicy::default, |instance| instance.lock);
    let active = account.active();
    let max_age_days = account.instance.as_ref().map_or(0, |instance| instance.password_max_age_days);
    let declared = active.map(|agent| agent.password.clone());
    let device = visit.asked.cookies().device(&visit.name()).map(str::to_owned);
    let begin = Ask::Begin { policy, declared, max_age_days, device };
    let (answer, lock) = guard::ask(visit.bindings, &account.instance_id, &account.username, &begin).await?.apart();
    let Answer::Admission(admission) = answer else { return Err(guard::not_understood()) };
    let (phc, due, own, facts) = match &admission {
        Admission::Check { phc, due, own, second } => (phc.as_deref(), *due, *own, *second),
        Admission::Locked { .. } | Admission::Disabled => (None, None, None, Facts::default()),
    };
    let mut work = Work::default();
    let verdict = match password::check(&form.password, phc, &mut work) {
        Ok(verdict) => verdict,
        Err(error) => {
            guard::note_lock(visit, lock, &refused(visit, &account, "unreadable_record"));
            return Err(unusable(&account, &error.to_string()));
        }
    };
    let there = account.instance.as_ref().filter(|instance| way.is_for(instance));
    let (Verdict::Right { outdated }, Some(agent), Some(instance)) = (verdict, active, there) else {
        note_refusal(visit, &account, &admission, lock, work);
        return Ok(Outcome::Refused);
    };
    // A password that is about to be replaced is not worth a better hash.
    let rehash =
        if outdated && due.is_none() { password::hash(&form.password, &mut OsRng, &mut work).ok() } else { None };
    let rehashed = rehash.map(|phc| Rehashed { phc, set_at: agent.password.set_at });
    let can_text = visit.bindings.messengers.can_text();
    // An application that asks for a second step is not satisfied with a remembered device.
    let asked = way.wants_second_step;
    let (is_required, knows_device) = (facts.is_required || asked, facts.knows_device && !asked);
    let facts = Facts { is_required, knows_device, ..facts };
    let second = second_step::wanted(instance, agent, facts, can_text, sets_up);
    let success = Ask::Succeeded { rehashed, is_half: second.is_some() };
    let told = guard::send(visit.bindings, &account.instance_id, &account.username, &success)?;
    let replaced = Replaced { declared: agent.password.set_at, own };
    let second = second.map(|place| (place, facts));
    let (agent, instance) = (agent.clone(), Rc::clone(instance));
    Ok(Outcome::Right(Box::new(Right { agent, instance, second, due, replaced, work }), told))
}

fn unusable(account: &Account, why: &str) -> Problem {
    let key = Agent::key_of(&account.instance_id, &account.username);
    Problem::Unreadable(ReadError::Damaged { key, why: why.to_owned() })
}

fn note_refusal(visit: &Visit<'_>, account: &Account, admission: &Admission, lock: Option<Lock>, work: Work) {
    let reason = match (&account.agent, admission) {
        _ if account.instance.is_none() => "unknown_instance",
        _ if account.is_elsewhere() => "signs_in_at_provider",
        (_, Admission::Locked { .. }) => "locked",
        (None, _) => "unknown_account",
        (Some(_), Admission::Disabled) => "disabled",
        (Some(agent), _) if agent.disabled => "disabled",
        (Some(_), _) => "wrong_password",
    };
    let refused = refused(visit, account, reason);
    visit.log().write(&Event { hashes: Some(work.hashes), ..refused.clone() });
    guard::note_lock(visit, lock, &refused);
}

/// The event of a refusal. It names the account as far as there is one.
fn refused<'a>(visit: &'a Visit<'_>, account: &'a Account, reason: &'static str) -> Event<'a> {
    Event {
        instance: account.instance.as_ref().map(|instance| instance.id.as_str()),
        agent: account.agent.as_ref().map(|agent| agent.username.as_str()),
        reason: Some(reason),
        ..visit.event("login_refused")
    }
}
