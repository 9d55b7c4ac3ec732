//! One workerd process that runs the built Worker: an edge node, or the host of several nodes' objects.

mod config;
mod inspector;
mod log;
mod manual;

use std::fs;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use config::{Object, Role, Setup};
pub use log::Log;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::project::{self, Project};
use crate::secrets::Secrets;

/// Longest wait for a node to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs what it is given until its own input ends, then kills it, so that no node outlives the tests, however they end;
/// not even a stopped one, since the kernel wakes and hangs up a stopped process group whose parent has gone.
const KEEPER: &str = r#""$@" </dev/null & node=$!; exec >/dev/null 2>&1; cat; kill -9 "$node"; wait "$node""#;

/// A running node. Dropping it kills the process group and checks its log.
#[derive(Debug)]
pub struct Node {
    /// Leads the process group.
    keeper: Child,
    readers: Vec<JoinHandle<()>>,
    address: SocketAddr,
    log: Log,
    secrets: Secrets,
    /// Contains the configuration and the modules.
    _directory: TempDir,
}

impl Node {
    /// Starts a stand-alone node and waits until it listens: on `port`, or on any free one with 0.
    pub async fn start(setup: &Setup, port: u16, secrets: &Secrets) -> Self {
        Self::start_as(Role::Alone, setup, port, secrets).await
    }

    /// The same, for a process in any role.
    pub async fn start_as(role: Role<'_>, setup: &Setup, port: u16, secrets: &Secrets) -> Self {
        let mut node = Self::spawn(role, setup, port, secrets);
        let started = Instant::now();
        let listening = loop {
            if let Some(listening) = node.log.events("listen").pop() {
                break listening;
            }
            let is_over = node.readers.iter().all(JoinHandle::is_finished);
            assert!(
                !is_over && started.elapsed() < PATIENCE,
                "workerd does not listen. It says:\n{}",
                node.log.lines().join("\n")
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        let port = listening["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        node.address.set_port(port.expect("workerd says its port"));
        node
    }

    fn spawn(role: Role<'_>, setup: &Setup, port: u16, secrets: &Secrets) -> Self {
        static PROJECT: OnceLock<Project> = OnceLock::new();
        let project = PROJECT.get_or_init(Project::find);
        let directory = project::scratch();
        let config = directory.path().join("config.capnp");
        fs::write(&config, setup.capnp_as(role, project)).unwrap();
        for (module, content) in &project.modules {
            fs::write(directory.path().join(module), content).unwrap();
        }
        fs::create_dir_all(&setup.objects).unwrap();
        let inspector: &[&str] = if setup.inspected { &["--inspector-addr=127.0.0.1:0"] } else { &[] };
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&project.workerd)
            .args(["serve", "--experimental", "--control-fd=1"])
            .args(inspector)
            .arg(format!("--socket-addr=http=127.0.0.1:{port}"))
            .arg(&config)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let log = Log::default();
        let output = keeper.stdout.take().map(|output| log.read(output));
        let errors = keeper.stderr.take().map(|errors| log.read(errors));
        let readers = output.into_iter().chain(errors).collect();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Self { keeper, readers, address, log, secrets: secrets.clone(), _directory: directory }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has written so far.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Bytes of memory that it holds (resident), if the system tells (Linux).
    #[must_use]
    pub fn memory(&self) -> Option<u64> {
        let keeper = self.keeper.id().to_string();
        let processes = fs::read_dir("/proc").ok()?.filter_map(Result::ok);
        let held = processes.filter_map(|process| {
            let status = fs::read_to_string(process.path().join("status")).ok()?;
            let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
            let kilobytes = field("VmRSS:")?.strip_suffix(" kB")?.parse::<u64>().ok()?;
            (field("PPid:")? == keeper).then_some(kilobytes * 1024)
        });
        held.max()
    }

    /// Bytes that the Worker holds in V8's heap, without garbage. The setup has to ask for an inspected node.
    pub async fn heap(&self) -> u64 {
        let listening = self.log.events("listen-inspector").pop().expect("the node is inspected");
        let port = listening["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let inspector = SocketAddr::from(([127, 0, 0, 1], port.expect("workerd says its port")));
        inspector::heap(inspector, self.address).await
    }

    /// Stops the process, like a machine that hangs: its connections remain, and nothing answers (SIGSTOP).
    pub fn freeze(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Resumes a stopped process.
    pub fn thaw(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let group = Pid::from_raw(self.keeper.id().try_into().expect("a process id is positive"));
        killpg(group, signal).expect("the process group stands until the keeper was waited for");
    }

    /// Kills the process group, without warning (SIGKILL), and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        if self.readers.is_empty() {
            return; // it was killed before
        }
        self.signal(Signal::SIGKILL);
        self.keeper.wait().expect("the keeper ends");
        for reader in self.readers.drain(..) {
            reader.join().expect("the log was read");
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- log of the node at {}\n{}", self.address, self.log.lines().join("\n"));
            return;
        }
        let lines = self.log.lines();
        for line in &lines {
            let panicked =
                ["panicked at", "RuntimeError", "Critical error", "Module terminated", "unreachable executed"];
            assert!(!panicked.iter().any(|sign| line.contains(sign)), "the Worker panicked: {line}");
        }
        for event in self.log.every_event() {
            let (name, install) = (&event["event"], event["install"].as_str().unwrap_or_default());
            let is_told = name.as_str().is_some_and(|name| manual::EVENTS.contains(name));
            assert!(is_told, "the event {name} is not in the table of docs/OPERATIONS.md");
            assert!(install.chars().all(|letter| !letter.is_uppercase()), "an install has one spelling: {event}");
        }
        if let Some((secret, line)) = self.secrets.found_in(&lines) {
            panic!("the log holds the secret {secret:?}: {line}");
        }
    }
}
