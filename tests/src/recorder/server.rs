//! How the gateway speaks: the contract at one address, tests' instructions at another.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt, Collected, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::form_urlencoded;

use super::PATH;
use super::book::{Book, Refused};
use super::fault::{Fault, Faults};
use crate::tokens;

/// The interval between two looks for news.
const GLANCE: Duration = Duration::from_millis(20);
/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_hours(1);

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>;

/// A gateway.
#[derive(Debug)]
pub struct Server {
    book: Mutex<Book>,
    faults: Mutex<Faults>,
    asked: Mutex<Vec<Value>>,
    /// The key set that verifies tokens; without one their signatures are not checked.
    keys: Mutex<Option<Value>>,
    /// Its declared address, which tokens are for.
    url: String,
}

/// A request that has been read.
struct Asked {
    method: String,
    path: String,
    query: String,
    key: String,
    claims: Result<Value, &'static str>,
    body: String,
}

impl Server {
    /// Starts answering at `port`, or at any free one with 0, and at another one for instructions. Registrations are
    /// stored in `keep`. Returns the two addresses.
    pub async fn start(port: u16, keep: Option<PathBuf>) -> (Arc<Self>, SocketAddr, SocketAddr) {
        let listen = async |port| TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let (listener, control) = (listen(port).await, listen(0).await);
        let address = listener.local_addr().expect("it has an address");
        let control_address = control.local_addr().expect("it has an address");
        let server = Arc::new(Self {
            book: Mutex::new(Book::open(keep)),
            faults: Mutex::default(),
            asked: Mutex::default(),
            keys: Mutex::default(),
            url: format!("http://{address}{PATH}"),
        });
        tokio::spawn(serve(listener, Arc::clone(&server), |server, request| Box::pin(server.answer(request))));
        tokio::spawn(serve(control, Arc::clone(&server), |server, request| Box::pin(server.told(request))));
        (server, address, control_address)
    }

    /// Verifies tokens with this published set from now on.
    pub fn trust(&self, keys: Value) {
        *locked(&self.keys) = Some(keys);
    }

    /// Makes a recorder take this long to register a workstation.
    pub fn take(&self, time: Duration) {
        locked(&self.book).ways.takes = u64::try_from(time.as_millis()).expect("a short time");
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let asked = self.read(request).await;
        let index = self.note(&asked);
        let fault = locked(&self.faults).next(&asked.method);
        match &fault {
            Some(Fault::Die) => std::process::exit(1),
            Some(Fault::Hang) => tokio::time::sleep(FOR_EVER).await,
            Some(Fault::Slow(milliseconds)) => tokio::time::sleep(Duration::from_millis(*milliseconds)).await,
            Some(fault) => {
                if let Some(spoilt) = spoilt(fault) {
                    locked(&self.asked)[index]["status"] = spoilt.status().as_u16().into();
                    return spoilt;
                }
            }
            None => {}
        }
        let (status, told) = match self.obey(&asked).await {
            Ok((status, told)) => (status, told),
            Err((status, code)) => (status, json!({ "type": "about:blank", "status": status, "title": code })),
        };
        locked(&self.asked)[index]["status"] = status.into();
        match fault {
            Some(Fault::DieAfterwards) => std::process::exit(1),
            Some(Fault::LostAfterwards) => broken(200, b""),
            Some(Fault::Cut) => broken(status, told.to_string().as_bytes()),
            _ => reply(status, if status < 400 { "application/json" } else { "application/problem+json" }, told),
        }
    }

    async fn read(&self, request: Request<Incoming>) -> Asked {
        let (head, body) = request.into_parts();
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (key, claims) = (header("idempotency-key").to_owned(), self.claims(header("authorization")));
        let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
        Asked {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            key,
            claims,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// What the access token states, if it is good here.
    fn claims(&self, authorization: &str) -> Result<Value, &'static str> {
        let token =
            authorization.strip_prefix("Bearer ").filter(|token| token.split('.').count() == 3).ok_or("no token")?;
        let (header, claims) = tokens::parts(token);
        if header["typ"] != "at+jwt" || header["alg"] != "EdDSA" {
            return Err("another kind of token");
        }
        if let Some(keys) = &*locked(&self.keys) {
            tokens::verified(token, keys).ok_or("not signed by OneContact Agent")?;
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let is_in_time = claims["exp"].as_u64().is_some_and(|exp| now < exp && exp <= now + 305);
        if claims["aud"] != self.url.as_str() || claims["iss"] != "oneagent" || !is_in_time {
            return Err("not for this gateway, or not now");
        }
        Ok(claims)
    }

    fn note(&self, asked: &Asked) -> usize {
        let mut all = locked(&self.asked);
        let (claims, problem) = match &asked.claims {
            Ok(claims) => (claims.clone(), Value::Null),
            Err(problem) => (Value::Null, json!(problem)),
        };
        all.push(json!({
            "method": asked.method, "path": asked.path, "query": asked.query, "key": asked.key, "claims": claims,
            "token_problem": problem, "body": asked.body, "status": null,
        }));
        all.len() - 1
    }

    async fn obey(&self, asked: &Asked) -> Result<(u16, Value), Refused> {
        let claims = asked.claims.as_ref().map_err(|why| (401, *why))?;
        let text = |name: &str| claims[name].as_str().unwrap_or_default();
        let (sub, sid) = (text("sub"), text("sid"));
        let path = asked.path.strip_prefix(PATH).and_then(|path| path.strip_prefix("/registrations/"));
        let path = path.ok_or((404, "no such address"))?;
        let (id, is_keep_alive) = path.strip_suffix("/keep-alive").map_or((path, false), |id| (id, true));
        match (asked.method.as_str(), is_keep_alive) {
            ("PUT", false) => {
                let body: Value = serde_json::from_str(&asked.body).map_err(|_| (400, "no JSON"))?;
                let workstation = body["workstation"].as_str().ok_or((422, "no workstation"))?;
                locked(&self.book).register(id, sub, sid, workstation)?;
                let (told, _) = locked(&self.book).look(id, sub, 0)?;
                Ok((if told["status"] == "registering" { 202 } else { 200 }, told))
            }
            ("GET", false) => self.follow(id, sub, &asked.query).await,
            ("POST", true) => {
                locked(&self.book).keep_alive(id, sub)?;
                let (told, _) = locked(&self.book).look(id, sub, 4)?;
                Ok((200, told))
            }
            ("DELETE", false) => {
                locked(&self.book).unregister(id, sub)?;
                Ok((204, Value::Null))
            }
            _ => Err((405, "no such method")),
        }
    }

    async fn follow(&self, id: &str, sub: &str, query: &str) -> Result<(u16, Value), Refused> {
        let number = |wanted: &str| {
            let mut fields = form_urlencoded::parse(query.as_bytes());
            fields.find(|(name, _)| name == wanted).and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
        };
        let (after, until) = (number("after"), Instant::now() + Duration::from_secs(number("wait")));
        loop {
            let (told, is_news) = locked(&self.book).look(id, sub, after)?;
            if is_news || Instant::now() >= until {
                return Ok((200, told));
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Does what a test tells it.
    async fn told(self: Arc<Self>, request: Request<Incoming>) -> Response<Body> {
        let body = request.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
        let Ok(told) = serde_json::from_slice::<Value>(&body) else {
            return reply(400, "text/plain", "no JSON".into());
        };
        let answer = match told.as_str() {
            Some("heal") => {
                locked(&self.faults).heal();
                Value::Null
            }
            Some("forget") => {
                locked(&self.book).forget();
                Value::Null
            }
            Some("standing") => json!(locked(&self.book).standing()),
            Some("most_at_once") => json!(locked(&self.book).most_at_once()),
            Some("asked") => json!(*locked(&self.asked)),
            Some(_) => return reply(400, "text/plain", "not understood".into()),
            None => match self.change(&told) {
                Ok(()) => Value::Null,
                Err(error) => return reply(400, "text/plain", error.to_string().into()),
            },
        };
        reply(200, "application/json", answer)
    }

    fn change(&self, told: &Value) -> serde_json::Result<()> {
        if let Some(planned) = told.get("fail") {
            locked(&self.faults).plan(serde_json::from_value(planned.clone())?);
        }
        if let Some(ways) = told.get("ways") {
            locked(&self.book).ways = serde_json::from_value(ways.clone())?;
        }
        if let Some(keys) = told.get("keys") {
            self.trust(keys.clone());
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

async fn serve(listener: TcpListener, server: Arc<Server>, answer: fn(Arc<Server>, Request<Incoming>) -> Answering) {
    while let Ok((stream, _)) = listener.accept().await {
        let server = Arc::clone(&server);
        let service = service_fn(move |request| {
            let answering = answer(Arc::clone(&server), request);
            async { Ok::<_, Infallible>(answering.await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// The answer that a fault replaces, if it does.
fn spoilt(fault: &Fault) -> Option<Response<Body>> {
    let text = |text: &str| Value::from(text);
    Some(match fault {
        Fault::Status(status) => reply(*status, "application/problem+json", json!({ "title": "a fault of the test" })),
        Fault::Refused { status, cause } => {
            reply(*status, "application/problem+json", json!({ "status": status, "cause": cause }))
        }
        Fault::RetryAfter(seconds) => {
            with_header(reply(429, "text/plain", text("later")), "retry-after", &seconds.to_string())
        }
        Fault::Unavailable { status, retry_after } => {
            with_header(reply(*status, "text/plain", text("later")), "retry-after", retry_after)
        }
        Fault::Body(body) => raw(200, "application/json", body.clone()),
        Fault::Typed { body, content_type } => raw(200, content_type, body.clone()),
        Fault::Long(blanks) => {
            let body = format!("{}{}", " ".repeat(*blanks), json!({ "status": "registered", "expires_in": 60 }));
            raw(200, "application/json", body)
        }
        Fault::Redirect(to) => with_header(reply(307, "text/plain", text("elsewhere")), "location", to),
        _ => return None,
    })
}

fn with_header(mut response: Response<Body>, name: &'static str, value: &str) -> Response<Body> {
    response.headers_mut().insert(name, value.parse().expect("a header's value"));
    response
}

fn reply(status: u16, content_type: &str, told: Value) -> Response<Body> {
    let text = match told {
        Value::Null if status == 204 => String::new(),
        Value::String(text) => text,
        told => told.to_string(),
    };
    raw(status, content_type, text)
}

fn raw(status: u16, content_type: &str, text: String) -> Response<Body> {
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync();
    let response = Response::builder().status(status).header("content-type", content_type);
    response.body(body).expect("a response")
}

/// The first half of an answer, and then the end of the connection.
fn broken(status: u16, whole: &[u8]) -> Response<Body> {
    let half = Bytes::copy_from_slice(&whole[..whole.len() / 2]);
    let frames = [Ok(Frame::data(half)), Err(std::io::Error::other("a fault of the test"))];
    let body = StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync();
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(body).expect("a response")
}
