//! What is declared in a world, as the operators' tool would write it.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use kv_schema::Timestamp;
use kv_schema::directory::{
    Agent, AllowedAgents, Email, ExtensionKind, Host, Install, InstallExtension, Instance, InstanceByName, Password,
    PhoneExtension, Recorder, Serves,
};
use kv_schema::names::{
    EmailAddress, Extension, HostPattern, InstallName, InstallSpelling, InstanceId, InstanceName, SiteAddress, Username,
};
use kv_schema::record::Version;
use onecontact_domain::password::{self, Work};
use rand_core::OsRng;
use tempfile::TempDir;

use super::{HOST, PASSWORD, World};
use crate::cluster::Cluster;
use crate::gateway::Gateway;
use crate::kv::Kv;
use crate::node::{Node, Object, Setup};
use crate::project;
use crate::secrets::Secrets;
use crate::tokens;

/// So high that no test reaches it by accident.
const ANY_RATE: u32 = 1_000_000;

/// An extension that every instance has, and that is nobody's usual one.
pub const SPARE_EXTENSION: &str = "2002";

/// What exists before any process does.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) directory: Kv,
    pub(crate) sessions: Kv,
    pub(crate) gateway: Gateway,
    pub(crate) secrets: Secrets,
    pub(crate) objects: TempDir,
    pub(crate) setup: Setup,
    pub(crate) instances: Vec<String>,
}

/// A world that has not started.
#[derive(Debug, Default)]
pub struct Builder {
    installs: Vec<Install>,
    instances: Vec<Instance>,
    hosts: Vec<(HostPattern, InstanceId)>,
    agents: Vec<Agent>,
    extensions: Vec<PhoneExtension>,
    login_rate: Option<u32>,
    unreachable: Vec<Object>,
    is_misconfigured: bool,
    token_keys: Option<String>,
    provider_secrets: Vec<(String, String)>,
    inspected: bool,
}

impl Builder {
    /// Declares an install.
    #[must_use]
    pub fn install(self, name: &str) -> Self {
        self.install_with(name, |_| {})
    }

    /// Declares an install, changed by `change`.
    #[must_use]
    pub fn install_with(mut self, name: &str, change: impl FnOnce(&mut Install)) -> Self {
        let mut install = Install::new(InstallSpelling::parse(name).unwrap(), Serves::None);
        change(&mut install);
        self.installs.push(install);
        self
    }

    /// Declares an instance that these installs serve.
    #[must_use]
    pub fn instance(self, name: &str, installs: &[&str]) -> Self {
        self.instance_with(name, installs, |_| {})
    }

    /// Declares an instance, changed by `change`.
    #[must_use]
    pub fn instance_with(mut self, name: &str, installs: &[&str], change: impl FnOnce(&mut Instance)) -> Self {
        let installs = installs.iter().map(|install| InstallName::parse(install).unwrap()).collect();
        let (id, support) = (id(self.instances.len()), format!("{name} Support"));
        let mut instance = Instance::new(id, InstanceName::parse(name).unwrap(), support, installs);
        instance.address = SiteAddress::parse(&format!("https://{HOST}")).ok();
        // It has extensions.
        instance.requires_extension = true;
        change(&mut instance);
        self.instances.push(instance);
        self
    }

    /// Declares a host for an instance.
    #[must_use]
    pub fn host(mut self, pattern: &str, instance: &str) -> Self {
        let instance = self.id_of(instance);
        self.hosts.push((HostPattern::parse(pattern).unwrap(), instance));
        self
    }

    /// Declares an agent: the first extension from 1001 on that is nobody's default, an e-mail address of that name,
    /// [`PASSWORD`].
    #[must_use]
    pub fn agent(self, instance: &str, username: &str) -> Self {
        self.agent_with(instance, username, |_| {})
    }

    /// Declares an agent, changed by `change`.
    #[must_use]
    pub fn agent_with(mut self, instance: &str, username: &str, change: impl FnOnce(&mut Agent)) -> Self {
        let extension = 1001 + self.agents.iter().filter(|agent| agent.instance == self.id_of(instance)).count();
        let password = Password { phc: phc(PASSWORD), set_at: Timestamp(1_795_000_000), must_change: false };
        let name = Username::parse(username).unwrap();
        let mut agent = Agent::new(self.id_of(instance), name, format!("{username} Front"), password);
        agent.email = EmailAddress::parse(&format!("{username}@{instance}.example")).ok();
        agent.default_extension = Extension::parse(&extension.to_string()).ok();
        change(&mut agent);
        self.agents.push(agent);
        self
    }

    /// Declares a desk phone that every agent of its instance may use. An agent's default one is declared with the
    /// agent.
    #[must_use]
    pub fn extension(self, instance: &str, number: &str) -> Self {
        self.extension_with(instance, number, |_| {})
    }

    /// Declares an extension, changed by `change`.
    #[must_use]
    pub fn extension_with(mut self, instance: &str, number: &str, change: impl FnOnce(&mut PhoneExtension)) -> Self {
        let mut extension = desk_phone(self.id_of(instance), Extension::parse(number).unwrap());
        change(&mut extension);
        self.extensions.push(extension);
        self
    }

    /// Gives the last declared install this screen recorder, and nodes the key to ask it with.
    #[must_use]
    pub fn recorder(mut self, recorder: Recorder) -> Self {
        let install = self.installs.last_mut().expect("an install is declared before its recorder");
        install.recorder = Some(recorder);
        self.with_access_tokens()
    }

    /// Lets nodes issue access tokens.
    #[must_use]
    pub fn with_access_tokens(self) -> Self {
        self.token_keys(&tokens::key_set_for_others())
    }

    /// Lets `LOGIN_RATE` admit this many attempts.
    #[must_use]
    pub fn login_rate(mut self, attempts: u32) -> Self {
        self.login_rate = Some(attempts);
        self
    }

    /// Makes this class unreachable.
    #[must_use]
    pub fn unreachable(mut self, object: Object) -> Self {
        self.unreachable.push(object);
        self
    }

    /// Sets `TOKEN_KEYS`.
    #[must_use]
    pub fn token_keys(mut self, key_set: &str) -> Self {
        self.token_keys = Some(key_set.to_owned());
        self
    }

    /// Gives the Worker this secret, by which an instance's provider knows it.
    #[must_use]
    pub fn provider_secret(mut self, name: &str, secret: &str) -> Self {
        self.provider_secrets.push((name.to_owned(), secret.to_owned()));
        self
    }

    /// Makes what the Worker holds inspectable while it runs: [`Node::heap`].
    #[must_use]
    pub fn inspected(mut self) -> Self {
        self.inspected = true;
        self
    }

    /// Leaves out `TOKEN_KEYS`, as if the operator had forgotten it.
    #[must_use]
    pub fn without_token_keys(mut self) -> Self {
        self.is_misconfigured = true;
        self
    }

    /// Declares everything and starts a node.
    pub async fn start(self) -> World {
        let Declared { directory, sessions, gateway, secrets, objects, setup, instances } =
            self.declared(project::scratch()).await;
        let node = Some(Node::start(&setup, 0, &secrets).await);
        World { directory, sessions, gateway, node, setup, secrets, instances, _objects: objects }
    }

    /// Declares everything and starts a host of the objects, two edge nodes and a router to them.
    pub async fn start_cluster(self) -> Cluster {
        Cluster::start(self.declared(project::scratch_in_memory()).await, None).await
    }

    /// The same, with nodes that also serve the static assets.
    pub async fn start_cluster_for_pages(self) -> Cluster {
        let assets = project::assets();
        Cluster::start(self.declared(project::scratch_in_memory()).await, Some(assets)).await
    }

    async fn declared(self, objects: TempDir) -> Declared {
        let (directory, sessions, gateway) = (Kv::start().await, Kv::start().await, Gateway::start().await);
        let secrets = Secrets::default();
        self.declare(&directory, &secrets);
        let setup = Setup {
            directory: directory.address(),
            sessions: sessions.address(),
            token_keys: (!self.is_misconfigured).then(|| self.token_keys.unwrap_or_else(tokens::key_set)),
            login_rate: Some(self.login_rate.unwrap_or(ANY_RATE)),
            unreachable: self.unreachable,
            message_webhook: Some(gateway.address()),
            provider_secrets: self.provider_secrets,
            without_assets: false,
            silent_counts: false,
            inspected: self.inspected,
            objects: objects.path().to_owned(),
        };
        secrets.add(&tokens::key());
        secrets.add(&tokens::key_for_others());
        let instances = self.instances.iter().map(|instance| instance.name.to_string()).collect();
        Declared { directory, sessions, gateway, secrets, objects, setup, instances }
    }

    fn declare(&self, directory: &Kv, secrets: &Secrets) {
        for install in &self.installs {
            let serves = match self.served_by(&install.name.name()).as_slice() {
                [] => Serves::None,
                [only] => Serves::One(only.id.clone()),
                _ => Serves::Many,
            };
            directory.declare(&Install { serves, ..install.clone() });
        }
        for instance in &self.instances {
            directory.declare(instance);
            let (name, id) = (instance.name.clone(), instance.id.clone());
            directory.declare(&InstanceByName { v: Version, name, instance: id });
        }
        for (host, instance) in &self.hosts {
            let install = self.only_install_of(instance);
            directory.declare(&Host { v: Version, host: host.clone(), instance: instance.clone(), install });
        }
        for agent in &self.agents {
            directory.declare(agent);
            if let Some(number) = &agent.default_extension {
                let phone = desk_phone(agent.instance.clone(), number.clone());
                self.declare_extension(directory, &PhoneExtension { usual_of: vec![agent.username.clone()], ..phone });
            }
            secrets.add(&agent.password.phc);
            if let Some(email) = agent.email.clone() {
                let (instance, username) = (agent.instance.clone(), agent.username.clone());
                directory.declare(&Email { v: Version, instance, email, username });
            }
        }
        let spare = Extension::parse(SPARE_EXTENSION).unwrap();
        let spares = self.instances.iter().map(|instance| desk_phone(instance.id.clone(), spare.clone()));
        for extension in spares.chain(self.extensions.iter().cloned()) {
            self.declare_extension(directory, &extension);
        }
    }

    fn declare_extension(&self, directory: &Kv, extension: &PhoneExtension) {
        directory.declare(extension);
        let instance = self.instances.iter().find(|instance| instance.id == extension.instance);
        let installs = instance.map(|instance| instance.installs.as_slice()).unwrap_or_default();
        for install in installs.iter().filter(|install| self.served_by(install).len() > 1) {
            let (install, extension) = (install.clone(), extension.extension.clone());
            directory.declare(&InstallExtension { v: Version, install, extension });
        }
    }

    fn served_by(&self, install: &InstallName) -> Vec<&Instance> {
        self.instances.iter().filter(|instance| !instance.retired && instance.installs.contains(install)).collect()
    }

    fn only_install_of(&self, id: &InstanceId) -> Option<InstallSpelling> {
        let instance = self.instances.iter().find(|instance| instance.id == *id)?;
        let [only] = instance.installs.as_slice() else { return None };
        self.installs.iter().map(|install| &install.name).find(|name| name.name() == *only).cloned()
    }

    fn id_of(&self, name: &str) -> InstanceId {
        let index = self.instances.iter().position(|instance| instance.name.as_str() == name);
        id(index.expect("the instance is declared before what belongs to it"))
    }
}

fn desk_phone(instance: InstanceId, extension: Extension) -> PhoneExtension {
    PhoneExtension {
        v: Version,
        instance,
        extension,
        kind: ExtensionKind::DeskPhone,
        agents: AllowedAgents::All,
        usual_of: Vec::new(),
    }
}

/// The id of the instance declared in this position.
pub(crate) fn id(index: usize) -> InstanceId {
    InstanceId::parse(&format!("01KAS4V9T2XN8Q4M6W3Y5Z7B{index:02}")).unwrap()
}

/// The hash of `password`, computed once for all tests.
fn phc(password: &str) -> String {
    static MADE: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let hash = || password::hash(password, &mut OsRng, &mut Work::default()).unwrap();
    made.entry(password.to_owned()).or_insert_with(hash).clone()
}
