//! A cluster for tests that are not written in Rust: it says where it is, then does what it is told, line by line,
//! until its input ends.
//!
//! | line | does |
//! |---|---|
//! | `kill A`, `start A` | kills a node (SIGKILL to its process group); starts another one in its place |
//! | `freeze A`, `thaw A` | stops a node as a machine that hangs; lets it go on |
//! | `lead A` | leads new connections to this node alone, until the next node is killed or started |
//! | `cut`, `mend` | cuts the network in front of the nodes; mends it |
//! | `kv down`, `kv up` | takes `DIRECTORY` and `SESSIONS` down; brings them back |
//! | `desk desk1 {"look":null}` | asks an agent's desk at its own door |
//! | `recorder {"ways":{"takes":3000}}` | tells the screen recorder's gateway something (`bin/recorder-gateway.rs`) |
//! | `recorder kill`, `recorder start` | kills its process; starts it again, with what it had registered |
//!
//! Started with `required <seconds>` or `optional <seconds>`, its install has a screen recorder with that policy and
//! deadline.
//!
//! Each line is answered with one: the answer, as JSON; `null` if there is nothing to say.
#![expect(clippy::expect_used, clippy::panic, reason = "whoever tells it nonsense is to notice")]

use kv_schema::directory::Recorder;
use onecontact_tests::world::{HOME, PASSWORD};
use onecontact_tests::{Cluster, Edge, RecorderGateway, World};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::main]
async fn main() {
    let mut gateway = RecorderGateway::start();
    let mut world = World::standard();
    let mut arguments = std::env::args().skip(1);
    if let (Some(policy), Some(seconds)) = (arguments.next(), arguments.next()) {
        let declared = gateway.declared(seconds.parse().expect("seconds are a number"));
        world = world.recorder(match policy.as_str() {
            "required" => Recorder::Required(declared),
            "optional" => Recorder::Optional(declared),
            _ => panic!("no policy {policy}"),
        });
    }
    let mut cluster = world.agent("acme", "desk2").agent("acme", "desk3").start_cluster_for_pages().await;
    let origin = format!("http://localhost:{}", cluster.router.address().port());
    println!("{}", json!({ "origin": origin, "home": HOME, "password": PASSWORD }));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.expect("lines of text") {
        println!("{}", obey(&mut cluster, &mut gateway, &line).await);
    }
}

async fn obey(cluster: &mut Cluster, gateway: &mut RecorderGateway, line: &str) -> Value {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match (verb, rest) {
        ("kill", node) => cluster.kill_node(edge(node)),
        ("start", node) => cluster.start_node(edge(node)).await,
        ("freeze", node) => cluster.freeze_node(edge(node)),
        ("thaw", node) => cluster.thaw_node(edge(node)),
        ("lead", node) => cluster.lead_to(&[edge(node)]),
        ("cut", "") => cluster.router.cut(),
        ("mend", "") => cluster.router.mend(),
        ("kv", "down") => {
            cluster.directory.go_down().await;
            cluster.sessions.go_down().await;
        }
        ("kv", "up") => {
            cluster.directory.come_back().await;
            cluster.sessions.come_back().await;
        }
        ("desk", ask) => {
            let (agent, ask) = ask.split_once(' ').expect("an agent and what to ask");
            let ask = serde_json::from_str(ask).expect("JSON");
            return cluster.door().ask_desk(agent, &ask).await;
        }
        ("recorder", "kill") => gateway.kill(),
        ("recorder", "start") => gateway.come_back(),
        ("recorder", what) => return gateway.tell(&serde_json::from_str(what).expect("JSON")).await,
        _ => panic!("not understood: {line}"),
    }
    Value::Null
}

fn edge(name: &str) -> Edge {
    match name {
        "A" => Edge::A,
        "B" => Edge::B,
        _ => panic!("no node {name}"),
    }
}
