//! Opening a session: the desk's lease, and a token.

use kv_schema::directory::Agent;
use kv_schema::names::{Extension, InstallName, SessionId};
use kv_schema::sessions::EndReason;
use onecontact_domain::cookies;
use onecontact_domain::desk::{Answer, Arrival, Ask, Consent, Ending, Lack, Occupant};
use onecontact_domain::extension_lease::{self, Act};
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, Proved, SessionClaims};
use onecontact_domain::workstation::Workstation;

use crate::bell::within;
use crate::bindings::random_bits;
use crate::desk;
use crate::log::Event;
use crate::page;
use crate::visit::Visit;

/// Milliseconds that a login waits for the lease of an extension.
const LEASE_LIMIT: f64 = 3_000.0;

/// Milliseconds that a login waits for the desk of another agent who was signed in with this browser.
const OTHER_LIMIT: f64 = 1_500.0;

/// How an agent comes in, apart from who they are.
pub(crate) struct Entry {
    /// The extension that was typed.
    pub(crate) extension: Option<Extension>,
    /// The session that this one continues, if the page says so.
    pub(crate) resumes: Option<SessionId>,
    /// What the agent has agreed to, if they were asked whether to take over.
    pub(crate) consent: Option<Consent>,
    /// How they proved who they are.
    pub(crate) proof: Proved,
}

/// The outcome of [`open`].
pub(crate) enum Opening {
    /// The session stands. The cookies hand it to the browser.
    Open(Vec<String>),
    /// Another session holds the desk: nothing has changed.
    Occupied(Box<Occupant>),
    /// What the agent agreed to take over is no longer there: nothing has changed.
    Stale,
    /// The agent cannot have the extension that they typed: nothing has changed.
    NoExtension(Box<Lack>),
}

/// Opens a session for an agent who has proved who they are.
///
/// # Errors
/// [`Problem::BrowserInUse`] if another agent is in an interaction at a desktop in this browser.
pub(crate) async fn open(visit: &Visit<'_>, agent: &Agent, entry: Entry, work: Work) -> Result<Opening, Problem> {
    let (own, others) = former(visit, agent);
    is_browser_free(visit, agent, others.as_ref()).await?;
    let mut claims = new_claims(visit, agent, &entry)?;
    // Signing in again in place continues where the session was. A chosen extension comes with the form, unless the
    // agent now wants the usual one.
    if let (Some(own), Some(_), None) = (&own, &entry.resumes, &entry.extension)
        && !own.extension_typed
    {
        claims.extension.clone_from(&own.extension);
    }
    let here = own.map(|own| own.sid).or(entry.resumes);
    let mut visitor = visit.visitor(&claims, Some(agent)).await;
    // Whoever comes from `OneContactLogin` has no form here to go back to. Its own form has already checked; the
    // desktop tells of any change since, and takes another extension.
    if let (Some(extension), None) = (&entry.extension, &entry.proof.sign_in)
        && let Some(lack) = reserve(visit, &visit.name(), agent, extension, visitor.policy.tells_holder).await
    {
        return Ok(Opening::NoExtension(Box::new(lack)));
    }
    let workstation =
        visitor.number_workstation(|| Workstation::from_bits(random_bits())).map(cookies::set_workstation);
    let reason = entry.consent.as_ref().map(|_| "taken_over");
    let ask = Ask::Take(Arrival { visitor, consent: entry.consent, here, is_typed: entry.extension.is_some() });
    claims.lease = match desk::ask(visit.bindings, &agent.instance, &agent.username, &ask).await? {
        Answer::Taken { lease, extension } => {
            claims.extension = extension;
            lease
        }
        Answer::Occupied(occupant) => return Ok(Opening::Occupied(Box::new(occupant))),
        Answer::Stale => return Ok(Opening::Stale),
        _ => return Err(desk::not_understood()),
    };
    if let Some(other) = others {
        leave(visit, &other).await;
    }
    visit.log().write(&Event {
        instance: Some(agent.instance.as_str()),
        agent: Some(agent.username.as_str()),
        reason,
        hashes: Some(work.hashes),
        ..visit.event("login")
    });
    let token =
        token::seal(&visit.bindings.keys, &claims, visit.asked.now()).map_err(|error| Problem::defect(&error))?;
    let session = cookies::set_session(&visit.name(), token);
    Ok(Opening::Open(std::iter::once(session).chain(workstation).collect()))
}

/// Reserves the extension that the agent typed for `install` until their desk claims it; or says why they cannot have
/// it. If that cannot be found out, the desktop tells them later.
pub(crate) async fn reserve(
    visit: &Visit<'_>,
    install: &InstallName,
    agent: &Agent,
    extension: &Extension,
    tells_holder: bool,
) -> Option<Lack> {
    let ask = extension_lease::Ask {
        instance: agent.instance.clone(),
        extension: extension.clone(),
        agent: agent.username.clone(),
        claim: 0,
        act: Act::Reserve,
    };
    let found = within(LEASE_LIMIT, crate::extension_lease::find(visit.bindings, install, &ask)).await;
    match found.unwrap_or_else(|| Err(crate::extension_lease::silent())) {
        Ok(found) => found.lack(tells_holder),
        Err(problem) => {
            page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            None
        }
    }
}

fn new_claims(visit: &Visit<'_>, agent: &Agent, entry: &Entry) -> Result<SessionClaims, Problem> {
    let Proved { auth_time, amr, sign_in } = entry.proof.clone();
    Ok(SessionClaims {
        agent: agent.username.clone(),
        instance: agent.instance.clone(),
        install: visit.spelling.clone(),
        sid: SessionId::from_bits(random_bits()),
        lease: 0,
        extension: entry.extension.clone().or_else(|| agent.default_extension.clone()),
        extension_typed: entry.extension.is_some(),
        language: agent.language,
        auth_time,
        amr,
        sign_in,
        hard_end: auth_time.plus(u64::from(visit.install()?.shift_minutes) * 60),
    })
}

/// What this browser had before: a session of the same agent, or one of another agent.
fn former(visit: &Visit<'_>, agent: &Agent) -> (Option<SessionClaims>, Option<SessionClaims>) {
    match visit.past_session() {
        Some(before) if before.agent == agent.username && before.instance == agent.instance => (Some(before), None),
        other => (None, other),
    }
}

/// Finds out whether [`open`] would be refused in this browser, before anything is used up.
///
/// # Errors
/// [`Problem::BrowserInUse`], which is logged.
pub(crate) async fn may_open(visit: &Visit<'_>, agent: &Agent) -> Result<(), Problem> {
    is_browser_free(visit, agent, former(visit, agent).1.as_ref()).await
}

/// Refuses `agent` if that other session's desktop is there and its agent in an interaction. A desk that does not
/// answer in time keeps nobody out.
async fn is_browser_free(visit: &Visit<'_>, agent: &Agent, other: Option<&SessionClaims>) -> Result<(), Problem> {
    let Some(other) = other else { return Ok(()) };
    let asked = desk::ask(visit.bindings, &other.instance, &other.agent, &Ask::Where);
    match within(OTHER_LIMIT, asked).await {
        Some(Ok(Answer::Occupied(occupant))) if occupant.lease == other.lease && occupant.is_in_interaction() => {
            visit.log().write(&Event {
                instance: Some(agent.instance.as_str()),
                agent: Some(agent.username.as_str()),
                reason: Some(Problem::BrowserInUse.code()),
                ..visit.event("login_refused")
            });
            Err(Problem::BrowserInUse)
        }
        Some(Ok(_)) => Ok(()),
        found => {
            let problem = found.and_then(Result::err).unwrap_or_else(desk::silent);
            page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            Ok(())
        }
    }
}

/// Ends the session of another agent who was signed in with this browser.
async fn leave(visit: &Visit<'_>, other: &SessionClaims) {
    let ask = Ask::Heed { sid: other.sid.clone(), ending: Ending::of(EndReason::AnotherAgent) };
    if let Err(problem) = desk::ask(visit.bindings, &other.instance, &other.agent, &ask).await {
        page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
    }
}
