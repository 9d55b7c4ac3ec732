//! Phone extensions: made from their declarations, and what they need from each other and from agents. A range is one
//! declaration, and is expanded where records are made ([`crate::plan`]).

use std::collections::{HashMap, HashSet};

use kv_schema::directory::ExtensionKind;
use kv_schema::names::{Extension, InstanceName, Username};

use super::item::{Item, ItemKind};
use super::model::{Declared, DeclaredAgent, DeclaredExtension, Numbers};
use super::outline::{Outline, Outlines, located};
use super::place::{Place, Problems, Severity};
use super::reader::Reader;
use crate::output::thousands;

/// Numbers of the longest range.
const LONGEST_RANGE: u64 = 100_000;
/// Up to this many agents with another's usual extension are each reported.
const MOST_SHARED_TOLD: usize = 10;

/// Reads an `[[extension]]` or a row.
pub(super) fn extension(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredExtension> {
    let mut reader = Reader::new(item, Severity::LeavesOut, problems);
    let place = reader.place();
    let instance = reader.required("instance", InstanceName::parse);
    let numbers = numbers(&mut reader);
    let kind = reader.parsed("kind", kind).map_or(ExtensionKind::DeskPhone, |kind| kind.value);
    let agents = reader.has("agents").then(|| reader.list("agents", Username::parse));
    if agents.as_ref().is_some_and(Vec::is_empty) {
        reader.refuse(&place, "`agents` is empty", "leave `agents` out if everybody may use the extension");
    }
    let is_sound = reader.finish();
    let agents = agents.map(|agents| located(&agents));
    outlines.add(Outline {
        instances: located(&instance),
        agents: agents.clone().unwrap_or_default(),
        ..Outline::new(ItemKind::Extension, &place, is_sound)
    });
    let instance = instance?;
    Some(DeclaredExtension { place, instance: (instance.place, instance.value), numbers: numbers?, kind, agents })
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
            let what = format!("{first} to {} is not a range", last.value);
            let fix = "write the first number, then the last one, with the same number of digits: \"0100\" to \"0199\"";
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

/// Removes from `declared` the extensions that have a problem, including those at `faulty` places, and warns of agents
/// who may not use their usual one. Of two declarations of a number, one that names it alone wins over a range; of two
/// of the same form, the first wins.
pub(super) fn check(declared: &mut Declared, faulty: &HashSet<Place>, problems: &mut Problems) {
    let extensions = std::mem::take(&mut declared.extensions);
    let (mut ranges, mut ones): (Vec<_>, Vec<_>) =
        extensions.into_iter().partition(|extension| extension.numbers.count() > 1);
    for extensions in [&mut ones, &mut ranges] {
        let mut of_these: HashMap<(InstanceName, u8, u64), Place> = HashMap::new();
        extensions.retain(|extension| {
            let keys = extension.numbers.keys().map(|(width, number)| (extension.instance.1.clone(), width, number));
            let keys: Vec<_> = keys.collect();
            if let Some(first) = keys.iter().find_map(|key| of_these.get(key)) {
                let what = format!("the extension {} is already declared, at {first}", extension.numbers);
                let fix = "declare each number once; a number declared on its own may lie in a range";
                problems.add(Severity::LeavesOut, &extension.place, what, fix);
                return false;
            }
            of_these.extend(keys.into_iter().map(|key| (key, extension.place.clone())));
            true
        });
    }
    ones.retain(|extension| !faulty.contains(&extension.place));
    ranges.retain(|extension| !faulty.contains(&extension.place));
    warn_of_other_kinds(&ones, &ranges, problems);
    ones.append(&mut ranges);
    declared.extensions = ones;
    warn_of_strangers(declared, problems);
    warn_of_shared(declared, problems);
}

/// Warns of numbers that are named alone and differ in kind from the range that they lie in.
fn warn_of_other_kinds(ones: &[DeclaredExtension], ranges: &[DeclaredExtension], problems: &mut Problems) {
    for one in ones {
        let around = |range: &&DeclaredExtension| {
            range.instance.1 == one.instance.1 && range.kind != one.kind && range.numbers.cover(&one.numbers)
        };
        let Some(range) = ranges.iter().find(around) else { continue };
        let (kind, kind_around) = (one.kind.name(), range.kind.name());
        let what = format!(
            "the extension {} is {kind}, and lies in a range of {kind_around}, {} at {}",
            one.numbers, range.numbers, range.place
        );
        let fix = format!("nothing to do if that is intended: it is {kind}; otherwise, set kind = \"{kind_around}\"");
        problems.add(Severity::Warning, &one.place, what, fix);
    }
}

/// Warns of agents whose usual extension is also that of an earlier agent, since no two hold it at the same time. A few
/// are reported one by one; if shifts share their telephones, all at once.
fn warn_of_shared(declared: &Declared, problems: &mut Problems) {
    let mut usual: HashMap<(&InstanceName, &Extension), &DeclaredAgent> = HashMap::new();
    let mut shared = Vec::new();
    for agent in &declared.agents {
        let Some(number) = &agent.extension else { continue };
        let first = *usual.entry((&agent.instance.1, number)).or_insert(agent);
        if first.place != agent.place {
            shared.push((agent, number, first));
        }
    }
    let is_told_once = shared.len() > MOST_SHARED_TOLD;
    let count = thousands(shared.len());
    for (agent, number, first) in shared.into_iter().take(if is_told_once { 1 } else { MOST_SHARED_TOLD }) {
        let what = if is_told_once {
            format!(
                "{count} agents have the usual extension of another: \"{}\", {number}, as \"{}\"",
                agent.username, first.username
            )
        } else {
            format!("the usual extension of \"{}\", {number}, is also that of \"{}\"", agent.username, first.username)
        };
        let fix = "give each their own, unless they are never signed in at the same time";
        problems.add(Severity::Warning, &agent.place, format!("{what}, at {}", first.place), fix);
    }
}

/// Warns of agents whose usual extension is declared for others only.
fn warn_of_strangers(declared: &Declared, problems: &mut Problems) {
    let restricted: Vec<_> = declared.extensions.iter().filter(|extension| extension.agents.is_some()).collect();
    if restricted.is_empty() {
        return;
    }
    for agent in &declared.agents {
        let Some(number) = &agent.extension else { continue };
        // A number named alone takes precedence over the range that it lies in, and comes before it in the list.
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
