//! The login page, at the install's own address.

mod attempt;
mod form;
mod get;
mod go_on;
mod post;

pub(crate) use form::{Shown, instance_shown, mark, page, rules, tie, token as get_form_token, without_extension};
pub(crate) use get::get;
pub(crate) use go_on::{GoingOn, Proven, authenticated, claims, go_on, go_to_login};
pub(crate) use post::{limit_rate, ours, post};
