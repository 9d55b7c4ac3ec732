//! Checks the API's document against the running Worker, which must answer as the document says.

use std::fs;

use hyper::Method;
use kv_schema::names::{InstanceId, Username};
use onecontact_domain::api::{AccountAction, Call, What};
use onecontact_domain::desk::RoutingId;
use onecontact_tests::World;
use onecontact_tests::browser::Page;
use onecontact_tests::desktop::Desktop;
use onecontact_tests::routing::proposal;
use onecontact_tests::service::{almighty, path, token};
use onecontact_tests::world::HOME;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// The hash of a password that nobody has.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$b25lY29udGFjdC1leGFtcGw$VaiOVIELFg7yydjY0z5/J7Vfv1jl0R2xobrIOabVGjA";

const AGENT: &str = "/api/v1/instances/{instance}/agents/{agent}";
const SESSIONS: &str = "/api/v1/instances/{instance}/sessions";

pub(crate) fn document() -> Value {
    serde_json::from_str(&fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json")).unwrap())
        .unwrap()
}

/// Checks an answer against the document's description of this operation on an agent.
fn hold(document: &Value, method: &str, path: &str, page: &Page) {
    hold_at(document, method, &format!("{AGENT}{path}"), page);
}

/// Checks an answer against the document's description of this operation.
fn hold_at(document: &Value, method: &str, path: &str, page: &Page) {
    let operation = &document["paths"][path][method];
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
    assert_eq!(call("get", "/account", "/account", Value::Null).await, 200);
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

#[tokio::test]
async fn what_is_done_to_an_account_is_answered_as_the_document_says() {
    let document = document();
    let world = World::standard().start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let caller = world.browser();
    let call = async |agent: &str, action: AccountAction, kind: &str, body: &str| {
        let place = format!("/account/{}", action.name());
        let ask = caller.ask(Method::POST, &format!("{}{place}", path(&acme, agent)));
        let ask = ask.header("authorization", &format!("Bearer {}", token())).header("content-type", kind);
        let page = ask.body(body.to_owned()).send().await;
        hold(&document, "post", &place, &page);
        page.status
    };
    let reset = json!({ "password_hash": HASH }).to_string();
    for action in AccountAction::ALL {
        let body = if action == AccountAction::Reset { &*reset } else { "{}" };
        assert_eq!(call("desk1", action, "application/json", body).await, 200, "{action:?}");
        assert_eq!(call("nobody", action, "application/json", body).await, 404, "{action:?}");
        assert_eq!(call("desk1", action, "text/plain", body).await, 415, "{action:?}");
    }
    assert_eq!(call("desk1", AccountAction::Reset, "application/json", "{}").await, 400);
}

#[tokio::test]
async fn the_list_of_sessions_is_answered_as_the_document_says() {
    let document = document();
    let world = World::standard().start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let caller = world.browser();
    let get = async |instance: &InstanceId, query: &str| {
        let place = format!("/api/v1/instances/{instance}/sessions{query}");
        let page = caller.ask(Method::GET, &place).header("authorization", &format!("Bearer {}", token())).send().await;
        hold_at(&document, "get", SESSIONS, &page);
        page.status
    };
    world.browser_of("desk1").await;
    assert_eq!(get(&acme, "").await, 200);
    assert_eq!(get(&acme, "?limit=0").await, 400);
    assert_eq!(get(&acme, "?cursor=nonsense").await, 400);
    assert_eq!(get(&InstanceId::nobody(), "").await, 404);
    world.sessions.go_down().await;
    assert_eq!(get(&acme, "").await, 503);
}

/// Everything that the API can be asked about an agent, and how the document names it.
fn calls() -> Vec<(What, String)> {
    let id = || RoutingId::try_from("i-1".to_owned()).unwrap();
    let others = [
        (What::Look, String::new()),
        (What::ChooseState, "/state".to_owned()),
        (What::EndSession, "/end-session".to_owned()),
        (What::Offer, "/offers".to_owned()),
        (What::FindOffer(id()), "/offers/{offer}".to_owned()),
        (What::CancelOffer(id()), "/offers/{offer}/cancel".to_owned()),
        (What::EndInteraction(id()), "/interactions/{interaction}/end".to_owned()),
        (What::LookAtAccount, "/account".to_owned()),
    ];
    let of_accounts = AccountAction::ALL.map(|action| (What::Account(action), format!("/account/{}", action.name())));
    others.into_iter().chain(of_accounts).collect()
}

#[test]
fn the_document_has_every_address_of_the_api_with_its_method_and_no_other() {
    let document = document();
    let mut described: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    for (what, place) in calls() {
        let template = format!("{AGENT}{place}");
        described.retain(|path| *path != template);
        let parsed = Call::parse(
            &template
                .replace("/api/", "")
                .replace("{instance}", InstanceId::nobody().as_str())
                .replace("{agent}", "desk1")
                .replace("{offer}", "i-1")
                .replace("{interaction}", "i-1"),
        );
        let call = parsed.unwrap_or_else(|| panic!("{template}"));
        assert!(matches!(&call, Call::Agent(call) if call.what == what), "{template}");
        let methods: Vec<&String> =
            document["paths"][&template].as_object().unwrap().keys().filter(|key| *key != "parameters").collect();
        let method = if call.allow() == "POST" { "post" } else { "get" };
        assert_eq!(methods, [method], "{template}");
    }
    described.retain(|path| *path != SESSIONS);
    let sessions = Call::parse(&SESSIONS.replace("/api/", "").replace("{instance}", InstanceId::nobody().as_str()));
    assert_eq!(sessions, Some(Call::Sessions(InstanceId::nobody())));
    assert!(document["paths"][SESSIONS]["get"].is_object());
    assert_eq!(described, [""; 0], "these lead nowhere");
}

#[test]
fn every_agent_who_can_be_declared_has_an_address_that_the_document_allows() {
    let document = document();
    let template = format!("{AGENT}/state").replace("/api/", "").replace("{instance}", InstanceId::nobody().as_str());
    let allowed: Vec<_> =
        document["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with(AGENT)).collect();
    for name in ["desk1", "_desk", "o'brien", "apoio@lisboa", "poste.r\u{e9}gie", "lisboa/1", "\u{5c0f}\u{6797}"] {
        let call = Call::parse(&template.replace("{agent}", &utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()));
        assert!(matches!(&call, Some(Call::Agent(call)) if call.agent.as_str() == name), "{name}");
        for (path, described) in &allowed {
            let schema = &described["parameters"][1]["schema"];
            assert!(jsonschema::is_valid(schema, &json!(name)), "{path}: {name}");
        }
    }
    let schema = &document["paths"][AGENT]["parameters"][1]["schema"];
    for none in ["", "a:b", "a\u{0}b"] {
        assert!(Username::parse(none).is_err() && !jsonschema::is_valid(schema, &json!(none)), "{none:?}");
    }
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
