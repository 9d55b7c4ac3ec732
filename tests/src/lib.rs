//! What the tests over the wire stand on: real workerd processes ([`Node`]) that run the built Worker, a simulated KV
//! ([`Kv`]) that can be down, slow, late or damaged at will, a world of declared records around both ([`World`]), and
//! a client that treats cookies as browsers do ([`Browser`]).
//!
//! Not here: the tests (`wire/`), and anything that knows the Worker from the inside. What is checked of every reply
//! and of every log, whatever a test is about, is checked here, so that no test can forget it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test panics to say that it fails, and so does what it stands on"
)]

pub mod browser;
pub mod kv;
pub mod node;
pub mod project;
pub mod raw;
pub mod secrets;
pub mod tokens;
pub mod world;

pub use browser::{Browser, Page};
pub use kv::Kv;
pub use node::Node;
pub use world::World;
