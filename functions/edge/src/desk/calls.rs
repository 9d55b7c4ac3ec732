//! Calls that a desk makes to others, alongside whatever else happens to it: neither an event nor the alarm waits for
//! an answer, so a slow one holds up nobody's presence. A call that was under way when the object stopped is due again
//! ([`Desk::calls_due`](onecontact_domain::desk::Desk::calls_due)), and the object's alarm makes it again.

use std::rc::Rc;

use onecontact_domain::desk::{Call, Reply};
use onecontact_domain::problem::Problem;
use worker::Env;

use super::carrier::Carrier;
use super::gateway;
use crate::bell::within;
use crate::bindings::Bindings;
use crate::directory::outage;
use crate::{extension_lease, log, platform};

/// Which failed attempt an operator is told of.
const WORTH_TELLING: u32 = 2;

impl Carrier {
    /// Begins each call. Its answer is an event of its own.
    pub(super) fn call(self: &Rc<Self>, calls: Vec<Call>) {
        for call in calls {
            let desk = Rc::clone(self);
            platform::beside(&self.context, async move { desk.carry_out(&call).await });
        }
    }

    async fn carry_out(self: &Rc<Self>, call: &Call) {
        let limit = f64::from(call.seconds()) * 1_000.0;
        let reply = within(limit, answered(&self.env, call)).await.unwrap_or_else(|| Err(super::silent()));
        let problem = reply.as_ref().err().cloned();
        // If the answer cannot be stored, the call is made again.
        let failures = self.handle(|desk, now| desk.called(now, call, reply.ok()));
        if let (Some(problem), Ok(WORTH_TELLING)) = (problem, failures) {
            log::problem_of_object(&self.env, "desk", &problem);
        }
    }
}

async fn answered(env: &Env, call: &Call) -> Result<Reply, Problem> {
    let bindings = Bindings::of(env)?;
    match call {
        Call::Lease { install, ask } => extension_lease::find(&bindings, install, ask).await.map(Reply::Lease),
        Call::Gateway(call) => {
            let reply = gateway::ask(&bindings, call).await;
            if call.is_refused(&reply) {
                let cause = [call.gateway.as_str(), " refuses to unregister ", &call.registration].concat();
                log::problem_of_object(env, "desk", &outage("recorder", &cause));
            }
            Ok(Reply::Gateway(reply))
        }
    }
}
