//! `<home>/take-over`: an agent who is signed in elsewhere says whether this login takes over.
//!
//! The question is a step of the login, with a page of its own. A script gets the token with its answer.

use kv_schema::Timestamp;
use kv_schema::directory::Agent;
use kv_schema::names::Extension;
use onecontact_domain::address::{Next, Page};
use onecontact_domain::desk::{Answer, Ask, Consent, Occupant, State};
use onecontact_domain::login::{self, TakeOver};
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{Proved, TakeOverClaims};
use onecontact_templates::{Doing, EntryPage, TakeOverPage};
use serde::Serialize;

use crate::http::Reply;
use crate::login::Shown;
use crate::openid::sign_in;
use crate::session::{self, Entry, Opening};
use crate::visit::Visit;
use crate::{desk, page, step};

/// Says where the agent is signed in, and asks; or leads to the page that does.
pub(crate) fn ask(
    visit: &Visit<'_>,
    agent: &Agent,
    extension: Option<Extension>,
    (came_at, proof): (Timestamp, Proved),
    occupant: &Occupant,
    next: &Next,
) -> Result<Reply, Problem> {
    // Whoever comes from `OneContactLogin` may not yet have had a form of this host.
    let (browser, set_browser) = crate::login::mark(visit);
    let claims = TakeOverClaims {
        agent: agent.username.clone(),
        instance: agent.instance.clone(),
        install: visit.name(),
        browser,
        extension,
        over: occupant.lease,
        in_interaction: occupant.state.is_in_interaction(),
        next: next.text(),
        came_at,
        proof,
    };
    if page::is_for_script(visit.asked) {
        return Ok(told(visit, occupant, &step::sealed(visit, &claims)?));
    }
    Ok(step::lead_to(visit, &visit.home.page(Page::TakeOver), &claims)?.with_cookies(set_browser))
}

/// The question, as things stand now. Without one that was asked in this browser, or with nobody to take over from, the
/// agent begins again.
pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let Some(claims) = step::kept(visit).and_then(|step| step::open::<TakeOverClaims>(visit, step)) else {
        return Ok(Reply::see_other(visit.home.path()));
    };
    match desk::ask(visit.bindings, &claims.instance, &claims.agent, &Ask::Where).await? {
        Answer::Occupied(occupant) => {
            let in_interaction = occupant.state.is_in_interaction();
            let step = step::sealed(visit, &TakeOverClaims { over: occupant.lease, in_interaction, ..claims })?;
            question(visit, &occupant, &step)
        }
        _ => Ok(Reply::see_other(&visit.home.start_then(&visit.home.next(&claims.next)))),
    }
}

fn question(visit: &Visit<'_>, occupant: &Occupant, step: &str) -> Result<Reply, Problem> {
    let reply = Reply::page(200, |nonce| {
        TakeOverPage {
            frame: visit.frame(nonce),
            instance_name: visit.instance.as_ref().map(|instance| instance.display_name.as_str()),
            browser: occupant.browser,
            since: occupant.since,
            now: visit.asked.now(),
            doing: match occupant.state {
                State::NotReady { .. } | State::Registering => Doing::NotReady,
                State::Ready | State::Offered { .. } => Doing::Ready,
                State::InInteraction { .. } => Doing::InInteraction,
                State::WrapUp { .. } => Doing::WrapUp,
            },
            silent_seconds: silent_seconds(visit, occupant),
            step,
        }
        .document()
    });
    reply.map_err(|error| Problem::defect(&error))
}

fn silent_seconds(visit: &Visit<'_>, occupant: &Occupant) -> Option<u64> {
    occupant.silent_since.map(|since| visit.asked.now().since(since))
}

fn told(visit: &Visit<'_>, occupant: &Occupant, step: &str) -> Reply {
    #[derive(Serialize)]
    struct Told<'a> {
        code: &'static str,
        take_over: &'a str,
        browser: onecontact_domain::browser::Browser,
        since: u64,
        state: &'a State,
        silent_seconds: Option<u64>,
        now: u64,
    }
    let told = Told {
        code: "occupied",
        take_over: step,
        browser: occupant.browser,
        since: occupant.since.0,
        state: &occupant.state,
        silent_seconds: silent_seconds(visit, occupant),
        now: visit.asked.now().0,
    };
    Reply::json(409, serde_json::to_string(&told).unwrap_or_default())
}

/// Takes over. A step that is too old, or from another browser, begins again; if yet another session has come in
/// between, the agent is asked about that one.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    crate::login::limit_rate(visit).await?;
    let form = TakeOver::parse(&visit.asked.form().await?);
    let begin_again = |next: &Next| {
        if page::is_for_script(visit.asked) {
            Ok(Reply::json(403, r#"{"code":"stale_form"}"#.to_owned()))
        } else {
            Ok(Reply::see_other(&visit.home.start_then(next)))
        }
    };
    let Some(claims) = step::open::<TakeOverClaims>(visit, &form.step) else {
        return begin_again(&Next::Page(Page::Desktop));
    };
    let next = visit.home.next(&claims.next);
    let agent = visit.directory.agent(&claims.instance, &claims.agent).await?;
    let Some(agent) = agent.filter(|agent| !agent.disabled) else { return begin_again(&next) };
    let extension = claims.extension.clone();
    let proof = claims.proof.clone();
    let consent = Consent { over: claims.over, in_interaction: claims.in_interaction, proved_at: claims.came_at };
    let entry = Entry { extension: claims.extension, resumes: form.resumes, consent: Some(consent), proof };
    match session::open(visit, &agent, entry, Work::default()).await? {
        Opening::Open(session) => {
            // What is taken over is over everywhere: also where it would begin again without anybody being asked.
            let kept = claims.proof.sign_in;
            if let Err(problem) = sign_in::end(visit.bindings, &agent.instance, &agent.username, None, kept).await {
                page::note(visit.asked, Some(visit.bindings), Some(visit), &problem);
            }
            Ok(signed_in(visit, &next).with_cookies(session))
        }
        Opening::Occupied(occupant) => ask(visit, &agent, extension, (claims.came_at, claims.proof), &occupant, &next),
        Opening::Stale => begin_again(&next),
        Opening::NoExtension(lack) => {
            let filled = login::Filled::of(agent.username.as_str(), extension.as_ref());
            let shown = Shown { filled, next: Some(next), ..Shown::default() };
            crate::login::without_extension(visit, &agent, *lack, shown)
        }
    }
}

/// Leads on to the desktop, with no step left to take; a script is there already.
pub(crate) fn signed_in(visit: &Visit<'_>, next: &Next) -> Reply {
    if page::is_for_script(visit.asked) {
        Reply::json(200, r#"{"code":"signed_in"}"#.to_owned())
    } else {
        Reply::see_other(&visit.home.then(next)).with_cookies(step::forgotten(visit))
    }
}
