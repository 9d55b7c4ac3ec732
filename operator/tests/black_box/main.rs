//! The built command, from the outside.

mod commands;
mod demo;
mod folder;
mod round_trip;
mod ten_thousand;
