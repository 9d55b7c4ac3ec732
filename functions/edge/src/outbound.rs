//! Requests to other servers, within bounds on time and on how much of the answer is read. Redirects are not followed:
//! no operator has said where they lead.

use js_sys::{Promise, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    fn fetch(url: &str, init: &Init) -> Promise;

    /// What [`Request`] becomes.
    type Init;

    #[wasm_bindgen(method, setter, js_name = signal)]
    fn set_signal(this: &Init, signal: &Signal);

    /// Aborts what it is given to.
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

/// A request. As JSON it crosses to the platform in one piece.
#[derive(Serialize)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'static str,
    pub(crate) headers: &'a [(&'static str, &'a str)],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
}

/// How long to wait for an answer, and how long the answer may be.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) seconds: u32,
    pub(crate) bytes: usize,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: web_sys::Headers,
    /// The body; `None` if it is too long, or not text.
    pub(crate) text: Option<String>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).ok().flatten()
    }
}

/// Sends a request to `url`.
///
/// # Errors
/// If no answer comes, or not in time.
pub(crate) async fn ask(url: &str, request: &Request<'_>, bounds: Bounds) -> Result<Answer, JsValue> {
    let json = serde_json::to_string(request).map_err(|error| JsValue::from(error.to_string()))?;
    let init: Init = js_sys::JSON::parse(&json)?.unchecked_into();
    js_sys::Reflect::set(&init, &"redirect".into(), &"manual".into())?;
    init.set_signal(&Signal::timeout(f64::from(bounds.seconds) * 1_000.0));
    let response: web_sys::Response = JsFuture::from(fetch(url, &init)).await?.into();
    let text = text(response.unchecked_ref(), bounds.bytes).await?;
    Ok(Answer { status: response.status(), headers: response.headers(), text })
}

/// Whether that is what [`ask`] failed for: the answer did not come in time.
pub(crate) fn is_too_late(error: &JsValue) -> bool {
    error.dyn_ref::<js_sys::Error>().is_some_and(|error| error.name() == "TimeoutError")
}

/// The body. One that is too long is not read to its end.
async fn text(response: &Streamed, longest: usize) -> Result<Option<String>, JsValue> {
    let Some(stream) = response.body() else { return Ok(Some(String::new())) };
    let reader = stream.reader()?;
    let mut bytes = Vec::new();
    loop {
        let piece: Piece = JsFuture::from(reader.read()?).await?.unchecked_into();
        let Some(piece) = piece.value() else { return Ok(String::from_utf8(bytes).ok()) };
        bytes.extend(piece.to_vec());
        if bytes.len() > longest {
            // Nobody waits for it.
            let _cancelled = reader.cancel()?;
            return Ok(None);
        }
    }
}
