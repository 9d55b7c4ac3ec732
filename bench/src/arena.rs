//! What a run rests on: the KV, what is declared in it, and the contestants' processes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};
use onecontact_tests::Kv;
use onecontact_tests::node::Setup;
use onecontact_tests::project::Project;
use onecontact_tests::tokens;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::contestant::{Contestant, ED25519, Parts};
use crate::directory::{self, LEAST_MEMORY, MEMORY};
use crate::http::Connection;
use crate::load::CONNECTIONS;
use crate::offers;
use crate::process::{Process, Program};
use crate::requests::{self, ALL_AGENTS, email};
use crate::work::Work;

/// One KV behind all, and what each contestant runs.
pub(crate) struct Arena {
    pub(crate) workerd: PathBuf,
    programs: BTreeMap<Contestant, Program>,
    processes: BTreeMap<Contestant, Process>,
    #[expect(dead_code, reason = "a namespace is gone with the last handle to it")]
    namespaces: [Kv; 4],
    _objects: TempDir,
}

/// Starts a namespace on a thread of its own, for as long as this process runs.
pub(crate) fn kv() -> Result<Kv> {
    let (sender, started) = mpsc::channel();
    thread::spawn(move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            sender.send(Kv::start().await)?;
            std::future::pending().await
        })
    });
    started.recv().context("the KV did not start")
}

/// What the Worker is given.
pub(crate) fn setup(directory: &Kv, sessions: &Kv, objects: PathBuf) -> Result<Setup> {
    Ok(Setup {
        directory: directory.address(),
        sessions: sessions.address(),
        token_keys: Some(key_set()?),
        login_rate: Some(u32::MAX),
        unreachable: Vec::new(),
        message_webhook: None,
        provider_secrets: Vec::new(),
        without_assets: false,
        silent_counts: true,
        inspected: false,
        objects,
    })
}

/// The tests' keys, and one for access tokens.
fn key_set() -> Result<String> {
    let (mut set, mut key): (Value, Value) =
        (serde_json::from_str(&tokens::key_set())?, serde_json::from_str(ED25519)?);
    for (name, value) in [("kid", "bench-ed25519"), ("use", "sig"), ("status", "active")] {
        key[name] = value.into();
    }
    set["keys"].as_array_mut().context("a key set has keys")?.push(key);
    Ok(set.to_string())
}

/// A folder in memory, so that no contestant is credited with this disk's commit time.
pub(crate) fn memory_folder() -> Result<TempDir> {
    tempfile::tempdir_in("/dev/shm").context("no folder in /dev/shm")
}

impl Arena {
    /// Declares the agents and makes each contestant's program.
    pub(crate) fn new() -> Result<Self> {
        let project = Project::find();
        let (directory, sessions, store) = (kv()?, kv()?, kv()?);
        let phc = directory::phc(MEMORY)?;
        let unhashed = directory::phc(LEAST_MEMORY)?;
        directory::declare(&directory, 1, ALL_AGENTS + offers::AGENTS, &phc)?;
        // The changed Worker shares everything but the agents' records.
        let cheap = kv()?;
        directory::declare(&cheap, 1, ALL_AGENTS, &unhashed)?;
        let mut accounts = Vec::new();
        for (work, phc) in [(Work::SignIn, &unhashed), (Work::SignInHashed, &phc)] {
            for at in 0..CONNECTIONS {
                let email = email(at, work);
                accounts.push(json!({ "id": email, "email": email, "phc": phc }));
                store.declare_text(&format!("email\u{1f}{email}\u{1f}password"), &json!(phc).to_string());
            }
        }
        let objects = memory_folder()?;
        let folder = |name: &str| -> Result<PathBuf> {
            let folder = objects.path().join(name);
            std::fs::create_dir_all(&folder)?;
            Ok(folder)
        };
        let setup_of = |contestant| match contestant {
            Contestant::OneContactUnhashed => setup(&cheap, &sessions, folder("unhashed")?),
            Contestant::FloorWithObjects => setup(&directory, &sessions, folder("floor")?),
            _ => setup(&directory, &sessions, folder("hashed")?),
        };
        let own_setup = setup_of(Contestant::OneContact)?;
        let mut parts = Parts {
            project: &project,
            setup: &own_setup,
            store: store.address(),
            accounts: json!(accounts).to_string(),
            login_page: String::new(),
            desktop_page: String::new(),
        };
        let own = Process::start(&project.workerd, &Contestant::OneContact.own_program(&project, &own_setup)?)?;
        parts.login_page = pattern(&own, Work::Login)?;
        parts.desktop_page = pattern(&own, Work::Session)?;
        let mut programs = BTreeMap::new();
        for contestant in Contestant::ALL {
            let setup = setup_of(contestant)?;
            programs.insert(contestant, contestant.program(&Parts { setup: &setup, ..parts.clone() })?);
        }
        let namespaces = [directory, cheap, sessions, store];
        Ok(Self {
            workerd: project.workerd.clone(),
            programs,
            processes: BTreeMap::new(),
            namespaces,
            _objects: objects,
        })
    }

    /// What workerd runs for `contestant`.
    pub(crate) fn program(&self, contestant: Contestant) -> Result<&Program> {
        self.programs.get(&contestant).context("everyone has a program")
    }

    /// The processes of `contestants`, started on first use.
    pub(crate) fn processes(&mut self, contestants: &[Contestant]) -> Result<Vec<(Contestant, &Process)>> {
        for contestant in contestants {
            if !self.processes.contains_key(contestant) {
                let process = Process::start(&self.workerd, self.program(*contestant)?)
                    .with_context(|| format!("{} does not start", contestant.name()))?;
                self.processes.insert(*contestant, process);
            }
        }
        let started = |contestant: &Contestant| Some((*contestant, self.processes.get(contestant)?));
        contestants.iter().map(started).collect::<Option<_>>().context("they have just been started")
    }
}

/// A page of the Worker with marks where the peers put what varies.
fn pattern(own: &Process, work: Work) -> Result<String> {
    let requests = requests::prepare(Contestant::OneContact, work, own)?;
    let page = Connection::open(own.address)?.exchange(&requests[0][0])?.text();
    let value =
        |before: &str| page.split_once(before).and_then(|(_, rest)| rest.split_once('"')).map(|(value, _)| value);
    let mut pattern = page.clone();
    if let Some(nonce) = value("nonce=\"") {
        pattern = pattern.replace(nonce, "{{nonce}}");
    }
    if let Some(form) = value("name=\"form\" value=\"") {
        pattern = pattern.replace(form, "{{form}}");
    }
    Ok(pattern.replace(directory::username(CONNECTIONS)?.as_str(), "{{agent}}"))
}
