//! `AccountGuard`: carries [`Guard`], one object per canonical account.
//!
//! The platform hands an object one event at a time while it waits for its storage, so that reading, deciding and
//! storing are one step.

use onecontact_domain::guard::{Ask, Guard};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use crate::objects;

/// The guard of one account.
#[durable_object(alarm)]
pub struct AccountGuard {
    state: State,
}

impl DurableObject for AccountGuard {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let ask: Ask = objects::asked(request).await?;
        let now = crate::now();
        let mut guard: Guard = objects::load(&self.state).await?;
        let policy = match &ask {
            Ask::Begin { policy, .. } => Some(*policy),
            Ask::Succeeded { .. } | Ask::Change { .. } => None,
        };
        let answer = guard.apply(now, ask);
        objects::store(&self.state, &guard).await?;
        if let Some(at) = policy.and_then(|policy| guard.forget_at(now, policy)) {
            self.state.storage().set_alarm(i64::try_from(at.0 * 1000).unwrap_or(i64::MAX)).await?;
        }
        objects::answer(&answer)
    }

    /// Nothing of this guard matters any more, unless it has come to hold a password since.
    async fn alarm(&self) -> Result<Response> {
        let guard: Guard = objects::load(&self.state).await?;
        if !guard.holds_a_password() {
            self.state.storage().delete_all().await?;
        }
        Response::ok("")
    }
}
