//! POST: a code was typed, or another one is asked for.

use kv_schema::directory::{Agent, Instance};
use onecontact_domain::cookies;
use onecontact_domain::guard::{Answer, Ask, Attempt, Checked};
use onecontact_domain::keyed::{self, Purpose};
use onecontact_domain::login::{Filled, SecondStep};
use onecontact_domain::message;
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::{Place, Secret, new_flow, recovery_codes, recovery_hash};
use onecontact_domain::token::{Amr, StepClaims};
use onecontact_templates::{CodeProblem, Sending};

use super::ask::{self, At};
use crate::agent_messages::{send_afterwards, to_mailbox};
use crate::bindings::random_bits;
use crate::http::Reply;
use crate::log::Event;
use crate::login::{self, GoingOn};
use crate::visit::Visit;
use crate::{guard, step};

/// A step that is too old, or of another browser, begins again.
pub(crate) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    login::limit_rate(visit).await?;
    let form = SecondStep::parse(&visit.asked.form().await?);
    let next = &visit.home.next(&form.next);
    let begin_again = || Ok(Reply::see_other(&format!("{}&start-over=1", visit.home.start_then(next))));
    let claims = step::open::<StepClaims>(visit, &form.step).filter(|claims| claims.at != Place::NewPassword);
    let Some(claims) = claims else { return begin_again() };
    let agent = visit.directory.agent(&claims.instance, &claims.agent).await?;
    let current = |agent: &Agent| !agent.disabled && agent.password.set_at == claims.replaced.declared;
    let Some(agent) = agent.filter(current) else { return begin_again() };
    let Some(instance) = visit.directory.instance(&claims.instance).await? else { return begin_again() };
    let at = At { agent: &agent, instance: &instance, claims: &claims, step: &form.step, next };
    if form.resend && claims.at == Place::Sms {
        return ask::form(visit, 200, &at, ask::text(visit, &agent, &instance).await?, None);
    }
    if form.code.is_empty() {
        return ask::form(visit, 422, &at, Sending::Sent, Some(CodeProblem::Missing));
    }
    let remember = form.remember && ask::can_remember(&instance, &claims);
    let attempt = attempt(visit, &instance, &claims, form.code, remember);
    let asked = guard::ask(visit.bindings, &agent.instance, &agent.username, &attempt).await?;
    let Answer::Code(checked, device) = asked else { return Err(guard::not_understood()) };
    note(visit, &at, checked);
    match checked {
        Checked::App | Checked::Recovery => passed(visit, at, Amr::Otp),
        Checked::Sms => passed(visit, at, Amr::Sms),
        Checked::Wrong => return ask::form(visit, 403, &at, Sending::Sent, Some(CodeProblem::Wrong)),
        Checked::TooMany | Checked::Locked | Checked::Superseded => return begin_again(),
    }
    .await
    .map(|reply| reply.with_cookies(device.map(|shown| cookies::set_device(&visit.name(), &shown))))
}

/// What the guard is asked.
fn attempt(visit: &Visit<'_>, instance: &Instance, claims: &StepClaims, code: String, remember: bool) -> Ask {
    let recovery = |(secret, seed): (&Secret, &Secret)| {
        recovery_codes(seed).iter().map(|code| recovery_hash(secret, code)).collect()
    };
    let hashes = if claims.at == Place::Sms {
        let owner = (&claims.instance, &claims.agent);
        keyed::hashes(&visit.bindings.keys, Purpose::SmsCode, owner, &code, visit.asked.now())
    } else {
        claims.secret.as_ref().zip(claims.seed.as_ref()).map(recovery).unwrap_or_default()
    };
    Ask::Code(Attempt {
        policy: instance.lock,
        at: claims.at,
        flow: claims.flow.clone(),
        generation: claims.generation,
        replaced: claims.replaced,
        // Of a code that was sent the guard knows, and is told, hashes alone.
        code: if claims.at == Place::Sms { String::new() } else { code },
        hashes,
        secret: claims.secret.clone(),
        remember: remember.then(|| format!("{:032x}", random_bits())),
    })
}

/// Goes on: to the setting up where the agent wanted that, else as after a password alone.
async fn passed(visit: &Visit<'_>, at: At<'_>, second: Amr) -> Result<Reply, Problem> {
    let At { agent, instance, claims, next, .. } = at;
    if claims.at == Place::SetUp {
        let (purpose, now) = (message::Purpose::SecondStepChanged, visit.asked.now());
        if let Some(told) = to_mailbox(visit, agent, instance, purpose, |to| to.second_step_changed(now)) {
            send_afterwards(visit, told);
        }
    } else if claims.sets_up {
        let flow = new_flow(visit.asked.now(), random_bits());
        let claims = StepClaims { at: Place::SetUp, flow, ..claims.clone() };
        return ask::go_to(visit, agent, instance, claims, next).await;
    }
    let filled = Filled::of(agent.username.as_str(), claims.extension.as_ref());
    let (extension, due, replaced) = (claims.extension.clone(), claims.due, claims.replaced);
    let next = next.clone();
    let going =
        GoingOn { extension, resumes: None, due, replaced, second: Some(second), filled, next, work: Work::default() };
    login::go_on(visit, agent, going).await
}

fn note(visit: &Visit<'_>, at: &At<'_>, checked: Checked) {
    let name = if checked.is_right() { "second_step_passed" } else { "second_step_refused" };
    let reason = if checked.is_right() && at.claims.at == Place::SetUp { Place::SetUp.name() } else { checked.name() };
    visit.log().write(&Event {
        instance: Some(at.agent.instance.as_str()),
        agent: Some(at.agent.username.as_str()),
        reason: Some(reason),
        ..visit.event(name)
    });
}
