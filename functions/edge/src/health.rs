//! `/health`: whether this Worker runs and is configured. Stores are not asked: a slow store is no reason to take an
//! edge node out of service.

use crate::http::Reply;

const OK: &str = concat!(r#"{"status":"ok","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);

pub(crate) fn get() -> Reply {
    Reply::json(200, OK.to_owned())
}
