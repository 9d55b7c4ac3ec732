//! `onecontact apply`

use std::io::{self, IsTerminal};

use kv_schema::Namespace;

use super::{check, diff, open};
use crate::apply;
use crate::cli::ApplyArgs;
use crate::declarations;
use crate::failure::{Exit, Failure};
use crate::lock;
use crate::output::{Output, confirmed, count_of, tell, thousands};
use crate::plan::{Plan, Removal};
use crate::report::{self, Detail, Summary};

/// The environment that a demonstration never goes to.
const PRODUCTION: &str = "production";

/// Applies the declarations.
pub(super) fn run(args: &ApplyArgs, output: &Output) -> Result<Exit, Failure> {
    if args.target.place.dev {
        return Err(Failure::Refused(format!(
            "`cargo xtask dev` by itself applies what changes in the directory it serves, and nothing else may write to \
             its store. If it is not running, start it: `cargo xtask dev --directory {}`. --local applies for a plain \
             `wrangler dev`",
            args.dir.display()
        )));
    }
    // Before anything is read: whoever waits then applies what is declared by that time, and finds what the other did.
    let _alone = lock::folder(&args.dir);
    let destination = args.target.place.destination(args.port);
    let checked = diff::sound(declarations::load(&args.dir)?, destination, output)?;
    if checked.declared.demo && args.target.place.env.as_deref() == Some(PRODUCTION) {
        let message = "this directory says `demo = true`: its passwords are published, so it never goes to production";
        return Err(Failure::Refused(message.to_owned()));
    }
    let mut store = open(&args.target, Namespace::Directory)?;
    store.must_be_free()?;
    let plan = diff::compare(&checked, destination, &mut store)?;
    if !plan.refusals.is_empty() {
        return Err(Failure::Refused(plan.refusals.join("\n")));
    }
    confirm(&plan, args.yes, output)?;
    apply::run(&plan, &mut store, &mut |step| output.note(step))?;
    let exit = check::exit(&checked);
    output.result(text(&plan), &report::value(&plan, &checked.problems))?;
    if exit == Exit::Problems {
        output.note(format!("Applied what is sound; {}.", count_of(&checked.problems)));
    }
    Ok(exit)
}

fn text(plan: &Plan) -> String {
    if plan.is_empty() && plan.held_back + plan.changes_held_back == 0 {
        return match plan.unchanged {
            1 => "Nothing to do: the one record is as declared.".to_owned(),
            unchanged => format!("Nothing to do: all {} are as declared.", report::records(unchanged)),
        };
    }
    let done = Summary(plan).to_string();
    let done = done.replace("To add", "Added").replace("To change", "Changed").replace("To remove", "Removed");
    format!("{}{done}", report::text(plan, Detail::Short))
}

/// What must happen before a plan is carried out.
#[derive(Debug, PartialEq, Eq)]
enum Consent {
    /// Nothing.
    Given,
    /// A person must answer this question with yes.
    Asked(&'static str),
    /// It must have been allowed on the command line: it is about more than half of the agents, which is too much for a
    /// question answered in passing.
    Refused(String),
}

/// How many agents may get another declared password without a question. One is somebody who cannot get in, for whom an
/// operator has just declared it (docs/OPERATIONS.md, "Day by day"). With several, nobody may have meant to end the
/// passwords that they chose: an older export does that, or files restored from a copy.
const UNASKED_PASSWORDS: usize = 1;

fn consent(plan: &Plan, yes: bool) -> Consent {
    let (removed, replaced, before) = (plan.agents_removed(), plan.passwords_replaced(), plan.agents_before);
    let asks = replaced > UNASKED_PASSWORDS;
    let what = match (plan.removals.iter().any(Removal::is_of_a_declaration), asks) {
        (true, true) => "its removals and its passwords",
        (true, false) => "its removals",
        (false, true) => "its passwords",
        (false, false) => return Consent::Given,
    };
    if yes {
        return Consent::Given;
    }
    let refused = |what: String| Consent::Refused(format!("{what}. If this is intended, add --yes"));
    if 2 * removed > before {
        return refused(format!("this would remove {} of {} agents", thousands(removed), thousands(before)));
    }
    if asks && 2 * replaced > before {
        let replacing = report::replacing(replaced);
        return refused(format!("this affects the passwords of most of {} agents: {replacing}", thousands(before)));
    }
    Consent::Asked(what)
}

/// Asks before something is removed, or takes effect for existing agents.
fn confirm(plan: &Plan, yes: bool, output: &Output) -> Result<(), Failure> {
    let what = match consent(plan, yes) {
        Consent::Refused(message) => return Err(Failure::Refused(message)),
        Consent::Asked(what) => what,
        Consent::Given => {
            let agents = plan.agents_removed();
            if agents > 0 {
                output.note(format!("Removing {} of {} agents.", thousands(agents), thousands(plan.agents_before)));
            }
            return Ok(());
        }
    };
    tell(format_args!("{}{}", report::text(plan, Detail::Short), Summary(plan)));
    if !io::stdin().is_terminal() {
        return Err(Failure::Refused(format!("to apply this with {what}, confirm with --yes")));
    }
    if confirmed(&format!("Apply this, with {what}?"))? {
        Ok(())
    } else {
        Err(Failure::Refused("not confirmed".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Change, Content, Kind, Write};
    use crate::store::Entry;
    use kv_schema::directory::Metadata;

    /// A plan that removes one record of each kind, with `before` agents.
    fn removing(kinds: &[Kind], before: usize) -> Plan {
        let removal = |kind: &Kind| Removal { kind: *kind, key: String::new(), label: String::new(), leaves: None };
        Plan { removals: kinds.iter().map(removal).collect(), agents_before: before, ..Plan::default() }
    }

    /// A plan that gives other passwords to `count` of `before` agents.
    fn replacing(count: usize, before: usize) -> Plan {
        let write = || Write {
            kind: Kind::Agent,
            key: String::new(),
            label: String::new(),
            change: Change::Changed(Vec::new()),
            content: Content::Ready(Entry {
                key: String::new(),
                value: String::new(),
                metadata: Metadata { digest: String::new() },
            }),
            replaces_password: true,
        };
        Plan { writes: (0..count).map(|_| write()).collect(), agents_before: before, ..Plan::default() }
    }

    #[test]
    fn another_password_of_one_agent_is_not_asked_for_of_several_it_is_and_of_most_it_has_to_be_said() {
        assert_eq!(consent(&replacing(1, 1), false), Consent::Given);
        assert_eq!(consent(&replacing(2, 4), false), Consent::Asked("its passwords"));
        let refused = consent(&replacing(2, 3), false);
        assert!(
            matches!(refused, Consent::Refused(message) if message.contains("most of 3 agents: 2 agents get a new declared"))
        );
        assert_eq!(consent(&replacing(3, 3), true), Consent::Given);
        let both = Plan { removals: removing(&[Kind::Host], 0).removals, ..replacing(2, 4) };
        assert_eq!(consent(&both, false), Consent::Asked("its removals and its passwords"));
    }

    #[test]
    fn nothing_is_asked_where_nothing_declared_goes() {
        assert_eq!(consent(&removing(&[], 0), false), Consent::Given);
        assert_eq!(consent(&removing(&[Kind::Email, Kind::InstanceName], 0), false), Consent::Given);
    }

    #[test]
    fn removing_up_to_half_of_the_agents_is_asked_and_more_has_to_be_said() {
        for kind in [Kind::Host, Kind::Install, Kind::Instance] {
            assert_eq!(consent(&removing(&[kind], 0), false), Consent::Asked("its removals"));
        }
        assert_eq!(consent(&removing(&[Kind::Agent], 2), false), Consent::Asked("its removals"));
        let refused = consent(&removing(&[Kind::Agent; 2], 3), false);
        assert!(matches!(refused, Consent::Refused(message) if message.contains("2 of 3 agents")));
        assert_eq!(consent(&removing(&[Kind::Agent; 2], 3), true), Consent::Given);
    }
}
