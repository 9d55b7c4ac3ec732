//! What commands print: for people, or as JSON for machines. Results go to standard output, everything else to
//! standard error.
//!
//! When a reader goes away, as `head` does, printing stops, but the command finishes what it does.

use std::fmt::Display;
use std::io::{self, BufRead, Write};

use chrono::DateTime;
use kv_schema::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::declarations::place::{Problem, Severity};
use crate::failure::Failure;

/// How to print.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints a result: the text for people, or the value for machines.
    pub(crate) fn result(&self, text: impl Display, value: &impl Serialize) -> Result<(), Failure> {
        if self.json { print(format_args!("{:#}", json!(value))) } else { print(text) }
    }

    /// Prints something to know meanwhile. Machines do without.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.json {
            tell(text);
        }
    }

    /// Prints why a command stopped.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.json {
            let problems = if let Failure::Problems(_, problems) = failure { problems.as_slice() } else { &[] };
            // If it cannot be printed, the exit code still says it.
            let _ = print(format_args!("{:#}", json!({ "error": failure.to_string(), "problems": problems })));
        } else {
            tell(format_args!("onecontact: {failure}"));
        }
    }
}

/// Writes a line to standard output, for whoever still reads it.
pub(crate) fn print(text: impl Display) -> Result<(), Failure> {
    match write_out(&text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| not_printed(&error)),
    }
}

/// Like [`print`], for what must not be lost: fails also when nobody reads it any more.
pub(crate) fn hand_over(text: impl Display) -> Result<(), Failure> {
    write_out(&text).map_err(|error| not_printed(&error))
}

fn write_out(text: &dyn Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

fn not_printed(error: &io::Error) -> Failure {
    Failure::Failed(format!("standard output: {error}"))
}

/// Writes a line to standard error. If that fails, there is nobody to tell.
pub(crate) fn tell(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// "3 errors and 1 warning"
pub(crate) fn count_of(problems: &[Problem]) -> String {
    let warnings = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
    let plural = |count: usize, word: &str| format!("{} {word}{}", thousands(count), if count == 1 { "" } else { "s" });
    format!("{} and {}", plural(problems.len() - warnings, "error"), plural(warnings, "warning"))
}

/// A point in time, for people all over the world.
pub(crate) fn time(at: Timestamp) -> String {
    let seconds = i64::try_from(at.0).unwrap_or(i64::MAX);
    DateTime::from_timestamp(seconds, 0)
        .map_or_else(|| "?".to_owned(), |time| time.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// Asks the person at the terminal a yes-or-no question.
pub(crate) fn confirmed(question: &str) -> Result<bool, Failure> {
    write!(io::stderr(), "{question} [y/N] ").map_err(Failure::failed)?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(Failure::failed)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// `12,345`
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
