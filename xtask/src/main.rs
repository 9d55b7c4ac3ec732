//! `cargo xtask …`: the project's own commands, for a machine with Rust, Node and npm.
//!
//! This reads the command line. Each command has a module of its own; so does what they share (where things are,
//! running a tool and showing its progress, fetching tools).

// They panic when nobody reads any more; `console` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod assets;
mod bench;
mod build;
mod client;
mod console;
mod dev;
mod project;
mod stamp;
mod test;
mod tools;

use anyhow::{Result, bail};
use console::Console;
use pico_args::Arguments;
use project::Project;

#[cfg(not(unix))]
compile_error!("cargo xtask manages process groups, which needs Linux or macOS; on Windows, use WSL");

const HELP: &str = "\
OneContact Agent's build commands

Usage: cargo xtask <command> [options]

Commands:
  dev      build, declare the demo, serve on this machine, rebuild on every change
  test     everything that continuous integration checks
  build    build the style sheet, the scripts and the Worker for deployment
  bench    measure the Worker beside others on the same work (Linux, at most 10 minutes)
  help     print this text

Options of dev:
  --port <port>        where to serve (8787); messages are at the port after it
  --directory <dir>    the declarations to apply and watch (demo)

Options of test:
  --only <step>        run only this step

Options of bench:
  --only <work>        measure only this

Options of all:
  --verbose            show everything the tools print
  --help               this text
";

fn main() {
    if let Err(error) = run(Arguments::from_env()) {
        console::tell(format_args!("\nerror: {error:#}"));
        std::process::exit(1);
    }
}

fn run(mut args: Arguments) -> Result<()> {
    if args.contains(["-h", "--help"]) {
        help();
        return Ok(());
    }
    let project = Project::find(Console::new(args.contains(["-v", "--verbose"])))?;
    match args.subcommand()?.as_deref() {
        Some("dev") => {
            let options = dev::Options {
                port: args.opt_value_from_str("--port")?.unwrap_or(dev::DEFAULT_PORT),
                directory: args.opt_value_from_str("--directory")?.unwrap_or_else(|| dev::DEFAULT_DIRECTORY.into()),
            };
            no_more(args)?;
            dev::run(&project, &options)
        }
        Some("test") => {
            let only: Option<String> = args.opt_value_from_str("--only")?;
            no_more(args)?;
            test::run(&project, only.as_deref())
        }
        Some("build") => {
            no_more(args)?;
            build::command(&project)
        }
        Some("help") => {
            no_more(args)?;
            help();
            Ok(())
        }
        Some("bench") => {
            let only: Option<String> = args.opt_value_from_str("--only")?;
            no_more(args)?;
            bench::run(&project, only.as_deref())
        }
        Some(other) => bail!("unknown command `{other}`; `cargo xtask --help` lists the commands"),
        None => bail!("which command? `cargo xtask --help` lists them"),
    }
}

fn help() {
    let (steps, works) = (test::step_names().join(", "), bench::WORKS.join(", "));
    console::say(format_args!("{HELP}\nSteps of test: {steps}\nWorks of bench: {works}"));
}

/// Refuses what no command asked for, so that a misspelt option is not silently ignored.
fn no_more(args: Arguments) -> Result<()> {
    match args.finish().first() {
        Some(extra) => bail!("`{}` is not understood here; see `cargo xtask --help`", extra.to_string_lossy()),
        None => Ok(()),
    }
}
