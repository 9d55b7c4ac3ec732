//! A world to test in: declared records, the two namespaces, a node.

pub(crate) mod builder;

use std::time::SystemTime;

use kv_schema::names::{InstanceId, Username};
use kv_schema::{Record, Timestamp};
use tempfile::TempDir;

pub use builder::{Builder, SPARE_EXTENSION};

use crate::browser::Browser;
use crate::gateway::Gateway;
use crate::kv::Kv;
use crate::node::{Log, Node, Setup};
use crate::secrets::Secrets;

/// The password of every agent who is not given another one.
pub const PASSWORD: &str = "correct horse battery";
/// The path of the install that [`World::standard`] declares.
pub const HOME: &str = "/OneAgentWeb_Lisbon";
/// The host that a browser requests unless told otherwise. No record names it.
pub const HOST: &str = "agent.wire.test";

/// Records, namespaces and a node.
#[derive(Debug)]
pub struct World {
    /// `DIRECTORY`
    pub directory: Kv,
    /// `SESSIONS`
    pub sessions: Kv,
    /// Where messages are sent.
    pub gateway: Gateway,
    node: Option<Node>,
    setup: Setup,
    secrets: Secrets,
    instances: Vec<String>,
    _objects: TempDir,
}

impl World {
    /// A world with nothing declared.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A world with the install `Lisbon` ([`HOME`]) for the instance `acme`, and its agent `desk1`: extension 1001,
    /// `desk1@acme.example`, [`PASSWORD`].
    #[must_use]
    pub fn standard() -> Builder {
        Self::builder().install("Lisbon").instance("acme", &["Lisbon"]).agent("acme", "desk1")
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Node {
        self.node.as_ref().expect("the node runs")
    }

    /// What the node has written.
    #[must_use]
    pub fn log(&self) -> &Log {
        self.node().log()
    }

    /// What the node is given.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Kills the node's process (SIGKILL) and starts another one at the same address, on the same storage, with its
    /// setup changed by `change`.
    pub async fn restart(&mut self, change: impl FnOnce(&mut Setup)) {
        change(&mut self.setup);
        let port = self.node().address().port();
        drop(self.node.take());
        self.node = Some(Node::start(&self.setup, port, &self.secrets).await);
    }

    /// Declares again what was declared differently, and restarts the node, which may have cached that.
    pub async fn redeclare(&mut self, record: &impl Record) {
        self.directory.declare(record);
        self.restart(|_| ()).await;
    }

    /// A second node with the same keys and the same namespaces. Its objects are its own: workerd cannot share them
    /// between processes.
    pub async fn another_node(&self) -> Node {
        let objects = self.setup.objects.join("of-another-node");
        Node::start(&Setup { objects, ..self.setup.clone() }, 0, &self.secrets).await
    }

    /// A browser that asks this node, at [`HOST`].
    #[must_use]
    pub fn browser(&self) -> Browser {
        Browser::new(self.node().address(), HOST, self.secrets.clone())
    }

    /// A browser in which `username` has signed in with [`PASSWORD`].
    pub async fn browser_of(&self, username: &str) -> Browser {
        let browser = self.browser();
        let page = browser.sign_in(HOME, username, PASSWORD).await;
        assert_eq!(page.status, 303, "the login of {username}: {}", page.body);
        browser
    }

    /// The id of the instance called `name`.
    #[must_use]
    pub fn instance(&self, name: &str) -> InstanceId {
        let index = self.instances.iter().position(|instance| instance == name).expect("the instance is declared");
        builder::id(index)
    }

    /// Where to add what must not appear in a log.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

/// The time now.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    Timestamp(since.as_secs())
}

/// A username.
#[must_use]
pub fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}
