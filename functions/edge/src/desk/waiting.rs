//! Calls that wait for the outcome of an offer. They wait in the object, so that the answer goes out as soon as there
//! is one.

use std::cell::RefCell;
use std::rc::Rc;

use onecontact_domain::desk::{Offer, RoutingId};
use worker::Result;

use super::carrier::Carrier;
use crate::bell::{Bell, within};

/// How many calls may wait at a desk at once; any more are answered immediately.
const MOST: usize = 64;

/// The calls that wait at a desk.
#[derive(Default)]
pub(super) struct Waiting(RefCell<Vec<Rc<Waiter>>>);

/// One such call.
struct Waiter {
    offer: RoutingId,
    /// Rings when the offer has its outcome.
    decided: Bell,
}

impl Waiting {
    /// Releases the calls that wait for one of these offers, if it has its outcome.
    pub(super) fn tell(&self, offers: &[Offer]) {
        for waiter in self.0.borrow().iter() {
            if offers.iter().any(|offer| offer.id == waiter.offer && offer.outcome.is_some()) {
                waiter.decided.ring();
            }
        }
    }
}

impl Carrier {
    /// Waits for the outcome of an offer that awaits an answer, for at most this many seconds.
    pub(super) async fn wait_for(self: &Rc<Self>, offer: &RoutingId, wait: u32) -> Result<()> {
        let heard = self.heard()?;
        self.handle(|desk, now| desk.pass(now, heard))?;
        let until = self.desk.borrow().as_ref().and_then(|desk| desk.waits_until(offer));
        let Some(until) = until.filter(|_| wait > 0 && self.waiting.0.borrow().len() < MOST) else { return Ok(()) };
        // This needs no alarm: once the time is up, whoever asks sees that it is.
        let seconds = until.since(crate::now()).min(wait.into());
        let waiter = Rc::new(Waiter { offer: offer.clone(), decided: Bell::default() });
        self.waiting.0.borrow_mut().push(Rc::clone(&waiter));
        #[expect(clippy::cast_precision_loss, reason = "minutes at most")]
        within(seconds as f64 * 1000.0, waiter.decided.heard()).await;
        self.waiting.0.borrow_mut().retain(|other| !Rc::ptr_eq(other, &waiter));
        Ok(())
    }
}
