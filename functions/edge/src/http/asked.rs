//! A request. What is needed more than once is kept; what nobody needs is never fetched.

use std::cell::OnceCell;

use kv_schema::names::SiteAddress;
use kv_schema::{Language, Timestamp};
use onecontact_domain::browser::Browser;
use onecontact_domain::cookies::Cookies;
use onecontact_domain::language::negotiate;
use onecontact_domain::origin::is_foreign;
use onecontact_domain::problem::Problem;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::bindings::random_bits;
use crate::platform;

/// The largest form that is read, in bytes: many times the largest that anybody fills in.
const LARGEST_FORM: usize = 64 * 1024;

/// The methods that anything here responds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// GET, and HEAD, whose body the platform leaves out.
    Get,
    /// POST.
    Post,
    /// OPTIONS, with which browsers ask whether a script of another origin may make a request.
    Options,
    /// Any other.
    Other,
}

/// A request.
pub(crate) struct Asked {
    raw: web_sys::Request,
    context: JsValue,
    headers: OnceCell<web_sys::Headers>,
    url: String,
    /// Where the path begins and ends in `url`.
    path: std::ops::Range<usize>,
    now: OnceCell<Timestamp>,
    method: OnceCell<Method>,
    cookies: OnceCell<String>,
    id: OnceCell<String>,
}

impl Asked {
    pub(crate) fn new(raw: web_sys::Request, context: JsValue) -> Self {
        let url = raw.url();
        let authority = url.find("://").map_or(0, |scheme| scheme + 3);
        let start = url[authority..].find('/').map_or(url.len(), |slash| authority + slash);
        let end = url[start..].find(['?', '#']).map_or(url.len(), |mark| start + mark);
        Self {
            raw,
            context,
            headers: OnceCell::new(),
            url,
            path: start..end,
            now: OnceCell::new(),
            method: OnceCell::new(),
            cookies: OnceCell::new(),
            id: OnceCell::new(),
        }
    }

    /// Runs `work` after the answer, for as long as the platform lets it.
    pub(crate) fn afterwards(&self, work: impl Future<Output = ()> + 'static) {
        platform::beside(&self.context, work);
    }

    /// When the request arrived.
    pub(crate) fn now(&self) -> Timestamp {
        *self.now.get_or_init(crate::now)
    }

    pub(crate) fn method(&self) -> Method {
        *self.method.get_or_init(|| match self.raw.method().as_str() {
            "GET" | "HEAD" => Method::Get,
            "POST" => Method::Post,
            "OPTIONS" => Method::Options,
            _ => Method::Other,
        })
    }

    /// Whether the request only reads.
    pub(crate) fn is_reading(&self) -> bool {
        self.method() == Method::Get
    }

    pub(crate) fn path(&self) -> &str {
        &self.url[self.path.clone()]
    }

    /// The path, fit for a link to this page: no browser can take it for the address of another host.
    pub(crate) fn own_path(&self) -> &str {
        let path = self.path();
        let is_own = path.starts_with('/') && !path[1..].starts_with(['/', '\\']);
        if is_own { path } else { "/" }
    }

    /// The query without its question mark; empty if there is none.
    pub(crate) fn query(&self) -> &str {
        let rest = &self.url[self.path.end..];
        rest.strip_prefix('?').unwrap_or_default()
    }

    /// One value of the query, decoded.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        onecontact_domain::address::query_value(self.query(), name)
    }

    /// Scheme, host and port of the request, for comparing. Nothing is ever built from it.
    fn origin(&self) -> &str {
        &self.url[..self.path.start]
    }

    /// Whether the request came to this declared address.
    pub(crate) fn is_at(&self, declared: &SiteAddress) -> bool {
        self.origin() == declared.as_str()
    }

    /// Host and port, as the request has them.
    pub(crate) fn host(&self) -> &str {
        self.origin().split_once("://").map_or("", |(_, host)| host)
    }

    /// Whether a browser says that this was posted from another site.
    pub(crate) fn is_foreign(&self) -> bool {
        is_foreign(self.header("sec-fetch-site").as_deref(), self.header("origin").as_deref(), self.origin())
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get_or_init(|| self.raw.headers()).get(name).ok().flatten()
    }

    pub(crate) fn cookies(&self) -> Cookies<'_> {
        Cookies::new(self.cookies.get_or_init(|| self.header("cookie").unwrap_or_default()))
    }

    /// The language of a page, if the install or the instance is set to `set`.
    pub(crate) fn language(&self, set: Option<Language>) -> Language {
        // The header is fetched only if it matters.
        let chosen = self.cookies().language();
        let header = if chosen.or(set).is_none() { self.header("accept-language") } else { None };
        negotiate(chosen, set, &header.unwrap_or_default())
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::from_user_agent(&self.header("user-agent").unwrap_or_default())
    }

    /// The id by which pages and the log name this request: Cloudflare's, if there is one.
    pub(crate) fn id(&self) -> &str {
        self.id.get_or_init(|| self.header("cf-ray").unwrap_or_else(|| format!("{:016x}", random_bits() >> 64)))
    }

    /// The body of a posted form, after checking its declared type and length.
    pub(crate) async fn form(&self) -> Result<Vec<u8>, Problem> {
        self.body("application/x-www-form-urlencoded", LARGEST_FORM).await
    }

    /// The JSON body of a call, of at most `largest` bytes.
    pub(crate) async fn json(&self, largest: usize) -> Result<Vec<u8>, Problem> {
        self.body("application/json", largest).await
    }

    async fn body(&self, wanted: &str, largest: usize) -> Result<Vec<u8>, Problem> {
        let kind = self.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(wanted) {
            return Err(Problem::NotAForm);
        }
        // Browsers always state a form's length, and other clients can. Without it nothing is bounded until all of it
        // is in memory.
        let length = self.header("content-length").ok_or(Problem::LengthRequired)?;
        if length.parse::<usize>().map_err(|_| Problem::LengthRequired)? > largest {
            return Err(Problem::TooLarge);
        }
        let read = async { JsFuture::from(self.raw.array_buffer()?).await };
        let buffer = read.await.map_err(|_| Problem::NotAForm)?;
        Ok(js_sys::Uint8Array::new(&buffer).to_vec())
    }
}
