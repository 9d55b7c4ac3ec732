//! Several edge nodes of one world: their objects in a process of their own, which no node's death affects, and in
//! front a router that leads to the live nodes.

mod router;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use kv_schema::names::InstanceId;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tempfile::TempDir;

pub use router::{Nodes, Router};

use crate::browser::Browser;
use crate::gateway::Gateway;
use crate::kv::Kv;
use crate::node::{Node, Object, Role, Setup};
use crate::secrets::Secrets;
use crate::world::builder::{self, Declared};
use crate::world::{HOME, HOST, PASSWORD};

/// The pause between two writes of one key (Workers KV, limits).
const PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for an object's answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// An edge node, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// One of them.
    A,
    /// The other.
    B,
}

impl Edge {
    /// Both.
    pub const ALL: [Self; 2] = [Self::A, Self::B];

    /// The one other than this.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Records, namespaces, the objects' host, two nodes, a router.
#[derive(Debug)]
pub struct Cluster {
    /// `DIRECTORY`
    pub directory: Kv,
    /// `SESSIONS`
    pub sessions: Kv,
    /// Where messages are sent.
    pub gateway: Gateway,
    /// The router in front.
    pub router: Router,
    lives: Nodes,
    edges: [Option<Node>; 2],
    host: Option<Node>,
    /// Nodes that were killed. Their logs are checked at the end, when nobody is waiting.
    dead: Vec<Node>,
    door: SocketAddr,
    setup: Setup,
    assets: Option<PathBuf>,
    secrets: Secrets,
    instances: Vec<String>,
    _objects: TempDir,
}

impl Cluster {
    pub(crate) async fn start(declared: Declared, assets: Option<PathBuf>) -> Self {
        let Declared { directory, sessions, gateway, secrets, objects, setup, instances } = declared;
        sessions.limit_writes(PAUSE);
        let host = Node::start_as(Role::Host, &setup, 0, &secrets).await;
        let door = host.address();
        let lives = Nodes::default();
        let router = Router::start(lives.clone()).await;
        let mut cluster = Self {
            directory,
            sessions,
            gateway,
            router,
            lives,
            edges: [None, None],
            host: Some(host),
            dead: Vec::new(),
            door,
            setup,
            assets,
            secrets,
            instances,
            _objects: objects,
        };
        for edge in Edge::ALL {
            cluster.start_node(edge).await;
        }
        cluster
    }

    /// Starts a node that was killed. The router leads to it once it is healthy.
    pub async fn start_node(&mut self, edge: Edge) {
        let role = Role::Edge { door: self.door, assets: self.assets.as_deref() };
        let node = Node::start_as(role, &self.setup, 0, &self.secrets).await;
        let browser = Browser::new(node.address(), HOST, self.secrets.clone());
        assert_eq!(browser.get("/health").await.status, 200, "the new node is healthy");
        self.edges[edge as usize] = Some(node);
        self.lead_to(&Edge::ALL);
    }

    /// Kills a node: its whole process group, without warning.
    pub fn kill_node(&mut self, edge: Edge) {
        let mut node = self.edges[edge as usize].take().expect("the node runs");
        node.kill();
        self.lead_to(&Edge::ALL);
        self.dead.push(node);
    }

    /// Stops a node, like a machine that hangs, and makes the router notice.
    pub fn freeze_node(&self, edge: Edge) {
        self.node(edge).freeze();
        self.lead_to(&[edge.other()]);
    }

    /// Resumes a stopped node.
    pub fn thaw_node(&self, edge: Edge) {
        self.node(edge).thaw();
        self.lead_to(&Edge::ALL);
    }

    /// From now on the router leads to those of `edges` that run. Killing and starting lead to all again.
    pub fn lead_to(&self, edges: &[Edge]) {
        let runs = |edge: &Edge| self.edges[*edge as usize].as_ref().map(Node::address);
        self.lives.set(edges.iter().filter_map(runs).collect());
    }

    /// Whether a node runs.
    #[must_use]
    pub fn runs(&self, edge: Edge) -> bool {
        self.edges[edge as usize].is_some()
    }

    /// A node that runs.
    #[must_use]
    pub fn node(&self, edge: Edge) -> &Node {
        self.edges[edge as usize].as_ref().expect("the node runs")
    }

    /// The objects' host.
    #[must_use]
    pub fn host(&self) -> &Node {
        self.host.as_ref().expect("the host runs")
    }

    /// Kills the objects' host and restarts it on what it has stored, as when the platform moves them.
    pub async fn move_objects(&mut self) {
        let mut host = self.host.take().expect("the host runs");
        host.kill();
        self.dead.push(host);
        self.host = Some(Node::start_as(Role::Host, &self.setup, self.door.port(), &self.secrets).await);
    }

    /// Changes what processes that start from now on are given.
    pub fn change(&mut self, change: impl FnOnce(&mut Setup)) {
        change(&mut self.setup);
    }

    /// A browser behind the router, at [`HOST`].
    #[must_use]
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.address(), HOST, self.secrets.clone())
    }

    /// A browser that asks one node, at [`HOST`].
    #[must_use]
    pub fn browser_at(&self, edge: Edge) -> Browser {
        self.browser().moved_to(self.node(edge))
    }

    /// A browser behind the router in which `username` has signed in with [`PASSWORD`].
    pub async fn browser_of(&self, username: &str) -> Browser {
        let browser = self.browser();
        let page = browser.sign_in(HOME, username, PASSWORD).await;
        assert_eq!(page.status, 303, "the login of {username}: {}", page.body);
        browser
    }

    /// The door to the objects.
    #[must_use]
    pub fn door(&self) -> Door {
        Door(self.door)
    }

    /// Every event of this name that any process has written, including dead ones.
    #[must_use]
    pub fn events(&self, name: &str) -> Vec<Value> {
        let alive = self.edges.iter().flatten().chain(&self.host);
        alive.chain(&self.dead).flat_map(|node| node.log().events(name)).collect()
    }

    /// The id of the instance called `name`.
    #[must_use]
    pub fn instance(&self, name: &str) -> InstanceId {
        let index = self.instances.iter().position(|instance| instance == name).expect("the instance is declared");
        builder::id(index)
    }

    /// What must not appear in a log.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

/// The door to the objects, for tests that address one themselves.
#[derive(Debug, Clone, Copy)]
pub struct Door(SocketAddr);

impl Door {
    /// Asks an object.
    ///
    /// # Errors
    /// What it answered instead of success, or what broke.
    pub async fn ask(&self, object: Object, name: &str, ask: &Value) -> Result<Value, String> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("http://{}/{}/{name}", self.0, object.binding()))
            .body(Full::new(Bytes::from(ask.to_string())))
            .expect("a request");
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = tokio::time::timeout(PATIENCE, client.request(request)).await.map_err(|_| "no answer in time")?;
        let (head, body) = answer.map_err(|error| error.to_string())?.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        if !head.status.is_success() {
            return Err(format!("{}: {text}", head.status));
        }
        serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
    }

    /// Asks the desk of `username` in the first instance.
    pub async fn ask_desk(&self, username: &str, ask: &Value) -> Value {
        let name = format!("{}/{username}", builder::id(0));
        let answer = self.ask(Object::AgentDesk, &name, ask).await;
        answer.unwrap_or_else(|error| panic!("the desk of {username}, asked {ask}: {error}"))
    }
}
