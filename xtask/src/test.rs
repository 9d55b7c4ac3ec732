//! The command `test`: everything that continuous integration checks, quickest first, in named and timed steps.
//!
//! This has the order and the summary. `steps` has what each step does, `audit` the dependency audit.

mod audit;
mod steps;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::console;
use crate::project::Project;

/// Something to check.
struct Step {
    /// Its name for `--only` and in the summary.
    name: &'static str,
    run: fn(&Project) -> Result<()>,
}

const STEPS: [Step; 10] = [
    Step { name: "format", run: steps::format },
    Step { name: "lint", run: steps::lint },
    Step { name: "native", run: steps::native },
    Step { name: "types", run: steps::types },
    Step { name: "build", run: steps::build },
    Step { name: "wire", run: steps::wire },
    Step { name: "browser", run: steps::browser },
    Step { name: "chaos", run: steps::chaos },
    Step { name: "deploy", run: steps::deploy },
    Step { name: "audit", run: audit::run },
];

/// What needs more than a fresh machine has (Python), and runs only on request.
const BY_NAME: [Step; 2] =
    [Step { name: "schemathesis", run: steps::schemathesis }, Step { name: "authlib", run: steps::authlib }];

/// The steps' names, in order; last those that run only by name.
pub(crate) fn step_names() -> Vec<&'static str> {
    STEPS.iter().chain(&BY_NAME).map(|step| step.name).collect()
}

/// Runs the steps in order, or only the one that is named. The first failure ends the run.
pub(crate) fn run(project: &Project, only: Option<&str>) -> Result<()> {
    let chosen: Vec<&Step> = match only {
        None => STEPS.iter().collect(),
        Some(name) => STEPS.iter().chain(&BY_NAME).filter(|step| step.name == name).collect(),
    };
    if let (Some(name), true) = (only, chosen.is_empty()) {
        bail!("there is no step `{name}`; the steps are {}", step_names().join(", "));
    }
    let mut summary = Vec::new();
    for (index, step) in chosen.iter().enumerate() {
        console::say(format_args!("\n── {} ({} of {}) ──", step.name, index + 1, chosen.len()));
        let started = Instant::now();
        let outcome = (step.run)(project);
        summary.push((step.name, outcome.is_ok(), started.elapsed()));
        if outcome.is_err() || index + 1 == chosen.len() {
            let left: Vec<&str> = chosen.iter().skip(index + 1).map(|step| step.name).collect();
            console::say(format_args!("\n{}", render(&summary, &left)));
        }
        outcome?;
    }
    Ok(())
}

fn render(summary: &[(&str, bool, Duration)], left: &[&str]) -> String {
    let mut lines: Vec<String> = summary
        .iter()
        .map(|(name, good, took)| format!("{} {name:<8} {:>7.1} s", if *good { '✓' } else { '✗' }, took.as_secs_f64()))
        .collect();
    lines.extend(left.iter().map(|name| format!("- {name:<8} not run")));
    let total: Duration = summary.iter().map(|(_, _, took)| took).sum();
    lines.push(format!("  {:<8} {:>7.1} s", "total", total.as_secs_f64()));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_tells_what_passed_what_failed_and_what_was_not_run() {
        let summary = [("format", true, Duration::from_millis(1500)), ("lint", false, Duration::from_secs(20))];
        let text = render(&summary, &["native"]);
        assert_eq!(text, "✓ format       1.5 s\n✗ lint        20.0 s\n- native   not run\n  total       21.5 s");
    }

    #[test]
    fn a_step_that_does_not_exist_is_answered_with_those_that_do() {
        let project = Project::find(crate::console::Console::new(false)).unwrap();
        let message = run(&project, Some("lnit")).unwrap_err().to_string();
        assert!(message.contains("`lnit`") && message.contains("format, lint, native"), "{message}");
    }
}
