//! `onecontact check`

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::declarations::model::DeclaredInstance;
use crate::declarations::place::Severity;
use crate::declarations::{self, Checked};
use crate::failure::{Exit, Failure};
use crate::output::{Output, count_of, thousands};
use crate::plan::Kind;

/// Prints every problem, and how much is declared.
pub(super) fn run(dir: &Path, output: &Output) -> Result<Exit, Failure> {
    let checked = declarations::check(declarations::load(dir)?);
    let declared = &checked.declared;
    let counts = [
        (Kind::Install, declared.installs.len()),
        (Kind::Instance, declared.instances.len()),
        (Kind::Host, declared.hosts.len()),
        (Kind::Agent, declared.agents.len()),
        (Kind::Extension, declared.extension_numbers()),
        (Kind::Service, declared.services.len()),
        (Kind::Client, declared.clients.len()),
    ];
    let words = counts.map(|(kind, count)| format!("{} {}", thousands(count), kind.words(count == 1)));
    let mut lines: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
    lines.extend(declared.instances.iter().filter_map(creates));
    let (words, problems) = (words.join(", "), count_of(&checked.problems));
    lines.push(match exit(&checked) {
        Exit::Done => format!("Sound: {words}. {problems}."),
        _ if checked.is_unclear => format!("Not sound: {problems}. Nothing else was checked."),
        _ => format!("Not sound: {problems}. Without an error: {words}."),
    });
    let counts: BTreeMap<&str, usize> = counts.into_iter().map(|(kind, count)| (kind.words(false), count)).collect();
    let installs: Vec<&str> = declared.installs.iter().map(|install| install.name.as_str()).collect();
    let json = json!({
        "problems": checked.problems,
        "sound": counts,
        "demo": declared.demo,
        "installs": installs,
    });
    output.result(lines.join("\n"), &json)?;
    Ok(exit(&checked))
}

/// Who becomes an agent of `instance` without being declared.
fn creates(instance: &DeclaredInstance) -> Option<String> {
    let provider = instance.provider.as_ref()?;
    let creation = provider.creates.as_ref()?;
    let (name, claim, value) = (&instance.name, &creation.required_claim, &creation.required_value);
    Some(format!(
        "Agents of \"{name}\" also include those for whom \"{}\" says {claim} = {value:?}: `onecontact agent list` \
         shows them.",
        provider.name
    ))
}

/// Warnings alone do not count as problems.
pub(super) fn exit(checked: &Checked) -> Exit {
    let errors = checked.has(Severity::Blocking) || checked.has(Severity::LeavesOut);
    if errors { Exit::Problems } else { Exit::Done }
}
