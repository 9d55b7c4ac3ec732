//! `id_token_hint`: an ID token by which an application shows whom it means.

use onecontact_domain::problem::Problem;
use onecontact_domain::token::{Foreign, Stated};

use super::issuer;
use crate::visit::Visit;
use crate::webcrypto;

/// What an ID token of ours states. It may have expired: it only shows whom it was issued to.
pub(super) async fn stated(visit: &Visit<'_>, hint: &str) -> Result<Option<Stated>, Problem> {
    let Ok(token) = Foreign::read(hint) else { return Ok(None) };
    let key = token.kid().and_then(|kid| visit.bindings.keys.published(kid, visit.asked.now()));
    let (Some(key), Some("JWT")) = (key, token.typ()) else { return Ok(None) };
    let Ok(stated) = token.verified(key, webcrypto::verifies_by).await else { return Ok(None) };
    Ok((stated.iss == issuer(visit)?).then_some(stated))
}
