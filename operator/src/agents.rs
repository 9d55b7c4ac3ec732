//! The agents in KV: those who are declared, and those whom an instance's own provider vouches for.

use std::collections::{BTreeMap, HashMap};

use kv_schema::directory::Agent;
use kv_schema::names::{EmailAddress, Extension, InstanceId, PhoneNumber, Username};
use kv_schema::sessions::CreatedAgent;
use kv_schema::{Language, Record};
use serde::Serialize;

use crate::failure::Failure;
use crate::store::Store;

/// An agent, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Listed {
    pub(crate) instance: InstanceId,
    pub(crate) username: Username,
    pub(crate) from: From,
    /// `None` if the record cannot be read.
    #[serde(flatten)]
    pub(crate) details: Option<Details>,
}

/// What is declared about an agent, or what the provider says, under the names that declarations use. Never includes
/// the password or its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Details {
    pub(crate) name: String,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) extension: Option<Extension>,
    pub(crate) requires_extension: Option<bool>,
    pub(crate) requires_second_step: bool,
    pub(crate) language: Option<Language>,
    pub(crate) disabled: bool,
    pub(crate) must_change: bool,
}

/// Where an agent comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum From {
    /// They are declared.
    Declarations,
    /// Their instance's provider vouches for them.
    Provider,
}

/// Returns the agents of one instance or of all, by instance and name. Whoever is declared counts as declared, whatever
/// a provider says.
pub(crate) fn list(
    directory: &mut impl Store,
    sessions: &mut impl Store,
    instance: Option<&InstanceId>,
) -> Result<Vec<Listed>, Failure> {
    let prefix = |name: &str| instance.map_or_else(|| format!("{name}:"), |instance| format!("{name}:{instance}:"));
    let created = records(sessions, &prefix(CreatedAgent::NAME))?;
    let declared = records(directory, &prefix(Agent::NAME))?;
    let created = created.iter().map(|(key, value)| (key, From::Provider, created_details(key, value)));
    let declared = declared.iter().map(|(key, value)| (key, From::Declarations, declared_details(key, value)));
    let named = |(key, from, details): (&String, _, _)| Some((named(key)?, (from, details)));
    let all: BTreeMap<_, _> = created.chain(declared).filter_map(named).collect();
    let listed = |((instance, username), (from, details))| Listed { instance, username, from, details };
    Ok(all.into_iter().map(listed).collect())
}

/// The records whose keys begin with `prefix`.
fn records(store: &mut impl Store, prefix: &str) -> Result<HashMap<String, String>, Failure> {
    let keys: Vec<String> = store.list(prefix)?.into_keys().collect();
    if keys.is_empty() { Ok(HashMap::new()) } else { store.get(&keys) }
}

fn declared_details(key: &str, value: &str) -> Option<Details> {
    let agent = Agent::read(key, value).ok()?;
    Some(Details {
        name: agent.display_name,
        email: agent.email,
        phone: agent.phone,
        extension: agent.default_extension,
        requires_extension: agent.requires_extension,
        requires_second_step: agent.requires_second_step,
        language: agent.language,
        disabled: agent.disabled,
        must_change: agent.password.must_change,
    })
}

fn created_details(key: &str, value: &str) -> Option<Details> {
    let agent = CreatedAgent::read(key, value).ok()?;
    Some(Details {
        name: agent.display_name,
        email: agent.email,
        phone: None,
        extension: agent.default_extension,
        requires_extension: None,
        requires_second_step: false,
        language: agent.language,
        disabled: false,
        must_change: false,
    })
}

/// The agent that a key is about.
fn named(key: &str) -> Option<(InstanceId, Username)> {
    let (_, rest) = key.split_once(':')?;
    let (instance, username) = rest.split_once(':')?;
    Some((InstanceId::parse(instance).ok()?, Username::parse(username).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Entry;
    use crate::store::memory::Memory;
    use kv_schema::directory::Metadata;

    const ACME: &str = "01KAS4V9T2XN8Q4M6W3Y5Z7B1C";
    const GLOBEX: &str = "01KAS4V9T2XN8Q4M6W3Y5Z7B2D";

    fn store(keys: &[String]) -> Memory {
        let mut store = Memory::default();
        let entry = |key: &String| Entry {
            key: key.clone(),
            value: String::new(),
            metadata: Metadata { digest: String::new() },
        };
        store.put(&keys.iter().map(entry).collect::<Vec<_>>()).unwrap();
        store
    }

    #[test]
    fn each_agent_is_listed_once_as_what_they_are() {
        let mut directory = store(&[format!("agent:{ACME}:desk1"), format!("agent:{GLOBEX}:desk1"), "host:a".into()]);
        let mut sessions = store(&[
            format!("created-agent:{ACME}:desk1"),
            format!("created-agent:{ACME}:newcomer"),
            "revoked:a".into(),
        ]);
        let mut told = |instance: Option<&str>| {
            let instance = instance.map(|id| InstanceId::parse(id).unwrap());
            let listed = list(&mut directory, &mut sessions, instance.as_ref()).unwrap();
            let told = |agent: Listed| (agent.instance.to_string(), agent.username.to_string(), agent.from);
            listed.into_iter().map(told).collect::<Vec<_>>()
        };
        let row = |id: &str, name: &str, from| (id.to_owned(), name.to_owned(), from);
        let acme = [row(ACME, "desk1", From::Declarations), row(ACME, "newcomer", From::Provider)];
        assert_eq!(told(Some(ACME)), acme);
        assert_eq!(told(None), [&acme[..], &[row(GLOBEX, "desk1", From::Declarations)]].concat());
    }
}
