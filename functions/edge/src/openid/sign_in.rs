//! Who is signed in at `OneContactLogin` in a browser: the cookie says who, and the account's guard whether that still
//! holds.

use kv_schema::directory::Agent;
use kv_schema::names::{InstanceId, SessionId, Username};
use onecontact_domain::cookies;
use onecontact_domain::guard::{Answer, Ask, SignIn};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, Hint, Proved, SignInClaims};

use crate::bindings::{Bindings, random_bits};
use crate::guard;
use crate::log::Event;
use crate::page;
use crate::visit::Visit;

/// What is known of a sign-in at an instance's own provider; empty for any other sign-in.
#[derive(Default)]
pub(crate) struct Elsewhere {
    /// Whether the provider did not say when the agent signed in.
    pub(crate) auth_time_missing: bool,
    /// What the provider is shown when the agent signs out.
    pub(crate) hint: Option<Hint>,
}

/// Signs in an agent who has proved who they are, here or elsewhere. Returns what the browser is known by from now on,
/// and the cookie that says so; `None` if the account was disabled a moment ago, which only its guard knows.
pub(crate) async fn open(
    visit: &Visit<'_>,
    agent: &Agent,
    proof: &Proved,
    Elsewhere { auth_time_missing, hint }: Elsewhere,
) -> Result<Option<(SignInClaims, String)>, Problem> {
    let site = visit.login_site().ok_or(Problem::UnknownPage)?;
    let now = visit.asked.now();
    let claims = SignInClaims {
        agent: agent.username.clone(),
        instance: agent.instance.clone(),
        sid: SessionId::from_bits(random_bits()),
        auth_time: proof.auth_time,
        auth_time_missing,
        amr: proof.amr.clone(),
        until: now.plus(u64::from(site.session_minutes) * 60),
    };
    let is_same = |before: &SignInClaims| (&before.instance, &before.agent) == (&claims.instance, &claims.agent);
    let (same, other) = match current(visit) {
        Some(before) if is_same(&before) => (Some(before), None),
        other => (None, other),
    };
    let sign_in = SignIn {
        id: claims.sid.clone(),
        auth_time: claims.auth_time,
        amr: claims.amr.clone(),
        until: claims.until,
        declared: agent.password.set_at,
        opened: Vec::new(),
        hint,
        follows: same.map(|before| before.sid),
    };
    if guard::ask(visit.bindings, &claims.instance, &claims.agent, &Ask::SignIn(sign_in)).await? != Answer::Done {
        return Ok(None);
    }
    if let Some(other) = other {
        end_other(visit, other).await;
    }
    visit.log().write(&Event {
        instance: Some(claims.instance.as_str()),
        agent: Some(claims.agent.as_str()),
        ..visit.event("signed_in")
    });
    let token = token::seal(&visit.bindings.keys, &claims, now).map_err(|error| Problem::defect(&error))?;
    Ok(Some((claims, cookies::set_sign_in(token))))
}

/// Ends the sign-in that another agent had in this browser.
async fn end_other(visit: &Visit<'_>, before: SignInClaims) {
    if let Err(problem) = end(visit.bindings, &before.instance, &before.agent, Some(before.sid), None).await {
        page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
    }
}

/// Who is signed in according to the cookie. The guard has not been asked.
pub(crate) fn current(visit: &Visit<'_>) -> Option<SignInClaims> {
    let token = visit.asked.cookies().sign_in()?;
    Some(token::open::<SignInClaims>(&visit.bindings.keys, token, visit.asked.now()).ok()?.claims)
}

/// The agent, if they and their sign-in still stand.
pub(crate) async fn stands(visit: &Visit<'_>, by: &SignInClaims) -> Result<Option<Agent>, Problem> {
    let agent = visit.directory.agent(&by.instance, &by.agent).await?.filter(|agent| !agent.disabled);
    let declared = agent.as_ref().map(|agent| agent.password.set_at);
    let ask = Ask::Stands { sign_in: by.sid.clone(), family: None, declared };
    let answer = guard::ask(visit.bindings, &by.instance, &by.agent, &ask).await?;
    Ok(agent.filter(|_| answer == Answer::Done))
}

/// Ends the sign-in of an agent who signs out. Returns what their instance's own provider is shown, if they came from
/// there.
pub(crate) async fn leave(
    bindings: &Bindings,
    instance: &InstanceId,
    agent: &Username,
    id: SessionId,
) -> Result<Option<Hint>, Problem> {
    match guard::ask(bindings, instance, agent, &Ask::Leave(id)).await? {
        Answer::Left(hint) => Ok(hint),
        _ => Err(guard::not_understood()),
    }
}

/// Ends an agent's sign-ins and whatever came of them: `only` that one, or all `but` that one. Returns whether there
/// were any.
pub(crate) async fn end(
    bindings: &Bindings,
    instance: &InstanceId,
    agent: &Username,
    only: Option<SessionId>,
    but: Option<SessionId>,
) -> Result<bool, Problem> {
    Ok(guard::ask(bindings, instance, agent, &Ask::EndSignIns { only, but }).await? == Answer::Done)
}
