//! `onecontact keys`: makes a fresh key set, and rotates or completes one.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use kv_schema::Timestamp;
use serde_json::json;
use zeroize::Zeroizing;

use super::now;
use crate::deployment::Deployment;
use crate::failure::{Exit, Failure};
use crate::key_set::{KeySet, MARGIN, Rotation};
use crate::output::{Output, confirmed, hand_over, tell, time};
use crate::{lock, rewrite};

/// Seconds after a set's next keys were drawn within which perhaps nobody knows them yet.
const SETTLING: u64 = 10 * 60;

/// Which set to change, and how it is known to be the one in force. Two operators may each have a copy: changed from an
/// older one, the set would lack keys that sign.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// The key set's file, changed in place; if not given, standard input is read and standard output written
    file: Option<PathBuf>,
    /// The deployment's address: the set is changed only if it is the one in force there
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Change the set without comparing or asking: you know that it is the one in force
    #[arg(long, conflicts_with = "server")]
    yes: bool,
}

/// What puts a set in force.
const PUT: &str = "npx wrangler secret put TOKEN_KEYS --env <environment>";

/// Prints a fresh key set on standard output, to be piped or stored; it is not kept.
pub(super) fn new() -> Result<Exit, Failure> {
    hand_over(&*KeySet::new(now())?.json())?;
    tell(format!(
        "Keep it in a file that nobody else can read. docs/OPERATIONS.md hands it to the first deployment; later \
         `onecontact keys rotate` rotates it, and `{PUT}` puts it in force."
    ));
    Ok(Exit::Done)
}

/// Rotates a key set: that of a file in place, or that of standard input to standard output.
pub(super) fn rotate(args: &SetArgs, output: &Output) -> Result<Exit, Failure> {
    let file = args.file.as_deref();
    let _alone = file.map(|file| lock::folder(&rewrite::folder(file)));
    let (before, now) = (read(file)?, now());
    has_settled(&before, now)?;
    let mut set = before.clone();
    let rotation = set.rotate(now)?;
    is_in_force(args, &before)?;
    write(file, &set)?;
    done(file, output, &told(&rotation), &json!(rotation))?;
    output.note(format!(
        "Within {} minutes put it in force:\n  {}\nRotate again no sooner than ten minutes after that: others keep the \
         public keys for five.",
        MARGIN / 60,
        put(file)
    ));
    Ok(Exit::Done)
}

/// Refuses a set whose next keys were drawn just now, by whatever command and whoever asks: they were never in force as
/// such, and a key must verify before it signs. A leaked key is no exception, as a retired one goes on verifying.
/// Clocks may differ.
fn has_settled(set: &KeySet, now: Timestamp) -> Result<(), Failure> {
    let Some(at) = set.drawn_at().filter(|at| now.0.abs_diff(at.0) < SETTLING) else { return Ok(()) };
    Err(Failure::Refused(format!(
        "next keys of the set were drawn less than ten minutes ago, at {}, when it was made, completed or rotated, \
         perhaps by somebody else or by a command that ran twice: those who verify tokens may not know them yet. Put \
         the set in force, and rotate ten minutes after that, at {} at the earliest. If a key has leaked, \
         rotating does not help, for the key would go on verifying: see \"When a key has leaked\" in docs/OPERATIONS.md",
        time(at),
        // `time` shows minutes, so round up to the next one.
        time(at.plus(SETTLING + 59))
    )))
}

/// Adds the next keys that a set lacks: one made by an earlier version, or by hand.
pub(super) fn complete(args: &SetArgs, output: &Output) -> Result<Exit, Failure> {
    let file = args.file.as_deref();
    let _alone = file.map(|file| lock::folder(&rewrite::folder(file)));
    let before = read(file)?;
    let mut set = before.clone();
    let added = set.complete(now())?;
    if added.is_empty() {
        return Err(Failure::Refused("the set is complete: `onecontact keys rotate` rotates it".to_owned()));
    }
    is_in_force(args, &before)?;
    write(file, &set)?;
    done(file, output, &format!("Added, to sign after the next rotation: {}.", added.join(", ")), &json!(added))?;
    output.note(format!("Put it in force, and rotate ten minutes later:\n  {}", put(file)));
    Ok(Exit::Done)
}

/// Refuses unless `set` is the one in force, as the deployment's public keys show or the operator confirms. A secret
/// itself can be written but never read.
fn is_in_force(args: &SetArgs, set: &KeySet) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    if let Some(server) = &args.server {
        return set.is_published_as(&Deployment::at(server)?.published_keys()?, now());
    }
    let signing = set.signing().join(", ");
    if args.file.is_none() || !io::stdin().is_terminal() {
        return Err(Failure::Refused(format!(
            "is this the set in force, with {signing} signing? Check it with --server <address>, or confirm it with \
             --yes"
        )));
    }
    tell(format!(
        "According to this file, {signing} sign now. If it is an older copy of what is in force, sessions will end. \
         --server <address> checks that."
    ));
    if confirmed("Is it the set in force?")? { Ok(()) } else { Err(Failure::Refused("not confirmed".to_owned())) }
}

fn put(file: Option<&Path>) -> String {
    file.map_or_else(|| PUT.to_owned(), |file| format!("{PUT} < {}", file.display()))
}

/// A rotation in words: ids only.
fn told(rotation: &Rotation) -> String {
    let Rotation { active, retired, next, dropped, until } = rotation;
    let mut lines = vec![format!("Signing from now on: {}.", active.join(", "))];
    if !retired.is_empty() {
        lines.push(format!("Verifying until {}, no longer signing: {}.", time(*until), retired.join(", ")));
    }
    if !dropped.is_empty() {
        lines.push(format!("Expired and removed: {}.", dropped.join(", ")));
    }
    lines.push(format!("Next, after another rotation: {}.", next.join(", ")));
    lines.join("\n")
}

fn read(file: Option<&Path>) -> Result<KeySet, Failure> {
    let whose = file.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    let text = match file {
        Some(path) => fs::read_to_string(path).map_err(|error| Failure::files(path, &error))?,
        None if io::stdin().is_terminal() => {
            return Err(Failure::Refused("name the key set's file, or pipe the set in".to_owned()));
        }
        None => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map_err(Failure::failed)?;
            text
        }
    };
    KeySet::parse(&Zeroizing::new(text)).map_err(|failure| Failure::Refused(format!("{whose}: {failure}")))
}

/// Writes the set back where it came from; if from standard input, to standard output.
fn write(file: Option<&Path>, set: &KeySet) -> Result<(), Failure> {
    let json = set.json();
    if let Some(path) = file {
        return rewrite::replace_private(path, format!("{}\n", *json).as_bytes());
    }
    hand_over(&*json)
}

/// Reports what was done. If the set itself is the output, nothing else goes there.
fn done(file: Option<&Path>, output: &Output, text: &str, value: &serde_json::Value) -> Result<(), Failure> {
    if file.is_some() {
        return output.result(text, value);
    }
    output.note(text);
    Ok(())
}
