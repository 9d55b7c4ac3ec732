//! Who is calling.

use onecontact_domain::api::Refusal;
use onecontact_domain::token::Rejection;
use onecontact_domain::token::service::{Caller, Presented};

use super::Failed;
use crate::bindings::Bindings;
use crate::directory::Directory;
use crate::http::Asked;
use crate::log::{Event, Log};
use crate::webcrypto;

/// The service whose token the request carries (RFC 6750, section 2.1).
pub(super) async fn find(asked: &Asked, bindings: &Bindings) -> Result<Caller, Failed> {
    let header = asked.header("authorization").unwrap_or_default();
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(Refusal::NotAuthenticated { why: None }.into()),
    };
    let refuse = |rejection: Rejection| {
        // Not the name: it may belong to nobody.
        let reason = rejection.to_string();
        let event = Event { reason: Some(&reason), ..Event::new("service_refused") };
        Log { asked, events: Some(&bindings.events) }.write(&event);
        Failed::Refused(Refusal::of_token(rejection))
    };
    let presented = Presented::read(token, &bindings.genuine, asked.now()).map_err(refuse)?;
    let directory = Directory::new(bindings, asked.now());
    let service = directory.service(presented.service()).await?.ok_or_else(|| refuse(Rejection::UnknownKey))?;
    presented.open(service, &bindings.genuine, webcrypto::verifies).await.map_err(refuse)
}
