//! `AccountGuard`: carries [`Guard`], one object per canonical account.
//!
//! The platform hands an object one event at a time while it waits for its storage, so that reading, deciding and
//! storing are one step.

use std::time::Duration;

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
        let mut guard: Guard = objects::load(&self.state).await?;
        let answer = guard.apply(crate::now(), ask);
        objects::store(&self.state, &guard).await?;
        self.plan_to_forget(&guard).await?;
        objects::answer(&answer)
    }

    /// Forgets a guard of which nothing matters any more. An alarm may come twice, or late: a lock that still stands
    /// must outlive it.
    async fn alarm(&self) -> Result<Response> {
        let guard: Guard = objects::load(&self.state).await?;
        match guard.forget_at() {
            Some(at) if at <= crate::now() => self.state.storage().delete_all().await?,
            _ => self.plan_to_forget(&guard).await?,
        }
        Response::ok("")
    }
}

impl AccountGuard {
    async fn plan_to_forget(&self, guard: &Guard) -> Result<()> {
        let Some(at) = guard.forget_at() else { return Ok(()) };
        // At least a second: an alarm at once would only find the clock where it was.
        let wait = Duration::from_secs(at.since(crate::now()).max(1));
        self.state.storage().set_alarm(wait).await
    }
}
