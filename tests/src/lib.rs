//! What the wire tests rest on: real workerd processes ([`Node`]) that run the built Worker, a simulated KV ([`Kv`])
//! that can be down, slow, late or damaged on demand, a world of declared records around both ([`World`]), a client
//! that treats cookies as browsers do ([`Browser`]), and for what happens when nodes die: several nodes with one host
//! of objects behind a router ([`Cluster`]), and the desktop page's side of its socket ([`Desktop`]). A screen
//! recorder's gateway runs in a process of its own ([`RecorderGateway`]).
//!
//! Not here: the tests (`wire/`, `chaos/`), and anything that knows the Worker from the inside. What is checked of
//! every reply and of every log, whatever a test is about, is checked here, so that no test can forget it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test panics to say that it fails, and so does what it stands on"
)]

pub mod authenticator;
pub mod browser;
pub mod cluster;
pub mod desktop;
pub mod figures;
pub mod gateway;
pub mod kv;
pub mod node;
pub mod openid;
pub mod operator;
pub mod project;
pub mod provider;
pub mod raw;
pub mod recorder;
pub mod routing;
pub mod secrets;
pub mod service;
pub mod socket;
pub mod tokens;
pub mod world;

pub use authenticator::Authenticator;
pub use browser::{Browser, Page};
pub use cluster::{Cluster, Edge};
pub use desktop::Desktop;
pub use gateway::Gateway;
pub use kv::Kv;
pub use node::Node;
pub use recorder::RecorderGateway;
pub use socket::Socket;
pub use world::World;
