//! The login page, at the install's own address.

mod attempt;
mod form;
mod get;
mod post;

pub(crate) use attempt::ask_guard;
pub(crate) use form::token as get_form_token;
pub(crate) use get::get;
pub(crate) use post::{limit_rate, post};
