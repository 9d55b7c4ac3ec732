//! The desktop: its page, and the parts that it loads one by one.

mod get;
mod part;

pub(crate) use get::{get, get_plain};
pub(crate) use part::{get as get_part, no_session};
