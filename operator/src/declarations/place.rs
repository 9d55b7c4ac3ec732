//! Where something is in the declarations, and what is wrong there.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub(crate) struct Place {
    /// The file, as a path that can be opened from where the person is.
    pub(crate) file: Arc<str>,
    /// The line, from 1.
    pub(crate) line: usize,
}

impl Place {
    pub(crate) fn new(file: &Arc<str>, line: usize) -> Self {
        Self { file: Arc::clone(file), line }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a problem keeps from being applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Severity {
    /// Everything: it concerns an install, an instance, a host or a whole file, on which others depend.
    Blocking,
    /// The agents that it concerns; the others are applied.
    LeavesOut,
    /// Nothing.
    Warning,
}

/// Something wrong in the declarations, and how to put it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    #[serde(flatten)]
    pub(crate) place: Place,
    /// What is wrong. Never holds a password or a hash.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) fix: String,
}

impl Problem {
    /// Whether something is not applied because of it.
    pub(crate) fn is_error(&self) -> bool {
        self.severity != Severity::Warning
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_error() { "error" } else { "warning" };
        write!(f, "{}: {kind}: {}\n    {}", self.place, self.what, self.fix)
    }
}

/// Problems in the order in which they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, severity: Severity, place: &Place, what: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Problem { severity, place: place.clone(), what: what.into(), fix: fix.into() });
    }

    /// Returns all of them, in the order in which a person reads the files.
    pub(crate) fn into_sorted(mut self) -> Vec<Problem> {
        self.0.sort_by(|a, b| a.place.cmp(&b.place));
        self.0
    }
}
