//! `onecontact diff`

use kv_schema::directory::Agent;
use kv_schema::names::InstanceName;
use kv_schema::{Namespace, Record};

use super::{check, dev_store, now, open};
use crate::cli::DiffArgs;
use crate::declarations::place::{Place, Severity};
use crate::declarations::{self, Checked, Stated, address};
use crate::failure::{Exit, Failure};
use crate::output::{Output, count_of, thousands};
use crate::plan::{self, Destination, Plan};
use crate::report::{self, Detail, Summary};
use crate::store::Store;

/// Prints what applying would do.
pub(super) fn run(args: &DiffArgs, output: &Output) -> Result<Exit, Failure> {
    let place = &args.target.place;
    let port = if place.dev { dev_store()?.port } else { args.port };
    let destination = place.destination(port);
    let stated = if place.dev { declarations::load_at(&args.dir, port) } else { declarations::load(&args.dir) };
    let checked = sound(stated?, destination, output)?;
    let plan = compare(&checked, destination, &mut open(&args.target, Namespace::Directory)?)?;
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

/// Returns the declarations if they can be compared with anything. Prints their problems.
pub(super) fn sound(stated: Stated, destination: Destination, output: &Output) -> Result<Checked, Failure> {
    let mut checked = declarations::check(stated);
    if destination == Destination::Cloudflare {
        checked.problems.extend(address::of_this_machine_alone(&checked.declared));
    }
    for problem in &checked.problems {
        output.note(problem);
    }
    if checked.has(Severity::Blocking) {
        let message = format!("the declarations cannot be applied: {}", count_of(&checked.problems));
        return Err(Failure::Problems(message, checked.problems));
    }
    Ok(checked)
}

/// What applying would do. While agents or extensions are left out because of errors, nothing is removed, and no instance
/// or extension changed: what seems no longer declared may only be misspelt.
pub(super) fn compare(checked: &Checked, destination: Destination, store: &mut impl Store) -> Result<Plan, Failure> {
    let mut plan = crate::apply::plan(plan::derive(&checked.declared, destination), store, now())?;
    if checked.has(Severity::LeavesOut) {
        plan.hold_back();
    }
    let emptied =
        checked.without_agents.iter().filter_map(|(place, instance)| emptied(checked, &plan, place, instance));
    let emptied: Vec<String> = emptied.collect();
    plan.refusals.extend(emptied);
    Ok(plan)
}

/// Why a file without a row must not be applied, whatever the command line says: it may be what is left of a failed
/// export, and every agent of its instance would be removed.
fn emptied(checked: &Checked, plan: &Plan, file: &Place, instance: &InstanceName) -> Option<String> {
    let declared = &checked.declared;
    let id = &declared.instances.iter().find(|declared| declared.name == *instance)?.id;
    let prefix = format!("{}:{id}:", Agent::NAME);
    let count = plan.removals.iter().filter(|removal| removal.key.starts_with(&prefix)).count();
    let are_others = declared.agents.iter().any(|agent| agent.instance.1 == *instance);
    (count > 0 && !are_others).then(|| {
        format!(
            "{} has no rows, so no agent of \"{instance}\" is declared any more: {} would be removed. Fill the file, \
             or delete it if this is intended",
            file.file,
            thousands(count)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply;
    use crate::fixture::{Directory, HASH, SOUND};
    use crate::store::memory::Memory;

    /// Why applying these files to a store that holds `SOUND` is refused.
    fn refusals(files: &[(&str, &str)]) -> Vec<String> {
        let checked = |files| declarations::check(declarations::load(Directory::of(files).path()).unwrap());
        let mut store = Memory::default();
        let before = compare(&checked(&[("a.toml", SOUND)]), Destination::Cloudflare, &mut store).unwrap();
        apply::run(&before, &mut store, &mut |_| {}).unwrap();
        compare(&checked(files), Destination::Cloudflare, &mut store).unwrap().refusals
    }

    #[test]
    fn what_may_follow_from_what_was_left_out_is_not_changed() {
        let (nobody, _) = SOUND.split_once("[[agent]]").unwrap();
        let centre = format!(
            "{nobody}[[extension]]\ninstance = \"acme\"\nnumber = \"1000\"\nto = \"1009\"\n[[extension]]\ninstance = \
             \"acme\"\nnumber = \"1001\"\nkind = \"browser_phone\"\nagents = [\"boss\"]\n"
        );
        let rows =
            |header: &str, boss: &str| format!("{header},name,password_hash\n{boss}desk2,1002,Desk,\"{HASH}\"\n");
        let boss = format!("boss,1001,Boss,\"{HASH}\"\n");
        let sound = rows("username,extension", &boss);
        let checked = |toml: &str, csv: &str| {
            declarations::check(
                declarations::load(Directory::of(&[("a.toml", toml), ("acme.csv", csv)]).path()).unwrap(),
            )
        };
        let mut store = Memory::default();
        let before = compare(&checked(&centre, &sound), Destination::Cloudflare, &mut store).unwrap();
        apply::run(&before, &mut store, &mut |_| {}).unwrap();
        let extensions = nobody.len();
        for (toml, csv) in [
            // Whose phone 1001 is nobody says soundly any more: it is not everybody's.
            (&*centre, rows("username,extension", "")),
            // Nobody's usual extension can be read: they are needed all the same.
            (&centre[..extensions], rows("username,extention", &boss)),
        ] {
            let plan = compare(&checked(toml, &csv), Destination::Cloudflare, &mut store).unwrap();
            assert!(plan.is_empty() && plan.changes_held_back > 0, "{plan:?}");
        }
    }

    #[test]
    fn a_file_without_a_row_takes_no_instance_all_of_its_agents() {
        let (nobody, _) = SOUND.split_once("[[agent]]").unwrap();
        let header = "username,name,password_hash\n";
        let [refusal] = &refusals(&[("a.toml", nobody), ("acme.csv", header)])[..] else { panic!() };
        let told = "acme.csv has no rows, so no agent of \"acme\" is declared any more: 1 would be removed.";
        assert!(refusal.contains(told), "{refusal}");
        let another = format!("{header}desk2,Desk,\"{HASH}\"\n");
        for (name, text) in [("acme.csv", &*another), ("acme.csv", "number,to\n"), ("acme.txt", header)] {
            assert_eq!(refusals(&[("a.toml", nobody), (name, text)]), [""; 0], "{name} {text:?}");
        }
        assert_eq!(refusals(&[("a.toml", SOUND), ("acme.csv", header)]), [""; 0]);
    }
}
