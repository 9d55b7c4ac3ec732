//! `AccountGuard`: carries [`Guard`], one object per canonical account.
//!
//! Storage is accessed synchronously, so reading, deciding and storing are one step that no other event can interrupt.
//! The platform holds the answer back until what was stored is durable.

use std::cell::{Cell, RefCell};

use kv_schema::Timestamp;
use onecontact_domain::guard::{Ask, Guard};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::Result;

use crate::objects;
use crate::platform::{Context, Storage};

/// The key that the guard is kept under.
const STATE: &str = "state";

/// The guard of one account.
#[wasm_bindgen]
pub struct AccountGuard {
    context: Context,
    /// What is stored, once it has been read: nothing else writes it.
    guard: RefCell<Option<Guard>>,
    /// When the object is to be woken, as far as this incarnation has set it.
    alarm: Cell<Option<Timestamp>>,
}

#[wasm_bindgen]
impl AccountGuard {
    /// Creates the object, for the platform.
    #[wasm_bindgen(constructor)]
    pub fn new(context: Context) -> Self {
        Self { context, guard: RefCell::default(), alarm: Cell::default() }
    }

    /// Answers a question.
    ///
    /// # Errors
    /// If the question cannot be parsed, or the storage fails.
    pub fn ask(&self, question: &str) -> std::result::Result<String, JsValue> {
        Ok(self.answer(question)?)
    }

    /// Forgets a guard that no longer matters.
    ///
    /// # Errors
    /// If the storage fails: the platform tries again.
    pub async fn alarm(&self) -> std::result::Result<(), JsValue> {
        Ok(self.forget().await?)
    }
}

impl AccountGuard {
    fn answer(&self, question: &str) -> Result<String> {
        let ask: Ask = objects::asked(question)?;
        let before = self.take()?;
        let mut guard = before.clone();
        let answer = guard.apply(crate::now(), ask);
        if guard != before {
            self.storage().kv().put(STATE, &serde_json::to_string(&guard)?)?;
            self.plan_to_forget(&guard)?;
        }
        // Only what is stored is remembered: after a failure the next event reads the guard afresh.
        self.guard.replace(Some(guard));
        objects::answer(&answer)
    }

    /// An alarm may come twice, or late: a lock that still stands must survive it. It may also come early, because a
    /// later attempt has moved the time on.
    async fn forget(&self) -> Result<()> {
        self.alarm.set(None);
        let guard = self.take()?;
        if guard.forget_at().is_some_and(|at| at <= crate::now()) {
            JsFuture::from(self.storage().delete_all()?).await?;
        } else {
            self.plan_to_forget(&guard)?;
            self.guard.replace(Some(guard));
        }
        Ok(())
    }

    fn storage(&self) -> Storage {
        self.context.storage()
    }

    /// The guard, from memory or storage; a new one if there is none.
    fn take(&self) -> Result<Guard> {
        if let Some(guard) = self.guard.take() {
            return Ok(guard);
        }
        let stored = self.storage().kv().get(STATE)?.as_string();
        stored.map_or_else(|| Ok(Guard::default()), |json| Ok(kv_schema::json::from_str(&json)?))
    }

    /// Sets the alarm for when the guard can be forgotten, or leaves an earlier one: an alarm is a write, and one per
    /// attempt would be too many.
    fn plan_to_forget(&self, guard: &Guard) -> Result<()> {
        let Some(at) = guard.forget_at() else { return Ok(()) };
        if self.alarm.get().is_some_and(|planned| planned <= at) {
            return Ok(());
        }
        // At least a second from now: an immediate alarm would only find the clock unchanged.
        let at_least = crate::now().plus(1);
        // The platform keeps writes in order: there is no need to wait for this one.
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
        let _written = self.storage().set_alarm((at.max(at_least).0 * 1000) as f64)?;
        self.alarm.set(Some(at));
        Ok(())
    }
}
