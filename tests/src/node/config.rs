//! The configuration of a workerd process, as `wrangler.toml` describes it to the platform.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::project::Project;

/// The platform's own bindings.
const PLATFORM: &str = include_str!("platform.js");

/// An object's class that no request gets through to.
const UNREACHABLE: &str = "export class Unreachable { constructor() { throw new Error('out of order, for a test'); } }
export default {};";

/// A Durable Object class of the Worker, by its binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// `AGENT_DESK`
    AgentDesk,
    /// `ACCOUNT_GUARD`
    AccountGuard,
    /// `EXTENSION_LEASE`
    ExtensionLease,
}

impl Object {
    const ALL: [Self; 3] = [Self::AgentDesk, Self::AccountGuard, Self::ExtensionLease];

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::AgentDesk => ("AGENT_DESK", "AgentDesk"),
            Self::AccountGuard => ("ACCOUNT_GUARD", "AccountGuard"),
            Self::ExtensionLease => ("EXTENSION_LEASE", "ExtensionLease"),
        }
    }
}

/// What a node is given.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where `DIRECTORY` listens.
    pub directory: SocketAddr,
    /// Where `SESSIONS` listens.
    pub sessions: SocketAddr,
    /// The secret `TOKEN_KEYS`; `None` where an operator has forgotten it.
    pub token_keys: Option<String>,
    /// Attempts that `LOGIN_RATE` lets through in all; `None` for a limiter that is out of order.
    pub login_rate: Option<u32>,
    /// Classes that do not answer.
    pub unreachable: Vec<Object>,
    /// Where the objects keep what they store.
    pub objects: PathBuf,
}

impl Setup {
    /// The configuration in Cap'n Proto's text form. The Worker's modules stand beside it.
    #[must_use]
    pub fn capnp(&self, project: &Project) -> String {
        format!(
            r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "unreachable", worker = .unreachable),
    (name = "directory", external = (address = "{directory}", http = ())),
    (name = "sessions", external = (address = "{sessions}", http = ())),
    (name = "objects", disk = (path = {objects}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  extensions = [(modules = [(name = "platform:bindings", internal = true, esModule = {platform})])],
);
const main :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "./index_bg.wasm", wasm = embed "index_bg.wasm"),
  ],
  compatibilityDate = {date},
  durableObjectNamespaces = [{classes}],
  durableObjectStorage = (localDisk = "objects"),
  bindings = [{bindings}],
);
const unreachable :Workerd.Worker = (
  modules = [(name = "unreachable.js", esModule = {unreachable})],
  compatibilityDate = {date},
  durableObjectNamespaces = [(className = "Unreachable", uniqueKey = "Unreachable")],
  durableObjectStorage = (inMemory = void),
);
"#,
            directory = self.directory,
            sessions = self.sessions,
            objects = quoted(&self.objects.display().to_string()),
            platform = quoted(PLATFORM),
            date = quoted(&project.compatibility_date),
            unreachable = quoted(UNREACHABLE),
            classes = classes(),
            bindings = self.bindings(),
        )
    }

    fn bindings(&self) -> String {
        let mut text = String::from(
            r#"(name = "DIRECTORY", kvNamespace = "directory"),
    (name = "SESSIONS", kvNamespace = "sessions"),
    (name = "ENVIRONMENT", text = "local"),
    (name = "EVENTS", wrapped = (moduleName = "platform:bindings")),"#,
        );
        let limit = self.login_rate.map_or(-1, i64::from);
        let inner = format!(r#"[(name = "limit", json = "{limit}")]"#);
        let rate =
            format!(r#"(name = "LOGIN_RATE", wrapped = (moduleName = "platform:bindings", innerBindings = {inner}))"#);
        write!(text, "\n    {rate},").unwrap();
        if let Some(keys) = &self.token_keys {
            write!(text, "\n    (name = \"TOKEN_KEYS\", text = {}),", quoted(keys)).unwrap();
        }
        for object in Object::ALL {
            let (binding, class) = object.names();
            let namespace = if self.unreachable.contains(&object) {
                r#"(className = "Unreachable", serviceName = "unreachable")"#.to_owned()
            } else {
                quoted(class)
            };
            write!(text, "\n    (name = \"{binding}\", durableObjectNamespace = {namespace}),").unwrap();
        }
        text
    }
}

/// The Worker's classes, with `SQLite` storage as `new_sqlite_classes` has it.
fn classes() -> String {
    let class = |object: Object| {
        let (_, class) = object.names();
        format!(r#"(className = "{class}", uniqueKey = "{class}", enableSql = true)"#)
    };
    Object::ALL.map(class).join(", ")
}

/// A text literal of Cap'n Proto's.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
