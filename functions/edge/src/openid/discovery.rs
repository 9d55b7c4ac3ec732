//! `/OneContactLogin/.well-known/openid-configuration`: what the provider can do.

use onecontact_domain::openid;
use onecontact_domain::problem::Problem;

use super::issuer;
use crate::http::Reply;
use crate::visit::Visit;

pub(super) fn get(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let site = visit.login_site().ok_or(Problem::UnknownPage)?;
    let jwks_uri = [site.address.as_str(), "/.well-known/jwks.json"].concat();
    let json = openid::discovery(&issuer(visit)?, &jwks_uri, &visit.bindings.keys);
    Ok(Reply::json(200, json))
}
