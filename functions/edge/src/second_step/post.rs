//! POST: a code was typed, another one is asked for, or a passkey was shown.

use kv_schema::directory::Instance;
use onecontact_domain::cookies;
use onecontact_domain::guard::{Answer, Ask, Attempt, Checked, Lock};
use onecontact_domain::keyed::{self, Purpose};
use onecontact_domain::login::{Filled, SecondStep};
use onecontact_domain::message;
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::passkey::Refusal;
use onecontact_domain::second_step::{Place, Secret, new_flow, recovery_codes, recovery_hash};
use onecontact_domain::token::{Amr, Proved, StepClaims};
use onecontact_templates::{CodeProblem, Sending};

use super::{ask, passkey};
use crate::agent_messages::{send_afterwards, to_mailbox};
use crate::bindings::random_bits;
use crate::guard;
use crate::http::Reply;
use crate::log::Event;
use crate::login::{self, GoingOn, Proven};
use crate::step::At;
use crate::visit::Visit;

/// A step that is too old, or from another browser, begins again.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    login::limit_rate(visit).await?;
    let form = SecondStep::parse(&visit.asked.form().await?);
    let next = visit.home.next(&form.next);
    let beginning = format!("{}&start-over=1", visit.home.start_then(&next));
    let begin_again = || Ok(Reply::see_other(&beginning));
    let Some(mut at) = At::read(visit, &form.step, next).await?.filter(ask::is_here) else { return begin_again() };
    if form.resend && at.claims.at == Place::Passkey && ask::texts_instead(visit, &at) {
        // In the same flow, so that its tries go on counting.
        at.claims.at = Place::Sms;
        return ask::go_to(visit, at).await;
    }
    if form.resend && at.claims.at == Place::Sms {
        let sending = ask::text(visit, &at.agent, &at.instance).await?;
        return ask::stay(visit, &at, sending).await;
    }
    let response = form.passkey.filter(|_| matches!(at.claims.at, Place::Passkey | Place::SetUp));
    let (status, problem) = if form.code.is_empty() && response.is_none() {
        (422, CodeProblem::Missing)
    } else {
        let remember = form.remember && ask::can_remember(&at.instance, &at.claims);
        let attempt = attempt(visit, &at.instance, &at.claims, form.code, remember);
        let ((answer, lock), refusal) = match &response {
            Some(response) => passkey::check(visit, &at, attempt, response).await?,
            None => (ask::asked(visit, &at, &Ask::Code(attempt)).await?.apart(), None),
        };
        let Answer::Code(checked, device) = answer else { return Err(guard::not_understood()) };
        note(visit, &at, checked, response.is_some(), (refusal, lock));
        let second = match checked {
            Checked::App | Checked::Recovery => Some(Amr::Otp),
            Checked::Sms => Some(Amr::Sms),
            Checked::Passkey => Some(Amr::Pop),
            Checked::Wrong | Checked::Copied | Checked::Full => None,
            Checked::TooMany | Checked::Locked | Checked::Superseded => return begin_again(),
        };
        if let Some(second) = second {
            let reply = passed(visit, at, second).await?;
            return Ok(reply.with_cookies(device.map(|shown| cookies::set_device(&visit.name(), &shown))));
        }
        let problem = if response.is_some() { CodeProblem::Passkey } else { CodeProblem::Wrong };
        (403, problem)
    };
    ask::form(visit, status, &at, Sending::Sent, Some(problem)).await
}

/// What the guard is asked.
fn attempt(visit: &Visit<'_>, instance: &Instance, claims: &StepClaims, code: String, remember: bool) -> Attempt {
    let recovery = |(secret, seed): (&Secret, &Secret)| {
        recovery_codes(seed).iter().map(|code| recovery_hash(secret, code)).collect()
    };
    let hashes = if claims.at == Place::Sms {
        let owner = (&claims.instance, &claims.agent);
        keyed::hashes(&visit.bindings.keys, Purpose::SmsCode, owner, &code, visit.asked.now())
    } else {
        claims.secret.as_ref().zip(claims.seed.as_ref()).map(recovery).unwrap_or_default()
    };
    Attempt {
        policy: instance.lock,
        at: claims.at,
        flow: claims.flow.clone(),
        generation: claims.generation,
        replaced: claims.replaced,
        // Of a code that was sent, the guard knows and is told only hashes.
        code: if claims.at == Place::Sms { String::new() } else { code },
        hashes,
        secret: claims.secret.clone(),
        passkey: None,
        has_signed: false,
        remember: remember.then(|| format!("{:032x}", random_bits())),
    }
}

/// Continues: with setting up if the agent wanted that, otherwise as after a password alone.
async fn passed(visit: &Visit<'_>, mut at: At, second: Amr) -> Result<Reply, Problem> {
    if at.claims.at == Place::SetUp {
        let (purpose, now) = (message::Purpose::SecondStepChanged, visit.asked.now());
        if let Some(told) = to_mailbox(visit, &at.agent, &at.instance, purpose, |to| to.second_step_changed(now)) {
            send_afterwards(visit, told);
        }
    } else if at.claims.sets_up {
        at.claims.flow = new_flow(visit.asked.now(), random_bits());
        at.claims.at = Place::SetUp;
        return ask::go_to(visit, at).await;
    }
    let At { claims, agent, next, .. } = at;
    let then = Proven {
        filled: Filled::of(agent.username.as_str(), claims.extension.as_ref()),
        extension: claims.extension,
        resumes: None,
        proof: Proved::here(visit.asked.now(), Some(second)),
        notice: None,
        next,
        work: Work::default(),
    };
    let going = GoingOn { due: claims.due, replaced: claims.replaced, second: Some(second), then };
    login::go_on(visit, &agent, going).await
}

fn note(
    visit: &Visit<'_>,
    at: &At,
    checked: Checked,
    is_passkey: bool,
    (refusal, lock): (Option<Refusal>, Option<Lock>),
) {
    let name = if checked.is_right() { "second_step_passed" } else { "second_step_refused" };
    let reason = match (at.claims.at, checked) {
        (Place::SetUp, Checked::Passkey) => "passkey_set_up",
        (Place::SetUp, _) if checked.is_right() => Place::SetUp.name(),
        (_, Checked::Wrong) if is_passkey => "wrong_passkey",
        _ => checked.name(),
    };
    let event = Event {
        instance: Some(at.agent.instance.as_str()),
        agent: Some(at.agent.username.as_str()),
        reason: Some(reason),
        detail: refusal.map(Refusal::name),
        ..visit.event(name)
    };
    visit.log().write(&event);
    guard::note_lock(visit, lock.filter(|_| !checked.is_right()), &event);
}
