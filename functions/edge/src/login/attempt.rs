//! An attempt to sign in, from the form to the session.
//!
//! Whoever is refused, for whatever reason, has caused the same look-ups, the same question to a guard and the same
//! one password hash.

use std::rc::Rc;

use kv_schema::ReadError;
use kv_schema::directory::{Agent, Instance, LockPolicy};
use kv_schema::names::{EmailAddress, Extension, InstanceId, SessionId, Username};
use kv_schema::record::Version;
use kv_schema::sessions::Session;
use onecontact_domain::desk::{self, Holder};
use onecontact_domain::guard::{self, Admission, Rehashed};
use onecontact_domain::login::{Filled, LoginForm};
use onecontact_domain::password::{self, Verdict};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, Amr, SessionClaims};
use onecontact_domain::{cookies, resolve};
use rand_core::OsRng;

use crate::bindings::random_bits;
use crate::log::Event;
use crate::visit::Visit;
use crate::{objects, sessions};

const GUARD: &str = "ACCOUNT_GUARD";

/// What an attempt came to.
pub(super) enum Outcome {
    /// The page does not tell why; the log does.
    Refused,
    /// The password is right, and the agent may sign in.
    Right(Box<Agent>),
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
    let admission: Admission = objects::ask(&visit.bindings.account_guard, GUARD, &name, &begin).await?;
    let phc = match &admission {
        Admission::Check { phc } => phc.as_deref(),
        Admission::Locked { .. } => None,
    };
    let verdict = password::check(&form.password, phc).map_err(|error| unusable(&account, &error.to_string()))?;
    let (Verdict::Right { outdated }, Some(agent)) = (verdict, active) else {
        note_refusal(visit, &account, &admission);
        return Ok(Outcome::Refused);
    };
    let rehashed = outdated.then(|| password::hash(&form.password, &mut OsRng).ok()).flatten();
    let rehashed = rehashed.map(|phc| Rehashed { phc, set_at: agent.password.set_at });
    let succeeded = guard::Ask::Succeeded { rehashed };
    let () = objects::ask(&visit.bindings.account_guard, GUARD, &name, &succeeded).await?;
    Ok(account.agent.map_or(Outcome::Refused, |agent| Outcome::Right(Box::new(agent))))
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
    let instance = instance.filter(|instance| resolve::is_served(instance, &visit.install));
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

fn note_refusal(visit: &Visit<'_>, account: &Account, admission: &Admission) {
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
        hashes: Some(1),
        ..visit.event("login_refused")
    });
}

/// Opens a session: its record, the desk's lease, its token. The cookies hand all of it to the browser.
pub(super) async fn open_session(
    visit: &Visit<'_>,
    agent: &Agent,
    typed: Option<Extension>,
    filled: &Filled,
) -> Result<Vec<String>, Problem> {
    let now = visit.asked.now();
    let browser = visit.asked.browser();
    let session = Session {
        v: Version,
        instance: agent.instance.clone(),
        agent: agent.username.clone(),
        sid: SessionId::from_bits(random_bits()),
        install: visit.name(),
        extension: typed.or_else(|| agent.default_extension.clone()),
        auth_time: now,
        amr: vec![Amr::Pwd.value().to_owned()],
        browser: browser.to_string(),
        hard_end: now.plus(u64::from(visit.install.shift_minutes) * 60),
    };
    sessions::put(&visit.bindings.sessions, &session, now).await?;
    let holder = Holder { sid: session.sid.clone(), install: visit.name(), browser, since: now };
    let name = objects::account_name(&session.instance, &session.agent);
    let answered = objects::ask(&visit.bindings.agent_desk, "AGENT_DESK", &name, &desk::Ask::Take(holder)).await;
    let desk::Answer { lease } = match answered {
        Ok(answer) => answer,
        Err(problem) => {
            // Nothing half-written: a record of a session that nobody has would be listed as one.
            sessions::forget(&visit.bindings.sessions, &session).await.ok();
            return Err(problem);
        }
    };
    visit.log().write(&Event {
        instance: Some(session.instance.as_str()),
        agent: Some(session.agent.as_str()),
        ..visit.event("login")
    });
    let token = token::seal(&visit.bindings.keys, &claims(session, lease), now)
        .map_err(|error| Problem::Misconfigured(error.to_string()))?;
    Ok(vec![cookies::set_session(&visit.name(), token), cookies::set_remembered(&visit.name(), filled)])
}

fn claims(session: Session, lease: u64) -> SessionClaims {
    SessionClaims {
        agent: session.agent,
        instance: session.instance,
        install: session.install,
        sid: session.sid,
        lease,
        extension: session.extension,
        auth_time: session.auth_time,
        amr: vec![Amr::Pwd],
        hard_end: session.hard_end,
    }
}
