//! What the platform gives an object, as far as `worker` lacks it, or has it only in wrappers that weigh and cost more
//! than what they wrap.

use js_sys::{Array, Date, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// Runs `work` alongside whatever else happens, for as long as the platform lets it. `context` is that of an event or
/// of an object.
pub(crate) fn beside(context: &JsValue, work: impl Future<Output = ()> + 'static) {
    let promise = future_to_promise(async {
        work.await;
        Ok(JsValue::UNDEFINED)
    });
    // Without it, the work is only less certain to be done.
    let _ = context.unchecked_ref::<Event>().wait_until(&promise);
}

#[wasm_bindgen]
extern "C" {
    /// An event, or an object.
    type Event;

    #[wasm_bindgen(method, catch, js_name = waitUntil)]
    fn wait_until(this: &Event, promise: &Promise) -> Result<(), JsValue>;

    /// The object's own context.
    pub type Context;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn storage(this: &Context) -> Storage;
    /// Accepts a socket, under one tag. It stays open while the object sleeps.
    #[wasm_bindgen(method, catch, js_name = acceptWebSocket)]
    pub(crate) fn accept(this: &Context, socket: &Socket, tags: &Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getWebSockets)]
    pub(crate) fn sockets(this: &Context, tag: &str) -> Result<Array, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getTags)]
    pub(crate) fn tags(this: &Context, socket: &Socket) -> Result<Array, JsValue>;
    /// The answer to one particular message, given without waking the object.
    #[wasm_bindgen(method, catch, js_name = setWebSocketAutoResponse)]
    pub(crate) fn set_auto_response(this: &Context, pair: &AutoResponse) -> Result<(), JsValue>;
    /// When a socket was last answered in that way.
    #[wasm_bindgen(method, catch, js_name = getWebSocketAutoResponseTimestamp)]
    pub(crate) fn auto_responded_at(this: &Context, socket: &Socket) -> Result<Option<Date>, JsValue>;

    /// An object's storage.
    pub(crate) type Storage;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn sql(this: &Storage) -> Sql;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn kv(this: &Storage) -> Values;
    /// Wakes the object at a time, in milliseconds since 1970. There is only one such time.
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub(crate) fn set_alarm(this: &Storage, at: f64) -> Result<Promise, JsValue>;
    /// Deletes everything, including an alarm.
    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    pub(crate) fn delete_all(this: &Storage) -> Result<Promise, JsValue>;

    /// Values by key, accessed synchronously.
    pub(crate) type Values;

    #[wasm_bindgen(method, catch)]
    pub(crate) fn get(this: &Values, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn put(this: &Values, key: &str, value: &str) -> Result<(), JsValue>;

    /// `SQLite`. A call has done its work when it returns; the platform holds answers back until that is durable.
    pub(crate) type Sql;

    #[wasm_bindgen(method, catch)]
    pub(crate) fn exec(this: &Sql, query: &str) -> Result<Rows, JsValue>;
    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(crate) fn exec_with(this: &Sql, query: &str, number: f64) -> Result<Rows, JsValue>;
    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(crate) fn exec_with_text(this: &Sql, query: &str, number: f64, text: &str) -> Result<Rows, JsValue>;

    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(crate) fn exec_of(this: &Sql, query: &str, text: &str) -> Result<Rows, JsValue>;
    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(crate) fn exec_with_texts(
        this: &Sql,
        query: &str,
        number: f64,
        one: &str,
        other: &str,
    ) -> Result<Rows, JsValue>;

    /// Rows that a query has found.
    pub(crate) type Rows;

    #[wasm_bindgen(method)]
    pub(crate) fn raw(this: &Rows) -> RawRows;

    /// The same rows, each as an array of its columns.
    pub(crate) type RawRows;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    pub(crate) fn to_array(this: &RawRows) -> Result<Array, JsValue>;

    /// A socket.
    pub type Socket;

    #[wasm_bindgen(method, catch)]
    pub(crate) fn send(this: &Socket, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(crate) fn close(this: &Socket, code: u16, reason: &str) -> Result<(), JsValue>;

    /// The two ends of a socket: what is sent into one comes out of the other.
    #[wasm_bindgen(js_name = WebSocketPair)]
    pub(crate) type Pair;

    #[wasm_bindgen(constructor, js_class = WebSocketPair)]
    pub(crate) fn new() -> Pair;
    #[wasm_bindgen(method, getter, js_name = "0")]
    pub(crate) fn client(this: &Pair) -> Socket;
    #[wasm_bindgen(method, getter, js_name = "1")]
    pub(crate) fn server(this: &Pair) -> Socket;

    /// A message and its automatic answer.
    #[wasm_bindgen(js_name = WebSocketRequestResponsePair)]
    pub(crate) type AutoResponse;

    #[wasm_bindgen(constructor, js_class = WebSocketRequestResponsePair)]
    pub(crate) fn new(request: &str, response: &str) -> AutoResponse;

    /// The init of a response that hands a socket over.
    pub(crate) type Init;

    #[wasm_bindgen(method, setter, js_name = webSocket)]
    pub(crate) fn set_socket(this: &Init, socket: &Socket);
}

impl Rows {
    /// The texts in the first column.
    pub(crate) fn texts(&self) -> Result<Vec<String>, JsValue> {
        Ok(self.raw().to_array()?.iter().filter_map(|row| row.dyn_ref::<Array>()?.get(0).as_string()).collect())
    }
}
