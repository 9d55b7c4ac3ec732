//! A request and a reply, as this Worker needs them: small types over the web's own, because each header read and each
//! conversion crosses from wasm to JavaScript and back.

mod asked;
mod reply;

pub(crate) use asked::{Asked, Method};
pub(crate) use reply::Reply;
