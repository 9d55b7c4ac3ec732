//! Phone extensions: out of their declarations, and what they need from each other and from agents. A range is one
//! declaration; it is taken apart where records are made ([`crate::plan`]).

use std::collections::{HashMap, HashSet};

use kv_schema::directory::ExtensionKind;
use kv_schema::names::{Extension, InstanceName, Username};

use super::item::Item;
use super::model::{Declared, DeclaredExtension, Numbers};
use super::place::{Place, Problems, Severity};
use super::reader::Reader;

/// Numbers of the longest range.
const LONGEST_RANGE: u64 = 100_000;

/// Reads an `[[extension]]` or a row.
pub(super) fn extension(item: Item, problems: &mut Problems) -> Option<DeclaredExtension> {
    let mut reader = Reader::new(item, Severity::LeavesOut, problems);
    let place = reader.place();
    let instance = reader.required("instance", InstanceName::parse);
    let numbers = numbers(&mut reader);
    let kind = reader.parsed("kind", kind).map_or(ExtensionKind::DeskPhone, |kind| kind.value);
    let agents = reader.has("agents").then(|| reader.list("agents", Username::parse));
    if agents.as_ref().is_some_and(Vec::is_empty) {
        reader.refuse(&place, "`agents` names nobody", "leave `agents` out where all may use the extension");
    }
    let sound = reader.finish();
    let instance = instance?;
    let extension = DeclaredExtension {
        place,
        instance: (instance.place, instance.value),
        numbers: numbers?,
        kind,
        agents: agents.map(|agents| agents.into_iter().map(|agent| (agent.place, agent.value)).collect()),
    };
    sound.then_some(extension)
}

/// The number, or the first and the last of a range.
fn numbers(reader: &mut Reader<'_>) -> Option<Numbers> {
    let first = reader.required("number", Extension::parse);
    let is_range = reader.has("to");
    let last = reader.parsed("to", Extension::parse);
    let first = first?.value;
    if !is_range {
        return Some(Numbers::one(&first));
    }
    let last = last?;
    let numbers = Numbers::range(&first, &last.value);
    match &numbers {
        None => {
            let what = format!("{first} to {} is no range", last.value);
            let fix = "write the first number and then the last one, with as many digits: \"0100\" to \"0199\"";
            reader.refuse(&last.place, what, fix);
        }
        Some(numbers) if numbers.count() > LONGEST_RANGE => {
            let what = format!("{first} to {} are {} numbers", last.value, numbers.count());
            reader.refuse(&last.place, what, format!("declare at most {LONGEST_RANGE} at once"));
            return None;
        }
        Some(_) => {}
    }
    numbers
}

fn kind(text: &str) -> Result<ExtensionKind, String> {
    let found = ExtensionKind::ALL.into_iter().find(|kind| kind.name() == text);
    found.ok_or_else(|| format!("the kinds are {}", ExtensionKind::ALL.map(ExtensionKind::name).join(", ")))
}

/// Takes out of `declared` the extensions that have a problem, and warns of agents who may not use what is their usual
/// one. Of two declarations of one number the one that names it alone stands; of two that do, the first.
pub(super) fn check(declared: &mut Declared, known: &HashSet<InstanceName>, problems: &mut Problems) {
    let usernames: HashSet<(&InstanceName, &Username)> =
        declared.agents.iter().map(|agent| (&agent.instance.1, &agent.username)).collect();
    let mut extensions = std::mem::take(&mut declared.extensions);
    extensions.retain(|extension| is_sound(extension, known, &usernames, problems));
    let (mut ranges, mut ones): (Vec<_>, Vec<_>) =
        extensions.into_iter().partition(|extension| extension.numbers.count() > 1);
    for extensions in [&mut ones, &mut ranges] {
        let mut of_these: HashMap<(InstanceName, u8, u64), Place> = HashMap::new();
        extensions.retain(|extension| {
            let keys = extension.numbers.keys().map(|(width, number)| (extension.instance.1.clone(), width, number));
            let keys: Vec<_> = keys.collect();
            if let Some(first) = keys.iter().find_map(|key| of_these.get(key)) {
                let what = format!("the extension {} is declared already, at {first}", extension.numbers);
                let fix = "declare each number once; one that is named alone may lie in a range";
                problems.add(Severity::LeavesOut, &extension.place, what, fix);
                return false;
            }
            of_these.extend(keys.into_iter().map(|key| (key, extension.place.clone())));
            true
        });
    }
    ones.append(&mut ranges);
    declared.extensions = ones;
    warn_of_strangers(declared, problems);
}

fn is_sound(
    extension: &DeclaredExtension,
    known: &HashSet<InstanceName>,
    usernames: &HashSet<(&InstanceName, &Username)>,
    problems: &mut Problems,
) -> bool {
    let (place, instance) = &extension.instance;
    if !known.contains(instance) {
        super::cross::unknown_instance(problems, Severity::LeavesOut, place, instance);
        return false;
    }
    let strangers: Vec<_> = extension.agents.iter().flatten().collect();
    let mut strangers = strangers.into_iter().filter(|(_, agent)| !usernames.contains(&(instance, agent))).peekable();
    let is_sound = strangers.peek().is_none();
    for (place, agent) in strangers {
        let what = format!("no agent of \"{instance}\" is called \"{agent}\"");
        problems.add(Severity::LeavesOut, place, what, "correct the username, or declare the agent");
    }
    is_sound
}

/// Agents whose usual extension is declared for others only.
fn warn_of_strangers(declared: &Declared, problems: &mut Problems) {
    let restricted: Vec<_> = declared.extensions.iter().filter(|extension| extension.agents.is_some()).collect();
    if restricted.is_empty() {
        return;
    }
    for agent in &declared.agents {
        let Some(number) = &agent.extension else { continue };
        // One that is named alone goes before the range that it lies in, and stands before it.
        let of_it = restricted
            .iter()
            .find(|extension| extension.instance.1 == agent.instance.1 && extension.numbers.contains(number));
        let allows = |extension: &&&DeclaredExtension| {
            extension.agents.iter().flatten().any(|(_, username)| *username == agent.username)
        };
        if of_it.is_some_and(|extension| !allows(&extension)) {
            let what = format!("\"{}\" may not use the extension {number}, which is their usual one", agent.username);
            problems.add(Severity::Warning, &agent.place, what, "name them in its `agents`, or give them another one");
        }
    }
}
