//! Who is calling.

use std::rc::Rc;

use kv_schema::directory::Service;
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
    let refuse = |service: Option<&Service>, rejection: Rejection| {
        let reason = rejection.to_string();
        // Only a known service is named: what any other token states may be anything.
        let detail = service.map(|service| service.name.as_str());
        let event = Event { reason: Some(&reason), detail, ..Event::new("service_refused") };
        Log { asked, events: Some(&bindings.events) }.write(&event);
        Failed::Refused(Refusal::of_token(rejection))
    };
    let presented = Presented::read(token, &bindings.genuine);
    let presented = presented.map_err(|rejection| refuse(None, rejection))?;
    let directory = Directory::new(bindings, asked.now());
    let service = directory.service(presented.service()).await?.ok_or_else(|| refuse(None, Rejection::UnknownKey))?;
    let opened = presented.open(Rc::clone(&service), &bindings.genuine, asked.now(), webcrypto::verifies).await;
    opened.map_err(|rejection| refuse(Some(&service), rejection))
}
