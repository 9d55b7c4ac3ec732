//! Instances as people name them, and lists grouped by instance.

use std::collections::{BTreeMap, HashSet};

use kv_schema::Record;
use kv_schema::directory::{Host, Instance, InstanceByName};
use kv_schema::names::{HostName, InstanceId, InstanceName};

use crate::failure::Failure;
use crate::store::Store;

/// The id of the instance that `text` means: its id, its name, or a host that stands for it. `open` opens the
/// directory, which is not needed for an id.
pub(crate) fn find<S: Store>(text: &str, open: impl FnOnce() -> Result<S, Failure>) -> Result<InstanceId, Failure> {
    if let Ok(id) = InstanceId::parse(text) {
        return Ok(id);
    }
    let (name, host) = (InstanceName::parse(text), HostName::parse(text));
    if let (Err(error), Err(_)) = (&name, &host) {
        return Err(Failure::Refused(format!("{text:?} is not an instance's id, name or host: {error}")));
    }
    let name = name.ok().map(|name| InstanceByName::key_of(&name));
    // The best match first, in the Worker's order.
    let hosts: Vec<String> = host.iter().flat_map(HostName::candidates).map(|host| Host::key_of(&host)).collect();
    let keys: Vec<String> = name.iter().chain(&hosts).cloned().collect();
    let values = open()?.get(&keys)?;
    let found = keys.iter().find_map(|key| Some((key, values.get(key)?)));
    let unknown = || Failure::Refused(format!("no instance is called {text:?}, and no host of that name leads to one"));
    let (key, value) = found.ok_or_else(unknown)?;
    if Some(key) == name.as_ref() {
        InstanceByName::read(key, value).map(|found| found.instance).map_err(Failure::failed)
    } else {
        Host::read(key, value).map(|found| found.instance).map_err(Failure::failed)
    }
}

/// The names of these instances, as far as the directory knows them.
pub(crate) fn names<'a>(
    directory: &mut impl Store,
    instances: impl Iterator<Item = &'a InstanceId>,
) -> Result<BTreeMap<InstanceId, InstanceName>, Failure> {
    let ids: HashSet<&InstanceId> = instances.collect();
    let keys: Vec<String> = ids.into_iter().map(Instance::key_of).collect();
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let instances = directory.get(&keys)?;
    let read = |(key, value): (&String, &String)| Instance::read(key, value).ok();
    Ok(instances.iter().filter_map(read).map(|instance| (instance.id, instance.name)).collect())
}

/// The lines in their given order, each instance's below its name and id.
pub(crate) fn below<'a>(
    names: &BTreeMap<InstanceId, InstanceName>,
    lines: impl Iterator<Item = (&'a InstanceId, String)>,
) -> String {
    let mut text = Vec::new();
    let mut before = None;
    for (instance, line) in lines {
        if before != Some(instance) {
            let name = names.get(instance).map_or("not in the directory", InstanceName::as_str);
            text.push(format!("{name} ({instance})"));
            before = Some(instance);
        }
        text.push(format!("  {line}"));
    }
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Entry;
    use crate::store::memory::Memory;
    use kv_schema::directory::Metadata;
    use kv_schema::names::HostPattern;
    use kv_schema::record::Version;

    fn id(number: u8) -> InstanceId {
        InstanceId::parse(&format!("01KAS4V9T2XN8Q4M6W3Y5Z7B{number:02}")).unwrap()
    }

    fn put(store: &mut Memory, record: &impl Record) {
        let metadata = Metadata { digest: String::new() };
        store.put(&[Entry { key: record.key(), value: record.json().unwrap(), metadata }]).unwrap();
    }

    fn directory() -> Memory {
        let mut store = Memory::default();
        put(&mut store, &InstanceByName { v: Version, name: InstanceName::parse("acme").unwrap(), instance: id(1) });
        for (host, instance) in [("desk.example.com", 1), ("*.example.com", 2), ("acme", 3)] {
            let host = HostPattern::parse(host).unwrap();
            put(&mut store, &Host { v: Version, host, instance: id(instance), install: None });
        }
        store
    }

    #[test]
    fn an_instance_may_be_given_by_its_id_its_name_or_a_host() {
        let found = |text: &str| find(text, || Ok(directory())).ok();
        for text in ["acme", "ACME", id(1).as_str(), "desk.example.com", "Desk.Example.com:8787"] {
            assert_eq!(found(text), Some(id(1)), "{text}");
        }
        assert_eq!(found("other.example.com"), Some(id(2)), "the host below the longest suffix");
        for text in ["globex", "example.com", "a b", ""] {
            assert_eq!(found(text), None, "{text}");
        }
        let failure = find("globex", || Ok(directory())).unwrap_err();
        assert!(failure.to_string().contains("no instance is called \"globex\""), "{failure}");
    }

    #[test]
    fn an_id_is_taken_without_a_look_into_the_directory() {
        let closed = || -> Result<Memory, Failure> { Err(Failure::failed("closed")) };
        assert_eq!(find(id(1).as_str(), closed).ok(), Some(id(1)));
        assert!(matches!(find("acme", closed), Err(Failure::Failed(_))));
    }
}
