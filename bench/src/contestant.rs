//! Who is measured, and the program that workerd runs for each.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use onecontact_tests::node::Setup;
use onecontact_tests::project::Project;
use serde::Serialize;

use crate::process::Program;
use crate::unhashed;

/// The key that Hono and better-auth sign with.
const KEY: &str = "a key of the benchmark and of nothing else";
/// The key that jose and the Worker sign access tokens with: the example of RFC 8037, appendix A.1.
pub(crate) const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// The objects of [`Contestant::FloorWithObjects`], on the same kind of storage as ours.
const OBJECTS: &str = r#"durableObjectNamespaces = [(className = "Kept", uniqueKey = "kept", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),"#;
/// The binding by which they are asked.
const BOUND: &str = r#"(name = "OBJECTS", durableObjectNamespace = "Kept"),"#;

/// Someone who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Contestant {
    /// A constant answer in JavaScript, to which all figures are a ratio.
    Floor,
    /// The same, carrying what our answers carry: as many headers and, for a page, as many bytes.
    FloorWithHeaders,
    /// Asking three objects, each of which stores what it is told, in JavaScript.
    FloorWithObjects,
    OneContact,
    /// The Worker with next to nothing in place of the password hash.
    OneContactUnhashed,
    Hono,
    Jose,
    OpenAuth,
    BetterAuth,
}

/// What programs are made of.
#[derive(Clone)]
pub(crate) struct Parts<'a> {
    pub(crate) project: &'a Project,
    pub(crate) setup: &'a Setup,
    /// The KV namespace of the peers.
    pub(crate) store: SocketAddr,
    /// The accounts of better-auth, as JSON.
    pub(crate) accounts: String,
    /// Pages of the Worker, with marks in place of what varies.
    pub(crate) login_page: String,
    pub(crate) desktop_page: String,
}

impl Contestant {
    pub(crate) const ALL: [Self; 9] = [
        Self::Floor,
        Self::FloorWithHeaders,
        Self::FloorWithObjects,
        Self::OneContact,
        Self::OneContactUnhashed,
        Self::Hono,
        Self::Jose,
        Self::OpenAuth,
        Self::BetterAuth,
    ];

    /// Its name in tables and plots.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::FloorWithHeaders => "floor, our headers",
            Self::FloorWithObjects => "floor, three objects",
            Self::OneContact | Self::OneContactUnhashed => "OneContact Agent",
            Self::Hono => "Hono",
            Self::Jose => "jose",
            Self::OpenAuth => "OpenAuth",
            Self::BetterAuth => "better-auth",
        }
    }

    /// The file of a peer in `peers/`, without its extension.
    const fn file(self) -> Option<&'static str> {
        match self {
            Self::Floor => Some("floor"),
            Self::FloorWithHeaders => Some("floor-with-headers"),
            Self::FloorWithObjects => Some("floor-with-objects"),
            Self::OneContact | Self::OneContactUnhashed => None,
            Self::Hono => Some("hono"),
            Self::Jose => Some("jose"),
            Self::OpenAuth => Some("openauth"),
            Self::BetterAuth => Some("better-auth"),
        }
    }

    /// What workerd runs for it.
    pub(crate) fn program(self, parts: &Parts<'_>) -> Result<Program> {
        let Some(file) = self.file() else { return self.own_program(parts.project, parts.setup) };
        let module = bundle(file)?;
        let mut modules = vec![("index.js", module)];
        let mut embedded = r#"(name = "index.js", esModule = embed "index.js")"#.to_owned();
        if matches!(self, Self::OpenAuth | Self::BetterAuth) {
            embedded += r#", (name = "./argon2id.wasm", wasm = embed "argon2id.wasm")"#;
            modules.push(("argon2id.wasm", fs::read(folder().join("node_modules/argon2id/dist/simd.wasm"))?));
        }
        let (objects, namespaces, bound) = match self {
            Self::FloorWithObjects => (objects(&parts.setup.objects), OBJECTS, BOUND),
            _ => (String::new(), "", ""),
        };
        let config = format!(
            r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "store", external = (address = "{store}", http = ())){objects}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [{embedded}],
  compatibilityDate = {date},
  {namespaces}
  bindings = [
    (name = "STORE", kvNamespace = "store"),
    (name = "KEY", text = {key}),
    (name = "ED25519", text = {ed25519}),
    (name = "ACCOUNTS", text = {accounts}),
    (name = "LOGIN_PAGE", text = {login}),
    (name = "DESKTOP_PAGE", text = {desktop}),
    {bound}
  ],
);
"#,
            store = parts.store,
            date = quoted(&parts.project.compatibility_date),
            key = quoted(KEY),
            ed25519 = quoted(ED25519),
            accounts = quoted(&parts.accounts),
            login = quoted(&parts.login_page),
            desktop = quoted(&parts.desktop_page),
        );
        Ok(Program { config, modules })
    }

    /// What workerd runs for the Worker, which needs nothing else.
    pub(crate) fn own_program(self, project: &Project, setup: &Setup) -> Result<Program> {
        let mut modules = project.modules.clone();
        if self == Self::OneContactUnhashed {
            unhashed::change(&mut modules)?;
        }
        Ok(Program { config: setup.capnp(project), modules })
    }
}

/// The benchmark's own folder.
pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where objects keep what they store.
fn objects(folder: &Path) -> String {
    let path = quoted(&folder.display().to_string());
    format!(r#", (name = "disk", disk = (path = {path}, writable = true))"#)
}

/// One minified module containing a peer and its dependencies, as its users deploy it.
fn bundle(name: &str) -> Result<Vec<u8>> {
    let output = Command::new(folder().join("../node_modules/.bin/esbuild"))
        .arg(folder().join(format!("peers/{name}.js")))
        .args(["--bundle", "--minify", "--format=esm", "--platform=neutral", "--main-fields=module,main"])
        .args([
            "--conditions=workerd,worker,import",
            "--external:node:*",
            "--external:cloudflare:*",
            "--external:./argon2id.wasm",
        ])
        .output()
        .context("esbuild could not be started; `cargo xtask bench` fetches it")?;
    if !output.status.success() {
        bail!("{name} could not be bundled:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

/// A Cap'n Proto text literal.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
