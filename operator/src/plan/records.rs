//! The records that declarations result in.

use std::collections::{BTreeSet, HashMap};

use kv_schema::directory::{
    Agent, Client, Email, Host, Install, Instance, InstanceByName, LoginSite, Metadata, Reach, Scope, Serves, Service,
};
use kv_schema::names::{InstallName, InstallSpelling, InstanceId, InstanceName, SiteAddress};
use kv_schema::record::Version;
use kv_schema::{Record, Timestamp};
use sha2::{Digest, Sha256};

use super::extensions::Extensions;
use super::{Kind, password};
use crate::declarations::address;
use crate::declarations::model::{
    Declared, DeclaredAgent, DeclaredClient, DeclaredInstall, DeclaredInstance, DeclaredPassword, DeclaredReach,
    DeclaredService,
};
use crate::passwords::{self, Salt};
use crate::secret::Secret;
use crate::store::Entry;

/// A record that should be stored.
#[derive(Debug)]
pub(crate) struct Desired {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    /// What it is, in a person's words.
    pub(crate) label: String,
    pub(super) body: Body,
}

/// The content of a record.
#[derive(Debug)]
pub(super) enum Body {
    Ready(Entry),
    Agent(Box<Draft>),
}

/// An agent's record except for the time when the password was set, and the hash of a clear password.
#[derive(Debug)]
pub(crate) struct Draft {
    agent: Agent,
    pub(super) password: DeclaredPassword,
}

impl Draft {
    /// The record with this password.
    pub(super) fn agent(&self, phc: String, set_at: Timestamp) -> Agent {
        let must_change = self.agent.password.must_change;
        Agent { password: password(phc, set_at, must_change), ..self.agent.clone() }
    }

    /// The salt that its password is hashed with.
    pub(super) fn salt(&self) -> Salt {
        passwords::salt_of(&self.agent.instance, &self.agent.username)
    }
}

impl Desired {
    /// The declared password, if it is in the clear.
    pub(super) fn clear_password(&self) -> Option<&Secret> {
        match &self.body {
            Body::Agent(draft) => match &draft.password {
                DeclaredPassword::Clear(secret) => Some(secret),
                DeclaredPassword::Hash(_) => None,
            },
            Body::Ready(_) => None,
        }
    }

    /// The digest of what is declared; `None` if it depends on a hash that has not been made yet.
    pub(super) fn digest(&self) -> Option<String> {
        match &self.body {
            Body::Ready(entry) => Some(entry.metadata.digest.clone()),
            Body::Agent(draft) => match &draft.password {
                DeclaredPassword::Clear(_) => None,
                DeclaredPassword::Hash(phc) => Some(digest(&draft.agent(phc.clone(), Timestamp(0)))),
            },
        }
    }
}

/// Where records go: addresses of this machine are used only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// This machine, where `wrangler dev` serves at this port.
    ThisMachine(u16),
    Cloudflare,
}

/// All records that `declared` results in at `destination`. A reference that leads nowhere was refused earlier, and is
/// ignored here.
pub(crate) fn derive(declared: &Declared, destination: Destination) -> Vec<Desired> {
    let ids: HashMap<&InstanceName, &InstanceId> =
        declared.instances.iter().map(|instance| (&instance.name, &instance.id)).collect();
    let (served, extensions) = (Served::by(declared), Extensions::of(declared));
    let mut desired = Vec::new();
    for instance in &declared.instances {
        let address = match destination {
            Destination::ThisMachine(port) => address::local(declared, instance, port),
            Destination::Cloudflare => address::deployed(declared, instance),
        };
        let record = instance_record(instance, address, &served, &extensions);
        desired.push(ready(Kind::Instance, &record, instance_label(instance)));
        let by_name = InstanceByName { v: Version, name: instance.name.clone(), instance: instance.id.clone() };
        desired.push(ready(Kind::InstanceName, &by_name, instance.name.to_string()));
    }
    desired.extend(installs(declared, &ids));
    for host in &declared.hosts {
        let Some(instance) = ids.get(&host.instance.1) else { continue };
        let install = served.only_install(&host.instance.1);
        let record = Host { v: Version, host: host.host.clone(), instance: (*instance).clone(), install };
        desired.push(ready(Kind::Host, &record, host.host.to_string()));
    }
    for service in &declared.services {
        desired.push(ready(Kind::Service, &service_record(service, &ids), service.name.to_string()));
    }
    for login in &declared.logins {
        let site = LoginSite {
            language: login.language,
            session_minutes: login.session_minutes,
            ..LoginSite::new(login.address.clone())
        };
        desired.push(ready(Kind::Login, &site, login.address.to_string()));
    }
    for client in &declared.clients {
        desired.push(ready(Kind::Client, &client_record(client, &ids), client.id.to_string()));
    }
    desired.extend(extensions.records(declared, &ids));
    for agent in &declared.agents {
        let Some(instance) = ids.get(&agent.instance.1) else { continue };
        desired.extend(agent_records(agent, instance));
    }
    desired
}

/// What reports call an instance: its name, and the id that never changes.
fn instance_label(instance: &DeclaredInstance) -> String {
    format!("{} ({})", instance.name, instance.id)
}

fn instance_record(
    instance: &DeclaredInstance,
    address: Option<SiteAddress>,
    served: &Served<'_>,
    extensions: &Extensions<'_>,
) -> Instance {
    Instance {
        v: Version,
        id: instance.id.clone(),
        name: instance.name.clone(),
        display_name: instance.display_name.clone(),
        installs: served.installs(&instance.name),
        address,
        language: instance.language,
        lock: instance.lock,
        recorder: instance.recorder.clone(),
        not_ready_reasons: instance.not_ready_reasons.clone(),
        wrap_up_seconds: instance.wrap_up_seconds,
        requires_extension: instance.requires_extension.unwrap_or_else(|| extensions.any(&instance.name)),
        tells_extension_holder: instance.tells_extension_holder,
        password_history: instance.password_history,
        password_max_age_days: instance.password_max_age_days,
        second_step: instance.second_step,
        remembers_devices: instance.remembers_devices,
        provider: instance.provider.clone(),
        retired: false,
    }
}

fn installs(declared: &Declared, ids: &HashMap<&InstanceName, &InstanceId>) -> Vec<Desired> {
    let record = |install: &DeclaredInstall| {
        let ids: Vec<_> = install.instances.iter().filter_map(|(_, name)| ids.get(name)).collect();
        let serves = match ids.as_slice() {
            [] => Serves::None,
            [one] => Serves::One((**one).clone()),
            _ => Serves::Many,
        };
        let record = Install {
            v: Version,
            name: install.name.clone(),
            serves,
            allow_extension_configuration: install.allow_extension_configuration,
            language: install.language,
            shift_minutes: install.shift_minutes,
            overtime_minutes: install.overtime_minutes,
            presence: install.presence,
            uses_onecontact_login: install.uses_onecontact_login,
            audiences: install.audiences.clone(),
            recorder: install.recorder.clone(),
        };
        ready(Kind::Install, &record, install.name.to_string())
    };
    declared.installs.iter().map(record).collect()
}

fn service_record(service: &DeclaredService, ids: &HashMap<&InstanceName, &InstanceId>) -> Service {
    let id = |(_, name): &(_, InstanceName)| ids.get(name).map(|id| (*id).clone());
    Service {
        v: Version,
        name: service.name.clone(),
        id: service.id.clone(),
        keys: service.keys.clone(),
        scopes: service.scopes.iter().copied().map(Scope::name).map(str::to_owned).collect(),
        instances: match &service.reach {
            DeclaredReach::All => Reach::All,
            DeclaredReach::Only(instances) => Reach::Only(instances.iter().filter_map(id).collect()),
        },
    }
}

fn client_record(client: &DeclaredClient, ids: &HashMap<&InstanceName, &InstanceId>) -> Client {
    Client {
        v: Version,
        id: client.id.clone(),
        display_name: client.display_name.clone(),
        redirect_uris: client.redirect_uris.clone(),
        post_logout_redirect_uris: client.post_logout_redirect_uris.clone(),
        auth: client.auth.clone(),
        id_token_alg: client.id_token_alg,
        audience: client.audience.clone(),
        instances: client.instances.iter().filter_map(|(_, name)| ids.get(name).map(|id| (*id).clone())).collect(),
        refreshes: client.refreshes,
        wants_second_step: client.wants_second_step,
    }
}

fn agent_records(agent: &DeclaredAgent, instance: &InstanceId) -> Vec<Desired> {
    let record = Agent {
        v: Version,
        instance: instance.clone(),
        username: agent.username.clone(),
        display_name: agent.name.clone(),
        email: agent.email.clone(),
        phone: agent.phone.clone(),
        default_extension: agent.extension.clone(),
        requires_extension: agent.requires_extension,
        requires_second_step: agent.requires_second_step,
        language: agent.language,
        disabled: agent.disabled,
        password: password(String::new(), Timestamp(0), agent.must_change),
    };
    let instance_name = &agent.instance.1;
    let mut desired = vec![Desired {
        kind: Kind::Agent,
        key: record.key(),
        label: format!("{instance_name}/{}", agent.username),
        body: Body::Agent(Box::new(Draft { agent: record, password: agent.password.clone() })),
    }];
    if let Some(email) = &agent.email {
        let record =
            Email { v: Version, instance: instance.clone(), email: email.clone(), username: agent.username.clone() };
        desired.push(ready(Kind::Email, &record, format!("{instance_name}/{email}")));
    }
    desired
}

pub(super) fn ready(kind: Kind, record: &impl Record, label: String) -> Desired {
    let entry = entry(record);
    Desired { kind, key: entry.key.clone(), label, body: Body::Ready(entry) }
}

/// The record as it is written.
#[expect(clippy::expect_used, reason = "records have text keys only and nothing that fails, so they become JSON")]
pub(super) fn entry(record: &impl Record) -> Entry {
    let value = record.json().expect("a record becomes JSON");
    Entry { key: record.key(), value, metadata: Metadata { digest: digest(record) } }
}

/// SHA-256 over the record's JSON, in hexadecimal, without the time when a password was set, which is not declared.
/// Keys are sorted, so that the same record has the same digest in every build.
#[expect(clippy::expect_used, reason = "records have text keys only and nothing that fails, so they become JSON")]
fn digest(record: &impl Record) -> String {
    let mut json = serde_json::to_value(record).expect("a record becomes JSON");
    if let Some(password) = json.get_mut("password").and_then(serde_json::Value::as_object_mut) {
        password.remove("set_at");
    }
    json.sort_all_objects();
    let hash = Sha256::digest(json.to_string().as_bytes());
    format!("{hash:x}")
}

/// Which installs serve which instance.
struct Served<'a>(HashMap<&'a InstanceName, Vec<&'a InstallSpelling>>);

impl<'a> Served<'a> {
    fn by(declared: &'a Declared) -> Self {
        let mut served: HashMap<_, Vec<_>> = HashMap::new();
        for install in &declared.installs {
            for (_, instance) in &install.instances {
                served.entry(instance).or_default().push(&install.name);
            }
        }
        Self(served)
    }

    fn installs(&self, instance: &InstanceName) -> Vec<InstallName> {
        let names: BTreeSet<_> = self.0.get(instance).into_iter().flatten().map(|spelling| spelling.name()).collect();
        names.into_iter().collect()
    }

    fn only_install(&self, instance: &InstanceName) -> Option<InstallSpelling> {
        match self.0.get(instance)?.as_slice() {
            [only] => Some((*only).clone()),
            _ => None,
        }
    }
}
