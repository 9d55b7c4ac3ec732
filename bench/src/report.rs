//! The results: tables on the terminal, a JSON file, a plot for the manual.

use std::fmt;
use std::fs;

use anyhow::Result;
use onecontact_tests::world;
use serde::Serialize;

use crate::contestant::folder;
use crate::figures::{Compared, Figure, Grown, Spread, Started};
use crate::load::CONNECTIONS;
use crate::{ROUNDS, plot};

/// All figures of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Seconds since 1970.
    at: u64,
    rounds: usize,
    connections: usize,
    machine: Machine,
    /// The peers' versions, as pinned in their `package.json`.
    peers: serde_json::Value,
    compared: Vec<Compared>,
    started: Vec<Started>,
    grown: Vec<Grown>,
}

#[derive(Debug, Serialize)]
struct Machine {
    processors: usize,
    /// Processes that were running or runnable, averaged over the last minute of the run.
    load: String,
}

impl Report {
    pub(crate) fn new(compared: Vec<Compared>, started: Vec<Started>, grown: Vec<Grown>) -> Result<Self> {
        let load = fs::read_to_string("/proc/loadavg")?.split(' ').next().unwrap_or_default().to_owned();
        let package: serde_json::Value = serde_json::from_str(&fs::read_to_string(folder().join("package.json"))?)?;
        Ok(Self {
            at: world::now().0,
            rounds: ROUNDS,
            connections: CONNECTIONS,
            machine: Machine { processors: std::thread::available_parallelism()?.get(), load },
            peers: package["devDependencies"].clone(),
            compared,
            started,
            grown,
        })
    }

    /// Saves the figures; those of a whole run also as a plot.
    pub(crate) fn keep(&self, only: Option<&str>) -> Result<()> {
        let results = folder().join("results");
        fs::create_dir_all(&results)?;
        let name = only.unwrap_or("all");
        let file = results.join(format!("{name}.json"));
        fs::write(&file, serde_json::to_string_pretty(self)? + "\n")?;
        println!("kept as bench/results/{name}.json");
        if only.is_none() {
            fs::write(results.join("cpu.svg"), plot::svg(&self.compared))?;
            println!("plotted as bench/results/cpu.svg");
        }
        Ok(())
    }
}

fn ratio(ratio: Spread) -> String {
    format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.least, ratio.most)
}

fn cell(figure: &Figure, digits: usize) -> String {
    format!("{:.digits$} × {:.2}", figure.value.median, figure.ratio.median)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Medians of {ROUNDS} rounds, {CONNECTIONS} connections; after ×, the ratio to the floor.\n")?;
        for Compared { work, shown } in &self.compared {
            writeln!(f, "{}", work.title())?;
            writeln!(
                f,
                "  {:<20} {:>24} {:>11} {:>16} {:>15} {:>15} {:>16}",
                "", "CPU × floor (spread)", "µs/request", "requests/s", "p50 ms", "p99 ms", "peak MB"
            )?;
            for shown in shown {
                let memory = shown.peak_memory_kb;
                writeln!(
                    f,
                    "  {:<20} {:>24} {:>11.0} {:>16} {:>15} {:>15} {:>16}",
                    shown.contestant.name(),
                    ratio(shown.cpu_us.ratio),
                    shown.cpu_us.value.median,
                    cell(&shown.requests_per_second, 0),
                    cell(&shown.p50_ms, 2),
                    cell(&shown.p99_ms, 2),
                    format!("{:.0} × {:.2}", memory.value.median / 1000.0, memory.ratio.median),
                )?;
            }
            writeln!(f)?;
        }
        if !self.started.is_empty() {
            writeln!(f, "Cold start: weight, and time to the first answer")?;
            for started in &self.started {
                let (name, kilobytes) = (started.contestant.name(), started.gzip_bytes.div_ceil(1000));
                let (time, ratio) = (started.first_answer_ms.median, ratio(started.ratio));
                writeln!(f, "  {name:<20} {kilobytes:>5} kB gzipped {time:>7.0} ms, × floor {ratio}")?;
            }
            writeln!(f)?;
        }
        if !self.grown.is_empty() {
            writeln!(f, "Growth: CPU per request, and its ratio to the smallest directory")?;
            for grown in &self.grown {
                let (agents, instances, work) = (grown.agents, grown.instances, grown.work.title());
                let (cpu, ratio) = (grown.cpu_us.value.median, ratio(grown.cpu_us.ratio));
                writeln!(f, "  {work:<28} {agents:>7} agents, {instances:>6} instances {cpu:>8.0} µs, × {ratio}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
