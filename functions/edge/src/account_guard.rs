//! `AccountGuard`: carries [`Guard`], one object per canonical account.
//!
//! The storage is asked without waiting: so reading, deciding and storing are one step, and no other event comes in between.
//! The platform holds the answer back until what was stored is safe.

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
    /// What is stored, once it has been read: nobody else writes it.
    guard: RefCell<Option<Guard>>,
    /// When the object is to be woken, as far as this instance of it has said.
    alarm: Cell<Option<Timestamp>>,
}

#[wasm_bindgen]
impl AccountGuard {
    /// The object, as the platform makes it.
    #[wasm_bindgen(constructor)]
    pub fn new(context: Context) -> Self {
        Self { context, guard: RefCell::default(), alarm: Cell::default() }
    }

    /// Answers what it is asked.
    ///
    /// # Errors
    /// Where what is asked is not understood, or the storage fails.
    pub fn ask(&self, question: &str) -> std::result::Result<String, JsValue> {
        Ok(self.answer(question)?)
    }

    /// Forgets a guard of which nothing matters any more.
    ///
    /// # Errors
    /// Where the storage fails: the platform tries again.
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
        // Only what is stored is remembered: had anything failed, the next event would read the guard anew.
        self.guard.replace(Some(guard));
        objects::answer(&answer)
    }

    /// An alarm may come twice, or late: a lock that still stands must outlive it. It may come early too, for an attempt since
    /// then has moved the time on.
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

    /// The guard, out of memory or storage; a new one where there is none.
    fn take(&self) -> Result<Guard> {
        if let Some(guard) = self.guard.take() {
            return Ok(guard);
        }
        let stored = self.storage().kv().get(STATE)?.as_string();
        stored.map_or_else(|| Ok(Guard::default()), |json| Ok(kv_schema::json::from_str(&json)?))
    }

    /// Has the object woken when its guard can be forgotten, or before: an alarm is a write, and one for each attempt
    /// would be one too many.
    fn plan_to_forget(&self, guard: &Guard) -> Result<()> {
        let Some(at) = guard.forget_at() else { return Ok(()) };
        if self.alarm.get().is_some_and(|planned| planned <= at) {
            return Ok(());
        }
        // At least a second from now: an alarm at once would only find the clock where it was.
        let at_least = crate::now().plus(1);
        // The platform keeps the order of what is written: nobody has to wait for it.
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
        let _written = self.storage().set_alarm((at.max(at_least).0 * 1000) as f64)?;
        self.alarm.set(Some(at));
        Ok(())
    }
}
