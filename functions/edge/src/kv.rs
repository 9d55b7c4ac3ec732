//! Workers KV, with limits on how long it may take: in an outage it hangs more often than it refuses, and a session
//! goes on through either (C3).

use std::cell::Cell;

use js_sys::Promise;
use kv_schema::{Namespace, Timestamp};
use onecontact_domain::problem::Problem;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use crate::bell::within;
use crate::directory::outage;
use crate::objects::text_of;

/// How long a read may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A second and a half: for when a session can go on without the answer. A namespace that did not answer is left
    /// alone for a while, so that one wait serves all.
    Short,
    /// Ten seconds: for when nothing works without it. Not less: in an isolate that is busy hashing passwords, a timer
    /// would expire before an answer that has long been there is looked at.
    Long,
}

impl Patience {
    /// The same in milliseconds.
    const fn limit(self) -> f64 {
        match self {
            Self::Short => 1_500.0,
            Self::Long => 10_000.0,
        }
    }
}

/// Milliseconds that a write may take. A slower one may still arrive; writing it again is harmless.
const WRITE_LIMIT: f64 = 3_000.0;
/// Milliseconds that a listing, of at most a thousand keys, may take.
const LIST_LIMIT: f64 = 10_000.0;
/// Seconds for which a namespace that did not answer gets no [`Patience::Short`] reads.
const LEFT_ALONE: u64 = 5;

#[wasm_bindgen]
extern "C" {
    /// A namespace, as the platform provides it. `worker`'s own wrapper weighs 9 kB more.
    type RawKv;

    #[wasm_bindgen(method, catch)]
    fn get(this: &RawKv, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &RawKv, key: &str, value: &str, options: &Options) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &RawKv, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn list(this: &RawKv, options: &JsValue) -> Result<Promise, JsValue>;

    /// How a value is stored.
    #[wasm_bindgen(js_name = Object)]
    type Options;

    #[wasm_bindgen(constructor, js_class = Object)]
    fn new() -> Options;
    #[wasm_bindgen(method, setter, js_name = expirationTtl)]
    fn set_expiration_ttl(this: &Options, seconds: f64);
}

/// A namespace.
pub(crate) struct Kv {
    raw: RawKv,
    namespace: Namespace,
    /// Until when it is left alone.
    silent_until: Cell<Timestamp>,
}

impl Kv {
    /// The namespace in `env`.
    ///
    /// # Errors
    /// [`Problem::Misconfigured`] if there is none.
    pub(crate) fn of(env: &Env, namespace: Namespace) -> Result<Self, Problem> {
        let found = js_sys::Reflect::get(env, &namespace.binding().into()).unwrap_or_default();
        if !found.is_object() {
            return Err(Problem::Misconfigured(format!("the binding {} is missing", namespace.binding())));
        }
        Ok(Self { raw: found.unchecked_into(), namespace, silent_until: Cell::default() })
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] if KV does not answer, or not in time.
    pub(crate) async fn read(&self, key: &str, patience: Patience) -> Result<Option<String>, Problem> {
        if patience == Patience::Short && crate::now() < self.silent_until.get() {
            return Err(self.outage(&"it did not answer a moment ago"));
        }
        let asked = self.raw.get(key);
        let answer = within(patience.limit(), async { JsFuture::from(asked?).await }).await;
        if answer.is_none() {
            self.silent_until.set(crate::now().plus(LEFT_ALONE));
        }
        self.understood(answer).map(|found| found.as_string())
    }

    /// Stores `value` under `key` for `ttl` seconds.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] if KV does not take it, or not in time.
    pub(crate) async fn write(&self, key: &str, value: &str, ttl: u64) -> Result<(), Problem> {
        let options = Options::new();
        #[expect(clippy::cast_precision_loss, reason = "seconds of a session's life")]
        options.set_expiration_ttl(ttl as f64);
        self.answered(WRITE_LIMIT, self.raw.put(key, value, &options)).await.map(|_| ())
    }

    /// Removes the value under `key`.
    ///
    /// # Errors
    /// As for [`Self::write`].
    pub(crate) async fn remove(&self, key: &str) -> Result<(), Problem> {
        self.answered(WRITE_LIMIT, self.raw.delete(key)).await.map(|_| ())
    }

    /// Lists keys. `options` are the platform's own, as JSON, and so is its answer.
    ///
    /// # Errors
    /// As for [`Self::write`].
    pub(crate) async fn list(&self, options: &str) -> Result<String, Problem> {
        let options = js_sys::JSON::parse(options);
        let listed = self.answered(LIST_LIMIT, options.and_then(|options| self.raw.list(&options))).await?;
        self.understood(Some(js_sys::JSON::stringify(&listed))).map(String::from)
    }

    async fn answered(&self, limit: f64, asked: Result<Promise, JsValue>) -> Result<JsValue, Problem> {
        self.understood(within(limit, async { JsFuture::from(asked?).await }).await)
    }

    fn understood<T>(&self, answer: Option<Result<T, JsValue>>) -> Result<T, Problem> {
        match answer {
            Some(answer) => answer.map_err(|error| self.outage(&text_of(&error))),
            None => Err(self.outage(&"it does not answer")),
        }
    }

    fn outage(&self, cause: &impl ToString) -> Problem {
        outage(self.namespace.binding(), cause)
    }
}
