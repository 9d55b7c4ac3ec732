//! The protocol that workerd speaks with a KV namespace (`workerd/api/kv.c++`): the key percent-encoded as the path,
//! times in the query.
//!
//! It covers what the Worker uses: single reads, writes and deletions, and listings. Anything else is answered with
//! 501, which no test can overlook.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::form_urlencoded;

use super::store::{Access, Fault, Store, Verb};

/// The shortest time that KV keeps a record, in seconds (Workers KV, limits).
const SHORTEST_TTL: u64 = 60;
/// The longest key that KV accepts, in bytes (Workers KV, limits).
const LONGEST_KEY: usize = 512;
/// The most keys that KV lists at once.
const MOST_LISTED: usize = 1000;
/// The prefix of this namespace's cursors, followed by the last key that was listed.
const CURSOR: &str = "behind ";

type Shared = Arc<Mutex<Store>>;

/// Starts answering. `open` says whether connections should be accepted; the receiver that is returned says whether
/// they are.
pub(super) async fn start(store: Shared, open: watch::Receiver<bool>) -> (SocketAddr, watch::Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (report, listening) = watch::channel(true);
    tokio::spawn(serve(store, listener, address, open, report));
    (address, listening)
}

async fn serve(
    store: Shared,
    mut listener: TcpListener,
    address: SocketAddr,
    mut open: watch::Receiver<bool>,
    report: watch::Sender<bool>,
) {
    loop {
        accept_while_open(&store, listener, &open).await;
        report.send_replace(false);
        let is_wanted = open.wait_for(|open| *open).await.is_ok() && open.has_changed().is_ok();
        if !is_wanted {
            return; // the last handle has gone
        }
        listener = TcpListener::bind(address).await.expect("the port is still free");
        report.send_replace(true);
    }
}

async fn accept_while_open(store: &Shared, listener: TcpListener, open: &watch::Receiver<bool>) {
    let mut closing = open.clone();
    let mut closed = std::pin::pin!(closing.wait_for(|open| !*open));
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.unwrap();
                tokio::spawn(converse(Arc::clone(store), stream, open.clone()));
            }
            _ = &mut closed => return,
        }
    }
}

/// One connection, until its client ends it or the namespace goes down.
async fn converse(store: Shared, stream: TcpStream, mut open: watch::Receiver<bool>) {
    let service = service_fn(|request| answer(Arc::clone(&store), request));
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = connection => {}
        _ = open.wait_for(|open| !*open) => {}
    }
}

async fn answer(store: Shared, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let lock = || store.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((verb, key)) = asked(&request) else {
        return Ok(reply(StatusCode::NOT_IMPLEMENTED, "the simulated KV does not speak this"));
    };
    let ttl = query(request.uri(), "expiration_ttl").and_then(|ttl| ttl.parse().ok());
    lock().accesses.push(Access { verb, key: key.clone(), ttl });
    let fault = lock().fault(verb, &key);
    match fault {
        Some(Fault::Status(status)) => return Ok(reply(StatusCode::from_u16(status).unwrap(), "a fault of the test")),
        Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
        None => {}
    }
    if verb == Verb::List {
        return Ok(list(&lock(), &key, request.uri()));
    }
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Ok(reply(StatusCode::URI_TOO_LONG, "a key has 1 to 512 bytes"));
    }
    if verb != Verb::Get && lock().is_too_soon(&key) {
        return Ok(reply(StatusCode::TOO_MANY_REQUESTS, "a key may be written once in a second"));
    }
    Ok(match verb {
        Verb::Get => match lock().get(&key) {
            Some(value) => Response::new(Full::new(Bytes::from(value))),
            None => reply(StatusCode::NOT_FOUND, "Not Found"),
        },
        Verb::Put if ttl.is_some_and(|ttl| ttl < SHORTEST_TTL) => {
            reply(StatusCode::BAD_REQUEST, "Invalid expiration_ttl. Expiration TTL must be at least 60.")
        }
        Verb::Put => match request.into_body().collect().await {
            Ok(value) => {
                lock().put(&key, value.to_bytes().to_vec(), ttl);
                reply(StatusCode::OK, "")
            }
            Err(_) => reply(StatusCode::BAD_REQUEST, "the value was cut"),
        },
        Verb::Delete => {
            lock().delete(&key);
            reply(StatusCode::OK, "")
        }
        Verb::List => unreachable!("answered above"),
    })
}

/// A page of keys, with the cursor for the next one. Reading keys in order may end with an empty page, as with KV
/// itself: whether there are more is not known until they are looked for.
fn list(store: &Store, prefix: &str, uri: &Uri) -> Response<Full<Bytes>> {
    let limit = query(uri, "key_count_limit").map_or(Some(MOST_LISTED), |limit| limit.parse().ok());
    let after = query(uri, "cursor").map_or_else(|| Some(String::new()), |cursor| last_of(&cursor));
    let (Some(limit @ 1..=MOST_LISTED), Some(after)) = (limit, after) else {
        return reply(StatusCode::BAD_REQUEST, "a limit or a cursor that KV does not take");
    };
    let mut keys = store.list(prefix, &after);
    let is_full = keys.len() >= limit;
    keys.truncate(limit);
    let next = keys
        .last()
        .filter(|_| is_full)
        .map(|last| Base64UrlUnpadded::encode_string(format!("{CURSOR}{last}").as_bytes()));
    let keys: Vec<_> = keys.into_iter().map(|name| json!({ "name": name, "expiration": 1_900_000_000 })).collect();
    let listed = match next {
        Some(cursor) => json!({ "keys": keys, "list_complete": false, "cursor": cursor }),
        None => json!({ "keys": keys, "list_complete": true }),
    };
    Response::new(Full::new(Bytes::from(listed.to_string())))
}

/// The last key that was listed before this cursor was issued, if it is a valid one.
fn last_of(cursor: &str) -> Option<String> {
    let told = String::from_utf8(Base64UrlUnpadded::decode_vec(cursor).ok()?).ok()?;
    told.strip_prefix(CURSOR).map(str::to_owned)
}

/// What is requested, and for which key. For a listing, the prefix of the keys.
fn asked(request: &Request<Incoming>) -> Option<(Verb, String)> {
    let uri = request.uri();
    if request.method() == Method::GET && uri.path() == "/" {
        return Some((Verb::List, query(uri, "prefix")?));
    }
    Some((verb(request.method())?, key(uri)?))
}

fn verb(method: &Method) -> Option<Verb> {
    match *method {
        Method::GET => Some(Verb::Get),
        Method::PUT => Some(Verb::Put),
        Method::DELETE => Some(Verb::Delete),
        _ => None,
    }
}

/// The key; `None` for anything that is not encoded as workerd does it.
fn key(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_prefix('/').filter(|path| !path.is_empty())?;
    query(uri, "urlencoded").filter(|value| value == "true")?;
    Some(percent_decode_str(path).decode_utf8().ok()?.into_owned())
}

fn query(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn reply(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}
