//! `onecontact apply`

use std::io::{self, BufRead, IsTerminal, Write};

use super::{check, diff, now, open};
use crate::apply;
use crate::cli::ApplyArgs;
use crate::failure::{Exit, Failure};
use crate::output::{Output, count_of, thousands};
use crate::plan::Plan;
use crate::report::{self, Detail, Summary};

/// The environment that no demonstration goes to.
const PRODUCTION: &str = "production";

/// Applies the declarations.
pub(super) fn run(args: &ApplyArgs, output: &Output) -> Result<Exit, Failure> {
    let checked = diff::sound(&args.dir, output)?;
    if checked.declared.demo && args.target.place.env.as_deref() == Some(PRODUCTION) {
        let message = "this directory says `demo = true`: its passwords are published, and it never goes to production";
        return Err(Failure::Refused(message.to_owned()));
    }
    let mut store = open(&args.target)?;
    let plan = diff::compare(&checked, &mut store)?;
    if !plan.refusals.is_empty() {
        return Err(Failure::Refused(plan.refusals.join("\n")));
    }
    confirm(&plan, args.yes, output)?;
    apply::run(&plan, &mut store, now(), &mut |step| output.note(step))?;
    let exit = check::exit(&checked);
    output.result(text(&plan), &report::value(&plan, &checked.problems));
    if exit == Exit::Problems {
        output.note(format!("Applied what is sound; {}.", count_of(&checked.problems)));
    }
    Ok(exit)
}

fn text(plan: &Plan) -> String {
    if plan.is_empty() && plan.held_back == 0 {
        return format!("Nothing to do: all {} records stand as declared.", thousands(plan.unchanged));
    }
    let done = Summary(plan).to_string();
    let done = done.replace("To add", "Added").replace("To change", "Changed").replace("To remove", "Removed");
    format!("{}{done}", report::text(plan, Detail::Short))
}

/// Asks before something is removed. More than half of the agents is too much for a question that is answered in
/// passing.
fn confirm(plan: &Plan, yes: bool, output: &Output) -> Result<(), Failure> {
    let removals = plan.removals.iter().filter(|removal| removal.is_of_a_declaration()).count();
    let (agents, before) = (plan.agents_removed(), plan.agents_before);
    if 2 * agents > before {
        let share = format!("{} of {} agents", thousands(agents), thousands(before));
        if !yes {
            let message = format!("this would remove {share}. If it is meant, say so with --yes");
            return Err(Failure::Refused(message));
        }
        output.note(format!("Removing {share}."));
    }
    if removals == 0 || yes {
        return Ok(());
    }
    eprintln!("{}{}", report::text(plan, Detail::Short), Summary(plan));
    if !io::stdin().is_terminal() {
        return Err(Failure::Refused("something would be removed: confirm it with --yes".to_owned()));
    }
    eprint!("Apply this, with its removals? [y/N] ");
    io::stderr().flush().map_err(Failure::failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(Failure::failed)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        Ok(())
    } else {
        Err(Failure::Refused("not confirmed".to_owned()))
    }
}
