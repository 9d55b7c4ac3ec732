//! `/.well-known/jwks.json` (RFC 7517, section 5): the keys with which others verify access tokens.

use std::cell::RefCell;

use onecontact_domain::problem::Problem;
use onecontact_domain::token::PublicSet;

use crate::bindings::Bindings;
use crate::http::{Asked, Reply};

/// A key is published before it signs, for longer than this: `onecontact keys rotate` says how long.
const KEPT_BY_OTHERS: &str = "public, max-age=300";

thread_local! {
    static MADE: RefCell<Option<PublicSet>> = const { RefCell::new(None) };
}

pub(crate) fn get(asked: &Asked, bindings: &Bindings) -> Result<Reply, Problem> {
    if !asked.is_reading() {
        return Err(Problem::MethodNotAllowed { allow: "GET, HEAD" });
    }
    let now = asked.now();
    // The key set is the same for the isolate's whole life, except for keys that retire meanwhile.
    let json = MADE.with_borrow_mut(|made| {
        if made.as_ref().is_some_and(|made| made.until.is_some_and(|until| until <= now)) {
            *made = None;
        }
        made.get_or_insert_with(|| bindings.keys.public(now)).json.clone()
    });
    let reply = Reply::json(200, json).with("content-type", "application/jwk-set+json".to_owned());
    // Applications also verify in browsers.
    Ok(reply.with("cache-control", KEPT_BY_OTHERS.to_owned()).for_any_origin())
}
