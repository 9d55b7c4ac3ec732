//! The login page, at the install's own address.

mod attempt;
mod form;
mod get;
mod post;

pub(crate) use attempt::ask_guard;
pub(crate) use form::{Shown, token as get_form_token, without_extension};
pub(crate) use get::get;
pub(crate) use post::{limit_rate, post};
