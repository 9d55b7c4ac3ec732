//! `onecontact diff`

use std::path::Path;

use kv_schema::Namespace;

use super::{check, now, open};
use crate::cli::DiffArgs;
use crate::declarations::place::Severity;
use crate::declarations::{self, Checked};
use crate::failure::{Exit, Failure};
use crate::output::{Output, count_of};
use crate::plan::{self, Plan};
use crate::report::{self, Detail, Summary};
use crate::store::Store;

/// Prints what applying would do.
pub(super) fn run(args: &DiffArgs, output: &Output) -> Result<Exit, Failure> {
    let checked = sound(&args.dir, output)?;
    let plan = compare(&checked, &mut open(&args.target, Namespace::Directory)?)?;
    let mut text = report::text(&plan, Detail::Full);
    text.extend(plan.refusals.iter().map(|refusal| format!("error: {refusal}\n")));
    text += &Summary(&plan).to_string();
    output.result(text, &report::value(&plan, &checked.problems))?;
    Ok(match check::exit(&checked) {
        Exit::Done if !plan.refusals.is_empty() => Exit::Refused,
        Exit::Done if args.exit_code && !plan.is_empty() => Exit::Differences,
        exit => exit,
    })
}

/// The declarations of `dir`, if they can be compared with anything. Their problems are printed.
pub(super) fn sound(dir: &Path, output: &Output) -> Result<Checked, Failure> {
    let checked = declarations::check(declarations::load(dir)?);
    for problem in &checked.problems {
        output.note(problem);
    }
    if checked.has(Severity::Blocking) {
        let message = format!("the declarations cannot be applied: {}", count_of(&checked.problems));
        return Err(Failure::Problems(message, checked.problems));
    }
    Ok(checked)
}

/// What applying would do. While agents are left out for their errors nothing is removed: what seems to be declared no
/// longer may only be misspelt.
pub(super) fn compare(checked: &Checked, store: &mut impl Store) -> Result<Plan, Failure> {
    let mut plan = crate::apply::plan(plan::derive(&checked.declared), store, now())?;
    if checked.has(Severity::LeavesOut) {
        plan.hold_back_removals();
    }
    Ok(plan)
}
