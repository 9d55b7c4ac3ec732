//! The API for other systems: who may ask, what they are told, and ending a session from a service (C6, A2).

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use hyper::Method;
use kv_schema::directory::{Reach, Service, ServiceKey};
use kv_schema::names::InstanceId;
use onecontact_domain::api::LARGEST_BODY;
use onecontact_domain::token::service::{AUDIENCE, TYPE};
use onecontact_tests::browser::{Ask, Page};
use onecontact_tests::node::Object;
use onecontact_tests::operator::onecontact;
use onecontact_tests::service::{almighty, claims, header, path, secret, signed, supervisor, token};
use onecontact_tests::world::{PASSWORD, now};
use onecontact_tests::{Browser, World, project, tokens};
use serde_json::{Value, json};

use crate::{DESKTOP, SESSION};

/// The service, as the log names it.
const SERVICE: &str = "supervisor 01KAS7Q0V4SVC0000000000001";
const SESSION_PART: &str = "/OneAgentWeb_Lisbon/desktop/parts/session";

/// A world with the agent `desk1` of `acme`, the instance `bravo` with an agent of its own, and the service.
async fn world() -> World {
    let world = World::standard().install("Porto").instance("bravo", &["Porto"]).agent("bravo", "desk9").start().await;
    world.directory.declare(&supervisor(world.instance("acme")));
    world
}

fn ending(instance: &InstanceId, agent: &str) -> String {
    format!("{}/end-session", path(instance, agent))
}

/// A call that would succeed.
fn call<'a>(browser: &'a Browser, method: &Method, path: &str) -> Ask<'a> {
    let ask = browser.ask(method.clone(), path).header("authorization", &format!("Bearer {}", token()));
    if *method == Method::POST {
        ask.header("content-type", "application/json").body(r#"{"reason":"forced"}"#)
    } else {
        ask
    }
}

async fn end(world: &World, instance: &InstanceId, agent: &str) -> Page {
    call(&world.browser(), &Method::POST, &ending(instance, agent)).send().await
}

pub(crate) fn json(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{} {}", page.status, page.body))
}

/// The status and the code of a problem (RFC 9457).
pub(crate) fn refused(page: &Page) -> (u16, String) {
    assert_eq!(page.header("content-type"), Some("application/problem+json"), "{}", page.body);
    let problem = json(page);
    assert_eq!(problem["status"], page.status);
    assert!(problem["title"].is_string() && problem["request"] == page.id.as_str(), "{problem}");
    (page.status, problem["code"].as_str().unwrap().to_owned())
}

fn no_agent(page: &Page) -> (u16, Value) {
    let mut told = json(page);
    told["request"] = Value::Null;
    (page.status, told)
}

#[tokio::test]
async fn a_session_that_a_service_ends_is_over_and_its_agent_is_told_by_whom() {
    for (reason, named) in [("forced", "forced"), ("disabled", "disabled")] {
        let world = world().await;
        let browser = world.browser_of("desk1").await;
        let sid = tokens::session_claims(&browser.cookie(SESSION).unwrap()).sid;
        let caller = world.browser();
        let ask = call(&caller, &Method::POST, &ending(&world.instance("acme"), "DESK1"));
        let page = ask.body(format!(r#"{{"reason":"{reason}"}}"#)).send().await;
        assert_eq!((page.status, json(&page)), (200, json!({ "ended": [sid] })));
        let told = json(&browser.get(SESSION_PART).await);
        let ended = &told["ended"];
        let wanted = (&json!("no_session"), &json!(named), &json!("supervisor"));
        assert_eq!((&told["code"], &ended["reason"], &ended["by"]), wanted);
        let logged = world.log().only("session_ended").await;
        assert_eq!((&logged["reason"], &logged["agent"]), (&json!(named), &json!("desk1")));
        assert!(logged["detail"].to_string().contains("supervisor"), "{logged}");
        let logged = world.log().only("service_call").await;
        assert_eq!(logged["detail"], SERVICE);
        assert_eq!((&logged["agent"], &logged["request"]), (&json!("desk1"), &json!(page.id)));
        let again = end(&world, &world.instance("acme"), "desk1").await;
        assert_eq!((again.status, json(&again)), (200, json!({ "ended": [] })), "there is nothing left to end");
    }
}

/// Runs the operators' own tool while the world keeps running.
async fn tool(args: &[&str]) -> Value {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let run = move || onecontact(&args.iter().map(String::as_str).collect::<Vec<_>>(), "");
    serde_json::from_str(&tokio::task::spawn_blocking(run).await.unwrap()).unwrap()
}

#[tokio::test]
async fn an_operator_makes_a_service_and_ends_a_session_with_the_tool() {
    let world = World::standard().start().await;
    let (acme, folder) = (world.instance("acme"), project::scratch());
    let key = folder.path().join("supervisor.key.json").display().to_string();
    let args =
        ["service", "new", "supervisor", "--scope", "sessions:end", "--instance", "acme", "--key", &key, "--json"];
    let declaration: toml::Table = tool(&args).await["declaration"].as_str().unwrap().parse().unwrap();
    let public = &declaration["service"][0]["keys"][0];
    let [kid, x] = ["kid", "x"].map(|name| public[name].as_str().unwrap().to_owned());
    let scopes = vec!["sessions:end".into()];
    world.directory.declare(&Service { keys: vec![ServiceKey { kid, x }], scopes, ..supervisor(acme.clone()) });

    let browser = world.browser_of("desk1").await;
    let sid = tokens::session_claims(&browser.cookie(SESSION).unwrap()).sid;
    let server = format!("http://{}", world.node().address());
    let args =
        ["session", "end", acme.as_str(), "desk1", "--server", &server, "--service", "supervisor", "--key", &key];
    let ended = tool(&[&args[..], &["--disabled", "--json"]].concat()).await;
    assert_eq!(ended, json!({ "ended": [sid] }));
    assert_eq!(json(&browser.get(SESSION_PART).await)["ended"]["reason"], "disabled");
}

#[tokio::test]
async fn an_agents_state_is_told_as_the_desk_has_it() {
    let world = world().await;
    let caller = world.browser();
    let look = || async { call(&caller, &Method::GET, &path(&world.instance("acme"), "desk1")).send().await };
    assert_eq!(json(&look().await), json!({ "agent": "desk1", "session": null }));
    let browser = world.browser_of("desk1").await;
    let claims = tokens::session_claims(&browser.cookie(SESSION).unwrap());
    let seen = json(&look().await);
    let session = &seen["session"];
    assert_eq!((&session["sid"], &session["install"]), (&json!(claims.sid), &json!("lisbon")));
    assert_eq!(session["state"], json!({ "not_ready": { "reason": "signed_in" } }));
    assert_eq!(session["browser"], json!({ "family": "Chrome", "system": "Windows" }));
    assert_eq!(session["hard_end"], json!(claims.hard_end));
}

#[tokio::test]
async fn each_bad_token_is_refused_and_ends_nothing() {
    let world = world().await;
    let agent = world.browser_of("desk1").await;
    let with = |name: &'static str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        signed(&header(), &claims, &secret(1))
    };
    let headed = |name: &'static str, value: Value| {
        let mut header = header();
        header[name] = value;
        signed(&header, &claims(), &secret(1))
    };
    let good = token();
    let (input, signature) = good.rsplit_once('.').unwrap();
    let other = with("jti", "2".into());
    let other = other.rsplit_once('.').unwrap().0;
    let at = now().0;
    let unverified = "The token is not signed with a key declared for its service.";
    for (what, token, reason) in [
        ("nonsense", "nonsense".to_owned(), "malformed"),
        ("unsigned", format!("{input}."), "bad_signature"),
        ("forged: another's signature", format!("{other}.{signature}"), "bad_signature"),
        ("signed with another key", signed(&header(), &claims(), &secret(2)), "bad_signature"),
        ("alg none", headed("alg", "none".into()), "bad_signature"),
        ("alg HS256", headed("alg", "HS256".into()), "bad_signature"),
        ("another kid", headed("kid", "k2".into()), "unknown_key"),
        ("no typ of ours", headed("typ", "JWT".into()), "wrong_kind"),
        ("expired", with("exp", (at - 6).into()), "expired"),
        ("good for too long", with("exp", (at + 3600).into()), "lasts_too_long"),
        ("from the future", with("iat", (at + 60).into()), "from_the_future"),
        ("not good yet", with("nbf", (at + 30).into()), "from_the_future"),
        ("another audience", with("aud", "https://agent.wire.test".into()), "wrong_audience"),
        ("another subject", with("sub", "desk1".into()), "wrong_kind"),
        (
            "unknown service",
            {
                let claims =
                    json!({ "iss": "nobody", "sub": "nobody", "aud": AUDIENCE, "iat": at, "exp": at + 60, "jti": "1" });
                signed(&header(), &claims, &secret(1))
            },
            "unknown_key",
        ),
        ("an agent's session token", agent.cookie(SESSION).unwrap(), "wrong_kind"),
    ] {
        let before = world.log().events("service_refused").len();
        let caller = world.browser();
        let ask = call(&caller, &Method::POST, &ending(&world.instance("acme"), "desk1"));
        let page = ask.header("authorization", &format!("Bearer {token}")).send().await;
        assert_eq!(refused(&page), (401, "not_authenticated".into()), "{what}");
        let told = json(&page);
        let why = match reason {
            "expired" => "The token has expired: now is later than its exp.",
            "from_the_future" => "The token is not valid yet: its iat, or its nbf, is later than now.",
            "lasts_too_long" => "The token lasts too long: its exp is more than five minutes ahead.",
            "wrong_audience" => "The token is for another audience: its aud must be oneagent-api.",
            "bad_signature" | "unknown_key" => unverified,
            _ => told["detail"].as_str().unwrap(),
        };
        assert_eq!(told["detail"], why, "{what}");
        let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{why}\"");
        assert_eq!(page.header("www-authenticate"), Some(&*challenge), "{what}");
        let logged = world.log().wait_for("service_refused", before + 1).await;
        assert_eq!(logged[before]["reason"], reason, "{what}");
        // Which service it may be is known once its record has been found.
        let is_of_a_known_one = !["malformed", "wrong_kind"].contains(&reason)
            && !["alg none", "alg HS256", "unknown service"].contains(&what);
        let named = is_of_a_known_one.then_some("supervisor");
        assert_eq!(logged[before]["detail"].as_str(), named, "{what}");
    }
    for authorization in ["", "Bearer", "Bearer ", "Basic c3VwZXJ2aXNvcjp4", &format!("Token {good}")] {
        let caller = world.browser();
        let ask = call(&caller, &Method::POST, &ending(&world.instance("acme"), "desk1"));
        let page = ask.header("authorization", authorization).send().await;
        assert_eq!((refused(&page).0, page.header("www-authenticate")), (401, Some("Bearer")), "{authorization}");
        assert!(json(&page)["detail"].is_null(), "without a token there is nothing to say of it");
    }
    let cookies_alone = agent.ask(Method::GET, &path(&world.instance("acme"), "desk1")).send().await;
    assert_eq!(refused(&cookies_alone).0, 401, "a session is no service");
    assert_eq!(agent.get(DESKTOP).await.status, 200, "the session stands");
    assert_eq!(world.log().events("session_ended").len(), 0);
}

#[tokio::test]
async fn a_service_does_what_was_declared_for_it_and_nothing_else() {
    let mut world = world().await;
    let acme = world.instance("acme");
    let agent = world.browser_of("desk1").await;
    let caller = world.browser();
    for (scope, looks, ends) in [("sessions:end", 403, 200), ("agents:read", 200, 403), ("added:later", 403, 403)] {
        world.redeclare(&Service { scopes: vec![scope.into()], ..supervisor(acme.clone()) }).await;
        let looked = call(&caller, &Method::GET, &path(&acme, "desk1")).send().await;
        let ended = call(&caller, &Method::POST, &ending(&acme, "desk9")).send().await;
        assert_eq!(looked.status, looks, "{scope}");
        // The agent belongs to another instance, so nothing is ended: a 404 shows that the service may ask.
        assert_eq!(ended.status, if ends == 200 { 404 } else { 403 }, "{scope}");
        for page in [looked, ended].iter().filter(|page| page.status == 403) {
            assert_eq!(refused(page), (403, "insufficient_scope".into()), "{scope}");
        }
    }
    assert_eq!(agent.get(DESKTOP).await.status, 200);
    assert!(world.log().wait_for("service_refused", 1).await[0]["detail"] == "supervisor");
}

#[tokio::test]
async fn of_another_instance_a_service_learns_nothing() {
    let mut world = world().await;
    let (acme, bravo) = (world.instance("acme"), world.instance("bravo"));
    let nobody = no_agent(&end(&world, &acme, "nobody").await);
    assert_eq!((nobody.0, &nobody.1["code"]), (404, &json!("unknown_agent")));
    for (instance, agent) in [(&bravo, "desk9"), (&bravo, "nobody"), (&InstanceId::nobody(), "desk1")] {
        assert_eq!(no_agent(&end(&world, instance, agent).await), nobody, "{instance} {agent}");
        let caller = world.browser();
        let looked = call(&caller, &Method::GET, &path(instance, agent)).send().await;
        assert_eq!(no_agent(&looked), nobody, "{instance} {agent}");
    }
    world.redeclare(&Service { instances: Reach::All, ..supervisor(acme) }).await;
    let ended = end(&world, &bravo, "desk9").await;
    assert_eq!((ended.status, json(&ended)), (200, json!({ "ended": [] })), "with every instance it may");
}

#[tokio::test]
async fn a_call_that_makes_no_sense_is_told_so_and_ends_nothing() {
    let world = world().await;
    let agent = world.browser_of("desk1").await;
    let (acme, caller) = (world.instance("acme"), world.browser());
    let post = || call(&caller, &Method::POST, &ending(&acme, "desk1"));
    for body in ["{}", "[]", "reason=forced", r#"{"reason":"taken_over"}"#, r#"{"reason":null}"#, "{\u{0}}"] {
        assert_eq!(refused(&post().body(body).send().await), (400, "bad_body".into()), "{body}");
    }
    assert_eq!(refused(&post().body("").send().await), (411, "length_required".into()));
    let large = format!(r#"{{"reason":"forced","more":"{}"}}"#, "a".repeat(5000));
    let large = post().body(large).send().await;
    assert_eq!(refused(&large), (413, "too_large".into()));
    assert_eq!(json(&large)["title"], format!("The body is longer than {LARGEST_BODY} bytes."));
    let form = post().header("content-type", "application/x-www-form-urlencoded").send().await;
    assert_eq!(refused(&form), (415, "not_json".into()));
    let bad = post().body(r#"{"reason":"hush"}"#).send().await;
    assert_eq!(json(&bad)["detail"], "`reason` is missing or wrong: forced or disabled.");
    for (method, path, allow) in [
        (Method::GET, ending(&acme, "desk1"), "POST"),
        (Method::PUT, ending(&acme, "desk1"), "POST"),
        (Method::POST, path(&acme, "desk1"), "GET, HEAD"),
        (Method::DELETE, path(&acme, "desk1"), "GET, HEAD"),
    ] {
        let page = call(&caller, &method, &path).send().await;
        assert_eq!(
            (refused(&page), page.header("allow")),
            ((405, "method_not_allowed".into()), Some(allow)),
            "{method}"
        );
    }
    for path in ["/api/", "/api/v1", "/api/v2/instances", "/api/v1/instances/acme/agents/desk1"] {
        assert_eq!(refused(&call(&caller, &Method::GET, path).send().await), (404, "unknown_address".into()), "{path}");
        let stranger = world.browser().get(path).await;
        assert_eq!(refused(&stranger).0, 401, "{path}: a stranger does not learn what there is");
    }
    assert_eq!(agent.get(DESKTOP).await.status, 200, "the session stands");
}

#[tokio::test]
async fn a_service_whose_key_or_declaration_is_taken_away_is_shut_out_and_a_second_key_may_take_over() {
    let mut world = world().await;
    let acme = world.instance("acme");
    let caller = world.browser();
    let looked = |token: String| {
        let ask = call(&caller, &Method::GET, &path(&acme, "desk1"));
        async move { ask.header("authorization", &format!("bearer {token}")).send().await.status }
    };
    let second = signed(&json!({ "alg": "EdDSA", "typ": TYPE, "kid": "k2" }), &claims(), &secret(2));
    assert_eq!((looked(token()).await, looked(second.clone()).await), (200, 401));
    let x = Base64UrlUnpadded::encode_string(&secret(2).verifying_key().to_bytes());
    let new = ServiceKey { kid: "k2".into(), x };
    let mut service = supervisor(acme.clone());
    service.keys.push(new.clone());
    world.redeclare(&service).await;
    assert_eq!((looked(token()).await, looked(second.clone()).await), (200, 200));
    world.redeclare(&Service { keys: vec![new], ..service }).await;
    assert_eq!((looked(token()).await, looked(second.clone()).await), (401, 200));
    world.directory.remove("service:supervisor");
    world.restart(|_| ()).await;
    assert_eq!(looked(second).await, 401);
}

#[tokio::test]
async fn a_desk_or_a_directory_that_does_not_answer_is_an_outage_and_no_refusal() {
    let world = World::standard().unreachable(Object::AgentDesk).start().await;
    world.directory.declare(&supervisor(world.instance("acme")));
    let page = end(&world, &world.instance("acme"), "desk1").await;
    assert_eq!((refused(&page), page.header("retry-after")), ((503, "unavailable".into()), Some("5")));
    world.directory.go_down().await;
    let page = end(&world, &world.instance("acme"), "desk1").await;
    assert_eq!(refused(&page), (503, "unavailable".into()));
}

#[tokio::test]
async fn what_a_service_has_done_is_in_the_trail_also_where_what_follows_cannot_be_done() {
    let mut world = World::standard().unreachable(Object::AgentDesk).start().await;
    let acme = world.instance("acme");
    world.directory.declare(&almighty(acme.clone()));
    let disabling = format!("{}/account/disable", path(&acme, "desk1"));
    let page = call(&world.browser(), &Method::POST, &disabling).send().await;
    assert_eq!(refused(&page), (503, "unavailable".into()), "the session cannot be ended");
    let logged = world.log().only("service_call").await;
    assert_eq!((&logged["reason"], &logged["agent"]), (&json!("account"), &json!("desk1")));
    assert_eq!((&logged["detail"], &logged["request"]), (&json!(format!("{SERVICE} disable")), &json!(page.id)));

    world.restart(|setup| setup.unreachable.clear()).await;
    let enabling = format!("{}/account/enable", path(&acme, "desk1"));
    assert_eq!(call(&world.browser(), &Method::POST, &enabling).send().await.status, 200);
    world.browser_of("desk1").await;
    world.restart(|setup| setup.unreachable = vec![Object::AccountGuard]).await;
    let page = end(&world, &acme, "desk1").await;
    assert_eq!(refused(&page), (503, "unavailable".into()), "the sign-ins cannot be ended");
    let logged = world.log().only("service_call").await;
    assert_eq!((&logged["reason"], &logged["detail"]), (&json!("end_session"), &json!(SERVICE)));
}

/// One page of the list of an instance's sessions.
async fn list(world: &World, instance: &InstanceId, query: &str) -> Page {
    let path = format!("/api/v1/instances/{instance}/sessions{query}");
    call(&world.browser(), &Method::GET, &path).send().await
}

/// A world with two instances, where four agents of `acme` and one of `bravo` have a session each. Returns the agents
/// of `acme` in order, each with the session's id.
async fn listed_world() -> (World, Vec<Value>) {
    let mut world = World::standard().install("Porto").instance("bravo", &["Porto"]).agent("bravo", "desk9");
    for agent in ["desk2", "desk3", "régie.desks"] {
        world = world.agent("acme", agent);
    }
    let world = world.start().await;
    world.directory.declare(&supervisor(world.instance("acme")));
    let mut sessions = Vec::new();
    for agent in ["desk1", "desk2", "desk3", "régie.desks"] {
        let browser = world.browser_of(agent).await;
        let sid = tokens::session_claims(&browser.cookie(SESSION).unwrap()).sid;
        sessions.push(json!({ "agent": agent, "sid": sid }));
    }
    assert_eq!(world.browser().sign_in("/OneAgentWeb_Porto", "desk9", PASSWORD).await.status, 303);
    let is_told = |count| world.sessions.keys().iter().filter(|key| key.starts_with("session:")).count() == count;
    while !is_told(5) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (world, sessions)
}

#[tokio::test]
async fn the_sessions_of_an_instance_are_listed_page_by_page_and_no_others() {
    let (world, sessions) = listed_world().await;
    let acme = world.instance("acme");
    let all = list(&world, &acme, "").await;
    assert_eq!((all.status, json(&all)), (200, json!({ "sessions": sessions, "cursor": null })));
    let (mut query, mut pages) = ("?limit=2".to_owned(), Vec::new());
    loop {
        let page = json(&list(&world, &acme, &query).await);
        let cursor = page["cursor"].as_str().map(str::to_owned);
        pages.push(page["sessions"].clone());
        let Some(cursor) = cursor else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(
        pages,
        [json!(sessions[..2]), json!(sessions[2..]), json!([])],
        "the last is known to be that when it is read"
    );
    assert_eq!(world.sessions.reads_of("session:"), 0, "no session's record was read");

    assert_eq!(end(&world, &acme, "desk2").await.status, 200);
    let left = async || json(&list(&world, &acme, "?limit=1000").await)["sessions"].as_array().unwrap().len();
    while left().await > 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_sessions_of_another_instance_are_not_listed_whatever_cursor_is_shown() {
    let (mut world, _) = listed_world().await;
    let (acme, bravo) = (world.instance("acme"), world.instance("bravo"));
    let nobody = no_agent(&list(&world, &InstanceId::nobody(), "").await);
    assert_eq!((nobody.0, &nobody.1["code"]), (404, &json!("unknown_instance")));
    assert_eq!(no_agent(&list(&world, &bravo, "").await), nobody, "it does not learn whether there is one");
    let cursor = json(&list(&world, &acme, "?limit=1").await)["cursor"].as_str().unwrap().to_owned();
    world.redeclare(&Service { instances: Reach::All, ..supervisor(acme.clone()) }).await;
    let page = json(&list(&world, &bravo, &format!("?cursor={cursor}")).await);
    let agents: Vec<_> = page["sessions"].as_array().unwrap().iter().map(|session| session["agent"].clone()).collect();
    assert_eq!(agents, ["desk9"]);
    assert_eq!(no_agent(&list(&world, &InstanceId::nobody(), "").await), nobody, "nor is one there for whom all are");
    world.redeclare(&Service { scopes: vec!["sessions:end".into()], ..supervisor(acme.clone()) }).await;
    assert_eq!(refused(&list(&world, &acme, "").await), (403, "insufficient_scope".into()));
    assert_eq!(refused(&world.browser().get(&format!("/api/v1/instances/{acme}/sessions")).await).0, 401);
}

#[tokio::test]
async fn a_list_that_cannot_be_is_told_why_and_one_that_cannot_be_had_is_an_outage() {
    let world = world().await;
    let acme = world.instance("acme");
    assert_eq!(json(&list(&world, &acme, "").await), json!({ "sessions": [], "cursor": null }), "nobody is signed in");
    for (query, field) in [
        ("?limit=0", "`limit`"),
        ("?limit=1001", "`limit`"),
        ("?limit=few", "`limit`"),
        ("?cursor=", "`cursor`"),
        ("?cursor=%00", "`cursor`"),
        ("?cursor=nonsense", "`cursor`"),
    ] {
        let page = list(&world, &acme, query).await;
        assert_eq!(refused(&page), (400, "bad_query".into()), "{query}");
        assert!(json(&page)["title"].as_str().unwrap().contains(field), "{query}: {}", page.body);
    }
    let posted = call(&world.browser(), &Method::POST, &format!("/api/v1/instances/{acme}/sessions")).send().await;
    assert_eq!((refused(&posted).0, posted.header("allow")), (405, Some("GET, HEAD")));
    world.sessions.go_down().await;
    for query in ["", "?cursor=nonsense"] {
        let page = list(&world, &acme, query).await;
        assert_eq!((refused(&page), page.header("retry-after")), ((503, "unavailable".into()), Some("5")), "{query}");
    }
}
