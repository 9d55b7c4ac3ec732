//! What operators do to accounts with immediate effect, using their tool: exact, however late KV is.

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::SigningKey;
use hyper::Method;
use kv_schema::directory::{Agent, Reach, Service, ServiceKey};
use kv_schema::names::{InstanceId, ServiceId, ServiceName};
use kv_schema::record::Version;
use onecontact_tests::operator::onecontact;
use onecontact_tests::world::{HOME, PASSWORD, now};
use onecontact_tests::{Cluster, World, project};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{DESKTOP, WRONG};

const CHOSEN: &str = "a phrase of one's own";

/// An operator who may manage the accounts of an instance, and where their key is.
pub(crate) struct Operator {
    folder: TempDir,
    server: String,
    instance: InstanceId,
    service: Service,
}

impl Operator {
    pub(crate) fn new(server: String, instance: InstanceId, declare: impl FnOnce(&Service)) -> Self {
        let folder = project::scratch();
        let secret = SigningKey::from_bytes(&[1; 32]);
        let part = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
        let (x, d) = (part(secret.verifying_key().as_bytes()), part(&secret.to_bytes()));
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "k1", "x": x, "d": d });
        std::fs::write(folder.path().join("key.json"), jwk.to_string()).unwrap();
        let service = Service {
            v: Version,
            name: ServiceName::parse("supervisor").unwrap(),
            id: ServiceId::parse("01KAS7Q0V4SVC0000000000001").unwrap(),
            keys: vec![ServiceKey { kid: "k1".into(), x }],
            scopes: vec!["accounts:manage".into()],
            instances: Reach::Only(vec![instance.clone()]),
        };
        declare(&service);
        Self { folder, server, instance, service }
    }

    /// Runs `onecontact account <action>` while the world keeps running.
    pub(crate) async fn does(&self, action: &str, agent: &str) -> Value {
        let key = self.folder.path().join("key.json").display().to_string();
        let [action, instance, agent, server] =
            [action, self.instance.as_str(), agent, &self.server].map(str::to_owned);
        let run = move || {
            let caller = ["--server", &server, "--service", "supervisor", "--key", &key, "--json"];
            onecontact(&[&["account", &action, &instance, &agent][..], &caller].concat(), "")
        };
        serde_json::from_str(&tokio::task::spawn_blocking(run).await.unwrap()).unwrap()
    }
}

async fn world() -> (World, Operator) {
    let world = World::standard().agent("acme", "desk2").start().await;
    let server = format!("http://{}", world.node().address());
    let operator = Operator::new(server, world.instance("acme"), |service| world.directory.declare(service));
    (world, operator)
}

async fn cluster() -> (Cluster, Operator, Agent) {
    let mut declared = None;
    let cluster =
        World::standard().agent_with("acme", "desk2", |agent| declared = Some(agent.clone())).start_cluster().await;
    let server = format!("http://{}", cluster.router.address());
    let operator = Operator::new(server, cluster.instance("acme"), |service| cluster.directory.declare(service));
    (cluster, operator, declared.unwrap())
}

#[tokio::test]
async fn an_operator_ends_a_lock() {
    let (world, operator) = world().await;
    for _ in 0..5 {
        world.browser().sign_in(HOME, "desk2", WRONG).await;
    }
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 403, "locked");
    let shown = operator.does("show", "desk2").await;
    assert!(shown["locked_until"].as_u64().is_some_and(|until| until > now().0), "{shown}");
    assert_eq!(operator.does("unlock", "DESK2").await, json!({ "agent": "desk2", "done": "unlock" }));
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.location(), DESKTOP);
    let logged = world.log().only("service_call").await;
    assert_eq!((&logged["reason"], &logged["agent"]), (&json!("account"), &json!("desk2")));
    assert_eq!(logged["detail"], "supervisor 01KAS7Q0V4SVC0000000000001 unlock");
}

#[tokio::test]
async fn an_operator_gives_a_password_that_has_to_be_replaced_and_the_session_ends() {
    let (world, operator) = world().await;
    let signed_in = world.browser_of("desk2").await;
    let done = operator.does("reset", "desk2").await;
    assert_eq!(operator.does("show", "desk2").await["password"], "given");
    let given = done["password"].as_str().unwrap().to_owned();
    world.secrets().add(&given);
    let over = signed_in.get("/OneAgentWeb_Lisbon/desktop/parts/session").await;
    let ended: Value = serde_json::from_str(&over.body).unwrap();
    assert_eq!((&ended["ended"]["reason"], &ended["ended"]["by"]), (&json!("password_changed"), &json!("supervisor")));
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 403, "the old one is no good");
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk2", &given).await;
    assert_eq!((page.status, page.has_field("again")), (200, true));
    let again = page.form().with("password", &given).with("again", &given);
    assert_eq!(browser.submit(&again).await.status, 422, "the given one is no new one");
    let chosen = page.form().with("password", CHOSEN).with("again", CHOSEN);
    assert_eq!(browser.submit(&chosen).await.location(), DESKTOP);
    assert_eq!(world.browser().sign_in(HOME, "desk2", CHOSEN).await.status, 303);
    assert_eq!(operator.does("show", "desk2").await["password"], "own");
}

#[tokio::test]
async fn an_account_that_an_operator_disables_is_out_at_once_and_in_again_when_they_say_so() {
    let (world, operator) = world().await;
    let signed_in = world.browser_of("desk2").await;
    operator.does("disable", "desk2").await;
    let shown = operator.does("show", "desk2").await;
    assert_eq!((&shown["declared"], &shown["kept_out"]), (&json!("enabled"), &json!(["disabled"])));
    let over = signed_in.get("/OneAgentWeb_Lisbon/desktop/parts/session").await;
    assert!(over.status == 401 && over.body.contains("\"disabled\""), "{}", over.body);
    let refused = world.browser().sign_in(HOME, "desk2", PASSWORD).await;
    assert_eq!((refused.status, refused.notice()), {
        let wrong = world.browser().sign_in(HOME, "nobody", PASSWORD).await;
        (wrong.status, wrong.notice())
    });
    assert_eq!(world.log().wait_for("login_refused", 1).await[0]["reason"], "disabled");
    assert_eq!(world.browser().sign_in(HOME, "desk1", PASSWORD).await.status, 303, "nobody else is");
    operator.does("enable", "desk2").await;
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn an_account_that_was_disabled_in_the_middle_of_a_login_goes_no_further() {
    let (world, operator) = world().await;
    let given = operator.does("reset", "desk2").await["password"].as_str().unwrap().to_owned();
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk2", &given).await;
    operator.does("disable", "desk2").await;
    let chosen = page.form().with("password", CHOSEN).with("again", CHOSEN);
    assert_eq!(browser.submit(&chosen).await.location(), "/OneAgentWeb_Lisbon?password-set=1", "nothing was set");
    assert_eq!(browser.cookie(crate::SESSION), None);
    assert!(world.log().events("password_changed").is_empty());
}

#[tokio::test]
async fn of_a_reset_at_once_and_one_declared_the_later_counts_however_late_kv_is() {
    let (cluster, operator, mut agent) = cluster().await;
    let signs_in = async |password: &str| cluster.browser().sign_in(HOME, "desk2", password).await.status;
    // Declared, but not yet seen by any node.
    cluster.directory.be_late_by(Duration::from_hours(1));
    agent.password.set_at = now();
    cluster.directory.declare(&agent);
    let given = operator.does("reset", "desk2").await["password"].as_str().unwrap().to_owned();
    assert_eq!((signs_in(&given).await, signs_in(PASSWORD).await), (200, 403), "the reset is in force");
    cluster.directory.be_late_by(Duration::ZERO);
    cluster.directory.declare(&agent);
    assert_eq!((signs_in(&given).await, signs_in(PASSWORD).await), (200, 403), "also over what was declared before it");
    agent.password.set_at = now().plus(1);
    cluster.directory.declare(&agent);
    assert_eq!(
        (signs_in(&given).await, signs_in(PASSWORD).await),
        (403, 303),
        "and not over what is declared after it"
    );
}

#[tokio::test]
async fn an_agents_choice_and_an_operators_reset_at_once_never_both_hold() {
    let (cluster, operator, _) = cluster().await;
    let given = operator.does("reset", "desk2").await["password"].as_str().unwrap().to_owned();
    let browser = cluster.browser();
    let page = browser.sign_in(HOME, "desk2", &given).await;
    let again = operator.does("reset", "desk2").await["password"].as_str().unwrap().to_owned();
    let chosen = page.form().with("password", CHOSEN).with("again", CHOSEN);
    assert!(browser.submit(&chosen).await.location().contains("password-set"), "it came too late");
    let signs_in = async |password: &str| cluster.browser().sign_in(HOME, "desk2", password).await.status;
    assert_eq!((signs_in(CHOSEN).await, signs_in(&given).await, signs_in(&again).await), (403, 403, 200));
}

#[tokio::test]
async fn an_operator_wants_a_second_step_of_an_agent_forgets_a_lost_phone_and_waives_it() {
    let (world, operator) = world().await;
    let heading = async || {
        let page = world.browser().sign_in(HOME, "desk2", PASSWORD).await;
        (page.status == 200).then(|| page.heading())
    };
    assert_eq!(heading().await, None);
    assert_eq!(
        operator.does("require-second-step", "desk2").await,
        json!({ "agent": "desk2", "done": "require-second-step" })
    );
    assert_eq!(heading().await.as_deref(), Some("Set up an authenticator app"));
    let browser = world.browser();
    let page = browser.sign_in(HOME, "desk2", PASSWORD).await;
    let claims: onecontact_domain::token::StepClaims =
        serde_json::from_value(onecontact_tests::tokens::parts(&page.field("step")).1).unwrap();
    let code = claims.secret.unwrap().code(now()).unwrap();
    assert_eq!(browser.submit(&page.form().with("code", &code)).await.location(), DESKTOP);
    assert_eq!(heading().await.as_deref(), Some("One more step"));
    let asked = world.browser();
    let page = asked.sign_in(HOME, "desk2", PASSWORD).await;
    operator.does("reset-second-step", "desk2").await;
    let begun = asked.submit(&page.form().with("code", "000000")).await;
    assert!(begun.location().contains("start-over"), "what began before goes no further");
    assert_eq!(heading().await.as_deref(), Some("Set up an authenticator app"), "it is wanted as before");
    operator.does("waive-second-step", "desk2").await;
    assert_eq!(heading().await, None);
    let logged: Vec<_> = world.log().events("service_call").iter().map(|event| event["detail"].clone()).collect();
    assert_eq!(logged[0], "supervisor 01KAS7Q0V4SVC0000000000001 require-second-step");
}

#[tokio::test]
async fn a_call_that_makes_no_sense_changes_nothing() {
    let (mut world, operator) = world().await;
    let weak = "$argon2id$v=19$m=8,t=1,p=1$b25lYWdlbnQtbm9ib2R5$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let path = |what: &str| format!("/api/v1/instances/{}/agents/desk2/account/{what}", operator.instance);
    let caller = world.browser();
    let token = onecontact_tests::service::token();
    for (what, body, status) in [
        ("reset", "{}", 400),
        ("reset", r#"{"password_hash":"plain"}"#, 400),
        ("reset", &format!(r#"{{"password_hash":"{weak}"}}"#), 400),
        ("open", "{}", 404),
    ] {
        let ask = caller.ask(Method::POST, &path(what)).header("authorization", &format!("Bearer {token}"));
        let page = ask.header("content-type", "application/json").body(body.to_owned()).send().await;
        assert_eq!(page.status, status, "{what} {body}: {}", page.body);
    }
    let unknown = format!("/api/v1/instances/{}/agents/nobody/account/unlock", operator.instance);
    for (path, scopes, status) in [(unknown, "accounts:manage", 404), (path("unlock"), "sessions:end", 403)] {
        world.redeclare(&Service { scopes: vec![scopes.into()], ..operator.service.clone() }).await;
        let ask = caller.ask(Method::POST, &path).header("authorization", &format!("Bearer {token}"));
        let page = ask.header("content-type", "application/json").body("{}").send().await;
        assert_eq!(page.status, status, "{path}: {}", page.body);
    }
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 303);
}
