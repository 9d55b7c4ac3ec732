//! A cold start: each contestant's size, and the time from starting workerd to the first answer.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::arena::Arena;
use crate::contestant::{Contestant, folder};
use crate::figures::Started;
use crate::http::Request;
use crate::process::Process;
use crate::{ROUNDS, say};

const CONTESTANTS: [Contestant; 6] = [
    Contestant::Floor,
    Contestant::OneContact,
    Contestant::Hono,
    Contestant::Jose,
    Contestant::OpenAuth,
    Contestant::BetterAuth,
];

pub(crate) fn run(arena: &Arena) -> Result<Vec<Started>> {
    let mut times = vec![Vec::<Duration>::new(); CONTESTANTS.len()];
    for round in 0..ROUNDS {
        for (times, contestant) in times.iter_mut().zip(CONTESTANTS) {
            say(&format!("cold start, round {} of {ROUNDS}: {}", round + 1, contestant.name()));
            let (program, request) = (arena.program(contestant)?, first_request(contestant));
            times.push(Process::time_to_first_answer(&arena.workerd, program, &request)?);
        }
    }
    let started = times.iter().zip(CONTESTANTS).map(|(own, contestant)| {
        let modules = &arena.program(contestant)?.modules;
        let sizes: Result<Vec<u64>> = modules.iter().map(|(_, content)| gzip_size(content)).collect();
        Ok(Started::of(contestant, sizes?.iter().sum(), own, &times[0]))
    });
    started.collect()
}

/// The cheapest request that each has.
fn first_request(contestant: Contestant) -> Request {
    match contestant {
        Contestant::Jose => Request::get("/desktop", None, 303),
        Contestant::OpenAuth => Request::get("/.well-known/oauth-authorization-server", None, 200),
        Contestant::BetterAuth => Request::get("/api/auth/ok", None, 200),
        _ => Request::get("/health", None, 200),
    }
}

/// The size in bytes after gzip, by Node's zlib.
fn gzip_size(content: &[u8]) -> Result<u64> {
    const SCRIPT: &str = "console.log(require('zlib').gzipSync(require('fs').readFileSync(0)).length)";
    let own = folder().join("../node_modules/.bin/node");
    let node = if own.exists() { own.as_os_str() } else { "node".as_ref() };
    let mut command = Command::new(node);
    command.args(["-e", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().context("Node could not be started")?;
    child.stdin.take().context("its input is piped")?.write_all(content)?;
    let output = child.wait_with_output()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().context("Node could not compress a module")
}
