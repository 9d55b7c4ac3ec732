//! What workerd's inspector says about the Worker: Chrome's `DevTools` protocol, over a WebSocket.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::socket::{Frame, Socket};

/// The Worker's path at the inspector.
const WORKER: &str = "/main";
/// How long to wait for an answer before giving the isolate something to do.
const A_MOMENT: Duration = Duration::from_millis(20);

/// Bytes of V8's heap that the Worker of the node at `node` holds after garbage collection.
pub(super) async fn heap(inspector: SocketAddr, node: SocketAddr) -> u64 {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("127.0.0.1"));
    let mut inspector = Socket::open(inspector, WORKER, &headers).await.expect("the inspector takes a socket");
    // V8 keeps what the Worker has logged for whoever looks.
    ask(&mut inspector, 0, "Runtime.discardConsoleEntries").await;
    ask(&mut inspector, 1, "HeapProfiler.collectGarbage").await;
    // V8 collects when the isolate next has something to do: refusing a socket where there is none.
    while timeout(A_MOMENT, answer(&mut inspector, 1)).await.is_err() {
        Socket::open(node, "/health", &headers).await.expect_err("there is no socket there");
    }
    ask(&mut inspector, 2, "Runtime.getHeapUsage").await;
    answer(&mut inspector, 2).await["usedSize"].as_u64().expect("the inspector says how much is used")
}

async fn ask(inspector: &mut Socket, id: u32, method: &str) {
    inspector.send(&json!({ "id": id, "method": method }).to_string()).await;
}

async fn answer(inspector: &mut Socket, id: u32) -> Value {
    loop {
        let Frame::Text(text) = inspector.receive().await else { panic!("the inspector has gone away") };
        let answer: Value = serde_json::from_str(&text).expect("the inspector speaks JSON");
        if answer["id"] == id {
            return answer["result"].clone();
        }
    }
}
