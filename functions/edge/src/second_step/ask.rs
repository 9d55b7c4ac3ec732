//! Asking for the second step: the page for each kind of it, and the SMS.

use std::rc::Rc;

use kv_schema::directory::{Agent, Instance};
use kv_schema::names::Extension;
use onecontact_domain::address::Next;
use onecontact_domain::cookies;
use onecontact_domain::guard::{Answer, Ask, Due, Replaced};
use onecontact_domain::keyed::{self, Purpose};
use onecontact_domain::message::{self, Message, To};
use onecontact_domain::password::Work;
use onecontact_domain::problem::Problem;
use onecontact_domain::second_step::{self, Facts, Place, Secret, recovery_codes};
use onecontact_domain::token::StepClaims;
use onecontact_templates::{CodeProblem, CodeSource, EntryPage, SecondStepPage, Sending, SetUpPage};
use rand_core::OsRng;

use super::passkey;
use crate::http::Reply;
use crate::log::{Event, LogOfRequest};
use crate::messages::{self, Unsent};
use crate::onecontact_login::Way;
use crate::step::{self, At};
use crate::visit::Visit;
use crate::{agent_messages, guard, login, page};

/// A login whose password was right.
pub(crate) struct Begun {
    pub(crate) place: Place,
    /// What was known of the second step.
    pub(crate) facts: Facts,
    /// The extension that was typed.
    pub(crate) extension: Option<Extension>,
    /// The password that was right.
    pub(crate) replaced: Replaced,
    /// Why it has to be replaced, if it has to be.
    pub(crate) due: Option<Due>,
    /// Whether an authenticator app or a passkey is to be set up.
    pub(crate) sets_up: bool,
    pub(crate) next: Next,
    pub(crate) work: Work,
}

/// Asks for the second step, after the password was right. A script is told that this is done on pages.
pub(crate) async fn ask(
    visit: &Visit<'_>,
    agent: &Agent,
    instance: &Rc<Instance>,
    begun: Begun,
) -> Result<Reply, Problem> {
    let Begun { place: at, facts, extension, replaced, due, sets_up, next, work } = begun;
    visit.log().write(&Event {
        instance: Some(agent.instance.as_str()),
        agent: Some(agent.username.as_str()),
        reason: Some(at.name()),
        hashes: Some(work.hashes),
        ..visit.event("second_step_asked")
    });
    if page::is_for_script(visit.asked) {
        return Ok(login::go_to_login());
    }
    let claims = login::claims(visit, agent, at, replaced)?;
    let Facts { has_app, has_passkey, generation, codes_left, .. } = facts;
    let claims = StepClaims { extension, generation, has_app, has_passkey, codes_left, due, sets_up, ..claims };
    let at = At { claims, agent: agent.clone(), instance: Rc::clone(instance), next, step: String::new() };
    go_to(visit, at).await
}

/// Leads to the page of this place, for which there is no token yet.
pub(super) async fn go_to(visit: &Visit<'_>, mut at: At) -> Result<Reply, Problem> {
    if at.claims.at == Place::SetUp {
        at.claims.secret = Some(Secret::generate(&mut OsRng));
        at.claims.seed = Some(Secret::generate(&mut OsRng));
    }
    at.step = step::sealed(visit, &at.claims)?;
    let sending = match at.claims.at {
        // A code that was sent within the last half minute is still good.
        Place::Sms => match text(visit, &at.agent, &at.instance).await? {
            Sending::Wait(seconds) if seconds <= second_step::BETWEEN => Sending::Sent,
            sending => sending,
        },
        _ => Sending::Sent,
    };
    stay(visit, &at, sending).await
}

/// Leads to the page of this place. If no SMS was sent, the answer itself says so: that does not last long.
pub(super) async fn stay(visit: &Visit<'_>, at: &At, sending: Sending) -> Result<Reply, Problem> {
    let cookie = [cookies::set_step::<StepClaims>(&visit.name(), at.step.clone())];
    let reply = match sending {
        Sending::Sent => Reply::see_other(&at.path(visit)),
        _ => form(visit, 200, at, sending, None).await?,
    };
    Ok(reply.with_cookies(cookie))
}

/// The page that a login has reached.
pub(crate) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    match At::kept(visit).await?.filter(is_here) {
        Some(at) => form(visit, 200, &at, Sending::Sent, None).await,
        None => Ok(step::begin_again(visit)),
    }
}

/// Whether a second step is taken at this place.
pub(super) fn is_here(at: &At) -> bool {
    at.claims.at != Place::NewPassword
}

/// The page, with what is wrong with the code that was typed or the passkey that was shown.
pub(super) async fn form(
    visit: &Visit<'_>,
    status: u16,
    at: &At,
    sending: Sending,
    problem: Option<CodeProblem>,
) -> Result<Reply, Problem> {
    let At { agent, instance, claims, step, next } = at;
    let (instance_name, next_text, path) = (Some(&*instance.display_name), &*next.text(), at.path(visit));
    let way = Way::of(visit, Some(next)).await?;
    let offer = passkey::offer(visit, at).await?;
    let has_all_passkeys = offer.as_ref().is_some_and(|offer| offer.is_full);
    let user = passkey::User::of(agent);
    let reply = Reply::page(status, |nonce| {
        let frame = visit.frame_of(nonce, &path);
        let (Some(secret), Some(seed)) = (&claims.secret, &claims.seed) else {
            let passkey = offer.as_ref().and_then(passkey::Offer::to_use);
            let source = source(visit, at, passkey.is_some(), sending);
            let can_remember = can_remember(instance, claims);
            let page = SecondStepPage {
                frame,
                instance_name,
                source,
                passkey,
                codes_left: claims.codes_left,
                problem,
                can_remember,
                step,
                next: next_text,
            };
            return page.document();
        };
        let address = secret.address(&instance.display_name, agent.username.as_str());
        let (key, address, codes) = (secret.text(), &*address, &*recovery_codes(seed));
        let passkey = offer.as_ref().and_then(|offer| offer.to_make(&user));
        let is_first = !claims.has_app && !claims.has_passkey;
        let page = SetUpPage {
            frame,
            instance_name,
            key,
            address,
            codes,
            username: agent.username.as_str(),
            passkey,
            has_all_passkeys,
            is_first,
            problem,
            step,
            next: next_text,
        };
        page.document()
    });
    Ok(way.allowed_by(reply.map_err(|error| Problem::defect(&error))?))
}

/// Where a code comes from. Whoever has an app, and a passkey only for other addresses, is asked as if for the app.
fn source<'a>(visit: &Visit<'_>, at: &'a At, has_passkey_here: bool, sending: Sending) -> CodeSource<'a> {
    let At { agent, claims, .. } = at;
    match (claims.at, &agent.phone) {
        (Place::Sms, Some(phone)) => CodeSource::Sms { ending: phone.ending(), sending },
        (Place::Passkey, _) if has_passkey_here || !claims.has_app => {
            CodeSource::OtherWay { has_app: claims.has_app, texts: texts_instead(visit, at) }
        }
        _ => CodeSource::App,
    }
}

/// Whether a code by SMS will do instead of a passkey.
pub(super) fn texts_instead(visit: &Visit<'_>, at: &At) -> bool {
    let can_text = visit.bindings.messengers.can_text();
    second_step::texts_instead(&at.instance, &at.agent, at.claims.has_app, can_text)
}

/// Asks the account's guard.
pub(super) async fn asked(visit: &Visit<'_>, at: &At, ask: &Ask) -> Result<Answer, Problem> {
    guard::ask(visit.bindings, &at.agent.instance, &at.agent.username, ask).await
}

/// Whether the device can be remembered. Proof by a password that is about to be replaced is not worth remembering.
pub(super) const fn can_remember(instance: &Instance, claims: &StepClaims) -> bool {
    instance.remembers_devices && claims.due.is_none() && !claims.sets_up
}

/// Sends a code, if one may be sent now. A message that was not accepted does not count.
pub(super) async fn text(visit: &Visit<'_>, agent: &Agent, instance: &Instance) -> Result<Sending, Problem> {
    let messengers = &visit.bindings.messengers;
    let Some(phone) = second_step::phone(agent, messengers.can_text()) else { return Ok(Sending::Refused) };
    let code = second_step::new_code(&mut OsRng);
    let owner = (&agent.instance, &agent.username);
    let hashes = keyed::hashes(&visit.bindings.keys, Purpose::SmsCode, owner, &code, visit.asked.now());
    let hash = hashes.into_iter().next().unwrap_or_default();
    match guard::ask(visit.bindings, owner.0, owner.1, &Ask::Text { hash: hash.clone() }).await? {
        Answer::Done => {}
        Answer::Wait(seconds) => return Ok(Sending::Wait(seconds)),
        _ => return Err(guard::not_understood()),
    }
    let language = agent_messages::language(visit, agent, instance);
    let sms = Message {
        id: messages::new_id(),
        purpose: message::Purpose::Code,
        to: To::Phone(phone.clone()),
        subject: String::new(),
        text: agent_messages::addressee(agent, instance, language).code(&code),
        language,
        instance: agent.instance.clone(),
        agent: agent.username.clone(),
    };
    match messengers.send(&sms, &LogOfRequest::of(visit.asked)).await {
        Ok(()) => Ok(Sending::Sent),
        Err(Unsent::Unknown) => Ok(Sending::Unsure),
        Err(Unsent::Refused) => {
            guard::ask(visit.bindings, owner.0, owner.1, &Ask::Unsent { hash }).await?;
            Ok(Sending::Refused)
        }
    }
}
