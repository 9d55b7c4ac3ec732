//! `<home>/second-step`: what an agent proves in addition to the password. No session stands before that.

mod ask;
mod passkey;
mod post;

pub(crate) use ask::get;
pub(crate) use ask::{Begun, ask};
pub(crate) use post::post;
