//! A reply, and the headers that every reply carries.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{Headers, Response, ResponseInit};

use crate::bindings::random_bits;

/// Headers of every reply, whatever it holds.
const ALWAYS: [(&str, &str); 9] = [
    // Personal, or could be: nothing here is to be kept by anybody.
    ("cache-control", "no-store"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: browsers then send `Origin: null` with a form, and it could not be told from a forged one.
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
];

/// What a page may do, without the part that changes: scripts run by their nonce alone.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     script-src 'nonce-";

/// What anything that is not a page may do: nothing.
const POLICY_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";

/// What a reply holds, and so which headers it begins with.
#[derive(Clone, Copy)]
enum Kind {
    Page,
    Json,
    Nothing,
}

/// A reply.
pub(crate) struct Reply {
    status: u16,
    kind: Kind,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
}

impl Reply {
    /// A page. `render` gets the nonce that its scripts need.
    pub(crate) fn page<E>(status: u16, render: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        let nonce = format!("{:032x}", random_bits());
        let body = render(&nonce)?;
        let headers = vec![("content-security-policy", format!("{POLICY}{nonce}'"))];
        Ok(Self { status, kind: Kind::Page, headers, body: Some(body) })
    }

    /// Data, as JSON.
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self { status, kind: Kind::Json, headers: Vec::new(), body: Some(body) }
    }

    /// A problem (RFC 9457), as JSON.
    pub(crate) fn problem(status: u16, body: String) -> Self {
        Self::json(status, body).with("content-type", "application/problem+json".to_owned())
    }

    /// Go and get `path` (RFC 9110, section 15.4.4). A path of our own: no host is part of it.
    pub(crate) fn see_other(path: &str) -> Self {
        Self::empty(303).with("location", path.to_owned())
    }

    /// The address has another spelling (RFC 9110, section 15.4.3).
    pub(crate) fn found(path: &str) -> Self {
        Self::empty(302).with("location", path.to_owned())
    }

    /// Nothing but a status.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, kind: Kind::Nothing, headers: Vec::new(), body: None }
    }

    /// This reply with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// This reply with cookies.
    pub(crate) fn with_cookies(mut self, cookies: impl IntoIterator<Item = String>) -> Self {
        self.headers.extend(cookies.into_iter().map(|cookie| ("set-cookie", cookie)));
        self
    }

    pub(crate) fn into_response(self) -> worker::Result<Response> {
        let init = ResponseInit::new();
        init.set_status(self.status);
        init.set_headers(&self.headers()?);
        Ok(Response::new_with_opt_str_and_init(self.body.as_deref(), &init)?)
    }

    fn headers(&self) -> Result<JsValue, JsValue> {
        thread_local! {
            // Made once: copying them is one crossing, making them anew twenty.
            static OF_PAGES: Result<Headers, JsValue> = made(&[("content-type", "text/html; charset=utf-8")]);
            static OF_JSON: Result<Headers, JsValue> =
                made(&[("content-type", "application/json"), ("content-security-policy", POLICY_OF_DATA)]);
            static OF_NOTHING: Result<Headers, JsValue> = made(&[("content-security-policy", POLICY_OF_DATA)]);
        }
        let copy = |made: &Result<Headers, JsValue>| Headers::new_with_headers(made.as_ref().map_err(Clone::clone)?);
        let headers = match self.kind {
            Kind::Page => OF_PAGES.with(copy)?,
            Kind::Json => OF_JSON.with(copy)?,
            Kind::Nothing => OF_NOTHING.with(copy)?,
        };
        for (name, value) in &self.headers {
            // Several cookies stand beside each other; of anything else there is one.
            if *name == "set-cookie" { headers.append(name, value)? } else { headers.set(name, value)? }
        }
        Ok(headers.into())
    }
}

fn made(more: &[(&str, &str)]) -> Result<Headers, JsValue> {
    let pairs: Array = ALWAYS.iter().chain(more).map(|(name, value)| pair(name, value)).collect();
    Headers::new_with_str_sequence_sequence(&pairs)
}

fn pair(name: &str, value: &str) -> Array {
    Array::of2(&name.into(), &value.into())
}
