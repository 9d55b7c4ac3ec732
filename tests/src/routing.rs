//! Routing, as the tests play it: what it says of interactions, and what it asks a desk at the desk's own door.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cluster::Door;
use crate::desktop::{Answer, Desktop};
use crate::world::now;

/// The request to be not ready, without a reason.
#[must_use]
pub fn not_ready() -> Value {
    json!({ "not_ready": { "reason": null } })
}

/// An offer of a call, as the API accepts it: offer `o-<name>` of interaction `c-<name>`.
#[must_use]
pub fn proposal(name: &str, seconds: u32) -> Value {
    let (id, call) = (format!("o-{name}"), format!("c-{name}"));
    let interaction =
        json!({ "id": call, "kind": "call", "service": "Support", "from": "+351 210 000 000", "since": now() });
    json!({ "id": id, "interaction": interaction, "seconds": seconds })
}

/// Offers a call to an agent who is ready, at the desk's own door, and makes the agent accept it.
///
/// # Panics
/// If the agent does not have the call within a while.
pub async fn connect(door: &Door, desktop: &Desktop, agent: &str, name: &str) {
    let patience = Duration::from_secs(30);
    let ask = json!({ "offer": { "proposal": proposal(name, 60), "by": "routing", "is_declared": true } });
    let made = door.ask_desk(agent, &ask).await;
    assert!(made["offer"]["outcome"].is_null() && made["offer"].is_object(), "{agent} is offered {name}: {made}");
    let command = desktop.ask(json!({ "accept": { "offer": format!("o-{name}") } }));
    assert_eq!(desktop.answer(command, patience).await, Some(Answer::Done), "{agent}: {:?}", desktop.seen());
    let has_it = desktop.sees(patience, |seen| seen.state["in_interaction"].is_object()).await;
    assert!(has_it, "{agent}: {:?}", desktop.seen());
}

/// Ends the call of [`connect`].
pub async fn finish(door: &Door, agent: &str, name: &str) {
    let ask = json!({ "finish": { "interaction": format!("c-{name}"), "by": "routing" } });
    let seen = door.ask_desk(agent, &ask).await;
    assert!(seen["seen"]["state"]["in_interaction"].is_null(), "{agent} finishes {name}: {seen}");
}
