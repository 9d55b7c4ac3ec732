//! `/OneContactLogin/token`: an application redeems a code or a refresh token (RFC 6749, sections 4.1.3 and 6).

use std::rc::Rc;

use kv_schema::directory::Client;
use onecontact_domain::address::Page;
use onecontact_domain::guard::Ask;
use onecontact_domain::openid::{
    About, Credentials, Fault, Params, can_sign, challenge_of, id_token, token_answer, token_error,
};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::access::{self, Subject};

use super::grant::{Redeemed, Refused, redeem};
use super::issuer;
use crate::bindings::random_bits;
use crate::http::Reply;
use crate::log::Event;
use crate::visit::Visit;
use crate::{guard, webcrypto};

/// Why an application gets no tokens.
enum Failed {
    /// The application is told.
    Fault(Fault),
    /// The same, of a code or a refresh token.
    Refused(Refused),
    Problem(Problem),
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

pub(super) async fn post(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let mut client = None;
    let (fault, whose) = match tokens(visit, &mut client).await {
        Ok(json) => return Ok(Reply::json(200, json).with("pragma", "no-cache".to_owned())),
        Err(Failed::Problem(problem)) => return Err(problem),
        Err(Failed::Fault(fault)) => (fault, None),
        Err(Failed::Refused(Refused { why, whose })) => (Fault::grant(why.name()), whose),
    };
    visit.log().write(&Event {
        instance: whose.as_ref().map(|whose| whose.0.as_str()),
        agent: whose.as_ref().map(|whose| whose.1.as_str()),
        reason: Some(fault.reason),
        detail: client.as_ref().map(|client: &Rc<Client>| client.id.as_str()),
        ..visit.event("token_refused")
    });
    let reply = Reply::json(fault.status(), token_error(fault, visit.asked.id()));
    // Required with this status (RFC 9110, section 15.5.2).
    Ok(if fault.status() == 401 { reply.with("www-authenticate", "Basic".to_owned()) } else { reply })
}

/// The tokens, as JSON; `found` becomes the client from which the request says it comes, if that is a known one.
async fn tokens(visit: &Visit<'_>, found: &mut Option<Rc<Client>>) -> Result<String, Failed> {
    // An error like any other of this endpoint's, whatever is wrong with the body (RFC 6749, section 5.2).
    let form = visit.asked.form().await.map_err(|_| Fault::request("not_a_form"))?;
    let form = &Params::parse(&form);
    if form.has_repeated() {
        return Err(Fault::request("repeated_parameter").into());
    }
    let credentials = Credentials::read(visit.asked.header("authorization").as_deref(), form)?;
    let client = visit.directory.client(&credentials.client).await?.ok_or(Fault::client("unknown_client"))?;
    let client = &*found.insert(client);
    prove(visit, client, &credentials).await?;
    if !can_sign(client, &visit.bindings.keys) {
        let alg = client.id_token_alg.name();
        let why = ["TOKEN_KEYS lacks an active EdDSA key, or one for ", alg, ", which a client wants"].concat();
        return Err(Problem::Misconfigured(why).into());
    }
    let redeemed = match form.get("grant_type") {
        Some("authorization_code") => {
            let code = form.get("code").ok_or(Fault::request("missing_code"))?;
            let redirect_uri = form.get("redirect_uri").ok_or(Fault::request("missing_redirect_uri"))?;
            let verifier = form.get("code_verifier").ok_or(Fault::request("missing_verifier"))?;
            let challenge = challenge_of(verifier).ok_or(Fault::grant("bad_verifier"))?;
            redeem(visit.bindings, client, code, (redirect_uri, &challenge), false).await?
        }
        Some("refresh_token") => {
            let token = form.get("refresh_token").ok_or(Fault::request("missing_refresh_token"))?;
            redeem(visit.bindings, client, token, ("", ""), false).await?
        }
        Some(_) => return Err(Fault { error: "unsupported_grant_type", reason: "unsupported_grant_type" }.into()),
        None => return Err(Fault::request("missing_grant_type").into()),
    };
    let redeemed = redeemed.map_err(Failed::Refused)?;
    let json = match made(visit, client, &redeemed).await {
        Ok(json) => json,
        Err(failed) => {
            if let Failed::Problem(Problem::Unavailable(_)) = failed {
                redeemed.give_back(visit).await;
            }
            return Err(failed);
        }
    };
    visit.log().write(&Event {
        instance: Some(redeemed.grant.instance.as_str()),
        agent: Some(redeemed.grant.agent.as_str()),
        detail: Some(client.id.as_str()),
        reason: (form.get("grant_type") == Some("refresh_token")).then_some("refreshed"),
        ..visit.event("tokens_issued")
    });
    Ok(json)
}

/// Refuses a client that does not prove who it is.
async fn prove(visit: &Visit<'_>, client: &Client, credentials: &Credentials) -> Result<(), Failed> {
    let (issuer, now) = (issuer(visit)?, visit.asked.now());
    let token_end = visit.login_site().map(|site| [site.address.as_str(), &visit.home.page(Page::Token)].concat());
    let audiences = [issuer.as_str(), token_end.as_deref().unwrap_or_default()];
    let known = credentials.check(client, audiences, now, webcrypto::verifies_by).await?;
    if let Some((hash, until)) = known.once
        && !guard::is_new(visit.bindings, &client.id, hash, until).await?
    {
        return Err(Fault::client("assertion_shown_before").into());
    }
    Ok(())
}

/// The tokens for what was redeemed, if the agent may still sign in.
async fn made(visit: &Visit<'_>, client: &Client, redeemed: &Redeemed) -> Result<String, Failed> {
    let Redeemed { grant, sign_in, refresh_token, .. } = redeemed;
    let (bindings, now, issuer) = (visit.bindings, visit.asked.now(), issuer(visit)?);
    let agent = visit.directory.agent(&grant.instance, &grant.agent).await?.filter(|agent| !agent.disabled);
    let declared = agent.as_ref().map(|agent| agent.password.set_at);
    let instance = visit.directory.instance(&grant.instance).await?.filter(|instance| !instance.retired);
    let (Some(agent), Some(instance)) = (agent.filter(|_| declared <= Some(sign_in.declared)), instance) else {
        // The guard ends what depends on this sign-in.
        let ask = Ask::Stands { sign_in: sign_in.id.clone(), family: None, declared };
        guard::ask(bindings, &grant.instance, &grant.agent, &ask).await?;
        return Err(Fault::grant("agent_may_not_sign_in").into());
    };
    if !client.is_for(&grant.instance) {
        return Err(Fault::grant("other_instance").into());
    }
    let defect = || Problem::Defect("a key that was there is not".to_owned());
    let userinfo = [issuer.as_str(), "/userinfo"].concat();
    let audience = client.audience.as_deref().unwrap_or(&userinfo);
    let subject = Subject::of_grant(&issuer, grant, sign_in);
    let unsigned = access::prepare(&bindings.keys, subject, audience, random_bits(), now, sign_in.until);
    let unsigned = unsigned.ok_or_else(defect)?;
    let expires_in = unsigned.expires_at().since(now);
    let access_token = webcrypto::signed(unsigned).await?;
    let about = About { agent: &agent, instance: &instance, extension: grant.extension.as_ref() };
    let unsigned = id_token(&bindings.keys, &issuer, client, (grant, sign_in), about, &access_token, now);
    let id_token = webcrypto::signed(unsigned.ok_or_else(defect)?).await?;
    Ok(token_answer(&access_token, expires_in, &id_token, refresh_token.as_deref(), &grant.scope))
}
