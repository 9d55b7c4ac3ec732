//! Asking a recorder's gateway: one network request, and what came of it.
//!
//! The address is one that an operator has declared, followed by a path of the desk's; nothing that a browser sent is
//! part of it. Redirects are not followed: they would take the token elsewhere.

use onecontact_domain::desk::{GatewayCall, GatewayReply, LONGEST_REPLY};
use onecontact_domain::token::access;
use wasm_bindgen::prelude::*;

use crate::bindings::{Bindings, random_bits};
use crate::outbound::{self, Bounds, Request};
use crate::webcrypto;

/// How registrations and problems are typed.
const JSON: [&str; 2] = ["application/json", "application/problem+json"];

/// Asks the gateway. Whatever goes wrong on the way counts as no answer.
pub(super) async fn ask(bindings: &Bindings, call: &GatewayCall) -> GatewayReply {
    match authorization(bindings, call).await {
        Some(authorization) => exchange(call, &authorization).await.unwrap_or(GatewayReply::None),
        None => GatewayReply::Unasked,
    }
}

/// A token for this gateway alone, valid for as long as the call may take.
async fn authorization(bindings: &Bindings, call: &GatewayCall) -> Option<String> {
    let (now, audience) = (crate::now(), call.gateway.as_str());
    let subject = (&call.session).into();
    let unsigned = access::prepare(&bindings.keys, subject, audience, random_bits(), now, call.token_until(now))?;
    let signature = webcrypto::sign(unsigned.key(), unsigned.input()).await.ok()?;
    Some(["Bearer ", &unsigned.signed(&signature)].concat())
}

async fn exchange(call: &GatewayCall, authorization: &str) -> Result<GatewayReply, JsValue> {
    let headers = [
        ("authorization", authorization),
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("idempotency-key", &*call.idempotency_key()),
    ];
    let request = Request { method: call.method(), headers: &headers, body: call.body() };
    let answer = outbound::ask(&call.url(), &request, Bounds { seconds: call.seconds(), bytes: LONGEST_REPLY }).await?;
    let retry_after = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
    let is_json = answer.header("content-type").is_some_and(|kind| JSON.iter().any(|json| kind.starts_with(json)));
    let status = answer.status;
    Ok(GatewayReply::Answer { status, retry_after, body: answer.text.filter(|_| is_json).unwrap_or_default() })
}
