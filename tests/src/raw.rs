//! Requests that no well-mannered client would send: bytes over a connection of their own.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::browser::Page;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a request as it is and reads the whole answer. The request should say `connection: close`.
///
/// The node may answer and close before it has read everything: then neither an unfinished send nor the reset that
/// follows the answer is a failure.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Page {
    let stream = TcpStream::connect(address).await.expect("the node listens");
    let (mut reader, mut writer) = stream.into_split();
    let sending = async { writer.write_all(request).await };
    let mut answer = Vec::new();
    let receiving = async { tokio::time::timeout(PATIENCE, reader.read_to_end(&mut answer)).await };
    let (_, received) = tokio::join!(sending, receiving);
    assert!(received.is_ok(), "no end of the answer: {}", String::from_utf8_lossy(&answer));
    parse(&answer)
}

fn parse(answer: &[u8]) -> Page {
    let told = || String::from_utf8_lossy(answer).into_owned();
    let end =
        answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer: {}", told()));
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok());
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value.trim()).unwrap());
    }
    let body = &answer[end + 4..];
    let is_chunked = headers.get("transfer-encoding").is_some_and(|value| value == "chunked");
    let body = if is_chunked { dechunked(body) } else { body.to_vec() };
    let body = String::from_utf8(body).expect("the answer is UTF-8");
    Page { status: status.unwrap_or_else(|| panic!("no status: {}", told())), headers, body, id: String::new() }
}

/// The content of a chunked body (RFC 9112, section 7.1).
fn dechunked(mut body: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    while let Some(end) = body.windows(2).position(|bytes| bytes == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        content.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 2 + size + 2..];
        if size == 0 {
            break;
        }
    }
    content
}

impl Page {
    /// Whether it comes from the platform, which refuses some requests before the Worker sees them.
    #[must_use]
    pub fn is_the_platforms(&self) -> bool {
        self.header("content-security-policy").is_none()
    }
}
