//! A client that treats cookies, forms and their headers as a browser does, and does nothing by itself: it follows no
//! redirect and runs no script.

mod jar;
mod markup;
mod page;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use jar::Jar;
pub use jar::SetCookie;
pub use page::{Form, Page};

use crate::node::Node;
use crate::secrets::Secrets;
use crate::socket::{Refusal, Socket};

/// The user agent of Chrome on Windows.
pub const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// The longest that an answer may take.
const LONGEST: Duration = Duration::from_mins(2);

/// One browser, at one host.
#[derive(Debug)]
pub struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
    host: String,
    /// Sent with every request.
    headers: HeaderMap,
    jar: Mutex<Jar>,
    takes_cookies: bool,
    /// Another site that redirects may lead to.
    leads_to: Option<String>,
    secrets: Secrets,
}

impl Browser {
    /// A browser with no cookies, which asks the node at `address` for `host`.
    #[must_use]
    pub fn new(address: SocketAddr, host: &str, secrets: Secrets) -> Self {
        // No connection is kept: a request that waits for a pooled one can wait for ever once that has died with its
        // node (hyper#2312).
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        let (headers, jar) = (HeaderMap::new(), Mutex::default());
        let browser =
            Self { client, address, host: host.to_owned(), headers, jar, takes_cookies: true, leads_to: None, secrets };
        browser.always("user-agent", CHROME)
    }

    /// This browser, at another host.
    #[must_use]
    pub fn at(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    /// This browser, connected to another node. As far as it knows, nothing has changed.
    #[must_use]
    pub fn moved_to(self, node: &Node) -> Self {
        self.at_address(node.address())
    }

    /// This browser, connected to whatever listens at `address`.
    #[must_use]
    pub fn at_address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// A browser with the same cookies.
    #[must_use]
    pub fn copy(&self) -> Self {
        self.copy_at(self.address)
    }

    /// A browser with the same cookies, connected to whatever listens at `address`.
    #[must_use]
    pub fn copy_at(&self, address: SocketAddr) -> Self {
        let mut copy = Self::new(address, &self.host, self.secrets.clone());
        *copy.jar() = self.jar().clone();
        copy.leads_to.clone_from(&self.leads_to);
        copy
    }

    /// This browser, sending this header with every request.
    #[must_use]
    pub fn always(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    /// This browser, with redirects allowed to lead to this other site.
    #[must_use]
    pub fn leading_to(mut self, origin: &str) -> Self {
        self.leads_to = Some(origin.to_owned());
        self
    }

    /// This browser, with cookies switched off.
    #[must_use]
    pub fn without_cookies(mut self) -> Self {
        self.takes_cookies = false;
        self
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a cookie that this browser holds.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar().value(name)
    }

    /// Where to add what must not appear in a log.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Plants a cookie.
    pub fn plant(&self, name: &str, value: &str) {
        self.secrets.add(value);
        self.jar().plant(name, value);
    }

    /// Removes a cookie.
    pub fn drop_cookie(&self, name: &str) {
        self.jar().remove(name);
    }

    /// Requests a page.
    pub async fn get(&self, path: &str) -> Page {
        self.ask(Method::GET, path).send().await
    }

    /// Requests whatever the page led on to.
    pub async fn follow(&self, page: &Page) -> Page {
        self.get(page.location()).await
    }

    /// Submits a form as its page says. If that leads to the page of a login's next step, returns that page.
    pub async fn submit(&self, form: &Form) -> Page {
        let answer = self.ask(Method::POST, &form.action).form(form).send().await;
        if let Some(location) = answer.header("location") {
            assert!(form.may_lead_to(location, &self.host), "a browser would not let this form lead to {location}");
        }
        if answer.leads_to_a_step() { self.follow(&answer).await } else { answer }
    }

    /// Opens the login page at `home` and submits it with a name and a password.
    pub async fn sign_in(&self, home: &str, username: &str, password: &str) -> Page {
        let page = self.get(home).await;
        self.submit(&page.form().with("username", username).with("password", password)).await
    }

    /// The question whether to take over, which `led` leads to.
    pub async fn question(&self, led: &Page) -> Page {
        assert!(led.asks_to_take_over(), "nobody is asked whether to take over: {} {}", led.status, led.body);
        self.follow(led).await
    }

    /// Takes over if `led` leads to the question whether to. Returns the final answer.
    pub async fn take_over(&self, led: Page) -> Page {
        if led.asks_to_take_over() { self.submit(&self.question(&led).await.form()).await } else { led }
    }

    /// Opens a socket at `path`, as a page of this host does.
    ///
    /// # Errors
    /// [`Refusal`]
    pub async fn socket(&self, path: &str) -> Result<Socket, Refusal> {
        let ask = self.ask(Method::GET, path).header("origin", &format!("http://{}", self.host));
        Socket::open(self.address, path, &ask.headers).await
    }

    /// Prepares a request.
    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let id = format!("wire-{:06}", COUNT.fetch_add(1, Ordering::Relaxed));
        let uri = format!("http://{}{path}", self.address);
        let uri: Uri = uri.parse().unwrap_or_else(|error| panic!("{uri}: {error}"));
        let ask = Ask { browser: self, method, uri, headers: self.headers.clone(), body: Bytes::new(), id: id.clone() };
        let ask = ask.header("host", &self.host).header("cf-ray", &id);
        match self.jar().header() {
            Some(cookies) => ask.header("cookie", &cookies),
            None => ask,
        }
    }
}

/// A request that has not been sent.
#[derive(Debug)]
pub struct Ask<'a> {
    browser: &'a Browser,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    id: String,
}

impl Ask<'_> {
    /// With this header, replacing any other of its name.
    #[must_use]
    pub fn header(self, name: &'static str, value: &str) -> Self {
        self.raw_header(name, value.as_bytes())
    }

    /// With this header, which need not be text.
    #[must_use]
    pub fn raw_header(mut self, name: &'static str, value: &[u8]) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        self
    }

    /// Without this header.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.headers.remove(name);
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// With this form, posted as a browser would from the form's page.
    #[must_use]
    pub fn form(self, form: &Form) -> Self {
        for name in ["form", "step", "password", "again"] {
            form.values(name).for_each(|value| self.browser.secrets.add(value));
        }
        let origin = format!("http://{}", self.browser.host);
        self.header("content-type", "application/x-www-form-urlencoded")
            .header("origin", &origin)
            .header("sec-fetch-site", "same-origin")
            .body(form.encoded())
    }

    /// Sends it, stores the answer's cookies, and checks what holds for every answer.
    pub async fn send(self) -> Page {
        self.try_send().await.expect("the node answers")
    }

    /// The same, for a node that may be lost meanwhile.
    ///
    /// # Errors
    /// What broke, in words.
    pub async fn try_send(self) -> Result<Page, String> {
        let Self { browser, method, uri, headers, body, id } = self;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let exchange = async {
            let response = browser.client.request(request).await.map_err(|error| format!("no answer: {error}"))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| format!("an answer that broke off: {error}"))?;
            Ok::<_, String>((head, body.to_bytes()))
        };
        let (head, body) = timeout(LONGEST, exchange).await.map_err(|_| "no answer in two minutes")??;
        let body = String::from_utf8(body.to_vec()).expect("the answer is UTF-8");
        let page = Page { status: head.status.as_u16(), headers: head.headers, body, id };
        page.check_leading_to(&method, &browser.host, browser.leads_to.as_deref());
        for cookie in page.set_cookies() {
            browser.secrets.add(&cookie.value);
            if browser.takes_cookies {
                browser.jar().take(&cookie);
            }
        }
        Ok(page)
    }
}
