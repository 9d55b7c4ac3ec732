//! R3 at its promised size: a thousand offers while a gateway takes twenty seconds to register the workstation.

use std::time::Instant;

use futures_util::future::join_all;
use onecontact_tests::figures::Times;
use onecontact_tests::routing::proposal;
use onecontact_tests::service::{path, supervisor, token};

use super::*;
use crate::api::json as body_of;
use crate::tell;

/// The number of offers, and how many are made at a time.
const OFFERS: usize = 1_000;
const AT_A_TIME: usize = 4;
/// The gateway is certainly still registering for this long, however late the desktop saw it begin.
const CERTAINLY: Duration = Duration::from_secs(17);

async fn offer(browser: &Browser, agent: &str, name: &str) -> Value {
    let ask = browser.ask(hyper::Method::POST, &format!("{agent}/offers"));
    let ask = ask.header("authorization", &format!("Bearer {}", token())).header("content-type", "application/json");
    let page = ask.body(proposal(name, 20).to_string()).send().await;
    assert_eq!(page.status, 200, "{}", page.body);
    body_of(&page)
}

#[tokio::test]
async fn a_thousand_offers_during_a_registering_of_twenty_seconds_are_rejected_with_that_reason() {
    let gateway = RecorderGateway::start();
    gateway.tell(&json!({ "ways": { "takes": 20_000 } })).await;
    let world = world_with(Recorder::Required(gateway.declared(120))).start().await;
    let acme = world.instance("acme");
    let scopes = ["agents:read", "offers:make", "offers:read"].map(str::to_owned).to_vec();
    world.directory.declare(&kv_schema::directory::Service { scopes, ..supervisor(acme.clone()) });
    let (browser, agent) = (world.browser(), path(&acme, "desk1"));
    let desktop = desktop(&world).await;
    assert!(desktop.sees(PATIENCE, |seen| seen.state == "registering").await);
    let (began, mut times) = (Instant::now(), Times::default());
    for round in 0..OFFERS / AT_A_TIME {
        let offers = (0..AT_A_TIME).map(|number| {
            let (browser, agent, name) = (&browser, &agent, format!("{round}-{number}"));
            async move {
                let asked = Instant::now();
                let answer = offer(browser, agent, &name).await;
                let outcome = (answer["outcome"].clone(), answer["reason"].clone());
                (asked.elapsed(), outcome)
            }
        });
        for (time, outcome) in join_all(offers).await {
            // On a machine so busy that a thousand take more than twenty seconds, the last ones come too late.
            if began.elapsed() < CERTAINLY {
                assert_eq!(outcome, (json!("rejected"), json!("registering")));
                times.extend([time]);
            }
        }
    }
    tell(&format!("{OFFERS} offers in {:?}, {} while registering: {times}", began.elapsed(), times.count()));
    assert!(comes_to(&desktop, "registered").await);
    assert_eq!(wishes_to_be_ready(&desktop).await, Some(Answer::Done));
    assert_eq!(offer(&browser, &agent, "first").await["outcome"], Value::Null);
    assert!(
        desktop.sees(PATIENCE, |seen| seen.state["offered"].is_object()).await,
        "the first one afterwards is delivered"
    );
    assert_eq!(desktop.seen().faults, [""; 0]);
}
