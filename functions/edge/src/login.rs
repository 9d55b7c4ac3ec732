//! The login page, at the install's own address.

mod attempt;
mod form;
mod get;
mod post;

pub(crate) use get::get;
pub(crate) use post::post;
