//! schemathesis against the running Worker: thousands of calls generated from the API's document, valid and invalid,
//! each answered as the document says and none with a 5xx.
//!
//! `cargo xtask test --only schemathesis` installs the program and names it in `SCHEMATHESIS`; without that the test
//! does nothing. `CASES` is the number of cases for each operation and round, and `ROUNDS` the number of rounds, each
//! with another seed.

use std::process::Command;
use std::time::Duration;

use onecontact_tests::desktop::Desktop;
use onecontact_tests::service::{almighty, lasting_token};
use onecontact_tests::world::HOME;
use onecontact_tests::{World, project};
use serde_json::json;

use crate::openapi::document;

#[tokio::test]
async fn no_call_of_thousands_is_answered_otherwise_than_the_document_says() {
    let Ok(program) = std::env::var("SCHEMATHESIS") else { return };
    let cases = std::env::var("CASES").unwrap_or_else(|_| "150".to_owned());
    // Each round has its own token, which is valid for five minutes.
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(6);
    let world = World::standard().start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let desktop = Desktop::open(world.browser_of("desk1").await, HOME, 1);
    assert!(desktop.sees(Duration::from_secs(10), |seen| seen.connected).await);
    desktop.ask("ready");
    // Mostly about an agent who exists: there is little to find out about anybody else.
    let mut document = document();
    for path in document["paths"].as_object_mut().unwrap().values_mut() {
        path["parameters"][0]["schema"] = json!({ "type": "string", "enum": [acme.as_str()] });
        if let Some(agent) = path["parameters"].get_mut(1) {
            agent["schema"] = json!({ "type": "string", "enum": ["desk1", "nobody"] });
        }
    }
    // It cannot generate texts that fully match these two patterns; one that does not match is answered with a 400.
    for text in ["/properties/service", "/properties/from/anyOf/0"] {
        let schema = document["components"]["schemas"]["Interaction"].pointer_mut(text).unwrap();
        schema.as_object_mut().unwrap().remove("pattern");
    }
    let folder = project::scratch();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, document.to_string()).unwrap();
    for round in 0..rounds {
        let mut run = Command::new(&program);
        run.arg("run").arg(&file).args(["--url", &format!("http://{}", world.node().address())]);
        run.args(["--header", &format!("Authorization: Bearer {}", lasting_token())]);
        run.args([
            "--max-examples",
            &cases,
            "--workers",
            "4",
            "--phases",
            "fuzzing,stateful",
            "--seed",
            &u64::to_string(&round),
            "--no-color",
        ]);
        // No check for input accepted beyond the schema: unknown fields are ignored.
        run.args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"]);
        run.args(["--checks", "response_schema_conformance"]);
        let output = tokio::task::spawn_blocking(move || run.output()).await.unwrap().unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        println!("{told}");
        assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let faults: &Vec<String> = &desktop.seen().faults;
    assert!(faults.is_empty(), "{faults:?}");
}
