//! Waiting for something that happens in another turn: a time-out, or an outcome.
//!
//! Not with a promise: wasm-bindgen's future for one keeps its two callbacks until the promise settles, and for ever if
//! it never does. A limit that was not reached would leak a kilobyte.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn Fn()>, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// Rings once, for one waiter.
#[derive(Default)]
pub(crate) struct Bell {
    has_rung: Cell<bool>,
    waiting: Cell<Option<Waker>>,
}

impl Bell {
    /// Releases whoever waits for it, now or later.
    pub(crate) fn ring(&self) {
        self.has_rung.set(true);
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }

    /// Waits for it to ring.
    pub(crate) async fn heard(&self) {
        poll_fn(|context| self.poll(context)).await;
    }

    fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.has_rung.get() {
            return Poll::Ready(());
        }
        self.waiting.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// A bell that rings when a time is up, unless this is dropped first.
struct Timer {
    id: JsValue,
    bell: Rc<Bell>,
    _rings: Closure<dyn Fn()>,
}

impl Timer {
    fn start(milliseconds: f64) -> Self {
        let bell = Rc::new(Bell::default());
        let rung = Rc::clone(&bell);
        let rings = Closure::new(move || rung.ring());
        Self { id: set_timeout(&rings, milliseconds), bell, _rings: rings }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}

/// Waits for this many milliseconds.
pub(crate) async fn pause(milliseconds: f64) {
    Timer::start(milliseconds).bell.heard().await;
}

/// The result of `future`, if it comes within this many milliseconds.
pub(crate) async fn within<T>(milliseconds: f64, future: impl Future<Output = T>) -> Option<T> {
    let mut result = None;
    race(milliseconds, pin!(async { result = Some(future.await) })).await;
    result
}

/// Waits until `future` is done or the time is up. Not generic: it would be compiled anew for each future and result.
async fn race(milliseconds: f64, mut future: Pin<&mut dyn Future<Output = ()>>) {
    // What need not wait needs no timer either.
    let mut timer = None;
    let first = poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => timer.get_or_insert_with(|| Timer::start(milliseconds)).bell.poll(context),
    });
    first.await;
}
