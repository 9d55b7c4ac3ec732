//! Why a command did not do what it was asked, and the exit code that tells scripts.

use std::fmt::Display;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::declarations::place::Problem;

/// How a command ended, for scripts. Clap itself exits with 2 on wrong usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and nothing is wrong.
    Done = 0,
    /// The declarations have errors; whatever was sound has been applied, if applying was requested.
    Problems = 1,
    /// `diff --exit-code` found differences.
    Differences = 3,
    /// A file, wrangler or a server failed. Running the command again goes on from there.
    Failed = 4,
    /// Refused, or not confirmed: nothing was done.
    Refused = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Something outside failed.
    #[error("{0}")]
    Failed(String),
    /// The declarations have errors that prevent everything.
    #[error("{0}")]
    Problems(String, Vec<Problem>),
    /// It must not, or need not, be done.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    /// A file that could not be read or written.
    pub(crate) fn files(path: &Path, error: &io::Error) -> Self {
        Self::Failed(format!("{}: {error}", path.display()))
    }

    /// Anything that failed, by its message.
    pub(crate) fn failed(error: impl Display) -> Self {
        Self::Failed(error.to_string())
    }

    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Self::Failed(_) => Exit::Failed,
            Self::Problems(..) => Exit::Problems,
            Self::Refused(_) => Exit::Refused,
        }
    }
}
