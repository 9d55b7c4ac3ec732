//! The built command, from the outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod commands;
mod demo;
mod documents;
mod folder;
mod keys;
mod round_trip;
mod sealing;
#[cfg(unix)]
mod served;
mod sessions;
mod ten_thousand;
