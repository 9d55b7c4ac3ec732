//! A message gateway as the Worker sees one: it accepts webhooks, checks their signatures itself, and can be slow,
//! refuse, or say nothing on demand.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use bytes::Bytes;
use hmac::{Hmac, Mac};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;

/// The key that messages are signed with.
pub const KEY: &str = "whsec_d2lyZSB0ZXN0cyB3aXJlIHRlc3RzIHdpcmU=";

/// A message that arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// Its id: two with the same id are one message that arrived twice.
    pub id: String,
    /// `message.sms` or `message.email`.
    pub kind: String,
    /// What it is for.
    pub purpose: String,
    /// Where it goes.
    pub to: String,
    /// What it says.
    pub text: String,
    /// All of it.
    pub body: Value,
}

impl Sent {
    /// The six digits in it.
    #[must_use]
    pub fn code(&self) -> String {
        let mut words = self.text.split(|c: char| !c.is_ascii_digit());
        words.find(|word| word.len() == 6).unwrap_or_else(|| panic!("no code in {}", self.text)).to_owned()
    }

    /// The path and the query of the link in it.
    #[must_use]
    pub fn link(&self) -> String {
        let link = self.text.split_whitespace().find(|word| word.contains("://"));
        let link = link.unwrap_or_else(|| panic!("no link in {}", self.text));
        let (_, rest) = link.split_once("://").expect("a scheme");
        rest[rest.find('/').expect("a path")..].to_owned()
    }
}

/// What is wrong with the gateway.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// It accepts nothing, and says so with this status.
    Status(u16),
    /// It accepts what comes, and says so this much later.
    Slow(Duration),
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Sent>,
    /// The id of whatever arrived and was not refused, as often as it arrived.
    ids: Vec<String>,
    fault: Option<Fault>,
}

/// One gateway.
#[derive(Debug, Clone)]
pub struct Gateway {
    state: Arc<Mutex<State>>,
    address: SocketAddr,
}

impl Gateway {
    /// Starts one on a port of its own.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self { state: Arc::default(), address: listener.local_addr().unwrap() };
        let serving = gateway.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let gateway = serving.clone();
                tokio::spawn(async move {
                    let service = service_fn(move |request| gateway.clone().answer(request));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        gateway
    }

    /// Where it accepts messages.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}/messages", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts it in this faulty state from now on; `None` for none.
    pub fn fail(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// Every message that it accepted, in order.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// The id of whatever arrived and was not refused, as often as it arrived.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.state().ids.clone()
    }

    /// Waits for the message after the first `before`: messages that nobody waits for are sent after the answer.
    pub async fn next(&self, before: usize) -> Sent {
        for _ in 0..400 {
            if let Some(sent) = self.sent().into_iter().nth(before) {
                return sent;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no message came after {:?}", self.sent());
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let fault = self.state().fault;
        if let Some(Fault::Status(status)) = fault {
            return Ok(reply(StatusCode::from_u16(status).unwrap()));
        }
        let (head, body) = request.into_parts();
        let header = |name: &str| head.headers.get(name).expect(name).to_str().unwrap().to_owned();
        let Ok(body) = body.collect().await else { return Ok(reply(StatusCode::BAD_REQUEST)) };
        let body = String::from_utf8(body.to_bytes().to_vec()).expect("UTF-8");
        let (id, signature) = (header("webhook-id"), header("webhook-signature"));
        let key = Base64::decode_vec(KEY.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{id}.{}.{body}", header("webhook-timestamp"));
        let tag = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(signed).finalize().into_bytes();
        assert_eq!(signature, format!("v1,{}", Base64::encode_string(&tag)), "the message is signed");
        let body: Value = serde_json::from_str(&body).expect("JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let (kind, data) = (text(&body["type"]), &body["data"]);
        self.state().ids.push(id.clone());
        if self.state().sent.iter().any(|sent| sent.id == id) {
            return Ok(reply(StatusCode::NO_CONTENT)); // it came twice, and goes out once
        }
        let sent = Sent {
            id,
            kind,
            purpose: text(&data["purpose"]),
            to: text(&data["to"]),
            text: text(&data["text"]),
            body: body.clone(),
        };
        self.state().sent.push(sent);
        if let Some(Fault::Slow(time)) = fault {
            tokio::time::sleep(time).await;
        }
        Ok(reply(StatusCode::NO_CONTENT))
    }
}

fn reply(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
