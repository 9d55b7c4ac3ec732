//! A plan in words, and as JSON. Never holds a password or a hash.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde_json::{Value, json};

use crate::declarations::place::Problem;
use crate::output::thousands;
use crate::plan::{Change, Kind, Plan};

/// How many lines of a list are shown before the rest is only counted.
const MOST_LINES: usize = 20;

/// How much of a plan to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Every record.
    Full,
    /// The first few of each kind of change.
    Short,
}

/// Every change, one per line: `+` added, `~` changed, `-` removed.
pub(crate) fn text(plan: &Plan, detail: Detail) -> String {
    let writes = plan.writes.iter().map(|write| match &write.change {
        Change::Added => ('+', format!("{} {}", write.kind.words(true), write.label)),
        Change::Changed(fields) => {
            // The passwords that its agents chose, their locks and their second steps are kept under the id.
            let comes_back = write.kind == Kind::Instance && fields.iter().any(|field| field == "retired");
            let after = if comes_back { " (it was retired, and returns with everything its agents had)" } else { "" };
            ('~', format!("{} {}: {}{after}", write.kind.words(true), write.label, fields.join(", ")))
        }
    });
    let removals = plan.removals.iter().map(|removal| {
        let after = if removal.leaves.is_some() { ", which is retired and keeps its id" } else { "" };
        ('-', format!("{} {}{after}", removal.kind.words(true), removal.label))
    });
    let mut lists: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (sign, line) in writes.chain(removals) {
        lists.entry("+~-".find(sign).unwrap_or_default()).or_default().push(format!("{sign} {line}\n"));
    }
    let mut text = String::new();
    for lines in lists.into_values() {
        let shown = if detail == Detail::Full { lines.len() } else { MOST_LINES };
        text.extend(lines.iter().take(shown).map(String::as_str));
        if let Some(more) = lines.len().checked_sub(shown).filter(|more| *more > 0) {
            let _ = writeln!(text, "  … and {} more; `onecontact diff` shows all", thousands(more));
        }
    }
    text
}

/// How many of each kind are added, changed, removed and unchanged.
pub(crate) struct Summary<'a>(pub(crate) &'a Plan);

impl Summary<'_> {
    fn counts(&self) -> [(&'static str, BTreeMap<Kind, usize>); 3] {
        let count = |kinds: &mut dyn Iterator<Item = Kind>| {
            let mut counts = BTreeMap::new();
            kinds.for_each(|kind| *counts.entry(kind).or_default() += 1);
            counts
        };
        let writes = |added: bool| {
            let writes = self.0.writes.iter().filter(move |write| (write.change == Change::Added) == added);
            writes.map(|write| write.kind)
        };
        [
            ("add", count(&mut writes(true))),
            ("change", count(&mut writes(false))),
            ("remove", count(&mut self.0.removals.iter().map(|removal| removal.kind))),
        ]
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (verb, counts) in self.counts().into_iter().filter(|(_, counts)| !counts.is_empty()) {
            let kinds = counts.iter().map(|(kind, count)| format!("{} {}", thousands(*count), kind.words(*count == 1)));
            writeln!(f, "To {verb}: {}.", kinds.collect::<Vec<_>>().join(", "))?;
        }
        if let replaced @ 1.. = self.0.passwords_replaced() {
            writeln!(f, "Passwords: {}.", replacing(replaced))?;
        }
        if self.0.held_back > 0 {
            let seem = if self.0.held_back == 1 { "seems" } else { "seem" };
            writeln!(
                f,
                "Not removed until the errors are gone: {} that {seem} to be no longer declared.",
                records(self.0.held_back)
            )?;
        }
        if self.0.changes_held_back > 0 {
            let held = records(self.0.changes_held_back);
            writeln!(f, "Not changed until the errors are gone: {held} of instances and extensions.")?;
        }
        write!(f, "Unchanged: {}.", records(self.0.unchanged))
    }
}

/// What it means that agents get another declared password.
pub(crate) fn replacing(count: usize) -> String {
    let agents = if count == 1 { "1 agent gets".to_owned() } else { format!("{} agents get", thousands(count)) };
    format!(
        "{agents} a new declared one; any password such an agent has chosen since no longer counts, and sign-ins at \
         OneContactLogin end"
    )
}

/// "1 record", "2 records"
pub(crate) fn records(count: usize) -> String {
    format!("{} record{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// The plan for machines, and what is wrong with the declarations.
pub(crate) fn value(plan: &Plan, problems: &[Problem]) -> Value {
    let writes = |added: bool| {
        let chosen = plan.writes.iter().filter(move |write| (write.change == Change::Added) == added);
        let one = |write: &crate::plan::Write| match &write.change {
            Change::Added => json!({ "kind": write.kind, "key": write.key }),
            Change::Changed(fields) => json!({ "kind": write.kind, "key": write.key, "fields": fields }),
        };
        chosen.map(one).collect::<Vec<_>>()
    };
    let removals = plan.removals.iter().map(|removal| json!({ "kind": removal.kind, "key": removal.key }));
    json!({
        "add": writes(true),
        "change": writes(false),
        "remove": removals.collect::<Vec<_>>(),
        "passwords_replaced": plan.passwords_replaced(),
        "unchanged": plan.unchanged,
        "held_back": plan.held_back,
        "changes_held_back": plan.changes_held_back,
        "refusals": plan.refusals,
        "problems": problems,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_record_is_not_called_records() {
        let told = |count| {
            let plan = Plan { held_back: count, unchanged: count, ..Plan::default() };
            Summary(&plan).to_string()
        };
        let one = "Not removed until the errors are gone: 1 record that seems to be no longer declared.\nUnchanged: 1 record.";
        let two = "Not removed until the errors are gone: 2 records that seem to be no longer declared.\nUnchanged: 2 records.";
        assert_eq!((told(1), told(2)), (one.to_owned(), two.to_owned()));
    }
}
