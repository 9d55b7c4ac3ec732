//! A client generated from the API's document by a public generator plays one full round of routing (A1, A2).

use std::process::Command;
use std::time::Duration;

use onecontact_tests::desktop::{Answer, Desktop};
use onecontact_tests::service::{almighty, token};
use onecontact_tests::world::HOME;
use onecontact_tests::{World, project};
use serde_json::json;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_client_generated_from_the_document_makes_a_whole_round() {
    let round = project::root().join("tests/client/generated/round.mjs");
    assert!(round.exists(), "`cargo xtask test --only wire` makes {}", round.display());
    let world = World::standard().start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let desktop = Desktop::open(world.browser_of("desk1").await, HOME, 1);
    assert!(desktop.sees(SOON, |seen| seen.connected).await);
    let mut command = Command::new(project::node());
    command.arg(round).env("API", format!("http://{}", world.node().address())).env("TOKEN", token());
    command.env("INSTANCE", acme.as_str()).env("AGENT", "desk1");
    let playing = tokio::task::spawn_blocking(move || command.output());
    let answering = async {
        let is_offered = desktop.sees(SOON, |seen| seen.state["offered"]["offer"] == "round-1").await;
        assert!(is_offered, "{:?}", desktop.seen());
        let command = desktop.ask(json!({ "accept": { "offer": "round-1" } }));
        assert_eq!(desktop.answer(command, SOON).await, Some(Answer::Done));
    };
    let (played, ()) = tokio::join!(playing, answering);
    let played = played.unwrap().unwrap();
    let told = String::from_utf8_lossy(&played.stdout);
    assert!(played.status.success(), "{told}\n{}", String::from_utf8_lossy(&played.stderr));
    assert!(desktop.sees(SOON, |seen| seen.ended.is_some()).await, "the session is ended: {:?}", desktop.seen());
}
