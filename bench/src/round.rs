//! A round of a work: everyone in turns, so that whatever slows the machine for a while affects all of them.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::contestant::Contestant;
use crate::load::{Load, Slice, Turn};
use crate::process::Process;
use crate::work::Work;

/// Turns of each.
const TURNS: u32 = 4;
/// After the last turn: what the last one does after its answers counts just as for the others.
const AFTER: Duration = Duration::from_millis(200);

/// A contestant at the work, and the results so far.
struct Entrant<'a> {
    contestant: Contestant,
    process: &'a Process,
    load: Load,
    shown: Turn,
    /// Processor time of the process before its first turn, in nanoseconds.
    used_before: u64,
}

/// How each did at `work`, after a `warm_up` that does not count.
pub(crate) fn run(work: Work, warm_up: Duration, all: &[(Contestant, &Process)]) -> Result<Vec<Slice>> {
    let mut entrants = Vec::new();
    for (contestant, process) in all {
        entrants.push(Entrant::warm(*contestant, work, process, warm_up)?);
    }
    for _ in 0..TURNS {
        for entrant in &mut entrants {
            entrant.turn(work)?;
        }
    }
    thread::sleep(AFTER);
    entrants.into_iter().map(Entrant::slice).collect()
}

impl<'a> Entrant<'a> {
    fn warm(contestant: Contestant, work: Work, process: &'a Process, warm_up: Duration) -> Result<Self> {
        let told = || format!("{}: {}", contestant.name(), work.title());
        let load = Load::prepare(contestant, work, process).with_context(told)?;
        load.turn(process, warm_up).with_context(told)?;
        Ok(Self { contestant, process, load, shown: Turn::default(), used_before: process.cpu()? })
    }

    fn turn(&mut self, work: Work) -> Result<()> {
        let turn = self.load.turn(self.process, work.slice() / TURNS);
        self.shown.add(turn.with_context(|| format!("{}: {}", self.contestant.name(), work.title()))?);
        Ok(())
    }

    /// What a process does after its turn, such as telling KV or collecting garbage, is due to that turn, so it counts.
    fn slice(self) -> Result<Slice> {
        Ok(Slice::of(self.shown, self.process.cpu()? - self.used_before, self.process.peak_memory()?))
    }
}
