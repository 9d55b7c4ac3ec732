//! `cargo xtask bench`: the Worker side by side with its alternatives, on the same work.
//!
//! One workerd build for all, each in a process of its own, one simulated KV behind them, and rounds in which everyone
//! has their turn, so that a busy moment of the machine affects all. The floor (a constant answer in JavaScript) runs
//! beside every work of every round, and what counts is the ratio to it, of the processor time per request: that is far
//! steadier than requests per second.
//!
//! This has the run. `contestant` has who is measured, `work` at what, `requests` what is sent.

mod arena;
mod cold;
mod contestant;
mod directory;
mod figures;
mod growth;
mod http;
mod load;
mod offers;
mod plot;
mod process;
mod report;
mod requests;
mod round;
mod unhashed;
mod work;

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, bail};
use pico_args::Arguments;

use crate::arena::Arena;
use crate::figures::Compared;
use crate::load::Slice;
use crate::report::Report;
use crate::work::Work;

#[cfg(not(target_os = "linux"))]
compile_error!("the benchmark reads the processor time of other processes from Linux's /proc");

/// Rounds.
const ROUNDS: usize = 5;
/// Load before each round of a work, which is not counted.
const WARM_UP: Duration = Duration::from_millis(200);
/// Load before the first round of a work: V8 compiles what has become hot.
const FIRST_WARM_UP: Duration = Duration::from_secs(1);

/// Parts of the run other than the works.
const COLD: &str = "cold";
const GROWTH: &str = "growth";

fn main() -> Result<()> {
    let mut args = Arguments::from_env();
    let only: Option<String> = args.opt_value_from_str("--only")?;
    if let Some(extra) = args.finish().first() {
        bail!("`{}` is not understood here; there is --only <name>", extra.to_string_lossy());
    }
    if let Some(name) = only.as_deref().filter(|name| !names().any(|known| known == *name)) {
        bail!("there is no work `{name}`; there are {}", names().collect::<Vec<_>>().join(", "));
    }
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let works: Vec<Work> = Work::ALL.into_iter().filter(|work| is_wanted(work.name())).collect();
    let mut arena = Arena::new()?;
    let started = if is_wanted(COLD) { cold::run(&arena)? } else { Vec::new() };
    let compared = compare(&mut arena, &works)?;
    drop(arena);
    let grown = if is_wanted(GROWTH) { growth::run()? } else { Vec::new() };
    let report = Report::new(compared, started, grown)?;
    println!("\r\x1b[2K{report}");
    report.keep(only.as_deref())
}

/// What can be measured on its own.
fn names() -> impl Iterator<Item = &'static str> {
    Work::ALL.iter().map(|work| work.name()).chain([COLD, GROWTH])
}

fn compare(arena: &mut Arena, works: &[Work]) -> Result<Vec<Compared>> {
    let mut slices: Vec<Vec<Vec<Slice>>> =
        works.iter().map(|work| vec![Vec::new(); work.contestants().len()]).collect();
    for round in 0..ROUNDS {
        for (of_work, work) in slices.iter_mut().zip(works) {
            say(&format!("round {} of {ROUNDS}: {}", round + 1, work.title()));
            let warm_up = if round == 0 { FIRST_WARM_UP } else { WARM_UP };
            let shown = round::run(*work, warm_up, &arena.processes(work.contestants())?)?;
            for (of_contestant, slice) in of_work.iter_mut().zip(shown) {
                of_contestant.push(slice);
            }
        }
    }
    Ok(works.iter().zip(&slices).map(|(work, slices)| Compared::of(*work, slices)).collect())
}

/// Says what is being done, on a single line that is overwritten.
fn say(what: &str) {
    print!("\r\x1b[2K  {what} …");
    let _ = std::io::stdout().flush(); // a console that has gone away is no reason to stop measuring
}

#[cfg(test)]
mod tests {
    #[test]
    fn cargo_xtask_knows_what_can_be_measured_alone() {
        let listed = include_str!("../../xtask/src/bench.rs").split_once("WORKS: [&str;").unwrap().1;
        let listed = listed.split_once("= [").unwrap().1.split_once("];").unwrap().0;
        let listed: Vec<&str> = listed.split(',').map(|name| name.trim().trim_matches('"')).collect();
        assert_eq!(listed[..listed.len() - 1], super::names().collect::<Vec<_>>());
    }
}
