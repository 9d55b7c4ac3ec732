//! Asking a Durable Object, and answering as one: a JSON value each way, by RPC. A request and its response would be
//! created, read and streamed for nothing (`entry.js` has the figures).

use kv_schema::names::{InstanceId, Username};
use onecontact_domain::problem::Problem;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::ObjectNamespace;

use crate::bell::within;
use crate::directory::outage;

/// Seconds that an answer may take. An object that hangs does not refuse, and somebody waits for the page.
const LIMIT: u32 = 10;

#[wasm_bindgen]
extern "C" {
    /// A stub of an object, as the platform provides it.
    type RawStub;

    #[wasm_bindgen(method, catch)]
    fn ask(this: &RawStub, question: &str) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn fetch(this: &RawStub, url: &str, init: &web_sys::RequestInit) -> Result<js_sys::Promise, JsValue>;
}

/// The name of the object that belongs to an account.
pub(crate) fn account_name(instance: &InstanceId, username: &Username) -> String {
    format!("{instance}/{username}")
}

/// Asks the object called `name`.
///
/// # Errors
/// [`Problem::Unavailable`] if it does not answer, or not as expected.
pub(crate) async fn ask<A: DeserializeOwned>(
    namespace: &ObjectNamespace,
    binding: &'static str,
    name: &str,
    ask: &impl Serialize,
) -> Result<A, Problem> {
    let answer = send(namespace, binding, name, ask)?.answer().await?;
    kv_schema::json::from_str(&answer).map_err(|_| outage(binding, &"an answer that was not understood"))
}

/// As [`ask`], of the object with this id, in hexadecimal. `None` if no object of the namespace can have it.
pub(crate) async fn ask_by_id<A: DeserializeOwned>(
    namespace: &ObjectNamespace,
    binding: &'static str,
    id: &str,
    ask: &impl Serialize,
) -> Result<Option<A>, Problem> {
    let Ok(id) = namespace.id_from_string(id) else { return Ok(None) };
    let stub = id.get_stub().map_err(|error| outage(binding, &error))?;
    let answer = sent(&stub.into_rpc(), binding, ask)?.answer().await?;
    kv_schema::json::from_str(&answer).map(Some).map_err(|_| outage(binding, &"an answer that was not understood"))
}

/// The id of the object called `name`, in hexadecimal.
pub(crate) fn id_of(namespace: &ObjectNamespace, binding: &'static str, name: &str) -> Result<String, Problem> {
    let id = namespace.id_from_name(name).map_err(|error| outage(binding, &error))?;
    Ok(id.to_string())
}

/// As [`ask`], without waiting: the question is on its way when this returns. The answer comes unparsed.
pub(crate) fn send(
    namespace: &ObjectNamespace,
    binding: &'static str,
    name: &str,
    ask: &impl Serialize,
) -> Result<Sent, Problem> {
    let stub = namespace.get_by_name(name).map_err(|error| outage(binding, &error))?;
    sent(&stub.into_rpc(), binding, ask)
}

fn sent(stub: &RawStub, binding: &'static str, ask: &impl Serialize) -> Result<Sent, Problem> {
    let question = serde_json::to_string(ask).map_err(|error| outage(binding, &error))?;
    let answer = stub.ask(&question).map_err(|error| outage(binding, &text_of(&error)))?;
    Ok(Sent { binding, answer: JsFuture::from(answer) })
}

/// A question that was sent to an object.
pub(crate) struct Sent {
    binding: &'static str,
    answer: JsFuture,
}

impl Sent {
    /// Waits for the answer.
    ///
    /// # Errors
    /// As for [`ask`].
    pub(crate) async fn answer(self) -> Result<String, Problem> {
        self.answer_after(0).await
    }

    /// As [`Self::answer`], to a question that the object was asked to answer only after up to this many seconds.
    pub(crate) async fn answer_after(self, seconds: u32) -> Result<String, Problem> {
        match within(f64::from((LIMIT + seconds) * 1_000), self.answer).await {
            Some(Ok(answer)) => Ok(answer.as_string().unwrap_or_default()),
            Some(Err(error)) => Err(outage(self.binding, &text_of(&error))),
            None => Err(outage(self.binding, &"it does not answer")),
        }
    }
}

/// Asks the object called `name` for a socket, with `ask` in a header called `header`. Returns the object's response
/// itself.
pub(crate) async fn connect(
    namespace: &ObjectNamespace,
    binding: &'static str,
    name: &str,
    header: &str,
    ask: &impl Serialize,
) -> Result<web_sys::Response, Problem> {
    let unreachable = |cause: &dyn ToString| outage(binding, &cause.to_string());
    let stub = namespace.get_by_name(name).map_err(|error| unreachable(&error))?;
    let ask = serde_json::to_string(ask).map_err(|error| unreachable(&error))?;
    match within(f64::from(LIMIT * 1_000), upgrade(&stub.into_rpc(), header, &ask)).await {
        Some(connected) => connected.map_err(|error| unreachable(&text_of(&error))),
        None => Err(unreachable(&"it does not answer")),
    }
}

async fn upgrade(stub: &RawStub, header: &str, ask: &str) -> Result<web_sys::Response, JsValue> {
    let headers = web_sys::Headers::new()?;
    headers.set("upgrade", "websocket")?;
    headers.set(header, ask)?;
    let init = web_sys::RequestInit::new();
    init.set_headers(&headers);
    // An object has no address of its own, but the platform wants one.
    JsFuture::from(stub.fetch("https://object/", &init)?).await?.dyn_into()
}

/// Reads what an object answered instead of a socket.
pub(crate) async fn read<A: DeserializeOwned>(
    response: &web_sys::Response,
    binding: &'static str,
) -> Result<A, Problem> {
    let read = async { JsFuture::from(response.text()?).await };
    let text = read.await.map_err(|error| outage(binding, &text_of(&error)))?;
    kv_schema::json::from_str(&text.as_string().unwrap_or_default())
        .map_err(|_| outage(binding, &"an answer that was not understood"))
}

pub(crate) fn text_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| error.message().into())
}

/// Parses a question to an object.
pub(crate) fn asked<A: DeserializeOwned>(question: &str) -> worker::Result<A> {
    Ok(kv_schema::json::from_str(question)?)
}

/// Serialises an object's answer.
pub(crate) fn answer(value: &impl Serialize) -> worker::Result<String> {
    Ok(serde_json::to_string(value)?)
}
