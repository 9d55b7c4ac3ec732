//! `wrangler dev` as a child: started in a process group of its own, waited for until it answers, and ended together
//! with the workerd that it starts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::build::ALREADY_BUILT;
use crate::console;
use crate::project::Project;
use crate::tools;

/// How long a cold workerd may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long wrangler may take to end cleanly.
const GRACE: Duration = Duration::from_secs(5);

/// The group that Ctrl-C has to end, if one is running.
static RUNNING: Mutex<Option<Pid>> = Mutex::new(None);

/// A serving wrangler. Dropping it ends wrangler and everything that it started.
pub(super) struct Server {
    child: Child,
    group: Pid,
}

impl Server {
    /// Starts wrangler, with these settings (`NAME:value`) for the Worker, and waits until the Worker answers.
    pub(super) fn start(project: &Project, port: u16, store: &Path, settings: &[String]) -> Result<Self> {
        end_with_us()?;
        let started = Instant::now();
        let mut command = project.command(tools::node(project)?, &["node_modules/wrangler/bin/wrangler.js", "dev"]);
        command.args(["--local", "--ip", "127.0.0.1", "--port", &port.to_string()]);
        command.arg("--persist-to").arg(store);
        command.args(["--show-interactive-dev-session=false"]);
        command.args(settings.iter().flat_map(|setting| ["--var", setting]));
        // Without these wrangler asks Cloudflare for this machine's location, and reports how it is used.
        command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false").env("WRANGLER_SEND_METRICS", "false");
        command.env(ALREADY_BUILT, "1");
        command.stdin(Stdio::null()).process_group(0);
        let (reader, writer) = std::io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let mut running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let child = command.spawn().context("wrangler could not be started")?;
        let group = Pid::from_raw(i32::try_from(child.id())?);
        *running = Some(group);
        drop((running, command));

        let mut server = Self { child, group };
        let answering = Arc::new(OnceLock::new());
        let output = thread::spawn({
            let answering = Arc::clone(&answering);
            move || print_once(&answering, reader)
        });
        if let Err(error) = server.wait(port) {
            drop(server); // the output ends with it
            if let Ok(held_back) = output.join() {
                console::tell(held_back);
            }
            return Err(error);
        }
        let _ = answering.set(()); // nobody else sets it
        console::say(format_args!("✓ Serving ({:.1} s)", started.elapsed().as_secs_f64()));
        Ok(server)
    }

    /// Whether wrangler has ended without being asked to.
    pub(super) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    fn wait(&mut self, port: u16) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.has_ended() {
                bail!("wrangler could not serve; its output is above");
            }
            match health(port) {
                Some(200) => return Ok(()),
                Some(500..) if started.elapsed() > Duration::from_secs(10) => break,
                _ => thread::sleep(Duration::from_millis(100)),
            }
        }
        bail!("the Worker does not answer http://localhost:{port}/health; wrangler's output is above")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(self.group);
        *RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }
}

/// Holds the output back until the Worker answers, then passes it on: from then on it is the Worker's log. Returns what
/// was held back if the output ends before that.
fn print_once(answering: &OnceLock<()>, output: impl Read) -> String {
    let mut held_back = Vec::new();
    for line in BufReader::new(output).split(b'\n').map_while(std::io::Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        if answering.get().is_some() {
            console::say(line);
        } else {
            held_back.push(line);
        }
    }
    held_back.join("\n")
}

/// The status with which the Worker's health page answers, if anything answers.
fn health(port: u16) -> Option<u16> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut first = String::new();
    BufReader::new(stream).read_line(&mut first).ok()?;
    status(&first)
}

fn status(line: &str) -> Option<u16> {
    line.strip_prefix("HTTP/1.1 ")?.split(' ').next()?.trim().parse().ok()
}

/// Makes Ctrl-C, a closed terminal and `kill` end the running wrangler before they end us. It is in a process group of
/// its own, which the terminal's Ctrl-C does not reach, so that it is always ended in the same way.
fn end_with_us() -> Result<()> {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    if INSTALLED.set(()).is_err() {
        return Ok(());
    }
    ctrlc::set_handler(|| {
        let running = RUNNING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(group) = *running {
            end(group);
        }
        console::say("\nStopped.");
        std::process::exit(0);
    })
    .context("Ctrl-C cannot be handled")
}

/// Asks a process group to end, and kills it if it does not.
fn end(group: Pid) {
    let asked = Instant::now();
    let _ = killpg(group, Signal::SIGTERM); // gone already is just as well
    while asked.elapsed() < GRACE {
        // The leader is our child: its group counts as existing until we have waited for it.
        let _ = waitpid(group, Some(WaitPidFlag::WNOHANG));
        if killpg(group, None) == Err(Errno::ESRCH) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let _ = killpg(group, Signal::SIGKILL);
    let _ = waitpid(group, None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_read_from_the_first_line() {
        assert_eq!(status("HTTP/1.1 200 OK\r\n"), Some(200));
        assert_eq!(status("HTTP/1.1 503\r\n"), Some(503));
        assert_eq!(status("SSH-2.0-OpenSSH_9.2"), None);
    }

    #[test]
    fn ending_a_group_ends_what_its_leader_started() {
        let mut command = std::process::Command::new("sh");
        let mut child = command.args(["-c", "sleep 1000 & wait"]).process_group(0).spawn().unwrap();
        let group = Pid::from_raw(i32::try_from(child.id()).unwrap());
        thread::sleep(Duration::from_millis(200)); // long enough for the shell to have started its own child
        end(group);
        assert_eq!(killpg(group, None), Err(Errno::ESRCH));
        let _ = child.wait();
    }
}
