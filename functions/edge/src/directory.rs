//! Reading what operators have declared.
//!
//! Installs, hosts, instances, applications and services are cached in the isolate for a while: every page or call
//! needs them, and they change a few times a year. Agents are not cached: a disabled one must not sign in.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::thread::LocalKey;

use kv_schema::directory::{
    Agent, Client, Email, Host, Install, InstallExtension, Instance, InstanceByName, LoginSite, PhoneExtension, Service,
};
use kv_schema::names::{
    ClientId, EmailAddress, Extension, HostName, InstallName, InstanceId, InstanceName, ServiceName, Username,
};
use kv_schema::{Record, Timestamp};
use onecontact_domain::federation::agent_of;
use onecontact_domain::guard::{Answer, Ask};
use onecontact_domain::problem::{Outage, Problem};

use crate::bindings::Bindings;
use crate::guard;
use crate::kv::Patience;

/// Seconds that a record is cached in the isolate; KV itself caches one for at least 30.
const KEPT_SECONDS: u64 = 30;
/// How many records of a kind an isolate caches.
const MOST_KEPT: usize = 1024;

/// Records of one kind by key, each with the time until which it is good. `None` is cached too: no such record.
type Kept<R> = RefCell<HashMap<String, (Timestamp, Option<Rc<R>>)>>;

thread_local! {
    static INSTALLS: Kept<Install> = RefCell::default();
    static HOSTS: Kept<Host> = RefCell::default();
    static CLIENTS: Kept<Client> = RefCell::default();
    static INSTANCES: Kept<Instance> = RefCell::default();
    static LOGIN_SITE: Kept<LoginSite> = RefCell::default();
    static SERVICES: Kept<Service> = RefCell::default();
}

/// The directory, at one point in time.
#[derive(Clone, Copy)]
pub(crate) struct Directory<'a> {
    bindings: &'a Bindings,
    now: Timestamp,
    patience: Patience,
}

impl<'a> Directory<'a> {
    pub(crate) fn new(bindings: &'a Bindings, now: Timestamp) -> Self {
        Self { bindings, now, patience: Patience::Long }
    }

    /// The directory, for a session that can go on without it.
    pub(crate) fn in_a_hurry(self) -> Self {
        Self { patience: Patience::Short, ..self }
    }

    pub(crate) async fn install(self, name: &InstallName) -> Result<Option<Rc<Install>>, Problem> {
        self.kept(&INSTALLS, Install::key_of(name)).await
    }

    pub(crate) async fn login_site(self) -> Result<Option<Rc<LoginSite>>, Problem> {
        self.kept(&LOGIN_SITE, LoginSite::KEY.to_owned()).await
    }

    pub(crate) async fn client(self, id: &ClientId) -> Result<Option<Rc<Client>>, Problem> {
        self.kept(&CLIENTS, Client::key_of(id)).await
    }

    pub(crate) async fn instance(self, id: &InstanceId) -> Result<Option<Rc<Instance>>, Problem> {
        self.kept(&INSTANCES, Instance::key_of(id)).await
    }

    /// The record for a hostname: its own, or that of the longest suffix. `None` for a host that cannot be declared.
    pub(crate) async fn host(self, host: &str) -> Result<Option<Rc<Host>>, Problem> {
        let Ok(name) = HostName::parse(host) else { return Ok(None) };
        for pattern in name.candidates() {
            if let Some(found) = self.kept(&HOSTS, Host::key_of(&pattern)).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    pub(crate) async fn instance_by_name(self, name: &InstanceName) -> Result<Option<InstanceByName>, Problem> {
        self.read(&InstanceByName::key_of(name)).await
    }

    /// An agent, if an operator has declared them.
    pub(crate) async fn declared_agent(
        self,
        instance: &InstanceId,
        username: &Username,
    ) -> Result<Option<Agent>, Problem> {
        self.read(&Agent::key_of(instance, username)).await
    }

    /// An agent, whether declared or created by their instance's provider. The account's guard knows the latter: KV
    /// would show them late, and they are in the middle of signing in.
    pub(crate) async fn agent(self, instance: &InstanceId, username: &Username) -> Result<Option<Agent>, Problem> {
        if let Some(agent) = self.declared_agent(instance, username).await? {
            return Ok(Some(agent));
        }
        let found = self.instance(instance).await?;
        let provider = found.as_ref().and_then(|instance| instance.provider.as_ref());
        if provider.is_none_or(|provider| provider.creates.is_none()) {
            return Ok(None);
        }
        match guard::ask(self.bindings, instance, username, &Ask::Created).await? {
            Answer::Created(created) => Ok(created.map(|created| agent_of(*created))),
            _ => Err(guard::not_understood()),
        }
    }

    pub(crate) async fn email(self, instance: &InstanceId, email: &EmailAddress) -> Result<Option<Email>, Problem> {
        self.read(&Email::key_of(instance, email)).await
    }

    pub(crate) async fn extension(
        self,
        instance: &InstanceId,
        extension: &Extension,
    ) -> Result<Option<PhoneExtension>, Problem> {
        self.read(&PhoneExtension::key_of(instance, extension)).await
    }

    /// Whether any instance of `install` has this extension, if the install serves several.
    pub(crate) async fn has_extension(self, install: &InstallName, extension: &Extension) -> Result<bool, Problem> {
        // Its presence is all that it says.
        Ok(self.bindings.directory.read(&InstallExtension::key_of(install, extension), self.patience).await?.is_some())
    }

    pub(crate) async fn service(self, name: &ServiceName) -> Result<Option<Rc<Service>>, Problem> {
        self.kept(&SERVICES, Service::key_of(name)).await
    }

    async fn kept<R: Record>(self, kept: &'static LocalKey<Kept<R>>, key: String) -> Result<Option<Rc<R>>, Problem> {
        let found = kept.with_borrow(|kept| kept.get(&key).cloned());
        if let Some((_, record)) = found.as_ref().filter(|(until, _)| self.now < *until) {
            return Ok(record.clone());
        }
        // With something to fall back on, nobody has to wait.
        let read = if found.is_some() { self.in_a_hurry().read(&key) } else { self.read(&key) };
        let record = match (read.await, found) {
            (Ok(record), _) => record.map(Rc::new),
            // A record from a while ago is better than none: while KV is down, sessions go on (C3).
            (Err(Problem::Unavailable(_)), Some((_, record))) => return Ok(record),
            (Err(problem), _) => return Err(problem),
        };
        kept.with_borrow_mut(|kept| {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(key, (self.now.plus(KEPT_SECONDS), record.clone()));
        });
        Ok(record)
    }

    async fn read<R: Record>(self, key: &str) -> Result<Option<R>, Problem> {
        let text = self.bindings.directory.read(key, self.patience).await?;
        text.map(|text| R::read(key, &text)).transpose().map_err(Problem::Unreadable)
    }
}

/// The problem of a binding that does not answer, and what it said.
pub(crate) fn outage(binding: &'static str, cause: &impl ToString) -> Problem {
    Problem::Unavailable(Outage { binding, cause: cause.to_string() })
}
