//! `ExtensionLease`: one object per extension. It holds nothing yet: an extension can only be held truthfully once
//! presence says when its agent has gone. The class stands because a binding needs one from the first deploy on.

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// The lease of one extension.
#[durable_object(fetch)]
pub struct ExtensionLease {}

impl DurableObject for ExtensionLease {
    fn new(_state: State, _env: Env) -> Self {
        Self {}
    }

    async fn fetch(&self, _request: Request) -> Result<Response> {
        Response::error("extensions are not held yet", 501)
    }
}
