//! Compares one desired record with the stored one.

use std::collections::HashMap;

use kv_schema::directory::{
    Agent, Client, Email, Host, Install, InstallExtension, Instance, InstanceByName, LoginSite, Password,
    PhoneExtension, Service,
};
use kv_schema::{ReadError, Record, Timestamp};
use serde_json::Value;

use super::records::{Body, Desired, Draft, entry};
use super::{Change, Content, Kind, Plan, Stored, Write};
use crate::declarations::model::DeclaredPassword;
use crate::store::Entry;

/// Adds to `plan` what `desired` requires.
pub(super) fn add(plan: &mut Plan, desired: Desired, stored: &Stored, now: Timestamp) {
    if let Some(refusal) = refusal(&desired, &stored.values) {
        plan.refusals.push(refusal);
        return;
    }
    let Desired { kind, key, label, body } = desired;
    let content = match body {
        Body::Ready(entry) => Content::Ready(entry),
        Body::Agent(draft) => content(*draft, &key, stored, now),
    };
    let write = |change, content, replaces_password| Write {
        kind,
        key: key.clone(),
        label,
        change,
        content,
        replaces_password,
    };
    match (stored.listing.get(&key), content) {
        (None, content) => plan.writes.push(write(Change::Added, content, false)),
        (Some(digest), Content::Ready(entry)) if digest.as_ref() == Some(&entry.metadata.digest) => plan.unchanged += 1,
        (Some(_), content) => {
            let fields = differing(kind, stored.values.get(&key), &content);
            let replaces_password = kind == Kind::Agent && replaces_password(&key, &content, &stored.values);
            plan.writes.push(write(Change::Changed(fields), content, replaces_password));
        }
    }
}

/// Whether an agent's declared password differs from before. It counts as different if the stored record cannot be
/// read, as its replacement is set now.
fn replaces_password(key: &str, content: &Content, values: &HashMap<String, String>) -> bool {
    let Content::Ready(after) = content else { return true };
    let phc = |agent: Option<Agent>| agent.map(|agent| agent.password.phc);
    phc(stored_agent(key, values)) != phc(Agent::read(key, &after.value).ok())
}

/// The agent stored under `key`, if its value was read and is valid.
pub(super) fn stored_agent(key: &str, values: &HashMap<String, String>) -> Option<Agent> {
    Agent::read(key, values.get(key)?).ok()
}

/// What is to be written for an agent: the stored password if it is still the declared one, so that nothing changes
/// without need.
fn content(draft: Draft, key: &str, stored: &Stored, now: Timestamp) -> Content {
    let before = stored_agent(key, &stored.values).map(|agent| agent.password);
    match &draft.password {
        DeclaredPassword::Hash(phc) => {
            let set_at = match before {
                Some(password) if password.phc == *phc => password.set_at,
                before => after(before.as_ref(), now),
            };
            Content::Ready(entry(&draft.agent(phc.clone(), set_at)))
        }
        DeclaredPassword::Clear(secret) => {
            let after = after(before.as_ref(), now);
            if let Some(password) = before.filter(|_| stored.fitting.contains(key)) {
                return Content::Ready(entry(&draft.agent(password.phc, password.set_at)));
            }
            let secret = secret.clone();
            Content::Unhashed(Box::new(draft), secret, after)
        }
    }
}

/// When a new password counts as set: after the one `before` it, whatever the clock of whoever declared that one said.
/// Otherwise the agent's own password, which replaced that one, would go on counting.
fn after(before: Option<&Password>, now: Timestamp) -> Timestamp {
    before.map_or(now, |before| now.max(before.set_at.plus(1)))
}

/// The names of the fields that differ, as they are declared. A password differs as a whole: no part of it is shown or
/// compared.
fn differing(kind: Kind, before: Option<&String>, content: &Content) -> Vec<String> {
    let parse = |json: &str| serde_json::from_str::<Value>(json).ok();
    let after = match content {
        Content::Ready(Entry { value, .. }) => parse(value),
        Content::Unhashed(..) => parse(&content.entry(None).value),
    };
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (before.and_then(|json| parse(json)), after) else {
        return vec!["everything: what is stored cannot be read".to_owned()];
    };
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = |name: &&String| before.get(*name) != after.get(*name);
    let declared = |name: &String| match (kind, &**name) {
        (Kind::Agent, "display_name") => "name".to_owned(),
        _ => name.replace('_', " "),
    };
    names.into_iter().filter(differ).map(declared).collect()
}

/// Why `desired` must not overwrite the stored record.
fn refusal(desired: &Desired, values: &HashMap<String, String>) -> Option<String> {
    let value = values.get(&desired.key)?;
    let key = &desired.key;
    let read = match desired.kind {
        Kind::Instance => Instance::read(key, value).map(|stored| reused(desired, &stored)),
        Kind::Service => Service::read(key, value).map(|_| None),
        Kind::Login => LoginSite::read(key, value).map(|_| None),
        Kind::Client => Client::read(key, value).map(|_| None),
        Kind::Install => Install::read(key, value).map(|_| None),
        Kind::Extension => PhoneExtension::read(key, value).map(|_| None),
        Kind::InstallExtension => InstallExtension::read(key, value).map(|_| None),
        Kind::Agent => Agent::read(key, value).map(|_| None),
        Kind::Email => Email::read(key, value).map(|_| None),
        Kind::InstanceName => InstanceByName::read(key, value).map(|_| None),
        Kind::Host => Host::read(key, value).map(|_| None),
    };
    match read {
        Ok(refusal) => refusal,
        Err(ReadError::Newer { .. }) => Some(format!(
            "the {} {} was written by a newer version of this tool: update it",
            desired.kind.words(true),
            desired.label
        )),
        Err(ReadError::Damaged { .. }) => None,
    }
}

/// A retired instance may come back as itself, but never as another.
fn reused(desired: &Desired, stored: &Instance) -> Option<String> {
    let Body::Ready(entry) = &desired.body else { return None };
    let declared = Instance::read(&entry.key, &entry.value).ok()?;
    (stored.retired && stored.name != declared.name).then(|| {
        format!(
            "the id {} belonged to the instance \"{}\", which is retired, and is declared for \"{}\": an id is never \
             used again. Give \"{}\" a new one: id = \"{}\"",
            stored.id,
            stored.name,
            declared.name,
            declared.name,
            ulid::Ulid::generate()
        )
    })
}
