//! What the platform gives an object with sockets, as far as `worker` does not have it, or only with wrappers that weigh
//! more than what they wrap.

use js_sys::{Array, Date};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The object's own context.
    pub(super) type Context;

    #[wasm_bindgen(method, getter)]
    pub(super) fn storage(this: &Context) -> Storage;
    /// Takes a socket in, under one tag. It stays open while the object sleeps.
    #[wasm_bindgen(method, catch, js_name = acceptWebSocket)]
    pub(super) fn accept(this: &Context, socket: &Socket, tags: &Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getWebSockets)]
    pub(super) fn sockets(this: &Context, tag: &str) -> Result<Array, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getTags)]
    pub(super) fn tags(this: &Context, socket: &Socket) -> Result<Array, JsValue>;
    /// What is answered to one certain message without waking the object.
    #[wasm_bindgen(method, catch, js_name = setWebSocketAutoResponse)]
    pub(super) fn set_auto_response(this: &Context, pair: &AutoResponse) -> Result<(), JsValue>;
    /// When a socket was last answered so.
    #[wasm_bindgen(method, catch, js_name = getWebSocketAutoResponseTimestamp)]
    pub(super) fn auto_responded_at(this: &Context, socket: &Socket) -> Result<Option<Date>, JsValue>;

    /// An object's storage.
    pub(super) type Storage;

    #[wasm_bindgen(method, getter)]
    pub(super) fn sql(this: &Storage) -> Sql;
    /// Wakes the object at a time, in milliseconds since 1970. There is one such time.
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub(super) fn set_alarm(this: &Storage, at: f64) -> Result<js_sys::Promise, JsValue>;

    /// `SQLite`. What it does is done when the call is over; the platform holds answers back until it is safe.
    pub(super) type Sql;

    #[wasm_bindgen(method, catch)]
    pub(super) fn exec(this: &Sql, query: &str) -> Result<Rows, JsValue>;
    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(super) fn exec_with(this: &Sql, query: &str, number: f64) -> Result<Rows, JsValue>;
    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(super) fn exec_with_text(this: &Sql, query: &str, number: f64, text: &str) -> Result<Rows, JsValue>;

    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(super) fn exec_of(this: &Sql, query: &str, text: &str) -> Result<Rows, JsValue>;
    #[wasm_bindgen(method, catch, js_name = exec)]
    pub(super) fn exec_with_texts(
        this: &Sql,
        query: &str,
        number: f64,
        one: &str,
        other: &str,
    ) -> Result<Rows, JsValue>;

    /// Rows that a query has found.
    pub(super) type Rows;

    #[wasm_bindgen(method)]
    pub(super) fn raw(this: &Rows) -> RawRows;

    /// The same, each an array of its columns.
    pub(super) type RawRows;

    #[wasm_bindgen(method, catch, js_name = toArray)]
    pub(super) fn to_array(this: &RawRows) -> Result<Array, JsValue>;

    /// A socket.
    pub(super) type Socket;

    #[wasm_bindgen(method, catch)]
    pub(super) fn send(this: &Socket, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) fn close(this: &Socket, code: u16, reason: &str) -> Result<(), JsValue>;

    /// Two ends of a socket: what is sent into one comes out of the other.
    #[wasm_bindgen(js_name = WebSocketPair)]
    pub(super) type Pair;

    #[wasm_bindgen(constructor, js_class = WebSocketPair)]
    pub(super) fn new() -> Pair;
    #[wasm_bindgen(method, getter, js_name = "0")]
    pub(super) fn client(this: &Pair) -> Socket;
    #[wasm_bindgen(method, getter, js_name = "1")]
    pub(super) fn server(this: &Pair) -> Socket;

    /// A message and its automatic answer.
    #[wasm_bindgen(js_name = WebSocketRequestResponsePair)]
    pub(super) type AutoResponse;

    #[wasm_bindgen(constructor, js_class = WebSocketRequestResponsePair)]
    pub(super) fn new(request: &str, response: &str) -> AutoResponse;

    /// The init of a response that hands a socket over.
    pub(super) type Init;

    #[wasm_bindgen(method, setter, js_name = webSocket)]
    pub(super) fn set_socket(this: &Init, socket: &Socket);
}
