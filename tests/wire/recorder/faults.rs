//! Everything that can go wrong at the gateway, with either policy (bar 2 of the recorder): the right state, cause and
//! notes at the desktop, the deadline kept, nothing registered twice, nothing left registered.

use futures_util::StreamExt;
use futures_util::stream;

use super::*;

/// How many desktops meet their fault at the same time.
const AT_A_TIME: usize = 8;

/// What goes wrong, and what the agent learns of it.
struct Case {
    name: &'static str,
    /// What the gateway is told.
    tell: Value,
    cause: &'static str,
    /// A note that tells of it, besides the one that it failed.
    note: Option<&'static str>,
    /// Whether it lasts until the deadline; otherwise it fails before.
    is_late: bool,
}

fn on_register(name: &'static str, fault: impl Into<Value>, cause: &'static str) -> Case {
    let tell = json!({ "fail": { "on": "PUT", "fault": fault.into() } });
    Case { name, tell, cause, note: None, is_late: false }
}

fn while_it_lasts(name: &'static str, fault: impl Into<Value>, cause: &'static str, note: &'static str) -> Case {
    Case { note: Some(note), is_late: true, ..on_register(name, fault, cause) }
}

fn cases() -> Vec<Case> {
    let failed = |name, cause| {
        let tell = json!({ "ways": { "takes": 1_200, "cause": cause } });
        Case { name, tell, cause, note: Some("recorder_ready"), is_late: false }
    };
    vec![
        while_it_lasts("hangs", "hang", "unreachable", "calling"),
        while_it_lasts("slower than its time", json!({ "slow": 5_600 }), "unreachable", "calling"),
        while_it_lasts("breaks off", "cut", "unreachable", "retrying"),
        while_it_lasts("does it, and its answers are lost", "lost_afterwards", "unreachable", "retrying"),
        while_it_lasts("dies", "die", "unreachable", "retrying"),
        while_it_lasts("bad gateway", json!({ "status": 502 }), "unreachable", "retrying"),
        while_it_lasts("unavailable", json!({ "status": 503 }), "unreachable", "retrying"),
        while_it_lasts("gateway timeout", json!({ "status": 504 }), "unreachable", "retrying"),
        while_it_lasts("too much to do", json!({ "status": 429 }), "busy", "told_to_wait"),
        while_it_lasts("too much to do for a while", json!({ "retry_after": 60 }), "busy", "told_to_wait"),
        on_register("bad request", json!({ "status": 400 }), "refused"),
        on_register("token refused", json!({ "status": 401 }), "refused"),
        on_register("agent refused", json!({ "status": 403 }), "refused"),
        on_register("conflict", json!({ "status": 409 }), "refused"),
        on_register("unprocessable", json!({ "status": 422 }), "refused"),
        on_register("no licence", json!({ "refused": { "status": 403, "cause": "no_licence" } }), "no_licence"),
        on_register(
            "workstation refused as unknown",
            json!({ "refused": { "status": 422, "cause": "unknown_workstation" } }),
            "unknown_workstation",
        ),
        on_register("an error of its own", json!({ "status": 500 }), "not_understood"),
        on_register(
            "another page",
            json!({ "typed": { "body": "<html>", "content_type": "text/html" } }),
            "not_understood",
        ),
        on_register("no JSON", json!({ "body": "registered" }), "not_understood"),
        on_register("another JSON", json!({ "body": "{\"status\":\"fine\"}" }), "not_understood"),
        on_register("too long", json!({ "long": 20_000 }), "not_understood"),
        on_register("elsewhere", json!({ "redirect": "http://127.0.0.1:1/" }), "not_understood"),
        failed("workstation unknown", "unknown_workstation"),
        failed("no recorder there", "recorder_absent"),
        Case {
            name: "at it for longer than the deadline",
            tell: json!({ "ways": { "takes": 60_000 } }),
            cause: "too_slow",
            note: Some("accepted"),
            is_late: true,
        },
    ]
}

/// An instance with a gateway of its own.
struct Bench {
    case: Case,
    is_required: bool,
    gateway: RecorderGateway,
    agent: String,
}

/// One world for all: an instance for each case and policy, found by its hostname.
async fn benches() -> (World, Vec<Bench>) {
    let policies =
        [true, false].into_iter().flat_map(|is_required| cases().into_iter().map(move |case| (case, is_required)));
    let mut world = World::builder().install("Lisbon").with_access_tokens();
    let mut benches = Vec::new();
    for (number, (case, is_required)) in policies.enumerate() {
        let gateway = RecorderGateway::start();
        gateway.tell(&case.tell).await;
        let declared = gateway.declared(u32::try_from(DEADLINE).unwrap());
        let recorder = if is_required { Recorder::Required(declared) } else { Recorder::Optional(declared) };
        let (instance, agent) = (format!("case{number}"), format!("desk{number}"));
        world = world
            .instance_with(&instance, &["Lisbon"], |instance| instance.recorder = Some(recorder))
            .host(&format!("{instance}.wire.test"), &instance)
            .agent(&instance, &agent);
        benches.push(Bench { case, is_required, gateway, agent });
    }
    (world.start().await, benches)
}

async fn hold(world: &World, number: usize, bench: &Bench) {
    let Bench { case, is_required, gateway, agent } = bench;
    let name = format!("{}, required: {is_required}", case.name);
    let browser = world.browser().at(&format!("case{number}.wire.test"));
    assert_eq!(browser.sign_in(HOME, agent, PASSWORD).await.status, 303, "{name}");
    let desktop = Desktop::open(browser, HOME, 1);
    assert!(comes_to(&desktop, "failed").await, "{name}: {:?}", desktop.seen().recorder);
    check_what_was_seen(&desktop.seen(), case, &name);
    let missing = desktop.seen().welcome["missing"].clone();
    let answered = wishes_to_be_ready(&desktop).await;
    if *is_required {
        assert_eq!(answered, Some(Answer::Refused("missing".into())), "{name}, {missing}");
    } else {
        assert_eq!(answered, Some(Answer::Done), "{name}");
    }
    desktop.browser().ask(hyper::Method::POST, crate::SIGN_OUT).send().await;
    assert!(desktop.sees(PATIENCE, |seen| seen.ended.is_some()).await, "{name}");
    if case.name != "dies" {
        gateway.heal().await;
        nothing_stands(gateway).await;
        assert!(gateway.most_at_once().await <= 1, "{name}: registered twice");
    }
}

fn check_what_was_seen(seen: &Seen, case: &Case, name: &str) {
    let recorder = &seen.recorder;
    assert_eq!((&recorder["cause"], &recorder["deadline"]), (&json!(case.cause), &Value::Null), "{name}");
    let notes = seen.notes();
    assert_eq!((notes.first(), notes.last()), (Some(&"calling"), Some(&"failed")), "{name}");
    assert!(case.note.is_none_or(|note| notes.contains(&note)), "{name}: {notes:?}");
    assert_eq!(states(seen)[0], "registering", "{name}");
    assert!(seen.is_not_ready_because("signed_in"), "{name}: {:?}", seen.state);
    let began = seen.events.iter().find(|event| event.what["state"]["state"] == "registering").unwrap().at;
    let took = seconds(&recorder["since"]) - began;
    // The desk's own times are the same however busy the machine is; only its wake-up may be late.
    if case.is_late {
        assert!((DEADLINE..=DEADLINE + 5).contains(&took), "{name}: failed after {took} s");
    } else {
        assert!(took <= DEADLINE, "{name}: failed after {took} s");
    }
    assert_eq!(seen.faults, [""; 0], "{name}");
}

#[tokio::test]
async fn whatever_a_gateway_does_wrong_the_agent_learns_the_cause_in_time_and_nothing_stays_registered() {
    let (world, benches) = benches().await;
    // A few at a time: a node without time of its own does not wait for answers as it should.
    let holding = stream::iter(benches.iter().enumerate()).map(|(number, bench)| hold(&world, number, bench));
    holding.buffer_unordered(AT_A_TIME).collect::<Vec<()>>().await;
    let failed = world.log().events("recorder_failed");
    assert_eq!(failed.len(), benches.len());
    assert!(failed.iter().all(|event| event["reason"].is_string() && event["agent"].is_string()));
}

#[tokio::test]
async fn a_gateway_that_recovers_before_the_deadline_has_the_workstation_registered_once() {
    for (fault, times) in [
        (json!({ "status": 503 }), 2),
        (json!({ "unavailable": { "status": 503, "retry_after": "1" } }), 2),
        (json!("cut"), 2),
        (json!("lost_afterwards"), 2),
        (json!({ "slow": 5_600 }), 1),
    ] {
        let gateway = RecorderGateway::start();
        gateway.tell(&json!({ "fail": { "on": "PUT", "fault": fault, "times": times } })).await;
        let world = required(&gateway).await;
        let desktop = registered(&world).await;
        let puts: Vec<_> = gateway.asked().await.into_iter().filter(|asked| asked["method"] == "PUT").collect();
        assert_eq!(puts.len(), times + 1, "{fault}: {puts:?}");
        assert!(puts.iter().all(|put| put["key"] == puts[0]["key"]), "{fault}: it is one and the same request");
        assert_eq!((gateway.standing().await.len(), gateway.most_at_once().await), (1, 1), "{fault}");
        assert_eq!(desktop.seen().faults, [""; 0]);
    }
}

#[tokio::test]
async fn a_gateway_that_dies_half_way_and_comes_back_has_the_workstation_registered_once() {
    for forgets in [false, true] {
        let mut gateway = RecorderGateway::start();
        gateway.tell(&json!({ "ways": { "takes": 60_000 } })).await;
        let world = required(&gateway).await;
        let desktop = desktop(&world).await;
        assert!(desktop.sees(PATIENCE, |seen| seen.notes().contains(&"accepted")).await);
        gateway.kill();
        assert!(desktop.sees(PATIENCE, |seen| seen.notes().contains(&"retrying")).await);
        if forgets {
            gateway.come_back_empty();
        } else {
            gateway.come_back();
        }
        assert!(comes_to(&desktop, "registered").await, "forgets: {forgets}, {:?}", desktop.seen().recorder);
        assert_eq!((gateway.standing().await.len(), gateway.most_at_once().await), (1, 1), "forgets: {forgets}");
    }
}

#[tokio::test]
async fn an_agent_whose_workstation_could_not_be_registered_tries_again() {
    let gateway = RecorderGateway::start();
    gateway.tell(&json!({ "ways": { "cause": "recorder_absent" } })).await;
    let world = required(&gateway).await;
    let desktop = desktop(&world).await;
    assert!(comes_to(&desktop, "failed").await);
    gateway.tell(&json!({ "ways": {} })).await;
    assert_eq!(desktop.answer(desktop.ask("register"), PATIENCE).await, Some(Answer::Done));
    assert!(comes_to(&desktop, "registered").await);
    let again = desktop.answer(desktop.ask("register"), PATIENCE).await;
    assert_eq!(again, Some(Answer::Refused("not_now".into())));
    assert_eq!(wishes_to_be_ready(&desktop).await, Some(Answer::Done));
    assert_eq!((gateway.standing().await.len(), gateway.most_at_once().await), (1, 1));
}
