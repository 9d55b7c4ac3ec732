//! `/OneContactLogin/callback`: back from an instance's provider.

use std::rc::Rc;

use kv_schema::directory::{Agent, Instance, Provider};
use onecontact_domain::address::{Next, Page};
use onecontact_domain::cookies;
use onecontact_domain::federation::{
    AccountName, Callback, Client, Discovered, Expected, IdToken, Identity, PublicKeys, Refusal, Vouched, Wishes,
    vouched,
};
use onecontact_domain::problem::Problem;
use onecontact_domain::token::{self, ErrandClaims, ErrandSecrets, Hint, Proved};

use super::begin::{client_of, has_to_say_when, max_age, sent, wishes};
use super::{Failure, ask, begun_again, create, failed, noted, told};
use crate::http::Reply;
use crate::openid::{authorize, sign_in};
use crate::signature;
use crate::visit::Visit;

/// An errand that this browser was sent off with, and the instance whose provider it went to.
pub(super) struct Errand {
    pub(super) claims: ErrandClaims,
    pub(super) instance: Rc<Instance>,
}

/// What the provider has answered, once it is believed.
struct Answer {
    identity: Identity,
    /// What the provider is shown when the agent signs out.
    hint: Option<Hint>,
}

/// Takes the agent back.
pub(crate) async fn get_callback(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let callback = match Callback::parse(visit.asked.query()) {
        Ok(callback) => callback,
        Err(refusal) => return Ok(failed(visit, None, &refusal.into())),
    };
    if callback.is_bare() {
        return once_more(visit).await;
    }
    let errand = match errand_of(visit, &callback).await? {
        Ok(errand) => errand,
        Err(refusal) => return Ok(failed(visit, None, &refusal.into())),
    };
    let Errand { claims, instance } = errand;
    match identified(visit, &claims, &instance, &callback).await? {
        Ok((agent, answer)) => signed_in(visit, &instance, claims, &agent, answer).await,
        Err(failure) => refused(visit, &instance, claims, &failure),
    }
}

/// Redirects to the page that says that it came to nothing. What the provider sent is used up, so the page gets an
/// address at which it can be reloaded, with none of it in it.
fn refused(visit: &Visit<'_>, instance: &Instance, claims: ErrandClaims, failure: &Failure) -> Result<Reply, Problem> {
    noted(visit, "provider_refused", Some(instance), failure);
    let page = Reply::see_other(&visit.home.page(Page::Callback));
    Ok(page.with_cookies(begun_again(visit, claims, failure.refusal)?))
}

/// Handles a visit to the bare address: shows the page that says that it came to nothing, or, from that page, begins
/// again.
async fn once_more(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let opened = match visit.asked.cookies().failed_errand() {
        Some(token) => opened(visit, token).await?.ok(),
        None => None,
    };
    let Some(Errand { claims, instance }) = opened.filter(|errand| errand.claims.failed) else {
        return Ok(Reply::see_other(visit.home.path()));
    };
    let next = visit.home.next(&claims.next);
    let wishes = wishes(visit, &next);
    let wishes = if visit.asked.query_value("go").is_some() {
        wishes
    } else if visit.asked.query_value("again").is_some() {
        // Whoever was refused may have been signed in there as someone else.
        Wishes { prompt: Some("select_account"), login_hint: None, ..wishes }
    } else if claims.request.is_some() {
        return Ok(told(visit, Some(&instance), claims.is_outage, claims.request));
    } else {
        // Nothing has failed yet.
        return Ok(Reply::see_other(visit.home.path()));
    };
    sent(visit, &instance, &next, wishes, claims.extension).await
}

/// The errand that the answer belongs to, if this browser was sent away with it.
async fn errand_of(visit: &Visit<'_>, callback: &Callback) -> Result<Result<Errand, Refusal>, Problem> {
    let state = match callback.state() {
        Ok(state) => state,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match visit.asked.cookies().errand(state) {
        Some(token) => opened(visit, token).await,
        None if visit.asked.cookies().browser().is_none() => Err(Problem::CookiesRequired),
        None => Ok(Err(Refusal::FlowMissing)),
    }
}

/// Opens the token of an errand: it has to be of this browser, of this front, and of an instance that still has a
/// provider.
pub(super) async fn opened(visit: &Visit<'_>, token: &str) -> Result<Result<Errand, Refusal>, Problem> {
    let claims = match token::open::<ErrandClaims>(&visit.bindings.keys, token, visit.asked.now()) {
        Ok(opened) => opened.claims,
        Err(rejection) => return Ok(Err(Refusal::Flow(rejection))),
    };
    if visit.asked.cookies().browser() != Some(&claims.browser) {
        return Ok(Err(Refusal::OtherBrowser));
    }
    let instance = visit.directory.instance(&claims.instance).await?;
    let is_here =
        claims.install == visit.name() && visit.instance.as_ref().is_none_or(|instance| instance.id == claims.instance);
    Ok(match instance.filter(|_| is_here) {
        Some(instance) if visit.serves(&instance)? => Ok(Errand { claims, instance }),
        _ => Err(Refusal::OtherPlace),
    })
}

/// Which agent it is.
async fn identified(
    visit: &Visit<'_>,
    claims: &ErrandClaims,
    instance: &Instance,
    callback: &Callback,
) -> Result<Result<(Agent, Answer), Failure>, Problem> {
    let answer = match answered(visit, claims, instance, callback).await {
        Ok(answer) => answer,
        Err(failure) => return Ok(Err(failure)),
    };
    // From a claim of an ID token that is believed, not something that somebody typed: it may appear in the log.
    let stated = answer.identity.account.to_string();
    let username = match &answer.identity.account {
        AccountName::Username(username) => Some(username.clone()),
        AccountName::Email(email) => visit.directory.email(&instance.id, email).await?.map(|email| email.username),
    };
    let declared = match username {
        Some(username) => visit.directory.declared_agent(&instance.id, &username).await?,
        None => None,
    };
    let mut named = declared.as_ref().map(|agent| agent.username.clone());
    let agent = match vouched(declared, instance, &answer.identity) {
        Ok(Vouched::Declared(agent)) => Ok(*agent),
        Ok(Vouched::Created(created)) => {
            named = Some(created.username.clone());
            create::agent(visit, *created).await?
        }
        Err(refusal) => Err(refusal),
    };
    Ok(match agent {
        Ok(agent) => Ok((agent, answer)),
        Err(refusal) => Err(Failure { agent: named, detail: Some(stated), ..refusal.into() }),
    })
}

/// What the provider says of the agent, once it is believed.
async fn answered(
    visit: &Visit<'_>,
    claims: &ErrandClaims,
    instance: &Instance,
    callback: &Callback,
) -> Result<Answer, Failure> {
    let (provider, redirect_uri) = client_of(visit, instance).ok_or(Refusal::OtherPlace)?;
    let ErrandSecrets { nonce, verifier, .. } = claims
        .recognised(&visit.bindings.keys, provider, callback.state()?, visit.asked.now())
        .ok_or(Refusal::StateForeign)?;
    let discovered = ask::discovered(provider).await?;
    callback.is_of(&provider.issuer, &discovered)?;
    let code =
        callback.code().map_err(|refusal| Failure { detail: callback.error().map(str::to_owned), ..refusal.into() })?;
    let client = Client { provider, redirect_uri: &redirect_uri };
    let tokens = ask::redeem(visit.bindings, &discovered, client, code, &verifier).await?;
    let id_token = IdToken::read(&tokens.id_token)?;
    let next = visit.home.next(&claims.next);
    let expected = Expected {
        provider,
        nonce: &nonce,
        access_token: tokens.access_token.as_deref(),
        max_age: max_age(&next),
        has_to_say_when: has_to_say_when(&next),
        now: crate::now(),
    };
    let identity = opened_by_its_keys(provider, &discovered, &id_token, expected).await;
    let identity = identity.map_err(|failure| match failure.refusal {
        Refusal::AccountClaim | Refusal::EmailUnverified => {
            Failure { detail: Some(provider.account_claim.name().to_owned()), ..failure }
        }
        _ => failure,
    })?;
    Ok(Answer { identity, hint: tokens.hint(provider) })
}

/// Opens the ID token with one of the provider's keys.
async fn opened_by_its_keys(
    provider: &Provider,
    discovered: &Discovered,
    token: &IdToken<'_>,
    expected: Expected<'_>,
) -> Result<Identity, Failure> {
    let open = async |keys: &PublicKeys| token.open(keys.of(token)?, expected, signature::verifies).await;
    let Some(kept) = ask::kept_keys(provider) else {
        return Ok(open(&*ask::keys(provider, discovered).await?).await?);
    };
    match open(&kept).await {
        Err(refusal) => Ok(open(&*ask::newer_keys(provider, discovered, &kept, refusal).await?).await?),
        Ok(identity) => Ok(identity),
    }
}

/// Continues the sign-in of an agent who has proved who they are.
async fn signed_in(
    visit: &Visit<'_>,
    instance: &Instance,
    claims: ErrandClaims,
    agent: &Agent,
    answer: Answer,
) -> Result<Reply, Problem> {
    let Answer { identity, hint } = answer;
    let proof = Proved { auth_time: identity.auth_time, amr: identity.amr, sign_in: None };
    let elsewhere = sign_in::Elsewhere { auth_time_missing: identity.auth_time_missing, hint };
    let Some((by, cookie)) = sign_in::open(visit, agent, &proof, elsewhere).await? else {
        let agent = Some(agent.username.clone());
        return refused(visit, instance, claims, &Failure { agent, ..Refusal::Disabled.into() });
    };
    let reply = match visit.home.next(&claims.next) {
        Next::Application(query) => authorize::answer(visit, &query, &by, claims.extension).await?,
        next @ Next::Page(_) => Reply::see_other(&visit.home.then(&next)),
    };
    Ok(reply.with_cookies([cookie, cookies::clear_errand(claims.slot), cookies::clear_failed_errand()]))
}
