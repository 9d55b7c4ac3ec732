//! The client: prepared requests over persistent connections, with as little work of its own as possible.
//!
//! Blocking, one thread per connection: it must not compete for the machine more than a remote client would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// The host of all requests.
pub(crate) const HOST: &str = "agent.bench.test";
/// The user agent of Chrome on Windows.
const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request, ready to be sent as often as wanted, and the status that the answer must have.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    status: u16,
}

impl Request {
    /// A page that a browser asks for.
    pub(crate) fn get(path: &str, cookie: Option<&str>, status: u16) -> Self {
        Self::new(&format!("GET {path}"), "document", cookie, None, status)
    }

    /// A request by another system, with its token (RFC 6750, section 2.1).
    pub(crate) fn bearer(path: &str, token: &str, status: u16) -> Self {
        let text = format!(
            "GET {path} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: routing/1.0\r\naccept: application/json\r\n\
             authorization: Bearer {token}\r\ncf-connecting-ip: 203.0.113.7\r\n\r\n"
        );
        Self { bytes: text.into_bytes(), status }
    }

    /// A form that a browser sends.
    pub(crate) fn form(path: &str, cookie: Option<&str>, body: &str, status: u16) -> Self {
        let kind = "application/x-www-form-urlencoded";
        Self::new(&format!("POST {path}"), "document", cookie, Some((kind, body)), status)
    }

    /// JSON that a script sends.
    pub(crate) fn json(path: &str, body: &str, status: u16) -> Self {
        Self::new(&format!("POST {path}"), "empty", None, Some(("application/json", body)), status)
    }

    fn new(line: &str, wanted: &str, cookie: Option<&str>, body: Option<(&str, &str)>, status: u16) -> Self {
        let cookie = cookie.map_or(String::new(), |cookie| format!("cookie: {cookie}\r\n"));
        let about = body.map_or(String::new(), |(kind, body)| {
            format!("origin: http://{HOST}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n", body.len())
        });
        let body = body.map_or("", |(_, body)| body);
        let text = format!(
            "{line} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: {BROWSER}\r\naccept: text/html,application/json\r\n\
             accept-language: en-GB,en;q=0.9,pt;q=0.8\r\nsec-fetch-site: same-origin\r\nsec-fetch-mode: navigate\r\n\
             sec-fetch-dest: {wanted}\r\ncf-connecting-ip: 203.0.113.7\r\n\
             {cookie}{about}\r\n{body}"
        );
        Self { bytes: text.into_bytes(), status }
    }
}

/// An answer with the expected status.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// The value of the header of this name, in any letter case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }

    /// The first cookie that it sets, as it is sent back.
    pub(crate) fn cookie(&self) -> Option<&str> {
        self.header("set-cookie")?.split(';').next()
    }

    /// The body.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A persistent connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    answer: Answer,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("nobody listens at {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), answer: Answer::default() })
    }

    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// If the status is not the expected one: a refusal is quick, and must not be taken for the work.
    pub(crate) fn exchange(&mut self, request: &Request) -> Result<&Answer> {
        self.stream.get_mut().write_all(&request.bytes)?;
        self.answer.head.clear();
        self.answer.body.clear();
        while !self.answer.head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut self.answer.head)? == 0 {
                bail!("the connection ended within an answer");
            }
        }
        if self.answer.header("transfer-encoding").is_some() {
            self.read_chunks()?;
        } else {
            let length = self.answer.header("content-length").unwrap_or("0").parse()?;
            self.read_body(length)?;
        }
        let status = self.answer.head.split(' ').nth(1).unwrap_or_default();
        if status != request.status.to_string() {
            let (asked, answered) = (String::from_utf8_lossy(&request.bytes), self.answer.text());
            bail!("{status} instead of {} for\n{asked}\nThe answer:\n{answered}", request.status);
        }
        Ok(&self.answer)
    }

    fn read_body(&mut self, length: usize) -> Result<()> {
        let from = self.answer.body.len();
        self.answer.body.resize(from + length, 0);
        Ok(self.stream.read_exact(&mut self.answer.body[from..])?)
    }

    /// A chunked body (RFC 9112, section 7.1).
    fn read_chunks(&mut self) -> Result<()> {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16)?;
            self.read_body(length)?;
            self.stream.read_line(&mut line)?;
            if length == 0 {
                return Ok(());
            }
        }
    }
}
