//! What follows once an agent has proved who they are: a new password if one is due, otherwise the session.

use kv_schema::directory::Agent;
use kv_schema::names::{Extension, SessionId};
use onecontact_domain::address::Next;
use onecontact_domain::guard::{Due, Replaced};
use onecontact_domain::login::{Filled, Notice};
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::{Place, new_flow};
use onecontact_domain::token::{Amr, Proved, StepClaims};

use super::form::{self, Shown};
use crate::bindings::random_bits;
use crate::http::Reply;
use crate::log::Event;
use crate::onecontact_login::Way;
use crate::openid::{authorize, sign_in};
use crate::session::{self, Entry, Opening};
use crate::visit::Visit;
use crate::{desk, page, step, take_over};

/// An agent who has proved who they are with a password, which may have to be replaced first.
pub(crate) struct GoingOn {
    /// Why the password has to be replaced, if it has to be.
    pub(crate) due: Option<Due>,
    /// The password that was right.
    pub(crate) replaced: Replaced,
    /// What was taken as the second step.
    pub(crate) second: Option<Amr>,
    /// Where they are going afterwards.
    pub(crate) then: Proven,
}

/// Asks for a new password if one is due; otherwise continues to where they are going.
pub(crate) async fn go_on(visit: &Visit<'_>, agent: &Agent, going: GoingOn) -> Result<Reply, Problem> {
    let GoingOn { due, replaced, second, then } = going;
    if let Some(due) = due {
        visit.log().write(&Event {
            instance: Some(agent.instance.as_str()),
            agent: Some(agent.username.as_str()),
            reason: (due == Due::TooOld).then_some("too_old"),
            hashes: Some(then.work.hashes),
            ..visit.event("new_password_asked")
        });
        if page::is_for_script(visit.asked) {
            return Ok(go_to_login());
        }
        let claims = claims(visit, agent, Place::NewPassword, replaced)?;
        let claims = StepClaims { extension: then.extension, second, due: Some(due), ..claims };
        return step::lead_to(visit, &step::path(visit, claims.at, &then.next), &claims);
    }
    authenticated(visit, agent, then).await
}

/// An agent who has proved who they are, by whatever means, and where they are going.
pub(crate) struct Proven {
    /// The extension that was typed.
    pub(crate) extension: Option<Extension>,
    /// The session that this one continues.
    pub(crate) resumes: Option<SessionId>,
    /// How they proved it.
    pub(crate) proof: Proved,
    /// What the login page would say and show again if they had to go back there.
    pub(crate) notice: Option<Notice>,
    pub(crate) filled: Filled,
    pub(crate) next: Next,
    pub(crate) work: Work,
}

/// Opens an install's session for an agent; at `OneContactLogin`, continues to where they are going.
pub(crate) async fn authenticated(visit: &Visit<'_>, agent: &Agent, proven: Proven) -> Result<Reply, Problem> {
    if visit.login_site().is_some() {
        if let Some(reply) = refuse_extension(visit, agent, &proven).await? {
            return Ok(reply);
        }
        let Proven { extension, proof, next, .. } = proven;
        let Some((by, cookie)) = sign_in::open(visit, agent, &proof, sign_in::Elsewhere::default()).await? else {
            // Disabled since the password was checked: the next attempt is told so.
            return Ok(Reply::see_other(&visit.home.then(&next)));
        };
        let reply = match &next {
            Next::Application(query) => authorize::answer(visit, query, &by, extension).await?,
            Next::Page(_) => Reply::see_other(&visit.home.then(&next)),
        };
        return Ok(reply.with_cookies([cookie]).with_cookies(step::forgotten(visit)));
    }
    let Proven { extension, resumes, proof, notice, filled, next, work } = proven;
    let entry = Entry { extension: extension.clone(), resumes, consent: None, proof: proof.clone() };
    match session::open(visit, agent, entry, work).await? {
        Opening::Open(cookies) => Ok(take_over::signed_in(visit, &next).with_cookies(cookies)),
        Opening::Occupied(occupant) => {
            take_over::ask(visit, agent, extension, (visit.asked.now(), proof), &occupant, &next)
        }
        Opening::NoExtension(lack) => {
            form::without_extension(visit, agent, *lack, Shown { filled, notice, next: Some(next), ..Shown::default() })
        }
        // Nobody has been asked yet.
        Opening::Stale => Err(desk::not_understood()),
    }
}

/// `OneContactLogin`'s form again, if the agent typed an extension for an install there and cannot have it: the install
/// that they go on to has no form of its own on which to say so.
async fn refuse_extension(visit: &Visit<'_>, agent: &Agent, proven: &Proven) -> Result<Option<Reply>, Problem> {
    let Some(extension) = &proven.extension else { return Ok(None) };
    let way = Way::of(visit, Some(&proven.next)).await?;
    let (Some(install), Some(instance)) = (way.install(), visit.directory.instance(&agent.instance).await?) else {
        return Ok(None);
    };
    let tells_holder = instance.tells_extension_holder;
    let Some(lack) = session::reserve(visit, &install.name.name(), agent, extension, tells_holder).await else {
        return Ok(None);
    };
    let shown = Shown {
        filled: proven.filled.clone(),
        notice: proven.notice,
        next: Some(proven.next.clone()),
        tenant: visit.instance.is_none().then(|| instance.name.clone()),
        way,
        ..Shown::default()
    };
    form::without_extension(visit, agent, lack, shown).map(Some)
}

/// The claims of a step of this login, in this browser, at this place; the caller fills in the rest.
pub(crate) fn claims(visit: &Visit<'_>, agent: &Agent, at: Place, replaced: Replaced) -> Result<StepClaims, Problem> {
    Ok(StepClaims {
        agent: agent.username.clone(),
        instance: agent.instance.clone(),
        install: visit.name(),
        browser: visit.asked.cookies().browser().ok_or(Problem::CookiesRequired)?.to_owned(),
        extension: None,
        at,
        flow: new_flow(visit.asked.now(), random_bits()),
        generation: 0,
        has_app: false,
        has_passkey: false,
        codes_left: 0,
        replaced,
        due: None,
        sets_up: false,
        secret: None,
        seed: None,
        second: None,
    })
}

/// Tells a script that what follows is done on pages.
pub(crate) fn go_to_login() -> Reply {
    Reply::json(403, r#"{"code":"go_to_login"}"#.to_owned())
}
