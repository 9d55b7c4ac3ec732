//! What is stored but no longer declared.

use std::collections::{HashMap, HashSet};

use kv_schema::directory::Instance;
use kv_schema::{ReadError, Record};

use super::records::entry;
use super::{Desired, Kind, Plan, Removal, Stored};

/// Adds to `plan` what must be removed. Keys of kinds that are not declared here are left alone.
pub(super) fn add(plan: &mut Plan, desired: &[Desired], stored: &Stored) {
    let wanted: HashSet<&str> = desired.iter().map(|desired| desired.key.as_str()).collect();
    let names = instance_names(desired, stored);
    for key in stored.listing.keys().filter(|key| !wanted.contains(key.as_str())) {
        match Kind::of(key) {
            None => {}
            Some(Kind::Instance) => retire(plan, key, stored),
            Some(kind) => {
                let removal = Removal { kind, key: key.clone(), label: label(key, &names), leaves: None };
                plan.removals.push(removal);
            }
        }
    }
    plan.removals.sort_by_key(|removal| order(removal.kind));
}

/// First what refers to something, then the thing itself. Instances are retired before everything else, so that nobody
/// gets in meanwhile; then services and applications are shut out.
const fn order(kind: Kind) -> u8 {
    match kind {
        Kind::Instance => 0,
        Kind::Service => 1,
        Kind::Client => 2,
        Kind::Host => 3,
        Kind::InstanceName => 4,
        Kind::Install => 5,
        Kind::Login => 6,
        Kind::Email => 7,
        Kind::Agent => 8,
        Kind::InstallExtension => 9,
        Kind::Extension => 10,
    }
}

fn retire(plan: &mut Plan, key: &str, stored: &Stored) {
    let Some(value) = stored.values.get(key) else { return };
    match Instance::read(key, value) {
        Ok(instance) if instance.retired => plan.unchanged += 1,
        Ok(instance) => {
            let label = format!("{} ({})", instance.name, instance.id);
            let retired = Instance { installs: Vec::new(), retired: true, ..instance };
            let leaves = Some(entry(&retired));
            plan.removals.push(Removal { kind: Kind::Instance, key: key.to_owned(), label, leaves });
        }
        Err(error @ (ReadError::Newer { .. } | ReadError::Damaged { .. })) => {
            plan.refusals.push(format!("{error}; it is no longer declared and cannot be retired like this"));
        }
    }
}

/// Maps ids to names, as far as they are known.
fn instance_names(desired: &[Desired], stored: &Stored) -> HashMap<String, String> {
    let declared = desired.iter().filter(|desired| desired.kind == Kind::Instance);
    let declared = declared.map(|desired| (desired.key.clone(), &desired.label));
    let declared = declared.filter_map(|(key, label)| Some((key, label.split_once(' ')?.0.to_owned())));
    let read = |(key, value): (&String, &String)| {
        Instance::read(key, value).ok().map(|instance| (key.clone(), instance.name.to_string()))
    };
    stored.values.iter().filter_map(read).chain(declared).collect()
}

/// What the record under `key` is, for a person who knows instances by name.
fn label(key: &str, names: &HashMap<String, String>) -> String {
    let rest = key.split_once(':').map_or(key, |(_, rest)| rest);
    let Some((id, name)) = rest.split_once(':') else { return rest.to_owned() };
    let id_key = kv_schema::names::InstanceId::parse(id).map(|id| Instance::key_of(&id));
    let instance = id_key.ok().and_then(|key| names.get(&key).cloned()).unwrap_or_else(|| id.to_owned());
    format!("{instance}/{name}")
}
