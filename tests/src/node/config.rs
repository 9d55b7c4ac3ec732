//! The configuration of a workerd process, as `wrangler.toml` describes it to the platform.
//!
//! workerd cannot share objects between processes. So a cluster has one process that hosts them and serves a door to
//! them, and its edge nodes are given bindings that look like namespaces and lead to that door.
//!
//! A node's network requests may stay on this machine: to a recorder's gateway.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::gateway;
use crate::project::{self, Project};

/// The platform's own bindings.
const PLATFORM: &str = concat!(include_str!("id.js"), include_str!("platform.js"));

/// What is in front of a host's objects.
const DOOR: &str = concat!(include_str!("id.js"), include_str!("door.js"));

/// What is in front of a node that has static assets.
const FRONT: &str = include_str!("front.js");

/// The class of an object that no request reaches.
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

    /// The name of its binding.
    #[must_use]
    pub const fn binding(self) -> &'static str {
        self.names().0
    }

    /// Its binding in a process where another service has the Worker's class.
    fn hosted(self) -> String {
        let (binding, class) = self.names();
        format!(r#"(name = "{binding}", durableObjectNamespace = (className = "{class}", serviceName = "main"))"#)
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::AgentDesk => ("AGENT_DESK", "AgentDesk"),
            Self::AccountGuard => ("ACCOUNT_GUARD", "AccountGuard"),
            Self::ExtensionLease => ("EXTENSION_LEASE", "ExtensionLease"),
        }
    }
}

/// What a process is for.
#[derive(Debug, Clone, Copy)]
pub enum Role<'a> {
    /// Answers requests and hosts its own objects.
    Alone,
    /// Hosts the objects of a cluster and answers at their door: `/<binding>/<object's name>`.
    Host,
    /// Answers requests of a cluster.
    Edge {
        /// The door to its objects.
        door: SocketAddr,
        /// The static assets, if something will ask for them.
        assets: Option<&'a Path>,
    },
}

/// What a node is given.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where `DIRECTORY` listens.
    pub directory: SocketAddr,
    /// Where `SESSIONS` listens.
    pub sessions: SocketAddr,
    /// The secret `TOKEN_KEYS`; `None` if an operator has forgotten it.
    pub token_keys: Option<String>,
    /// How many attempts `LOGIN_RATE` lets through in all; `None` for a limiter that is out of order.
    pub login_rate: Option<u32>,
    /// Classes that do not answer.
    pub unreachable: Vec<Object>,
    /// Where messages are sent; `None` for a deployment that cannot send any.
    pub message_webhook: Option<String>,
    /// Secrets by which instances' providers know the deployment: name and value.
    pub provider_secrets: Vec<(String, String)>,
    /// Whether the static assets do not answer.
    pub without_assets: bool,
    /// Whether not to print what is counted: for measurements, which would otherwise include the tests' cost.
    pub silent_counts: bool,
    /// Whether what the Worker holds can be inspected while it runs.
    pub inspected: bool,
    /// Where the objects store their data.
    pub objects: PathBuf,
}

impl Setup {
    /// The configuration of a stand-alone node, in Cap'n Proto's text form. The Worker's modules are beside it.
    #[must_use]
    pub fn capnp(&self, project: &Project) -> String {
        self.capnp_as(Role::Alone, project)
    }

    /// The same, for a process in any role.
    pub(super) fn capnp_as(&self, role: Role<'_>, project: &Project) -> String {
        let front = match role {
            Role::Alone | Role::Edge { assets: None, .. } => "main",
            Role::Host => "door",
            Role::Edge { assets: Some(_), .. } => "front",
        };
        let hosted = match role {
            Role::Edge { .. } => String::new(),
            _ => {
                format!("durableObjectNamespaces = [{}],\n  durableObjectStorage = (localDisk = \"disk\"),", classes())
            }
        };
        format!(
            r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "unreachable", worker = .unreachable),
    (name = "internet", network = (allow = ["public", "private", "local"])),
    (name = "directory", external = (address = "{directory}", http = ())),
    (name = "sessions", external = (address = "{sessions}", http = ())),
    {services}
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "{front}")],
  extensions = [(modules = [(name = "platform:bindings", internal = true, esModule = {platform})])],
);
const main :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "./index_bg.wasm", wasm = embed "index_bg.wasm"),
  ],
  compatibilityDate = {date},
  {hosted}
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
            services = self.services(role, &project.compatibility_date),
            platform = quoted(PLATFORM),
            date = quoted(&project.compatibility_date),
            unreachable = quoted(UNREACHABLE),
            bindings = self.bindings(role),
        )
    }

    /// The services that not every process has.
    fn services(&self, role: Role<'_>, date: &str) -> String {
        let disk = |name, path: &Path, writable| {
            let path = quoted(&path.display().to_string());
            format!(r#"(name = "{name}", disk = (path = {path}, writable = {writable}))"#)
        };
        let worker = |name, script, bindings: &[String]| {
            let (script, date, bindings) = (quoted(script), quoted(date), bindings.join(", "));
            let modules = format!(r#"[(name = "{name}.js", esModule = {script})]"#);
            format!(
                r#"(name = "{name}", worker = (modules = {modules}, compatibilityDate = {date}, bindings = [{bindings}]))"#
            )
        };
        let service = |binding, service| format!(r#"(name = "{binding}", service = "{service}")"#);
        let assets = disk("assets", &project::assets(), false);
        let services = match role {
            Role::Alone => vec![disk("disk", &self.objects, true)],
            Role::Host => {
                vec![disk("disk", &self.objects, true), worker("door", DOOR, &Object::ALL.map(Object::hosted))]
            }
            Role::Edge { door, assets } => {
                let mut services = vec![format!(r#"(name = "door", external = (address = "{door}", http = ()))"#)];
                if let Some(assets) = assets {
                    let bindings = [service("WORKER", "main"), service("FILES", "files")];
                    services.extend([disk("files", assets, false), worker("front", FRONT, &bindings)]);
                }
                services
            }
        };
        services.iter().chain([&assets]).map(String::as_str).collect::<Vec<_>>().join(",\n    ")
    }

    fn bindings(&self, role: Role<'_>) -> String {
        let mut text = String::from(
            r#"(name = "DIRECTORY", kvNamespace = "directory"),
    (name = "SESSIONS", kvNamespace = "sessions"),
    (name = "ENVIRONMENT", text = "local"),"#,
        );
        let silent = if self.silent_counts { r#"(name = "silent", json = "true")"# } else { "" };
        write!(text, "\n    {},", wrapped("EVENTS", silent)).unwrap();
        let limit = self.login_rate.map_or(-1, i64::from);
        let rate = wrapped("LOGIN_RATE", &format!(r#"(name = "limit", json = "{limit}")"#));
        write!(text, "\n    {rate},").unwrap();
        if let Some(address) = &self.message_webhook {
            let (address, key) = (quoted(address), quoted(gateway::KEY));
            write!(
                text,
                "\n    (name = \"MESSAGE_WEBHOOK\", text = {address}), (name = \"MESSAGE_KEY\", text = {key}),"
            )
            .unwrap();
        }
        if let Some(keys) = &self.token_keys {
            write!(text, "\n    (name = \"TOKEN_KEYS\", text = {}),", quoted(keys)).unwrap();
        }
        for (name, secret) in &self.provider_secrets {
            write!(text, "\n    (name = \"{name}\", text = {}),", quoted(secret)).unwrap();
        }
        let assets = if self.without_assets { "unreachable" } else { "assets" };
        write!(text, "\n    (name = \"ASSETS\", service = \"{assets}\"),").unwrap();
        for object in Object::ALL {
            write!(text, "\n    {},", self.namespace(object, role)).unwrap();
        }
        text
    }

    fn namespace(&self, object: Object, role: Role<'_>) -> String {
        let (binding, class) = object.names();
        if self.unreachable.contains(&object) {
            let class = r#"(className = "Unreachable", serviceName = "unreachable")"#;
            format!(r#"(name = "{binding}", durableObjectNamespace = {class})"#)
        } else if let Role::Edge { .. } = role {
            let object = format!(r#"(name = "door", service = "door"), (name = "object", text = "{binding}")"#);
            wrapped(binding, &object)
        } else {
            format!(r#"(name = "{binding}", durableObjectNamespace = "{class}")"#)
        }
    }
}

/// A binding that `platform.js` makes.
fn wrapped(name: &str, inner: &str) -> String {
    format!(r#"(name = "{name}", wrapped = (moduleName = "platform:bindings", innerBindings = [{inner}]))"#)
}

/// The Worker's classes, with `SQLite` storage as in `new_sqlite_classes`.
fn classes() -> String {
    let class = |object: Object| {
        let (_, class) = object.names();
        format!(r#"(className = "{class}", uniqueKey = "{class}", enableSql = true)"#)
    };
    Object::ALL.map(class).join(", ")
}

/// A Cap'n Proto text literal.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
