//! Asking a provider: for its metadata, for its keys, and for what a code stands for.
//!
//! The metadata and the keys are cached in the isolate for ten minutes. Nothing is cached until the domain has checked
//! that it comes from the declared issuer.

use std::cell::RefCell;
use std::rc::Rc;

use kv_schema::Timestamp;
use kv_schema::directory::{ClientProof, Provider};
use onecontact_domain::federation::{
    Answered, Client, Discovered, LONGEST_ANSWER, PublicKeys, Refusal, TokenRequest, assertion,
};

use super::Failure;
use crate::bindings::{Bindings, random_bits};
use crate::objects::text_of;
use crate::outbound::{self, Answer, Bounds, Request};
use crate::webcrypto;

/// Seconds that a provider's metadata and keys are cached.
const KEPT_SECONDS: u64 = 600;
/// Seconds before another token that the cached keys do not fit makes us fetch them again: anyone can make such tokens.
const ASKED_AGAIN_AFTER: u64 = 60;
/// How many providers an isolate caches.
const MOST_KEPT: usize = 64;
/// An agent is waiting.
const BOUNDS: Bounds = Bounds { seconds: 5, bytes: LONGEST_ANSWER };

/// What is cached for a provider.
struct Known {
    issuer: String,
    discovered: Rc<Discovered>,
    until: Timestamp,
    keys: Option<Kept>,
}

/// A provider's keys.
#[derive(Clone)]
struct Kept {
    keys: Rc<PublicKeys>,
    until: Timestamp,
    /// Until when no token makes us fetch them again.
    wait_until: Timestamp,
}

thread_local! {
    static KNOWN: RefCell<Vec<Known>> = const { RefCell::new(Vec::new()) };
}

/// The provider's metadata.
pub(super) async fn discovered(provider: &Provider) -> Result<Rc<Discovered>, Failure> {
    let issuer = &provider.issuer;
    let kept = with_known(provider, |known| (crate::now() < known.until).then(|| Rc::clone(&known.discovered)));
    if let Some(kept) = kept.flatten() {
        return Ok(kept);
    }
    let address = issuer.discovery();
    let text = document(&address).await?;
    let discovered = Discovered::read(&text, issuer).map_err(|refusal| at(refusal, &address))?;
    let discovered = Rc::new(discovered);
    KNOWN.with_borrow_mut(|known| {
        known.retain(|known| known.issuer != issuer.as_str());
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        let (issuer, until) = (issuer.as_str().to_owned(), crate::now().plus(KEPT_SECONDS));
        known.push(Known { issuer, discovered: Rc::clone(&discovered), until, keys: None });
    });
    Ok(discovered)
}

/// The provider's keys, if they are cached.
pub(super) fn kept_keys(provider: &Provider) -> Option<Rc<PublicKeys>> {
    kept(provider).map(|kept| kept.keys)
}

/// Fetches the provider's keys.
pub(super) async fn keys(provider: &Provider, discovered: &Discovered) -> Result<Rc<PublicKeys>, Failure> {
    asked_keys(provider, discovered, Timestamp::default()).await
}

/// Keys newer than `tried`, if those may be the cause of `refusal`: fetched from the provider, unless that was done a
/// moment ago. The error is `refusal`, or why the keys could not be fetched.
pub(super) async fn newer_keys(
    provider: &Provider,
    discovered: &Discovered,
    tried: &Rc<PublicKeys>,
    refusal: Refusal,
) -> Result<Rc<PublicKeys>, Failure> {
    if !refusal.may_come_of_older_keys() {
        return Err(refusal.into());
    }
    match kept(provider) {
        // Another sign-in has fetched them meanwhile.
        Some(kept) if !Rc::ptr_eq(&kept.keys, tried) => return Ok(kept.keys),
        Some(kept) if crate::now() < kept.wait_until => return Err(refusal.into()),
        _ => {}
    }
    let wait_until = crate::now().plus(ASKED_AGAIN_AFTER);
    with_known(provider, |known| known.keys.iter_mut().for_each(|kept| kept.wait_until = wait_until));
    let asked = asked_keys(provider, discovered, wait_until).await;
    asked.map_err(|failure| Failure { detail: failure.detail, ..refusal.into() })
}

/// Runs `act` on what is cached for `provider`, if anything is.
fn with_known<T>(provider: &Provider, act: impl FnOnce(&mut Known) -> T) -> Option<T> {
    KNOWN.with_borrow_mut(|known| known.iter_mut().find(|known| known.issuer == provider.issuer.as_str()).map(act))
}

fn kept(provider: &Provider) -> Option<Kept> {
    with_known(provider, |known| known.keys.clone()).flatten().filter(|kept| crate::now() < kept.until)
}

async fn asked_keys(
    provider: &Provider,
    discovered: &Discovered,
    wait_until: Timestamp,
) -> Result<Rc<PublicKeys>, Failure> {
    let address = discovered.keys.as_str();
    let keys = PublicKeys::read(&document(address).await?).map_err(|refusal| at(refusal, address))?;
    let keys = Rc::new(keys);
    let kept = Kept { keys: Rc::clone(&keys), until: crate::now().plus(KEPT_SECONDS), wait_until };
    with_known(provider, |known| known.keys = Some(kept));
    Ok(keys)
}

/// Redeems a code.
pub(super) async fn redeem(
    bindings: &Bindings,
    discovered: &Discovered,
    client: Client<'_>,
    code: &str,
    verifier: &str,
) -> Result<Answered, Failure> {
    let request = match &client.provider.proof {
        ClientProof::Secret(name) => {
            let missing = || Failure { detail: Some(name.to_string()), ..Refusal::NoProof.into() };
            let secret = bindings.provider_secret(name).ok_or_else(missing)?;
            TokenRequest::with_secret(discovered, client, &secret, code, verifier)
        }
        ClientProof::Key => {
            let shown = signed(bindings, client).await.ok_or(Refusal::NoProof)?;
            TokenRequest::with_assertion(client, &shown, code, verifier)
        }
    };
    let mut headers = vec![("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    headers.extend(request.authorization.as_deref().map(|value| ("authorization", value)));
    let (address, body) = (discovered.token.as_str(), Some(request.body));
    let answer = asked(address, &Request { method: "POST", headers: &headers, body }).await?;
    let text = answer.text.as_deref().ok_or_else(|| at(Refusal::TooLong, address))?;
    Answered::read(answer.status, text).map_err(|refusal| {
        let said = Answered::error(text).unwrap_or_default();
        Failure { detail: Some(format!("{address}: {} {said}", answer.status)), ..refusal.into() }
    })
}

async fn signed(bindings: &Bindings, client: Client<'_>) -> Option<String> {
    let unsigned = assertion(&bindings.keys, client, random_bits(), crate::now())?;
    let signature = webcrypto::sign(unsigned.key(), unsigned.input()).await.ok()?;
    Some(unsigned.signed(&signature))
}

/// Fetches one of the provider's documents.
async fn document(address: &str) -> Result<String, Failure> {
    let headers = [("accept", "application/json")];
    let answer = asked(address, &Request { method: "GET", headers: &headers, body: None }).await?;
    if answer.status != 200 {
        let detail = Some(format!("{address}: {}", answer.status));
        return Err(Failure { detail, ..Refusal::Unreachable.into() });
    }
    answer.text.ok_or_else(|| at(Refusal::TooLong, address))
}

async fn asked(address: &str, request: &Request<'_>) -> Result<Answer, Failure> {
    let answer = outbound::ask(address, request, BOUNDS).await.map_err(|error| Failure {
        detail: Some(format!("{address}: {}", text_of(&error))),
        ..Refusal::Unreachable.into()
    })?;
    if (300..400).contains(&answer.status) {
        return Err(at(Refusal::Redirected, address));
    }
    Ok(answer)
}

fn at(refusal: Refusal, address: &str) -> Failure {
    Failure { detail: Some(address.to_owned()), ..refusal.into() }
}
