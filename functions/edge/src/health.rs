//! `/health`: whether this Worker runs and is configured. Stores are not asked: a late store is no reason to take an
//! edge node out of service.

use crate::http::Reply;

pub(crate) fn get() -> Reply {
    Reply::data(
        200,
        "application/json",
        concat!(r#"{"status":"ok","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#).to_owned(),
    )
}
