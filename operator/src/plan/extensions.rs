//! The records of extensions: each number of a range has its own, and so has an agent's usual extension that nobody
//! declared.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use kv_schema::directory::{AllowedAgents, ExtensionKind, InstallExtension, PhoneExtension};
use kv_schema::names::{Extension, InstallName, InstanceId, InstanceName, Username};
use kv_schema::record::Version;

use super::records::ready;
use super::{Desired, Kind};
use crate::declarations::model::{Declared, DeclaredExtension};

/// The extensions of each instance, by the instance's name.
pub(super) struct Extensions<'a>(BTreeMap<&'a InstanceName, BTreeMap<Extension, Option<&'a DeclaredExtension>>>);

impl<'a> Extensions<'a> {
    /// The extensions in `declared`. Of two declarations, the earlier one wins: single numbers come before ranges.
    pub(super) fn of(declared: &'a Declared) -> Self {
        let mut all: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for extension in &declared.extensions {
            let of_instance = all.entry(&extension.instance.1).or_default();
            for number in extension.numbers.each() {
                of_instance.entry(number).or_insert(Some(extension));
            }
        }
        for agent in &declared.agents {
            if let Some(number) = &agent.extension {
                all.entry(&agent.instance.1).or_default().entry(number.clone()).or_insert(None);
            }
        }
        Self(all)
    }

    /// Whether `instance` has any.
    pub(super) fn any(&self, instance: &InstanceName) -> bool {
        self.0.contains_key(instance)
    }

    pub(super) fn records(&self, declared: &Declared, ids: &HashMap<&InstanceName, &InstanceId>) -> Vec<Desired> {
        let (mut desired, mut usual) = (Vec::new(), usual(declared));
        for (name, numbers) in &self.0 {
            let Some(id) = ids.get(name) else { continue };
            for (number, extension) in numbers {
                let record = record(id, number, *extension, usual.remove(&(*name, number)).unwrap_or_default());
                desired.push(ready(Kind::Extension, &record, format!("{name}/{number}")));
            }
        }
        desired.extend(self.of_installs(declared));
        desired
    }

    /// Installs that serve several instances list the numbers of all of them.
    fn of_installs(&self, declared: &Declared) -> Vec<Desired> {
        let mut desired = Vec::new();
        for install in &declared.installs {
            let served: HashSet<&InstanceName> = install.instances.iter().map(|(_, name)| name).collect();
            if served.len() < 2 {
                continue;
            }
            let install = install.name.name();
            let numbers: BTreeSet<&Extension> =
                served.iter().filter_map(|name| self.0.get(*name)).flat_map(BTreeMap::keys).collect();
            desired.extend(numbers.into_iter().map(|number| of_install(&install, number)));
        }
        desired
    }
}

/// For each extension, the agents whose usual one it is.
fn usual(declared: &Declared) -> HashMap<(&InstanceName, &Extension), Vec<Username>> {
    let mut usual: HashMap<_, Vec<_>> = HashMap::new();
    for agent in &declared.agents {
        if let Some(number) = &agent.extension {
            usual.entry((&agent.instance.1, number)).or_default().push(agent.username.clone());
        }
    }
    usual
}

fn record(
    instance: &InstanceId,
    number: &Extension,
    declared: Option<&DeclaredExtension>,
    usual_of: Vec<Username>,
) -> PhoneExtension {
    let agents = match declared.and_then(|extension| extension.agents.as_ref()) {
        None => AllowedAgents::All,
        Some(agents) => AllowedAgents::Only(agents.iter().map(|(_, agent)| agent.clone()).collect()),
    };
    PhoneExtension {
        v: Version,
        instance: instance.clone(),
        extension: number.clone(),
        kind: declared.map_or(ExtensionKind::DeskPhone, |extension| extension.kind),
        agents,
        usual_of,
    }
}

fn of_install(install: &InstallName, number: &Extension) -> Desired {
    let record = InstallExtension { v: Version, install: install.clone(), extension: number.clone() };
    ready(Kind::InstallExtension, &record, format!("{install}/{number}"))
}
