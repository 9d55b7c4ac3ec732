//! The decisions of `OneContact` Agent, as functions of values.
//!
//! In scope: parsing what comes in, deciding what it leads to, tokens, cookies, the counting of attempts. Out of
//! scope: everything that touches the world. There is no clock here, no source of randomness, no store and no
//! `worker`: time is `now`, randomness is an `impl CryptoRngCore`, and stored values come in as values.

pub mod address;
pub mod api;
pub mod browser;
pub mod cookies;
pub mod desk;
pub mod extension_lease;
pub mod federation;
pub mod guard;
pub mod keyed;
pub mod language;
pub mod login;
pub mod members;
pub mod message;
pub mod openid;
pub mod origin;
pub mod own_client;
pub mod password;
pub mod problem;
pub mod resolve;
pub mod second_step;
pub mod token;
pub mod workstation;

#[cfg(test)]
mod fixture;
