//! `onecontact keys`: a fresh key set, and moving one on.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use serde_json::json;
use zeroize::Zeroizing;

use super::now;
use crate::failure::{Exit, Failure};
use crate::key_set::{KeySet, MARGIN, Rotation};
use crate::output::Output;
use crate::rewrite;

/// What puts a set in force.
const PUT: &str = "npx wrangler secret put TOKEN_KEYS --env <environment>";

/// Prints a fresh key set on standard output, to be piped or stored; it is kept nowhere.
pub(super) fn new() -> Result<Exit, Failure> {
    println!("{}", *KeySet::new()?.json());
    eprintln!(
        "Keep it in a file that nobody else reads. docs/OPERATIONS.md hands it to the first deployment; later \
         `onecontact keys rotate` moves it on, and `{PUT}` puts it in force."
    );
    Ok(Exit::Done)
}

/// Moves a key set on: that of `file`, in place, or that of standard input, to standard output.
pub(super) fn rotate(file: Option<&Path>, output: &Output) -> Result<Exit, Failure> {
    let mut set = read(file)?;
    let rotation = set.rotate(now())?;
    write(file, &set)?;
    done(file, output, &told(&rotation), &json!(rotation));
    output.note(format!(
        "Within {} minutes put it in force:\n  {}\nRotate again no sooner than ten minutes after that: others keep the \
         public keys for five.",
        MARGIN / 60,
        put(file)
    ));
    Ok(Exit::Done)
}

/// Adds the next keys that a set lacks: one made by an earlier version, or by hand.
pub(super) fn complete(file: Option<&Path>, output: &Output) -> Result<Exit, Failure> {
    let mut set = read(file)?;
    let added = set.complete()?;
    if added.is_empty() {
        return Err(Failure::Refused("the set lacks nothing: `onecontact keys rotate` moves it on".to_owned()));
    }
    write(file, &set)?;
    done(file, output, &format!("Added, to sign after the next rotation: {}.", added.join(", ")), &json!(added));
    output.note(format!("Put it in force, and rotate ten minutes after that:\n  {}", put(file)));
    Ok(Exit::Done)
}

fn put(file: Option<&Path>) -> String {
    file.map_or_else(|| PUT.to_owned(), |file| format!("{PUT} < {}", file.display()))
}

/// A rotation in words: ids only.
fn told(rotation: &Rotation) -> String {
    let Rotation { active, retired, next, dropped, until } = rotation;
    let mut lines = vec![format!("Signing from now on: {}.", active.join(", "))];
    if !retired.is_empty() {
        lines.push(format!(
            "Verifying until {} (seconds since 1970), signing no more: {}.",
            until.0,
            retired.join(", ")
        ));
    }
    if !dropped.is_empty() {
        lines.push(format!("Past their date, and gone: {}.", dropped.join(", ")));
    }
    lines.push(format!("Next, after another rotation: {}.", next.join(", ")));
    lines.join("\n")
}

fn read(file: Option<&Path>) -> Result<KeySet, Failure> {
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
    KeySet::parse(&Zeroizing::new(text))
}

/// Writes the set where it came from; from standard input, to standard output.
fn write(file: Option<&Path>, set: &KeySet) -> Result<(), Failure> {
    let json = set.json();
    if let Some(path) = file {
        return rewrite::replace_private(path, format!("{}\n", *json).as_bytes());
    }
    println!("{}", *json);
    Ok(())
}

/// Tells what was done. Where the set itself is the output, nothing else goes there.
fn done(file: Option<&Path>, output: &Output, text: &str, value: &serde_json::Value) {
    match file {
        Some(_) => output.result(text, value),
        None => output.note(text),
    }
}
