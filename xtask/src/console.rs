//! Running tools while showing a person what happens: one line per step with its time, and the tool's own output only
//! if it is wanted or the step failed.

use std::fmt::{self, Display};
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How often a person without a terminal (a log) is told that a step is still running.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// What a command's output is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// Shown only if the step fails, or with `--verbose`.
    OnFailure,
    /// Always shown: it is what the step is about.
    Always,
}

/// Writes a line to standard output.
pub(crate) fn say(text: impl Display) {
    show(format_args!("{text}\n"));
}

/// Writes a line to standard error.
pub(crate) fn tell(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{text}"); // as for `show`
}

fn show(text: impl Display) {
    let mut out = std::io::stdout().lock();
    // A console that has gone away is no reason to stop building, or to leave a server behind.
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Where progress goes.
pub(crate) struct Console {
    verbose: bool,
    terminal: bool,
}

impl Console {
    /// A console on standard output.
    pub(crate) fn new(verbose: bool) -> Self {
        Self { verbose, terminal: std::io::stdout().is_terminal() }
    }

    /// Runs `command` as the step `name`.
    ///
    /// # Errors
    /// If it cannot be started or fails; its output has been shown by then.
    pub(crate) fn run(&self, name: &str, command: Command) -> Result<()> {
        self.run_showing(name, command, Output::OnFailure)
    }

    /// As [`Console::run`], with a choice of what is shown.
    pub(crate) fn run_showing(&self, name: &str, command: Command, output: Output) -> Result<()> {
        self.run_reading(name, command, output).map(drop)
    }

    /// As [`Console::run_showing`]; returns the lines that it printed.
    pub(crate) fn run_reading(&self, name: &str, command: Command, output: Output) -> Result<Vec<String>> {
        let show = self.verbose || output == Output::Always;
        let program = command.get_program().to_string_lossy().into_owned();
        let started = Instant::now();
        if show || !self.terminal {
            say(format_args!("  {name} …"));
        }
        let mut progress = Progress { name, started, show, live: self.terminal && !show, lines: Vec::new() };
        let status = progress.follow(command)?;
        progress.clear();
        let seconds = started.elapsed().as_secs_f64();
        if status.success() {
            say(format_args!("✓ {name} ({seconds:.1} s)"));
            return Ok(progress.lines);
        }
        say(format_args!("✗ {name} ({seconds:.1} s)"));
        if !show {
            tell(progress.lines.join("\n"));
        }
        let hint = hint(&progress.lines.join("\n")).map(|hint| format!("\n{hint}")).unwrap_or_default();
        let told = format!("{name}: {program} ended with {status}; its output is above{hint}");
        Err(Failed { told, lines: progress.lines }.into())
    }
}

/// A step that has failed.
#[derive(Debug)]
pub(crate) struct Failed {
    told: String,
    /// What it had printed by then.
    pub(crate) lines: Vec<String>,
}

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for Failed {}

/// A step in progress.
struct Progress<'a> {
    name: &'a str,
    started: Instant,
    show: bool,
    live: bool,
    lines: Vec<String>,
}

impl Progress<'_> {
    /// Runs the command to its end, reading both of its streams in the order in which it writes.
    fn follow(&mut self, mut command: Command) -> Result<std::process::ExitStatus> {
        let program = command.get_program().to_string_lossy().into_owned();
        let (reader, writer) = std::io::pipe().context("no pipe could be opened")?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let mut child = command.spawn().with_context(|| format!("{program} could not be started"))?;
        drop(command); // it holds the pipe's writing end, and the reader waits for the last one to close
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            // A line that is not UTF-8 is still a line. The channel closes once the step has been given up.
            let mut lines = BufReader::new(reader).split(b'\n');
            while let Some(Ok(line)) = lines.next() {
                if sender.send(String::from_utf8_lossy(&line).trim_end().to_owned()).is_err() {
                    return;
                }
            }
        });
        let mut told = Instant::now();
        loop {
            match receiver.recv_timeout(Duration::from_millis(500)) {
                Ok(line) => self.take(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.live {
                self.draw();
            } else if !self.show && told.elapsed() >= SIGN_OF_LIFE {
                told = Instant::now();
                say(format_args!("  {} … {} s", self.name, self.started.elapsed().as_secs()));
            }
        }
        child.wait().with_context(|| format!("{program} could not be waited for"))
    }

    fn take(&mut self, line: String) {
        if self.show {
            say(&line);
        }
        self.lines.push(line);
    }

    /// One line on the terminal, overwritten each time: the step, its seconds, and what the tool said last.
    fn draw(&self) {
        let last = self.lines.iter().rev().find(|line| !line.is_empty()).map_or("", String::as_str);
        let text = format!("  {} … {} s  {}", self.name, self.started.elapsed().as_secs(), without_escapes(last));
        let text: String = text.chars().take(100).collect();
        show(format_args!("\r\x1b[2K{text}"));
    }

    fn clear(&self) {
        if self.live {
            show("\r\x1b[2K");
        }
    }
}

/// The text without terminal escape sequences, which could otherwise be cut in half.
fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char == '\x1b' {
            // A control sequence ends with its first letter.
            let _ = chars.by_ref().find(char::is_ascii_alphabetic);
        } else if !char.is_control() {
            plain.push(char);
        }
    }
    plain
}

/// What a person can do about a failure that tools describe in terms of their own.
fn hint(output: &str) -> Option<&'static str> {
    const OFFLINE: [&str; 9] = [
        "Could not resolve host",
        "Couldn't resolve host",
        "getaddrinfo",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "Could not connect to server",
        "failed to lookup address",
    ];
    const OPENSSL: [&str; 2] = ["Could not find directory of OpenSSL", "pkg-config command could not be found"];
    if OPENSSL.iter().any(|sign| output.contains(sign)) {
        Some(
            "worker-build needs OpenSSL's headers: on Debian or Ubuntu `sudo apt-get install pkg-config libssl-dev`, \
             on Fedora `sudo dnf install pkgconf openssl-devel`, then run this again",
        )
    } else if output.contains("linker `cc` not found") {
        Some("Rust needs a C compiler to link with: on Debian or Ubuntu `sudo apt-get install build-essential`")
    } else if OFFLINE.iter().any(|sign| output.contains(sign)) {
        Some(
            "a registry could not be reached: check the network connection and the proxy settings, then run this \
             again; what has been fetched is kept",
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_registry_out_of_reach_is_called_a_network_problem() {
        let cargo = "warning: spurious network error (3 tries remaining): [6] Could not resolve hostname \
                     (Could not resolve host: registry.example)";
        let npm = "npm error code EAI_AGAIN\nnpm error syscall getaddrinfo";
        for output in [cargo, npm] {
            assert!(hint(output).is_some_and(|hint| hint.contains("network connection")), "{output}");
        }
    }

    #[test]
    fn missing_openssl_headers_are_answered_with_the_package_to_install() {
        let output = "error: failed to run custom build command for `openssl-sys`\nCould not find directory of OpenSSL";
        assert!(hint(output).is_some_and(|hint| hint.contains("libssl-dev")));
    }

    #[test]
    fn an_ordinary_compile_error_gets_no_hint() {
        assert_eq!(hint("error[E0308]: mismatched types"), None);
    }

    #[test]
    fn a_failing_tool_is_named_with_its_step() {
        let error = Console { verbose: false, terminal: false }.run("count sheep", shell("exit 3")).unwrap_err();
        assert!(error.to_string().starts_with("count sheep: sh ended with exit status: 3"), "{error}");
    }

    #[test]
    fn a_tool_that_is_not_there_is_named() {
        let error = Console { verbose: false, terminal: false }.run("count", Command::new("no-such-tool")).unwrap_err();
        assert!(error.to_string().contains("no-such-tool could not be started"), "{error}");
    }

    #[test]
    fn colours_are_left_out_of_the_progress_line() {
        assert_eq!(without_escapes("\x1b[1m\x1b[32mCompiling\x1b[0m serde"), "Compiling serde");
    }
}
