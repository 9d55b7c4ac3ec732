//! Requests to the gateway follow the contract, and so do our own gateway's answers.

use std::fs;
use std::path::Path;

use hyper::Method;

use super::*;

fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/recorder-gateway.openapi.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns the document's operation for a request, having checked the id in its path.
fn operation<'a>(document: &'a Value, asked: &Value) -> &'a Value {
    let path =
        asked["path"].as_str().unwrap().strip_prefix("/gateway/registrations/").expect("below the declared address");
    let (id, rest) = path.split_once('/').map_or((path, None), |(id, rest)| (id, Some(rest)));
    holds(document, &document["components"]["parameters"]["registration"]["schema"], &json!(id));
    let template = rest
        .map_or("/registrations/{registration}".to_owned(), |rest| format!("/registrations/{{registration}}/{rest}"));
    let method = asked["method"].as_str().unwrap().to_ascii_lowercase();
    let operation = &document["paths"][template.as_str()][method.as_str()];
    assert!(operation.is_object(), "no such operation: {method} {template}");
    operation
}

/// Checks a value against a schema of the document.
fn holds(document: &Value, schema: &Value, value: &Value) {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    let validator = jsonschema::validator_for(&whole).unwrap();
    let problems: Vec<String> = validator.iter_errors(value).map(|problem| problem.to_string()).collect();
    assert!(problems.is_empty(), "{value}: {problems:?}");
}

#[tokio::test]
async fn every_request_is_one_of_the_contract_with_a_token_that_verifies() {
    let gateway = RecorderGateway::start();
    gateway.tell(&json!({ "ways": { "takes": 1_500, "lifetime": 10 } })).await;
    let world = required(&gateway).await;
    let published = world.browser().get("/.well-known/jwks.json").await;
    gateway.tell(&json!({ "keys": serde_json::from_str::<Value>(&published.body).unwrap() })).await;
    let desktop = registered(&world).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    desktop.browser().ask(Method::POST, crate::SIGN_OUT).send().await;
    nothing_stands(&gateway).await;
    let (document, asked) = (document(), gateway.asked().await);
    let mut operations = std::collections::BTreeSet::new();
    for asked in &asked {
        let operation = operation(&document, asked);
        operations.insert(operation["operationId"].as_str().unwrap());
        holds(&document, &document["components"]["parameters"]["idempotencyKey"]["schema"], &asked["key"]);
        assert_eq!(asked["token_problem"], Value::Null, "{asked}");
        let (claims, sid) = (&asked["claims"], &desktop.seen().welcome["sid"]);
        assert_eq!((&claims["sid"], &claims["preferred_username"]), (sid, &json!("desk1")));
        assert!(seconds(&claims["exp"]) - seconds(&claims["iat"]) <= 300);
        assert_eq!(claims["aud"], gateway.url());
        let body = asked["body"].as_str().unwrap();
        assert_eq!(operation["requestBody"].is_object(), !body.is_empty(), "{asked}");
        if !body.is_empty() {
            holds(&document, &document["components"]["schemas"]["Workstation"], &serde_json::from_str(body).unwrap());
        }
        for parameter in
            operation["parameters"].as_array().unwrap().iter().filter(|parameter| parameter["in"] == "query")
        {
            let query = asked["query"].as_str().unwrap();
            let mut fields = url::form_urlencoded::parse(query.as_bytes());
            let value =
                fields.find(|(name, _)| *name == parameter["name"].as_str().unwrap()).expect("it is asked for").1;
            holds(&document, &parameter["schema"], &json!(value.parse::<u64>().unwrap()));
        }
        assert!(operation["responses"].get(asked["status"].to_string()).is_some(), "{asked}");
    }
    let all = ["followRegistration", "keepWorkstationRegistered", "registerWorkstation", "unregisterWorkstation"];
    assert!(all.iter().eq(&operations), "{operations:?}");
}

#[test]
fn the_words_of_the_contract_are_those_that_the_desk_knows() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let told = [&schemas["Notification"]["properties"]["code"], &schemas["Cause"]]
        .map(|schema| schema["description"].to_string());
    let known = onecontact_domain::desk::Code::ALL.iter().map(|code| code.name());
    let of_the_gateway = known.filter(|name| {
        ["workstation_found", "recorder_found", "recorder_starting", "recorder_ready", "no_licence"].contains(name)
            || ["unknown_workstation", "recorder_absent", "recorder_failed"].contains(name)
    });
    assert_eq!(of_the_gateway.filter(|name| told.iter().any(|told| told.contains(*name))).count(), 8);
}
