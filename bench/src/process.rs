//! A workerd process, and the processor time and memory that it has used, by the kernel's own accounting.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::http::{Connection, Request};

/// Runs what it is given until its own input ends, then kills it, so that no process outlives the benchmark, however it
/// ends. The Worker's log is discarded; workerd's own messages go to a file.
const KEEPER: &str = r#"sh -c 'echo $$; exec "$@" 3>&1 >/dev/null 2>"$0"' "$@" </dev/null & cat; kill -9 $!; wait $!"#;

/// A program for workerd: its configuration, and the modules beside it.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) config: String,
    pub(crate) modules: Vec<(&'static str, Vec<u8>)>,
}

/// A running workerd. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Process {
    keeper: Child,
    id: u32,
    pub(crate) address: SocketAddr,
    _directory: TempDir,
}

impl Process {
    /// Starts `program` and waits until it listens.
    pub(crate) fn start(workerd: &Path, program: &Program) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let (config, errors) = (directory.path().join("config.capnp"), directory.path().join("errors"));
        fs::write(&config, &program.config)?;
        for (name, content) in &program.modules {
            fs::write(directory.path().join(name), content)?;
        }
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&errors)
            .arg(workerd)
            .args(["serve", "--experimental", "--control-fd=3", "--socket-addr=http=127.0.0.1:0"])
            .arg(&config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // the shell would say that what it has killed is killed
            .spawn()?;
        let mut lines = BufReader::new(keeper.stdout.take().context("the keeper's output is piped")?).lines();
        let id = lines.next().context("the keeper says nothing")??.parse()?;
        let Some(listening) = lines.next().transpose()? else {
            bail!("workerd does not start: {}", fs::read_to_string(&errors).unwrap_or_default());
        };
        let listening: serde_json::Value = serde_json::from_str(&listening)?;
        let port = listening["port"].as_u64().context("workerd says its port")?;
        let address = SocketAddr::from(([127, 0, 0, 1], u16::try_from(port)?));
        Ok(Self { keeper, id, address, _directory: directory })
    }

    /// Starts `program` and returns the time to the first answer to `request`.
    pub(crate) fn time_to_first_answer(workerd: &Path, program: &Program, request: &Request) -> Result<Duration> {
        let started = Instant::now();
        let process = Self::start(workerd, program)?;
        Connection::open(process.address)?.exchange(request)?;
        Ok(started.elapsed())
    }

    /// Processor time of all its threads so far, in nanoseconds (Linux: Documentation/scheduler/sched-stats).
    pub(crate) fn cpu(&self) -> Result<u64> {
        let mut sum = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.id))? {
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
            sum += text.split(' ').next().unwrap_or_default().parse::<u64>()?;
        }
        Ok(sum)
    }

    /// Its peak memory so far, in kB.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait(); // it may have ended by itself, and then there is nothing to wait for
    }
}
