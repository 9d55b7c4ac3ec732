//! A WebSocket as a browser opens it: an ordinary request whose answer may be a refusal, then frames.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper::upgrade::Upgraded;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

/// An open socket.
#[derive(Debug)]
pub struct Socket(WebSocketStream<TokioIo<Upgraded>>);

/// Why there is no socket.
#[derive(Debug)]
pub enum Refusal {
    /// The answer was this: status, headers, body.
    Answer(u16, HeaderMap, String),
    /// The connection broke, or there was none.
    Broken(String),
}

/// What comes over a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A text.
    Text(String),
    /// The other side has closed it, with this code; 1005 if it gave none.
    Closed(u16),
    /// The connection broke.
    Broken,
}

impl Socket {
    /// Asks for a socket at `path`. The headers say everything else: the host, the origin, cookies.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn open(address: SocketAddr, path: &str, headers: &HeaderMap) -> Result<Self, Refusal> {
        let broken = |error: &dyn ToString| Refusal::Broken(error.to_string());
        let stream = TcpStream::connect(address).await.map_err(|error| broken(&error))?;
        stream.set_nodelay(true).map_err(|error| broken(&error))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
        tokio::spawn(connection.with_upgrades());
        let answer = sender.send_request(request(path, headers)).await.map_err(|error| broken(&error))?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refusal(answer).await);
        }
        let upgraded = hyper::upgrade::on(answer).await.map_err(|error| broken(&error))?;
        Ok(Self(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await))
    }

    /// Sends a text. Only an answer tells whether it arrives.
    pub async fn send(&mut self, text: &str) {
        let _ = self.0.send(Message::text(text)).await;
    }

    /// The next thing that arrives. May be dropped and called again.
    pub async fn receive(&mut self) -> Frame {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Frame::Text(text.to_string()),
                Some(Ok(Message::Close(close))) => return Frame::Closed(close.map_or(1005, |close| close.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Frame::Broken,
            }
        }
    }

    /// Closes it with this code.
    pub async fn close(mut self, code: u16) {
        let _ = self.0.close(Some(CloseFrame { code: code.into(), reason: "".into() })).await;
    }
}

fn request(path: &str, headers: &HeaderMap) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::default());
    *request.uri_mut() = path.parse::<Uri>().expect("a path");
    *request.headers_mut() = headers.clone();
    // RFC 6455, section 4.1; the key is that of its section 1.3.
    for (name, value) in [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ] {
        request.headers_mut().insert(name, value.parse().expect("a header's value"));
    }
    request
}

async fn refusal(answer: Response<hyper::body::Incoming>) -> Refusal {
    let (head, body) = answer.into_parts();
    match body.collect().await {
        Ok(body) => {
            let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            Refusal::Answer(head.status.as_u16(), head.headers, body)
        }
        Err(error) => Refusal::Broken(error.to_string()),
    }
}
