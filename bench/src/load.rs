//! Load on one process: fixed connections, each asking for the next thing as soon as it has been answered.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::contestant::Contestant;
use crate::http::{Connection, Request};
use crate::offers::Desks;
use crate::process::Process;
use crate::requests;
use crate::work::Work;

/// Connections to the process that is measured.
pub(crate) const CONNECTIONS: usize = 8;

/// What one slice of time has shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) per_second: f64,
    /// Median time to an answer, in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Processor time per request, in microseconds.
    pub(crate) cpu: f64,
    /// The most memory so far, in kB.
    pub(crate) memory: u64,
}

impl Slice {
    /// Of how long each answer has taken, in all that time, with what `process` had used before it.
    pub(crate) fn of(process: &Process, mut latencies: Vec<Duration>, elapsed: Duration, before: u64) -> Result<Self> {
        let cpu = process.cpu()? - before;
        latencies.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "counts and nanoseconds of seconds")]
        let (count, cpu) = (latencies.len() as f64, cpu as f64);
        let at = |part: usize| latencies[(latencies.len() - 1) * part / 100].as_secs_f64() * 1000.0;
        Ok(Self {
            per_second: count / elapsed.as_secs_f64(),
            p50: at(50),
            p99: at(99),
            cpu: cpu / count / 1000.0,
            memory: process.peak_memory()?,
        })
    }
}

/// What is asked of a process.
pub(crate) enum Load {
    /// Requests of each connection, sent over and over again.
    Requests(Vec<Vec<Request>>),
    /// Offers, and agents who accept them.
    Offers(Desks),
}

impl Load {
    pub(crate) fn prepare(contestant: Contestant, work: Work, process: &Process) -> Result<Self> {
        match (contestant, work) {
            (Contestant::OneContact, Work::Offer) => Desks::open(process).map(Self::Offers),
            _ => requests::prepare(contestant, work, process).map(Self::Requests),
        }
    }

    /// Puts `process` under this load for `time`.
    pub(crate) fn slice(&self, process: &Process, time: Duration) -> Result<Slice> {
        match self {
            Self::Requests(requests) => slice(process, requests, time),
            Self::Offers(desks) => desks.slice(process, time),
        }
    }
}

/// Connection by connection, `requests` are sent over and over again.
fn slice(process: &Process, requests: &[Vec<Request>], time: Duration) -> Result<Slice> {
    let mut connections = Vec::new();
    for requests in requests {
        connections.push((Connection::open(process.address)?, requests));
    }
    // Nothing is under way when the accounts are read: each connection awaits its last answer.
    let (cpu, started) = (process.cpu()?, Instant::now());
    let latencies: Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let asking: Vec<_> = connections
            .into_iter()
            .map(|(connection, requests)| scope.spawn(move || ask(connection, requests, started + time)))
            .collect();
        asking.into_iter().map(|thread| thread.join().ok().context("a connection's thread panicked")?).collect()
    });
    Slice::of(process, latencies?.concat(), started.elapsed(), cpu)
}

fn ask(mut connection: Connection, requests: &[Request], until: Instant) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    for request in requests.iter().cycle() {
        let asked = Instant::now();
        if asked >= until && !latencies.is_empty() {
            break;
        }
        connection.exchange(request)?;
        latencies.push(asked.elapsed());
    }
    Ok(latencies)
}
