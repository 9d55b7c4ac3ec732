//! `onecontact apply`

use std::io::{self, IsTerminal};

use kv_schema::Namespace;

use super::{check, diff, now, open};
use crate::apply;
use crate::cli::ApplyArgs;
use crate::declarations;
use crate::failure::{Exit, Failure};
use crate::output::{Output, confirmed, count_of, tell, thousands};
use crate::plan::{Plan, Removal};
use crate::report::{self, Detail, Summary};

/// The environment that no demonstration goes to.
const PRODUCTION: &str = "production";

/// Applies the declarations.
pub(super) fn run(args: &ApplyArgs, output: &Output) -> Result<Exit, Failure> {
    if args.target.place.dev {
        return Err(Failure::Refused(format!(
            "`cargo xtask dev` applies by itself what changes in the directory that it serves, and nothing else writes to its \
             store. Where it does not run, start it: `cargo xtask dev --directory {}`. --local applies for a plain \
             `wrangler dev`",
            args.dir.display()
        )));
    }
    let destination = args.target.place.destination(args.port);
    let checked = diff::sound(declarations::load(&args.dir)?, destination, output)?;
    if checked.declared.demo && args.target.place.env.as_deref() == Some(PRODUCTION) {
        let message = "this directory says `demo = true`: its passwords are published, and it never goes to production";
        return Err(Failure::Refused(message.to_owned()));
    }
    let mut store = open(&args.target, Namespace::Directory)?;
    let plan = diff::compare(&checked, destination, &mut store)?;
    if !plan.refusals.is_empty() {
        return Err(Failure::Refused(plan.refusals.join("\n")));
    }
    confirm(&plan, args.yes, output)?;
    apply::run(&plan, &mut store, now(), &mut |step| output.note(step))?;
    let exit = check::exit(&checked);
    output.result(text(&plan), &report::value(&plan, &checked.problems))?;
    if exit == Exit::Problems {
        output.note(format!("Applied what is sound; {}.", count_of(&checked.problems)));
    }
    Ok(exit)
}

fn text(plan: &Plan) -> String {
    if plan.is_empty() && plan.held_back == 0 {
        return match plan.unchanged {
            1 => "Nothing to do: the one record stands as declared.".to_owned(),
            unchanged => format!("Nothing to do: all {} stand as declared.", report::records(unchanged)),
        };
    }
    let done = Summary(plan).to_string();
    let done = done.replace("To add", "Added").replace("To change", "Changed").replace("To remove", "Removed");
    format!("{}{done}", report::text(plan, Detail::Short))
}

/// What has to happen before a plan is carried out.
#[derive(Debug, PartialEq, Eq)]
enum Consent {
    /// Nothing.
    Given,
    /// A person says yes.
    Asked,
    /// It must have been said on the command line: more than half of the agents go, which is too much for a question
    /// that is answered in passing.
    Refused(String),
}

fn consent(plan: &Plan, yes: bool) -> Consent {
    let (agents, before) = (plan.agents_removed(), plan.agents_before);
    if yes || !plan.removals.iter().any(Removal::is_of_a_declaration) {
        return Consent::Given;
    }
    if 2 * agents > before {
        return Consent::Refused(format!(
            "this would remove {} of {} agents. If it is meant, say so with --yes",
            thousands(agents),
            thousands(before)
        ));
    }
    Consent::Asked
}

/// Asks before something is removed.
fn confirm(plan: &Plan, yes: bool, output: &Output) -> Result<(), Failure> {
    match consent(plan, yes) {
        Consent::Refused(message) => return Err(Failure::Refused(message)),
        Consent::Asked => {}
        Consent::Given => {
            let agents = plan.agents_removed();
            if agents > 0 {
                output.note(format!("Removing {} of {} agents.", thousands(agents), thousands(plan.agents_before)));
            }
            return Ok(());
        }
    }
    tell(format_args!("{}{}", report::text(plan, Detail::Short), Summary(plan)));
    if !io::stdin().is_terminal() {
        return Err(Failure::Refused("something would be removed: confirm it with --yes".to_owned()));
    }
    if confirmed("Apply this, with its removals?")? {
        Ok(())
    } else {
        Err(Failure::Refused("not confirmed".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Kind;

    /// A plan that removes one of each kind, of `before` agents.
    fn removing(kinds: &[Kind], before: usize) -> Plan {
        let removal = |kind: &Kind| Removal { kind: *kind, key: String::new(), label: String::new(), leaves: None };
        Plan { removals: kinds.iter().map(removal).collect(), agents_before: before, ..Plan::default() }
    }

    #[test]
    fn nothing_is_asked_where_nothing_declared_goes() {
        assert_eq!(consent(&removing(&[], 0), false), Consent::Given);
        assert_eq!(consent(&removing(&[Kind::Email, Kind::InstanceName], 0), false), Consent::Given);
    }

    #[test]
    fn removing_up_to_half_of_the_agents_is_asked_and_more_has_to_be_said() {
        for kind in [Kind::Host, Kind::Install, Kind::Instance] {
            assert_eq!(consent(&removing(&[kind], 0), false), Consent::Asked);
        }
        assert_eq!(consent(&removing(&[Kind::Agent], 2), false), Consent::Asked);
        let refused = consent(&removing(&[Kind::Agent; 2], 3), false);
        assert!(matches!(refused, Consent::Refused(message) if message.contains("2 of 3 agents")));
        assert_eq!(consent(&removing(&[Kind::Agent; 2], 3), true), Consent::Given);
    }
}
