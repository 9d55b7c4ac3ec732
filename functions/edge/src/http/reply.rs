//! A reply, and the headers that every reply carries.

use js_sys::{Array, Object, Uint8Array};
use onecontact_domain::cookies;
use wasm_bindgen::JsValue;
use web_sys::{Headers, Response, ResponseInit};

use crate::bindings::random_bits;

/// Headers of every reply, whatever it holds.
const ALWAYS: [(&str, &str); 4] = [
    // Personal, or could be: nobody is to keep anything from here.
    ("cache-control", "no-store"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Headers of whatever a browser shows, or follows on its way there. Nothing looks at them in an answer to a script or
/// another system, where each would cost a microsecond: a fortieth of the answer.
const OF_DOCUMENTS: [(&str, &str); 5] = [
    ("x-frame-options", "DENY"),
    // Not `no-referrer`: browsers then send `Origin: null` with a form, which could not be told from a forged one.
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-robots-tag", "noindex"),
];

/// What a page may do, without the part that varies: scripts run by their nonce alone. The desktop starts its Worker
/// through the policy `desk`, the only place where a string may become a script's address.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
     worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types desk; script-src 'nonce-";

/// What anything that is not a page may do: nothing.
const POLICY_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";

/// What a reply contains, and so which headers it begins with.
#[derive(Clone, Copy)]
enum Kind {
    Page,
    Json,
    SeeOther,
    Nothing,
}

/// A reply.
pub(crate) struct Reply {
    status: u16,
    kind: Kind,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

/// What a reply consists of besides its headers.
enum Body {
    Nothing,
    Text(String),
    /// Somebody else's response, whole.
    HandedOn(Response),
}

impl Reply {
    /// A page. `render` is given the nonce that its scripts need.
    pub(crate) fn page<E>(status: u16, render: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        let nonce = cookies::mark(random_bits());
        Ok(Self::of_page(status, &nonce, render(&nonce)?))
    }

    fn of_page(status: u16, nonce: &str, body: String) -> Self {
        let headers = vec![("content-security-policy", [POLICY, nonce, "'"].concat())];
        Self { status, kind: Kind::Page, headers, body: Body::Text(body) }
    }

    /// Data, as JSON.
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self { status, kind: Kind::Json, headers: Vec::new(), body: Body::Text(body) }
    }

    /// A problem (RFC 9457), as JSON.
    pub(crate) fn problem(status: u16, body: String) -> Self {
        Self::json(status, body).with("content-type", "application/problem+json".to_owned())
    }

    /// A redirect to `path` (RFC 9110, section 15.4.4). A path of our own: it contains no host.
    pub(crate) fn see_other(path: &str) -> Self {
        Self::to(path.to_owned())
    }

    fn to(address: String) -> Self {
        Self { kind: Kind::SeeOther, ..Self::empty(303) }.with("location", address)
    }

    /// A redirect to another spelling of the address (RFC 9110, section 15.4.3).
    pub(crate) fn found(path: &str) -> Self {
        Self::empty(302).with("location", path.to_owned())
    }

    /// A redirect to `address`, which is an application's: one that was declared for it (RFC 9700, section 4.12).
    pub(crate) fn to_application(address: String) -> Self {
        Self::to(address)
    }

    /// This reply, readable by pages of any origin: nothing in it depends on a cookie.
    pub(crate) fn for_any_origin(self) -> Self {
        self.with("access-control-allow-origin", "*".to_owned())
            .with("cross-origin-resource-policy", "cross-origin".to_owned())
    }

    /// The answer to what a browser asks before a script of another origin may make a request (Fetch, section 4.8).
    pub(crate) fn preflight() -> Self {
        Self::empty(204)
            .for_any_origin()
            .with("access-control-allow-methods", "GET, POST".to_owned())
            .with("access-control-allow-headers", "authorization, content-type".to_owned())
            .with("access-control-max-age", "7200".to_owned())
    }

    /// This page, with a form that may lead on to `origin` as well as here: browsers apply a page's policy to its
    /// forms' redirects, too.
    pub(crate) fn leading_to(mut self, origin: &str) -> Self {
        for (name, value) in &mut self.headers {
            if *name == "content-security-policy" {
                *value = value.replacen("form-action 'self'", &["form-action 'self' ", origin].concat(), 1);
            }
        }
        self
    }

    /// A status and nothing else.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, kind: Kind::Nothing, headers: Vec::new(), body: Body::Nothing }
    }

    /// The response of one of our objects, as it is: a socket's 101 above all. Nothing is added to it, neither the
    /// headers of every reply nor those of [`Reply::with`].
    pub(crate) fn handed_on(response: Response) -> Self {
        Self { body: Body::HandedOn(response), ..Self::empty(0) }
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

    /// The web's own response. The platform copies the headers of an init, so one init serves every reply of its kind,
    /// and only what varies crosses: a JSON answer without cookies is a single call.
    pub(crate) fn into_response(self) -> Result<Response, JsValue> {
        // As bytes: a string would be decoded here and encoded again on the other side.
        let body = match self.body {
            Body::Nothing => None,
            Body::Text(text) => Some(Object::from(Uint8Array::new_from_slice(text.as_bytes()))),
            Body::HandedOn(response) => return Ok(response),
        };
        let body = body.as_ref();
        let response = MADE.with(|made| -> Result<Response, JsValue> {
            let made = made.as_ref().map_err(Clone::clone)?.of(self.kind);
            if self.status == made.status {
                return Response::new_with_opt_buffer_source_and_init(body, &made.init);
            }
            let init = ResponseInit::new();
            init.set_status(self.status);
            init.set_headers(&made.headers);
            Response::new_with_opt_buffer_source_and_init(body, &init)
        })?;
        if !self.headers.is_empty() {
            let headers = response.headers();
            for (name, value) in &self.headers {
                // There may be several cookies, but only one of any other header.
                if *name == "set-cookie" { headers.append(name, value)? } else { headers.set(name, value)? }
            }
        }
        Ok(response)
    }
}

thread_local! {
    static MADE: Result<Made, JsValue> = Made::new();
}

/// What replies of each kind begin with.
struct Made {
    page: Beginning,
    json: Beginning,
    see_other: Beginning,
    nothing: Beginning,
}

/// The headers that never change, alone and in an init with the status that most replies of the kind have.
struct Beginning {
    status: u16,
    headers: JsValue,
    init: ResponseInit,
}

impl Made {
    fn new() -> Result<Self, JsValue> {
        let policy = [("content-security-policy", POLICY_OF_DATA)];
        Ok(Self {
            page: Beginning::new(200, &[&OF_DOCUMENTS, &[("content-type", "text/html; charset=utf-8")]])?,
            json: Beginning::new(200, &[&policy, &[("content-type", "application/json")]])?,
            see_other: Beginning::new(303, &[&OF_DOCUMENTS, &policy])?,
            nothing: Beginning::new(204, &[&OF_DOCUMENTS, &policy])?,
        })
    }

    fn of(&self, kind: Kind) -> &Beginning {
        match kind {
            Kind::Page => &self.page,
            Kind::Json => &self.json,
            Kind::SeeOther => &self.see_other,
            Kind::Nothing => &self.nothing,
        }
    }
}

impl Beginning {
    fn new(status: u16, more: &[&[(&str, &str)]]) -> Result<Self, JsValue> {
        let pairs: Array =
            ALWAYS.iter().chain(more.iter().copied().flatten()).map(|(name, value)| pair(name, value)).collect();
        let headers: JsValue = Headers::new_with_str_sequence_sequence(&pairs)?.into();
        let init = ResponseInit::new();
        init.set_status(status);
        init.set_headers(&headers);
        Ok(Self { status, headers, init })
    }
}

fn pair(name: &str, value: &str) -> Array {
    Array::of2(&name.into(), &value.into())
}
