//! Load on one process: a fixed number of connections, each of which sends the next request as soon as it has an
//! answer.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::contestant::Contestant;
use crate::http::{Connection, Request};
use crate::offers::Desks;
use crate::process::Process;
use crate::requests;
use crate::work::Work;

/// Connections to the measured process.
pub(crate) const CONNECTIONS: usize = 8;

/// How a process did in a round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slice {
    pub(crate) per_second: f64,
    /// Median time to an answer, in milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Processor time per request, in microseconds.
    pub(crate) cpu: f64,
    /// Peak memory so far, in kB.
    pub(crate) memory: u64,
}

impl Slice {
    /// From how long each answer took, the time under load, and the processor time in nanoseconds and memory in kB that
    /// the process has used.
    pub(crate) fn of(turns: Turn, cpu: u64, memory: u64) -> Self {
        let Turn { mut latencies, elapsed } = turns;
        latencies.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "counts and nanoseconds of seconds")]
        let (count, cpu) = (latencies.len() as f64, cpu as f64);
        let at = |part: usize| latencies[(latencies.len() - 1) * part / 100].as_secs_f64() * 1000.0;
        Self { per_second: count / elapsed.as_secs_f64(), p50: at(50), p99: at(99), cpu: cpu / count / 1000.0, memory }
    }
}

/// A time under load: how long each answer took.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turn {
    pub(crate) latencies: Vec<Duration>,
    pub(crate) elapsed: Duration,
}

impl Turn {
    /// Appends the next one.
    pub(crate) fn add(&mut self, next: Self) {
        self.latencies.extend(next.latencies);
        self.elapsed += next.elapsed;
    }
}

/// What is asked of a process.
pub(crate) enum Load {
    /// Each connection's requests, sent repeatedly.
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
    pub(crate) fn turn(&self, process: &Process, time: Duration) -> Result<Turn> {
        match self {
            Self::Requests(requests) => turn(process, requests, time),
            Self::Offers(desks) => desks.turn(time),
        }
    }
}

/// Sends each connection's `requests` repeatedly.
fn turn(process: &Process, requests: &[Vec<Request>], time: Duration) -> Result<Turn> {
    let mut connections = Vec::new();
    for requests in requests {
        connections.push((Connection::open(process.address)?, requests));
    }
    let started = Instant::now();
    let latencies: Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
        let asking: Vec<_> = connections
            .into_iter()
            .map(|(connection, requests)| scope.spawn(move || ask(connection, requests, started + time)))
            .collect();
        asking.into_iter().map(|thread| thread.join().ok().context("a connection's thread panicked")?).collect()
    });
    Ok(Turn { latencies: latencies?.concat(), elapsed: started.elapsed() })
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
