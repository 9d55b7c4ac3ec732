//! R1 to R3: the screen recorder, with a gateway in its own process that fails in every way.

mod busy;
mod contract;
mod faults;
mod leaving;
mod lost;

use std::time::Duration;

use kv_schema::directory::Recorder;
use onecontact_tests::desktop::{Answer, Desktop, Seen};
use onecontact_tests::world::{Builder, HOME, PASSWORD};
use onecontact_tests::{Browser, RecorderGateway, World};
use serde_json::{Value, json};

use crate::DESKTOP;

/// The shortest deadline that may be declared, in seconds.
const DEADLINE: u64 = 5;
/// Longer than an attempt takes on a busy machine, its deadline included.
const PATIENCE: Duration = Duration::from_secs(40);
/// The cookie with the number of a browser's workstation.
const WORKSTATION: &str = "__Host-onecontact-workstation";

/// `Lisbon`, `acme` and `desk1`, with this recorder.
fn world_with(recorder: Recorder) -> Builder {
    World::standard().recorder(recorder)
}

async fn required(gateway: &RecorderGateway) -> World {
    world_with(Recorder::Required(gateway.declared(20))).start().await
}

async fn desktop(world: &World) -> Desktop {
    Desktop::open(world.browser_of("desk1").await, HOME, 1)
}

/// Whether the recorder reaches this status in time.
async fn comes_to(desktop: &Desktop, status: &str) -> bool {
    desktop.sees(PATIENCE, |seen| seen.recorder["status"] == status).await
}

/// A desktop of `desk1` whose workstation is registered.
async fn registered(world: &World) -> Desktop {
    let desktop = desktop(world).await;
    assert!(comes_to(&desktop, "registered").await, "{:?}", desktop.seen().recorder);
    desktop
}

/// The answer to asking to be ready.
async fn wishes_to_be_ready(desktop: &Desktop) -> Option<Answer> {
    desktop.answer(desktop.ask("ready"), PATIENCE).await
}

/// Waits until nothing is registered.
async fn nothing_stands(gateway: &RecorderGateway) {
    for _ in 0..400 {
        if gateway.standing().await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("still registered: {:?}, asked {:#?}", gateway.standing().await, gateway.asked().await);
}

fn seconds(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no time: {value}"))
}

/// The states that the page was told of, in order.
fn states(seen: &Seen) -> Vec<Value> {
    seen.events.iter().filter_map(|event| event.what.get("state").map(|change| change["state"].clone())).collect()
}

#[tokio::test]
async fn a_workstation_is_registered_when_its_desktop_connects_and_the_agent_sees_each_step() {
    let gateway = RecorderGateway::start();
    gateway.tell(&json!({ "ways": { "takes": 2_500 } })).await;
    let world = required(&gateway).await;
    let browser = world.browser_of("desk1").await;
    let workstation = browser.cookie(WORKSTATION).expect("it was given a number");
    assert_eq!(gateway.standing().await.len(), 0, "nothing is registered for nobody");
    let desktop = Desktop::open(browser, HOME, 1);
    assert!(desktop.sees(PATIENCE, |seen| seen.state == "registering").await, "the agent is busy");
    assert_eq!(desktop.seen().recorder["workstation"], workstation);
    assert!(desktop.sees(PATIENCE, |seen| seen.notes().contains(&"recorder_found")).await);
    assert_eq!(desktop.seen().recorder["status"], "registering", "steps are shown as they happen");
    assert!(comes_to(&desktop, "registered").await);
    let steps = ["calling", "accepted", "workstation_found", "recorder_found", "recorder_starting", "recorder_ready"];
    let notes = desktop.seen().notes().into_iter().map(str::to_owned).collect::<Vec<_>>();
    assert!(steps.iter().chain(&["registered"]).eq(notes.iter()), "{notes:?}");
    assert!(desktop.seen().is_not_ready_because("signed_in"));
    let standing = gateway.standing().await;
    assert_eq!((standing.len(), &standing[0]["workstation"]), (1, &json!(workstation)));
    assert_eq!(wishes_to_be_ready(&desktop).await, Some(Answer::Done));
    let logged = world.log().only("recorder_registered").await;
    assert_eq!(logged["agent"], "desk1");
    assert_eq!(desktop.seen().faults, [""; 0]);
}

#[tokio::test]
async fn a_workstation_keeps_its_number_and_has_none_where_there_is_no_recorder() {
    let gateway = RecorderGateway::start();
    let world = required(&gateway).await;
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk1", PASSWORD).await;
    let cookie = page.set_cookie(WORKSTATION).expect("it is given a number");
    assert_eq!(cookie.max_age, Some(400 * 24 * 3600));
    browser.get(DESKTOP).await;
    browser.drop_cookie(crate::SESSION);
    let again = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!(again.set_cookie(WORKSTATION).map(|cookie| cookie.value), Some(cookie.value), "the same, for longer");
    let plain = World::standard().start().await;
    assert_eq!(plain.browser_of("desk1").await.cookie(WORKSTATION), None);
}

#[tokio::test]
async fn an_instance_may_name_a_recorder_of_its_own_or_none() {
    let (gateway, other) = (RecorderGateway::start(), RecorderGateway::start());
    let own = Recorder::Optional(other.declared(20));
    let world = world_with(Recorder::Required(gateway.declared(20)))
        .instance_with("bravo", &["Lisbon"], |instance| instance.recorder = Some(own))
        .instance_with("gamma", &["Lisbon"], |instance| instance.recorder = Some(Recorder::Off))
        .host("bravo.wire.test", "bravo")
        .host("gamma.wire.test", "gamma")
        .agent("bravo", "desk2")
        .agent("gamma", "desk3")
        .start()
        .await;
    for (instance, agent, required) in [("bravo", "desk2", json!(false)), ("gamma", "desk3", Value::Null)] {
        let browser = world.browser().at(&format!("{instance}.wire.test"));
        assert_eq!(browser.sign_in(HOME, agent, PASSWORD).await.status, 303);
        let desktop = Desktop::open(browser, HOME, 1);
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await);
        assert_eq!(desktop.seen().recorder["required"], required, "{instance}");
        if required == json!(false) {
            assert!(comes_to(&desktop, "registered").await);
        }
    }
    assert_eq!((gateway.asked().await.len(), other.standing().await.len()), (0, 1));
}

#[tokio::test]
async fn without_a_key_to_sign_with_the_gateway_is_not_asked() {
    let gateway = RecorderGateway::start();
    let recorder = Recorder::Required(gateway.declared(20));
    let world = world_with(recorder).token_keys(&onecontact_tests::tokens::key_set()).start().await;
    let desktop = desktop(&world).await;
    assert!(comes_to(&desktop, "failed").await);
    assert_eq!(desktop.seen().recorder["cause"], "misconfigured");
    assert_eq!(gateway.asked().await.len(), 0);
}

#[tokio::test]
async fn a_node_that_is_killed_while_a_workstation_is_registered_costs_nothing() {
    let gateway = RecorderGateway::start();
    gateway.tell(&json!({ "ways": { "takes": 6_000 } })).await;
    let mut world = required(&gateway).await;
    let desktop = desktop(&world).await;
    assert!(desktop.sees(PATIENCE, |seen| seen.notes().contains(&"workstation_found")).await);
    world.restart(|_| {}).await;
    assert!(desktop.sees(PATIENCE, |seen| seen.welcomed.len() > 1).await, "it connects again by itself");
    assert_eq!(desktop.seen().state, "registering", "and goes on where it was");
    assert!(comes_to(&desktop, "registered").await);
    assert_eq!(desktop.seen().faults, [""; 0]);
    let asked = gateway.asked().await;
    let puts: Vec<_> = asked.iter().filter(|asked| asked["method"] == "PUT").map(|asked| &asked["path"]).collect();
    assert!(puts.iter().all(|path| *path == puts[0]), "one registration, however often it was asked for: {puts:?}");
    assert_eq!((gateway.standing().await.len(), gateway.most_at_once().await), (1, 1));
    let recorder = desktop.seen().recorder.clone();
    assert!(seconds(&recorder["since"]) < seconds(&states_at(&desktop, "registering")) + 20, "within its deadline");
}

/// When the page was first told of this state.
fn states_at(desktop: &Desktop, state: &str) -> Value {
    let seen = desktop.seen();
    let event = seen.events.iter().find(|event| event.what["state"]["state"] == state).expect("it was in it");
    json!(event.at)
}
