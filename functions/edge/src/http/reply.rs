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

/// A reply.
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
}

impl Reply {
    /// A page. `render` gets the nonce that its scripts need.
    pub(crate) fn page<E>(status: u16, render: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        let nonce = format!("{:032x}", random_bits());
        let body = render(&nonce)?;
        let headers = vec![
            ("content-type", "text/html; charset=utf-8".to_owned()),
            ("content-security-policy", format!("{POLICY}{nonce}'")),
        ];
        Ok(Self { status, headers, body: Some(body) })
    }

    /// Data, as JSON of the media type `kind`.
    pub(crate) fn data(status: u16, kind: &'static str, body: String) -> Self {
        Self::with_policy_of_data(status, Some((kind, body)))
    }

    /// Go and get `path` (RFC 9110, section 15.4.4). A path of our own: no host is part of it.
    pub(crate) fn see_other(path: &str) -> Self {
        Self::with_policy_of_data(303, None).with("location", path.to_owned())
    }

    /// The address has another spelling (RFC 9110, section 15.4.3).
    pub(crate) fn found(path: &str) -> Self {
        Self::with_policy_of_data(302, None).with("location", path.to_owned())
    }

    fn with_policy_of_data(status: u16, body: Option<(&'static str, String)>) -> Self {
        let reply = Self { status, headers: Vec::new(), body: None };
        let mut reply = reply.with("content-security-policy", POLICY_OF_DATA.to_owned());
        if let Some((kind, body)) = body {
            reply = reply.with("content-type", kind.to_owned());
            reply.body = Some(body);
        }
        reply
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
            /// Made once: copying it is one crossing, making it anew eighteen.
            static MADE: Result<Headers, JsValue> = {
                let pairs: Array = ALWAYS.iter().map(|(name, value)| pair(name, value)).collect();
                Headers::new_with_str_sequence_sequence(&pairs)
            };
        }
        let headers = MADE.with(|made| Headers::new_with_headers(made.as_ref().map_err(Clone::clone)?))?;
        for (name, value) in &self.headers {
            headers.append(name, value)?;
        }
        Ok(headers.into())
    }
}

fn pair(name: &str, value: &str) -> Array {
    Array::of2(&name.into(), &value.into())
}
