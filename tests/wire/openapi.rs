//! The API's document is held against the running Worker: what it answers is what the document says.

use std::fs;

use hyper::Method;
use onecontact_tests::World;
use onecontact_tests::browser::Page;
use onecontact_tests::desktop::Desktop;
use onecontact_tests::routing::proposal;
use onecontact_tests::service::{almighty, path, token};
use onecontact_tests::world::HOME;
use serde_json::{Value, json};

const AGENT: &str = "/api/v1/instances/{instance}/agents/{agent}";

pub(crate) fn document() -> Value {
    serde_json::from_str(&fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json")).unwrap())
        .unwrap()
}

/// Holds an answer against what the document says of this operation.
fn hold(document: &Value, method: &str, path: &str, page: &Page) {
    let operation = &document["paths"][format!("{AGENT}{path}")][method];
    let response = &operation["responses"][page.status.to_string()];
    assert!(response.is_object(), "{method} {path}: {} is not in the document: {}", page.status, page.body);
    let kind = page.header("content-type").unwrap();
    let mut schema = response["content"][kind]["schema"].clone();
    assert!(schema.is_object(), "{method} {path} {}: {kind} is not in the document", page.status);
    schema["components"] = document["components"].clone();
    let answer: Value = serde_json::from_str(&page.body).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> = validator.iter_errors(&answer).map(|problem| problem.to_string()).collect();
    assert!(problems.is_empty(), "{method} {path} {}: {problems:?}\n{answer}", page.status);
}

#[tokio::test]
async fn what_the_worker_answers_is_what_the_document_says() {
    let document = document();
    let world = World::standard().start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let (caller, agent) = (world.browser(), path(&acme, "desk1"));
    let call = async |method: &str, place: &str, template: &str, body: Value| {
        let of = if method == "get" { Method::GET } else { Method::POST };
        let ask = caller.ask(of.clone(), &format!("{agent}{place}"));
        let mut ask = ask.header("authorization", &format!("Bearer {}", token()));
        if of == Method::POST {
            ask = ask.header("content-type", "application/json").body(body.to_string());
        }
        let page = ask.send().await;
        hold(&document, method, template, &page);
        page.status
    };
    assert_eq!(call("get", "", "", Value::Null).await, 200);
    assert_eq!(call("post", "/offers", "/offers", proposal("gone", 20)).await, 200);
    assert_eq!(call("post", "/state", "/state", json!({ "state": "ready" })).await, 409);
    let desktop = Desktop::open(world.browser_of("desk1").await, HOME, 1);
    assert!(desktop.sees(std::time::Duration::from_secs(10), |seen| seen.connected).await);
    assert_eq!(call("post", "/state", "/state", json!({ "state": "ready" })).await, 200);
    assert_eq!(call("post", "/state", "/state", json!({ "state": "asleep" })).await, 400);
    assert_eq!(call("post", "/offers", "/offers", proposal("1", 20)).await, 200);
    assert_eq!(call("get", "", "", Value::Null).await, 200);
    assert_eq!(call("post", "/offers", "/offers", proposal("1", 21)).await, 409);
    assert_eq!(call("post", "/offers", "/offers", json!({})).await, 400);
    assert_eq!(call("get", "/offers/o-1", "/offers/{offer}", Value::Null).await, 200);
    assert_eq!(call("get", "/offers/o-1?wait=x", "/offers/{offer}", Value::Null).await, 400);
    assert_eq!(call("get", "/offers/o-9", "/offers/{offer}", Value::Null).await, 404);
    assert_eq!(call("post", "/offers/o-1/cancel", "/offers/{offer}/cancel", json!({})).await, 200);
    assert_eq!(call("post", "/offers/o-9/cancel", "/offers/{offer}/cancel", json!({})).await, 404);
    let end = "/interactions/{interaction}/end";
    assert_eq!(call("post", "/interactions/c-1/end", end, json!({})).await, 200);
    assert_eq!(call("post", "/end-session", "/end-session", json!({ "reason": "forced" })).await, 200);
    assert_eq!(call("post", "/end-session", "/end-session", json!({ "reason": "why" })).await, 400);
}

#[test]
fn every_schema_of_the_document_is_one() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let reference = format!("#/components/schemas/{name}");
        let schema = json!({ "$ref": reference, "components": document["components"] });
        assert!(jsonschema::validator_for(&schema).is_ok(), "{name}");
    }
}
