//! `/OneContactLogin/userinfo`: whom an access token is about, as the agent's record now has it, with the extension
//! that was typed, as in the ID token (`OpenID` Connect Core, section 5.3). A token from a code that was shown twice,
//! or from a sign-in that is over, is refused here at once.

use kv_schema::names::{ClientId, InstanceId, SessionId, Username};
use onecontact_domain::guard::{Answer, Ask};
use onecontact_domain::openid::{About, userinfo};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{Foreign, Stated, access};

use super::issuer;
use crate::http::Reply;
use crate::log::Event;
use crate::visit::Visit;
use crate::{guard, webcrypto};

pub(super) async fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let mut genuine = None;
    match told(visit, &mut genuine).await? {
        Ok(json) => Ok(Reply::json(200, json)),
        Err(reason) => {
            let whose = genuine.as_ref().and_then(|stated: &Stated| stated.sub.split_once('/'));
            visit.log().write(&Event {
                instance: whose.map(|(instance, _)| instance),
                agent: whose.map(|(_, agent)| agent),
                reason: Some(reason),
                detail: genuine.as_ref().and_then(|stated| stated.client_id.as_deref()),
                ..visit.event("userinfo_refused")
            });
            // RFC 6750, section 3: whoever shows no token is told only that one is wanted.
            let challenge = if reason == "no_token" { "Bearer" } else { "Bearer error=\"invalid_token\"" };
            Ok(Reply::empty(401).with("www-authenticate", challenge.to_owned()))
        }
    }
}

/// The claims to answer with; or the reason why there are none, for the log. `genuine` becomes what the token states, if
/// it is one of ours.
async fn told(visit: &Visit<'_>, genuine: &mut Option<Stated>) -> Result<Result<String, &'static str>, Problem> {
    let header = visit.asked.header("authorization").unwrap_or_default();
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Ok(Err("no_token")),
    };
    let stated = match verified(visit, token, genuine).await? {
        Ok(stated) => stated,
        Err(reason) => return Ok(Err(reason)),
    };
    let scope = stated.scope.as_deref().unwrap_or_default();
    let Some((instance, agent)) = stated.sub.split_once('/') else { return Ok(Err("malformed")) };
    let (Ok(instance), Ok(agent)) = (InstanceId::parse(instance), Username::parse(agent)) else {
        return Ok(Err("malformed"));
    };
    let Some(sign_in) = stated.sid.as_deref().and_then(|sid| SessionId::parse(sid).ok()) else {
        return Ok(Err("malformed"));
    };
    let found = visit.directory.agent(&instance, &agent).await?.filter(|agent| !agent.disabled);
    let declared = found.as_ref().map(|agent| agent.password.set_at);
    let ask = Ask::Stands { sign_in, family: stated.gid.clone(), declared };
    let Answer::Stands(extension) = guard::ask(visit.bindings, &instance, &agent, &ask).await? else {
        return Ok(Err("sign_in_over"));
    };
    let instance = visit.directory.instance(&instance).await?.filter(|instance| !instance.retired);
    let (Some(agent), Some(instance)) = (found, instance) else {
        return Ok(Err("agent_may_not_sign_in"));
    };
    Ok(Ok(userinfo(About { agent: &agent, instance: &instance, extension: extension.as_ref() }, scope)))
}

/// What an access token that was issued to an application states: one for this endpoint, or for what the application is
/// declared to use its tokens for.
async fn verified<'a>(
    visit: &Visit<'_>,
    token: &str,
    genuine: &'a mut Option<Stated>,
) -> Result<Result<&'a Stated, &'static str>, Problem> {
    let (issuer, now) = (issuer(visit)?, visit.asked.now());
    let Ok(token) = Foreign::read(token) else { return Ok(Err("malformed")) };
    if token.typ() != Some(access::TYPE) {
        return Ok(Err("wrong_kind"));
    }
    let key = token.kid().and_then(|kid| visit.bindings.keys.published(kid, now));
    let Some(key) = key else { return Ok(Err("unknown_key")) };
    let Ok(stated) = token.verified(key, webcrypto::verifies_by).await else { return Ok(Err("bad_signature")) };
    if stated.iss != issuer || stated.gid.is_none() {
        return Ok(Err("wrong_kind"));
    }
    let stated = &*genuine.insert(stated);
    if stated.is_over(now) {
        return Ok(Err("expired"));
    }
    let client = stated.client_id.as_deref().and_then(|id| ClientId::parse(id).ok());
    let client = match client {
        Some(id) => visit.directory.client(&id).await?,
        None => None,
    };
    let Some(client) = client else { return Ok(Err("unknown_client")) };
    let own = [issuer.as_str(), "/userinfo"].concat();
    let is_for_us = |audience: &String| *audience == own || client.audience.as_ref() == Some(audience);
    if stated.aud.iter().any(is_for_us) { Ok(Ok(stated)) } else { Ok(Err("other_audience")) }
}
