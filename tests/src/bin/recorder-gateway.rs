//! A screen recorder's gateway for tests, and for trying one: `cargo run -p onecontact-tests --bin recorder-gateway --
//! --port 8790 --takes 6` registers every workstation within six seconds, and accepts every token that is for it.
//!
//! It prints its addresses, as JSON: `address`, and `control`, where posted JSON tells it what to do:
//!
//! | body | does |
//! |---|---|
//! | `{"fail":{"on":"PUT","fault":{"status":503},"times":2}}` | goes wrong: `on` is a method or `*`; the faults stand in `recorder/fault.rs` |
//! | `"heal"` | takes every fault back |
//! | `{"ways":{"takes":2000,"lifetime":60,"cause":"recorder_absent"}}` | how long registering takes in milliseconds, how long a registration lives, why it comes to nothing; what is left out is as at first |
//! | `{"keys":{"keys":[…]}}` | verifies tokens by this published set |
//! | `"forget"` | forgets all registrations |
//! | `"standing"`, `"asked"`, `"most_at_once"` | answers with what stands, what was asked, how much stood at once for one agent |
//!
//! With `--keep <file>` registrations outlast it. It ends when its input does, if that is a pipe.
#![expect(clippy::expect_used, clippy::panic, reason = "whoever starts it wrongly is to notice")]

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use onecontact_tests::recorder::PATH;
use onecontact_tests::recorder::server::Server;
use serde_json::json;
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() {
    let (mut port, mut keep, mut takes) = (0, None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().unwrap_or_else(|| panic!("{argument} needs a value"));
        match argument.as_str() {
            "--port" => port = value.parse().expect("a port is a number"),
            "--keep" => keep = Some(PathBuf::from(value)),
            "--takes" => takes = Some(value.parse().expect("seconds are a number")),
            _ => panic!("not understood: {argument}"),
        }
    }
    let (server, address, control) = Server::start(port, keep).await;
    if let Some(seconds) = takes {
        server.take(Duration::from_secs(seconds));
    }
    println!("{}", json!({ "address": address, "control": control, "gateway": format!("http://{address}{PATH}") }));
    let mut input = tokio::io::stdin();
    if std::io::stdin().is_terminal() {
        std::future::pending::<()>().await;
    }
    let mut nothing = [0; 64];
    while input.read(&mut nothing).await.is_ok_and(|read| read > 0) {}
}
