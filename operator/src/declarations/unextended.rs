//! Agents who need an extension to be ready but have no usual one: what they could take instead.

use std::collections::HashMap;

use super::model::{Declared, DeclaredAgent, DeclaredExtension, DeclaredInstall, DeclaredInstance, Numbers};
use super::place::{Problems, Severity};
use crate::output::thousands;

/// Warns of them, once for each instance, if they cannot type an extension or there are not enough that they could
/// type.
pub(super) fn check(declared: &Declared, problems: &mut Problems) {
    for instance in &declared.instances {
        let serves = |install: &&DeclaredInstall| install.instances.iter().any(|(_, name)| *name == instance.name);
        let may_type = declared.installs.iter().filter(serves).any(|install| install.allow_extension_configuration);
        let agents: Vec<_> = declared.agents.iter().filter(|agent| agent.instance.1 == instance.name).collect();
        // It is better to warn too early about agents who cannot even type one.
        let are_needed = instance.requires_extension.unwrap_or(!may_type || has_any(declared, instance));
        let lacks =
            |agent: &&&DeclaredAgent| agent.extension.is_none() && agent.requires_extension.unwrap_or(are_needed);
        let lacking: Vec<&DeclaredAgent> = agents.iter().filter(lacks).copied().collect();
        let Some(first) = lacking.first() else { continue };
        let free = may_type.then(|| free(declared, instance, &lacking));
        if let Some((what, fix)) = told(instance, lacking.len(), free) {
            problems.add(Severity::Warning, &first.place, what, fix);
        }
    }
}

/// What to say about so many agents, of whom each may type one of `free` extensions, or none if that is `None`.
fn told(instance: &DeclaredInstance, lacking: usize, free: Option<usize>) -> Option<(String, &'static str)> {
    let (agents, count) = (format!("agents of \"{}\" have no extension", instance.name), thousands(lacking));
    match free {
        None => Some((
            format!("{agents}, and no install lets them type one: {count}"),
            "give them an `extension`, set `allow_extension_configuration = true` on an install, or say they need \
             none: `requires_extension = false`",
        )),
        Some(0) => Some((
            format!("{agents} and can never be ready, because none is declared for them to type: {count}"),
            "give each an `extension`, declare the ones they type in an [[extension]], or say they need none: \
             `requires_extension = false`",
        )),
        Some(free) if free < lacking => Some((
            format!("{agents}: {count}, and there are only {} for them to type", thousands(free)),
            "nothing to do if no more than that are ever signed in at the same time; otherwise, declare more in an \
             [[extension]]",
        )),
        Some(_) => None,
    }
}

/// Whether an instance has any extension, which means that its agents need one.
fn has_any(declared: &Declared, instance: &DeclaredInstance) -> bool {
    declared.extensions.iter().any(|extension| extension.instance.1 == instance.name)
        || declared.agents.iter().any(|agent| agent.instance.1 == instance.name && agent.extension.is_some())
}

/// How many of the instance's numbers at least one of `agents` may type and nobody has as their usual one.
fn free(declared: &Declared, instance: &DeclaredInstance, agents: &[&DeclaredAgent]) -> usize {
    let mut numbers: HashMap<(u8, u64), (&DeclaredExtension, bool)> = HashMap::new();
    for extension in declared.extensions.iter().filter(|extension| extension.instance.1 == instance.name) {
        let is_open = agents.iter().any(|agent| allows(extension, agent));
        for number in extension.numbers.keys() {
            // A number named alone takes precedence over the range that it lies in, and comes before it in the list.
            numbers.entry(number).or_insert((extension, is_open));
        }
    }
    for agent in declared.agents.iter().filter(|agent| agent.instance.1 == instance.name) {
        let Some(usual) = agent.extension.as_ref().and_then(|number| Numbers::one(number).keys().next()) else {
            continue;
        };
        if numbers.get(&usual).is_some_and(|(extension, _)| allows(extension, agent)) {
            numbers.remove(&usual);
        }
    }
    numbers.values().filter(|(_, is_open)| *is_open).count()
}

fn allows(extension: &DeclaredExtension, agent: &DeclaredAgent) -> bool {
    let allowed = extension.agents.as_ref();
    allowed.is_none_or(|allowed| allowed.iter().any(|(_, username)| *username == agent.username))
}
