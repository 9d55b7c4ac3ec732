//! `onecontact check`

use std::path::Path;

use serde_json::json;

use crate::declarations::place::Severity;
use crate::declarations::{self, Checked};
use crate::failure::{Exit, Failure};
use crate::output::{Output, count_of, thousands};

/// Prints every problem, and how much is declared.
pub(super) fn run(dir: &Path, output: &Output) -> Result<Exit, Failure> {
    let checked = declarations::check(declarations::load(dir)?);
    let declared = &checked.declared;
    let counts = json!({
        "installs": declared.installs.len(),
        "instances": declared.instances.len(),
        "hosts": declared.hosts.len(),
        "agents": declared.agents.len(),
    });
    let mut lines: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
    lines.push(format!(
        "Sound: {} installs, {} instances, {} hosts, {} agents. {}.",
        declared.installs.len(),
        declared.instances.len(),
        declared.hosts.len(),
        thousands(declared.agents.len()),
        count_of(&checked.problems),
    ));
    output.result(lines.join("\n"), &json!({ "problems": checked.problems, "sound": counts, "demo": declared.demo }));
    Ok(exit(&checked))
}

/// Warnings alone are no problem.
pub(super) fn exit(checked: &Checked) -> Exit {
    let errors = checked.has(Severity::Blocking) || checked.has(Severity::LeavesOut);
    if errors { Exit::Problems } else { Exit::Done }
}
