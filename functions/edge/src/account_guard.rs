//! `AccountGuard`: carries [`Guard`], one object per canonical account.
//!
//! The platform hands an object one event at a time while it waits for its storage, and between looking at the guard in
//! memory and keeping it there nothing is waited for: so reading, deciding and storing are one step.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use kv_schema::Timestamp;
use onecontact_domain::guard::{Ask, Guard};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use crate::objects;

/// The guard of one account.
#[durable_object(alarm)]
pub struct AccountGuard {
    state: State,
    /// What is stored, once it has been read: nobody else writes it.
    guard: RefCell<Option<Guard>>,
    /// When the object is to be woken, as far as this instance of it has said.
    alarm: Cell<Option<Timestamp>>,
}

impl DurableObject for AccountGuard {
    fn new(state: State, _env: Env) -> Self {
        Self { state, guard: RefCell::default(), alarm: Cell::default() }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let ask: Ask = objects::asked(request).await?;
        let before = self.guard().await?;
        let mut guard = before.clone();
        let answer = guard.apply(crate::now(), ask);
        if guard != before {
            self.guard.replace(Some(guard.clone()));
            let stored = objects::store(&self.state, &guard).await;
            // What could not be stored does not hold.
            stored.inspect_err(|_| drop(self.guard.take()))?;
            self.plan_to_forget(&guard).await?;
        }
        objects::answer(&answer)
    }

    /// Forgets a guard of which nothing matters any more. An alarm may come twice, or late: a lock that still stands
    /// must outlive it. It may come early too, for an attempt since then has moved the time on.
    async fn alarm(&self) -> Result<Response> {
        self.alarm.set(None);
        let guard = self.guard().await?;
        match guard.forget_at() {
            Some(at) if at <= crate::now() => {
                self.guard.take();
                self.state.storage().delete_all().await?;
            }
            _ => self.plan_to_forget(&guard).await?,
        }
        Response::ok("")
    }
}

impl AccountGuard {
    async fn guard(&self) -> Result<Guard> {
        if let Some(guard) = self.guard.borrow().as_ref() {
            return Ok(guard.clone());
        }
        let stored = objects::load(&self.state).await?;
        // Another event may have read, and changed, it meanwhile.
        Ok(self.guard.borrow_mut().get_or_insert(stored).clone())
    }

    /// Has the object woken when its guard can be forgotten, or before: an alarm is a write, and one for each attempt
    /// would be one too many.
    async fn plan_to_forget(&self, guard: &Guard) -> Result<()> {
        let Some(at) = guard.forget_at() else { return Ok(()) };
        if self.alarm.get().is_some_and(|planned| planned <= at) {
            return Ok(());
        }
        // At least a second: an alarm at once would only find the clock where it was.
        let wait = Duration::from_secs(at.since(crate::now()).max(1));
        self.state.storage().set_alarm(wait).await?;
        self.alarm.set(Some(at));
        Ok(())
    }
}
