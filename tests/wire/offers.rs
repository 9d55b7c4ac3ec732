//! Offers over the API (A1, A2): each has exactly one outcome, however often it is sent and whoever asks.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hyper::Method;
use kv_schema::Record;
use kv_schema::directory::{Agent, Service};
use onecontact_tests::browser::Page;
use onecontact_tests::desktop::{Answer, Desktop};
use onecontact_tests::figures::Times;
use onecontact_tests::routing::{not_ready, proposal};
use onecontact_tests::service::{path, supervisor, token};
use onecontact_tests::world::{HOME, PASSWORD, username};
use onecontact_tests::{Browser, World};
use serde_json::{Value, json};

use crate::SESSION;
use crate::api::{json, refused};

const SOON: Duration = Duration::from_secs(10);

/// A service with every scope that routing needs, and the world whose agents it acts on.
struct Routing {
    world: World,
    browser: Browser,
    agent: String,
}

impl Routing {
    async fn start() -> Self {
        let world = World::standard().start().await;
        let acme = world.instance("acme");
        let scopes = ["agents:read", "agents:state", "offers:make", "offers:read", "offers:cancel", "interactions:end"];
        let scopes = scopes.map(str::to_owned).to_vec();
        world.directory.declare(&Service { scopes, ..supervisor(acme.clone()) });
        let (browser, agent) = (world.browser(), path(&acme, "desk1"));
        Self { world, browser, agent }
    }

    fn key(&self, agent: &str) -> String {
        Agent::key_of(&self.world.instance("acme"), &username(agent))
    }

    /// The desktop of the agent, connected.
    async fn desktop(&self) -> Desktop {
        let desktop = Desktop::open(self.world.browser_of("desk1").await, HOME, 1);
        assert!(desktop.sees(SOON, |seen| seen.connected).await);
        desktop
    }

    async fn ready(&self) -> Desktop {
        let desktop = self.desktop().await;
        done(&desktop, "ready").await;
        desktop
    }

    async fn post(&self, path: &str, body: &Value) -> Page {
        let ask = self.browser.ask(Method::POST, &format!("{}{path}", self.agent));
        let ask = ask.header("authorization", &format!("Bearer {}", token()));
        ask.header("content-type", "application/json").body(body.to_string()).send().await
    }

    async fn get(&self, path: &str) -> Page {
        let ask = self.browser.ask(Method::GET, &format!("{}{path}", self.agent));
        ask.header("authorization", &format!("Bearer {}", token())).send().await
    }

    async fn offer(&self, offer: &Value) -> Value {
        told(&self.post("/offers", offer).await)
    }

    async fn found(&self, name: &str) -> Value {
        told(&self.get(&format!("/offers/o-{name}")).await)
    }

    async fn state(&self) -> Value {
        json(&self.get("").await)["session"]["state"].clone()
    }
}

/// An offer as the API tells it.
fn told(page: &Page) -> Value {
    assert_eq!(page.status, 200, "{}", page.body);
    json(page)
}

async fn done(desktop: &Desktop, ask: impl Into<Value>) {
    let command = desktop.ask(ask);
    assert_eq!(desktop.answer(command, SOON).await, Some(Answer::Done), "{:?}", desktop.seen());
}

async fn offered(desktop: &Desktop) {
    assert!(desktop.sees(SOON, |seen| seen.state["offered"].is_object()).await, "{:?}", desktop.seen());
}

#[tokio::test]
async fn a_whole_round_offer_accept_end_and_routing_learns_each_step() {
    let routing = Routing::start().await;
    let desktop = routing.ready().await;
    let offer = proposal("1", 20);
    let made = routing.offer(&offer).await;
    assert_eq!(
        (&made["outcome"], &made["by"], &made["interaction"]),
        (&Value::Null, &json!("supervisor"), &offer["interaction"])
    );
    offered(&desktop).await;
    let waiting = routing.get("/offers/o-1?wait=20");
    let answering = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let answered = Instant::now();
        done(&desktop, json!({ "accept": { "offer": "o-1" } })).await;
        answered
    };
    let (outcome, answered) = tokio::join!(waiting, answering);
    assert!(answered.elapsed() < SOON, "whoever waits is told as soon as it is decided");
    assert_eq!(told(&outcome)["outcome"], "accepted");
    assert_eq!(routing.state().await["in_interaction"]["interaction"], offer["interaction"]);
    let ended = json(&routing.post("/interactions/c-1/end", &json!({})).await);
    assert_eq!(ended["session"]["state"]["wrap_up"]["interaction"]["id"], "c-1");
    let ready = json(&routing.post("/state", &json!({ "state": "ready" })).await);
    assert_eq!(ready["session"]["state"], "ready");
    assert!(desktop.sees(SOON, |seen| seen.state == "ready").await);
    let last = desktop.seen().events.last().unwrap().what.clone();
    assert_eq!((&last["state"]["cause"], &last["state"]["by"]), (&json!("service"), &json!("supervisor")));
    assert!(desktop.seen().faults.is_empty(), "{:?}", desktop.seen().faults);
}

#[tokio::test]
async fn a_take_over_that_was_asked_about_before_an_interaction_began_is_asked_about_again() {
    let routing = Routing::start().await;
    let desktop = routing.ready().await;
    let elsewhere = routing.world.browser();
    let led = elsewhere.sign_in(HOME, "desk1", PASSWORD).await;
    let asked = elsewhere.question(&led).await;
    let warning = "You are in an interaction there";
    assert!(!asked.body.contains(warning));
    routing.offer(&proposal("1", 20)).await;
    offered(&desktop).await;
    done(&desktop, json!({ "accept": { "offer": "o-1" } })).await;
    let led = elsewhere.submit(&asked.form()).await;
    assert_eq!(led.set_cookie(SESSION), None, "they were not told of it");
    let asked = elsewhere.question(&led).await;
    assert!(asked.body.contains(warning), "{}", asked.body);
    assert!(desktop.seen().ended.is_none());
    assert!(elsewhere.submit(&asked.form()).await.set_cookie(SESSION).is_some());
}

#[tokio::test]
async fn another_agents_login_in_the_same_browser_does_not_end_an_interaction() {
    let routing = Routing::start().await;
    let mut agent =
        Agent::read(&routing.key("desk1"), &routing.world.directory.text(&routing.key("desk1")).unwrap()).unwrap();
    agent.username = username("desk2");
    routing.world.directory.declare(&agent);
    let browser = routing.world.browser();
    let form = browser.get(HOME).await.form().with("password", PASSWORD);
    assert_eq!(browser.submit(&form.clone().with("username", "desk1")).await.status, 303);
    let desktop = Desktop::open(browser.copy(), HOME, 1);
    done(&desktop, "ready").await;
    routing.offer(&proposal("1", 20)).await;
    offered(&desktop).await;
    done(&desktop, json!({ "accept": { "offer": "o-1" } })).await;

    let form = form.with("username", "desk2");
    let refused = browser.submit(&form).await;
    assert_eq!((refused.status, refused.set_cookie(SESSION)), (409, None), "{}", refused.body);
    assert_eq!(refused.heading(), "Another agent is busy here");
    assert!(refused.says("Show that session") && browser.get(HOME).await.location().ends_with("/desktop"));
    assert_eq!(routing.world.log().only("login_refused").await["reason"], "browser_in_use");
    // Nor are they first asked for anything that would be used up by answering.
    let mut given = agent.clone();
    given.password.must_change = true;
    routing.world.directory.declare(&given);
    let refused = browser.submit(&form).await;
    assert_eq!((refused.status, refused.heading()), (409, "Another agent is busy here".to_owned()));
    routing.world.directory.declare(&agent);
    assert!(routing.state().await["in_interaction"].is_object() && desktop.seen().ended.is_none());

    routing.post("/interactions/c-1/end", &json!({})).await;
    assert_eq!(browser.submit(&form).await.status, 303);
    assert!(desktop.sees(SOON, |seen| seen.ended.is_some()).await);
    assert_eq!(desktop.seen().ended.as_ref().unwrap()["reason"], "another_agent");
}

#[tokio::test]
async fn an_offer_is_rejected_at_once_with_the_reason_and_stays_so() {
    let routing = Routing::start().await;
    let rejected = |reason: &str| (json!("rejected"), json!(reason));
    let outcome = |offer: &Value| (offer["outcome"].clone(), offer["reason"].clone());
    assert_eq!(outcome(&routing.offer(&proposal("gone", 20)).await), rejected("gone"));
    let desktop = routing.desktop().await;
    assert_eq!(outcome(&routing.offer(&proposal("early", 20)).await), rejected("not_ready"));
    done(&desktop, "ready").await;
    let (one, other) = (proposal("one", 20), proposal("other", 20));
    let (one, other) = tokio::join!(routing.offer(&one), routing.offer(&other));
    let mut outcomes = [outcome(&one), outcome(&other)];
    outcomes.sort_by_key(|(outcome, _)| outcome.is_null());
    assert_eq!(outcomes, [rejected("engaged"), (Value::Null, Value::Null)], "of two offers at once one wins");
    assert_eq!(outcome(&routing.found("gone").await), rejected("gone"), "though the agent is here now");
    assert_eq!(
        refused(&routing.post("/state", &json!({ "state": { "not_ready": { "reason": "siesta" } } })).await),
        (400, "unknown_reason".into())
    );
}

#[tokio::test]
async fn an_offer_that_nobody_answers_times_out_and_the_agent_is_not_ready() {
    let routing = Routing::start().await;
    let desktop = routing.ready().await;
    let page = routing.post("/offers?wait=30", &proposal("1", 1)).await;
    assert_eq!(told(&page)["outcome"], "timed_out");
    assert!(desktop.sees(SOON, |seen| seen.is_not_ready_because("no_answer")).await);
    done(&desktop, "ready").await;
    let again = routing.offer(&routing.found("1").await).await;
    assert_eq!(again["outcome"], "timed_out", "sent again it is the same offer");
    assert_eq!(routing.state().await, "ready", "and is not delivered again");
}

#[tokio::test]
async fn an_offer_is_taken_back_and_its_id_stands_for_no_other() {
    let routing = Routing::start().await;
    let desktop = routing.ready().await;
    let offer = proposal("1", 60);
    routing.offer(&offer).await;
    offered(&desktop).await;
    let mut other = offer.clone();
    other["interaction"]["service"] = "Sales".into();
    assert_eq!(refused(&routing.post("/offers", &other).await), (409, "offer_differs".into()));
    for _ in 0..2 {
        assert_eq!(told(&routing.post("/offers/o-1/cancel", &json!({})).await)["outcome"], "cancelled");
    }
    assert!(desktop.sees(SOON, |seen| seen.state == "ready").await);
    assert_eq!(refused(&routing.get("/offers/o-2").await), (404, "unknown_offer".into()));
    assert_eq!(refused(&routing.post("/offers/o-2/cancel", &json!({})).await), (404, "unknown_offer".into()));
    done(&desktop, not_ready()).await;
}

#[tokio::test]
async fn what_is_no_offer_is_told_so_and_reaches_nobody() {
    let routing = Routing::start().await;
    let desktop = routing.ready().await;
    let with = |place: &str, value: Value| {
        let mut offer = proposal("1", 20);
        *offer.pointer_mut(place).unwrap() = value;
        offer
    };
    for offer in [
        json!({}),
        json!([]),
        with("/id", "..".into()),
        with("/id", "a".repeat(65).into()),
        with("/seconds", 0.into()),
        with("/seconds", 301.into()),
        with("/seconds", (-1).into()),
        with("/interaction/kind", "fax".into()),
        with("/interaction/service", "".into()),
        with("/interaction/service", "a\nb".into()),
        with("/interaction/from", "\u{202e}".into()),
        with("/interaction/since", 1e30.into()),
        with("/interaction/since", 253_402_300_800_u64.into()),
    ] {
        assert_eq!(refused(&routing.post("/offers", &offer).await), (400, "bad_body".into()), "{offer}");
    }
    for query in ["wait=301", "wait=-1", "wait=", "wait=soon"] {
        assert_eq!(refused(&routing.get(&format!("/offers/o-1?{query}")).await), (400, "bad_query".into()), "{query}");
    }
    assert_eq!(desktop.seen().state, "ready");
}

#[tokio::test]
async fn a_scope_is_needed_for_each_verb() {
    let routing = Routing::start().await;
    let acme = routing.world.instance("acme");
    let scopes = vec!["agents:read".to_owned()];
    routing.world.directory.declare(&Service { scopes, ..supervisor(acme) });
    for path in ["/offers", "/offers/o-1/cancel", "/interactions/c-1/end", "/state"] {
        assert_eq!(refused(&routing.post(path, &json!({})).await), (403, "insufficient_scope".into()), "{path}");
    }
    assert_eq!(refused(&routing.get("/offers/o-1").await), (403, "insufficient_scope".into()));
    assert_eq!(routing.get("").await.status, 200);
}

#[tokio::test]
async fn a_thousand_offers_to_an_agent_who_cannot_take_them_are_rejected_and_the_first_afterwards_is_delivered() {
    let routing = Routing::start().await;
    let desktop = routing.desktop().await;
    let mut times = Times::default();
    for round in 0..250 {
        let offers = (0..4).map(|number| {
            let (routing, offer) = (&routing, proposal(&format!("{round}-{number}"), 20));
            async move {
                let began = Instant::now();
                let answer = routing.offer(&offer).await;
                assert_eq!((&answer["outcome"], &answer["reason"]), (&json!("rejected"), &json!("not_ready")));
                began.elapsed()
            }
        });
        times.extend(join_all(offers).await);
    }
    println!("1,000 offers rejected at once: {times}");
    done(&desktop, "ready").await;
    assert_eq!(routing.offer(&proposal("first", 20)).await["outcome"], Value::Null);
    offered(&desktop).await;
    assert_eq!(routing.found("0-0").await["outcome"], "rejected", "each is remembered");
}

#[tokio::test]
async fn outcomes_survive_the_node() {
    let mut routing = Routing::start().await;
    let desktop = routing.ready().await;
    routing.offer(&proposal("1", 300)).await;
    offered(&desktop).await;
    routing.world.restart(|_| ()).await;
    routing.browser = routing.world.browser();
    assert_eq!(routing.found("1").await["outcome"], Value::Null, "it waits, as before");
    done(&desktop, json!({ "reject": { "offer": "o-1" } })).await;
    let outcome = routing.found("1").await;
    assert_eq!((&outcome["outcome"], &outcome["reason"]), (&json!("rejected"), &json!("agent")));
}
