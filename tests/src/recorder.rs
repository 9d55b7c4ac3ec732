//! Our own screen recorder's gateway, as described in `docs/recorder-gateway.openapi.json`, in a process of its own: it
//! can be slow, refuse, answer nonsense, break off, be killed and come back, and it says what is registered.
//!
//! This has the gateway as tests see it. `recorder/` has what the process (`bin/recorder-gateway.rs`) runs: `book.rs`
//! what is registered, `fault.rs` how it goes wrong, `server.rs` how it speaks.

pub mod book;
pub mod fault;
pub mod server;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use kv_schema::directory::{Gateway, GatewayUrl};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::project;

/// The path below its address at which the gateway answers: a declared address may have a path.
pub const PATH: &str = "/gateway";

/// A running gateway. Dropping it ends its process.
#[derive(Debug)]
pub struct RecorderGateway {
    process: Child,
    address: SocketAddr,
    control: SocketAddr,
    directory: TempDir,
}

impl RecorderGateway {
    /// Starts a gateway that knows every workstation and registers it at once.
    #[must_use]
    pub fn start() -> Self {
        let directory = project::scratch();
        let (process, address, control) = spawn(0, &directory);
        Self { process, address, control, directory }
    }

    /// What an install or an instance declares for it.
    #[must_use]
    pub fn declared(&self, deadline_seconds: u32) -> Gateway {
        Gateway { gateway: GatewayUrl::parse(&self.url()).expect("it may be declared"), deadline_seconds }
    }

    /// Its address, as it is declared.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Where to tell it what to do: see `bin/recorder-gateway.rs`.
    #[must_use]
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// Tells it something, and returns its answer.
    pub async fn tell(&self, what: &Value) -> Value {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}/", self.control))
            .body(Full::new(Bytes::from(what.to_string())))
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let asked = tokio::time::timeout(Duration::from_secs(20), client.request(request)).await;
        let (head, body) = asked.expect("the gateway answers").expect("the gateway runs").into_parts();
        let text = body.collect().await.expect("a whole answer").to_bytes();
        assert!(head.status.is_success(), "{what}: {}", String::from_utf8_lossy(&text));
        serde_json::from_slice(&text).expect("JSON")
    }

    /// Makes it go wrong: `on` is a method or `*`, and `fault` one of those in `fault.rs`.
    pub async fn fail(&self, on: &str, fault: impl Into<Value>) {
        self.tell(&json!({ "fail": { "on": on, "fault": fault.into() } })).await;
    }

    /// Removes every fault.
    pub async fn heal(&self) {
        self.tell(&json!("heal")).await;
    }

    /// The registrations in force, each with `id`, `sub`, `sid`, `workstation` and `registered`.
    pub async fn standing(&self) -> Vec<Value> {
        self.tell(&json!("standing")).await.as_array().cloned().expect("a list")
    }

    /// The requests that it received, in order: `method`, `path`, `query`, `key`, `claims`, `body`, and the `status` of
    /// its answer.
    pub async fn asked(&self) -> Vec<Value> {
        self.tell(&json!("asked")).await.as_array().cloned().expect("a list")
    }

    /// The most registrations that were ever in force at once for one agent.
    pub async fn most_at_once(&self) -> u64 {
        self.tell(&json!("most_at_once")).await.as_u64().expect("a number")
    }

    /// Kills its process (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill().expect("the gateway is killed");
        self.process.wait().expect("the gateway ends");
    }

    /// Restarts it at its address, with what it had registered. It has no faults, as at first.
    pub fn come_back(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        (self.process, self.address, self.control) = spawn(self.address.port(), &self.directory);
    }

    /// The same, but it no longer knows anything.
    pub fn come_back_empty(&mut self) {
        std::fs::remove_file(kept(&self.directory)).ok();
        self.come_back();
    }
}

impl Drop for RecorderGateway {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The file in which it keeps what is registered.
fn kept(directory: &TempDir) -> PathBuf {
    directory.path().join("registrations.json")
}

/// Starts the process, and learns where it answers and where it can be told what to do.
fn spawn(port: u16, directory: &TempDir) -> (Child, SocketAddr, SocketAddr) {
    let mut process = Command::new(binary())
        .args(["--port", &port.to_string(), "--keep"])
        .arg(kept(directory))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the gateway starts");
    let mut line = String::new();
    let output = process.stdout.take().expect("its output is piped");
    BufReader::new(output).read_line(&mut line).expect("the gateway says where it is");
    let told: Value = serde_json::from_str(&line).expect("in JSON");
    let address = |name: &str| told[name].as_str().and_then(|text| text.parse().ok()).expect("an address");
    (process, address("address"), address("control"))
}

/// The binary, which is beside the running one, or in the folder above.
fn binary() -> PathBuf {
    let running = std::env::current_exe().expect("a test knows its binary");
    let folders = running.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join("recorder-gateway")).find(|binary| binary.is_file());
    found.expect("cargo builds the binaries of this package with its tests")
}
