//! Asking a recorder's gateway: one request over the network, and what came of it.
//!
//! The address is one that an operator has declared, with a path that the desk puts behind it; nothing that a browser sent is
//! part of it. Redirects are not followed: they would lead the token elsewhere.

use js_sys::{Promise, Uint8Array};
use onecontact_domain::desk::{GatewayCall, GatewayReply, LONGEST_REPLY};
use onecontact_domain::token::access;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::bindings::{Bindings, random_bits};
use crate::webcrypto;

#[wasm_bindgen]
extern "C" {
    fn fetch(url: &str, init: &Init) -> Promise;

    /// What [`Request`] becomes.
    type Init;

    #[wasm_bindgen(method, setter, js_name = signal)]
    fn set_signal(this: &Init, signal: &Signal);

    /// Breaks off what it is given to.
    #[wasm_bindgen(js_name = AbortSignal)]
    type Signal;

    #[wasm_bindgen(static_method_of = Signal, js_class = AbortSignal)]
    fn timeout(milliseconds: f64) -> Signal;

    /// A response whose body is read piece by piece.
    type Streamed;

    #[wasm_bindgen(method, getter)]
    fn body(this: &Streamed) -> Option<Stream>;

    type Stream;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn reader(this: &Stream) -> Result<Reader, JsValue>;

    type Reader;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Reader) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Reader) -> Result<Promise, JsValue>;

    type Piece;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Piece) -> Option<Uint8Array>;
}

/// How something is fetched. As JSON it crosses to the platform in one piece.
#[derive(Serialize)]
struct Request<'a> {
    method: &'static str,
    headers: [(&'static str, &'a str); 4],
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    redirect: &'static str,
}

/// Asks the gateway. Whatever goes wrong on the way is an answer that did not come.
pub(super) async fn ask(bindings: &Bindings, call: &GatewayCall) -> GatewayReply {
    match authorization(bindings, call).await {
        Some(authorization) => exchange(call, &authorization).await.unwrap_or(GatewayReply::None),
        None => GatewayReply::Unasked,
    }
}

/// A token for this gateway and no other, good for as long as the call may take.
async fn authorization(bindings: &Bindings, call: &GatewayCall) -> Option<String> {
    let (now, audience) = (crate::now(), call.gateway.as_str());
    let subject = (&call.session).into();
    let unsigned = access::prepare(&bindings.keys, subject, audience, random_bits(), now, call.token_until(now))?;
    let signature = webcrypto::sign(unsigned.key(), unsigned.input()).await.ok()?;
    Some(["Bearer ", &unsigned.signed(&signature)].concat())
}

async fn exchange(call: &GatewayCall, authorization: &str) -> Result<GatewayReply, JsValue> {
    let response: web_sys::Response = JsFuture::from(fetch(&call.url(), &request(call, authorization)?)).await?.into();
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let retry_after = header("retry-after").and_then(|seconds| seconds.parse().ok());
    let is_json = header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let body = text(response.unchecked_ref()).await?.filter(|_| is_json).unwrap_or_default();
    Ok(GatewayReply::Answer { status: response.status(), retry_after, body })
}

fn request(call: &GatewayCall, authorization: &str) -> Result<Init, JsValue> {
    let headers = [
        ("authorization", authorization),
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("idempotency-key", &*call.idempotency_key()),
    ];
    let request = Request { method: call.method(), headers, body: call.body(), redirect: "manual" };
    let json = serde_json::to_string(&request).map_err(|error| JsValue::from(error.to_string()))?;
    let init: Init = js_sys::JSON::parse(&json)?.unchecked_into();
    init.set_signal(&Signal::timeout(f64::from(call.seconds()) * 1_000.0));
    Ok(init)
}

/// The body; `None` where it is too long or no text. What is too long is not read to its end.
async fn text(response: &Streamed) -> Result<Option<String>, JsValue> {
    let Some(stream) = response.body() else { return Ok(None) };
    let reader = stream.reader()?;
    let mut bytes = Vec::new();
    loop {
        let piece: Piece = JsFuture::from(reader.read()?).await?.unchecked_into();
        let Some(piece) = piece.value() else { return Ok(String::from_utf8(bytes).ok()) };
        bytes.extend(piece.to_vec());
        if bytes.len() > LONGEST_REPLY {
            // Nobody waits for it.
            let _cancelled = reader.cancel()?;
            return Ok(None);
        }
    }
}
