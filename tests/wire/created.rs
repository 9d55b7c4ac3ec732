//! Agents whom nobody has declared: their instance's provider vouches for them, where an operator allows it.

use kv_schema::Record;
use kv_schema::directory::{Creation, Instance, Provider as Declared, Word};
use kv_schema::names::Extension;
use kv_schema::sessions::CreatedAgent;
use onecontact_tests::kv::{Fault, On};
use onecontact_tests::openid::SIGN_IN;
use onecontact_tests::provider::Provider;
use onecontact_tests::tokens::session_claims;
use onecontact_tests::world::{HOME, PASSWORD, SPARE_EXTENSION};
use onecontact_tests::{Browser, Page, World};
use serde_json::{Value, json};

use crate::SESSION;
use crate::account::Operator;
use crate::farewell::at_the_desktop;
use crate::federation::{followed, install_of, install_with, told};

fn creates(declared: &mut Declared) {
    let word = |text: &str| Word::parse(text).unwrap();
    declared.creates = Some(Creation {
        required_claim: word("groups"),
        required_value: "Front Desk".to_owned(),
        name_claim: word("name"),
        email_claim: Some(word("email")),
        extension_claim: Some(word("extension")),
        language_claim: Some(word("locale")),
    });
}

/// The provider's claims about somebody who is to become an agent.
fn newcomer() -> Value {
    json!({
        "preferred_username": "Newcomer", "name": "New Comer", "groups": ["All", "Front Desk"], "email": "new@acme.example",
        "email_verified": true, "extension": SPARE_EXTENSION, "locale": "de-AT",
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

async fn world() -> (Provider, World, Browser) {
    let provider = Provider::start().await;
    let (world, browser) = install_with(&provider, "good", creates).await;
    provider.states("good", newcomer());
    (provider, world, browser)
}

/// Another browser at the same address.
fn another(provider: &Provider, world: &World) -> Browser {
    world.browser().at("login.test").leading_to(&provider.origin())
}

/// Comes back from the provider and returns the page that this leads to.
async fn tried(provider: &Provider, browser: &Browser) -> Page {
    let away = followed(browser, &browser.get(HOME).await).await;
    told(browser, browser.get(&provider.read(away.location()).back()).await).await
}

/// The record that operators list, if there is one.
fn listed(world: &World) -> Option<CreatedAgent> {
    let key = world.sessions.keys().into_iter().find(|key| key.starts_with(CreatedAgent::PREFIX))?;
    Some(CreatedAgent::read(&key, &world.sessions.text(&key)?).unwrap())
}

#[tokio::test]
async fn whoever_the_provider_vouches_for_becomes_an_agent_and_comes_to_the_desktop() {
    let (provider, world, browser) = world().await;
    at_the_desktop(&provider, &world, &browser).await;
    let claims = session_claims(&browser.cookie(SESSION).unwrap());
    let extension = claims.extension.expect("the claim's");
    assert_eq!((claims.agent.as_str(), extension.as_str()), ("newcomer", SPARE_EXTENSION));
    let page = browser.get("/OneAgentWeb_Lisbon/desktop/plain").await;
    assert!(page.body.contains("New Comer"), "{}", page.body);
    let created = world.log().only("agent_created").await;
    assert_eq!((&created["agent"], &created["reason"]), (&"newcomer".into(), &Value::Null));
    let agent = listed(&world).expect("operators can list them");
    assert_eq!((&*agent.display_name, agent.email.unwrap().as_str()), ("New Comer", "new@acme.example"));

    // Signing in again changes nothing; changed claims change what was taken from them.
    at_the_desktop(&provider, &world, &another(&provider, &world)).await;
    assert!(world.log().events("agent_updated").is_empty());
    provider.states("good", with(newcomer(), "name", "New Name".into()));
    at_the_desktop(&provider, &world, &another(&provider, &world)).await;
    assert_eq!(world.log().only("agent_updated").await["agent"], "newcomer");
    assert_eq!(listed(&world).unwrap().display_name, "New Name");
    assert_eq!(world.log().events("agent_created").len(), 1);
}

#[tokio::test]
async fn nobody_becomes_an_agent_without_the_required_claim_or_where_no_operator_has_said_so() {
    let (provider, world, _) = world().await;
    for groups in [json!(null), json!([]), json!("Front Desks"), json!(["front desk"]), json!({ "Front Desk": true })] {
        provider.states("good", with(newcomer(), "groups", groups.clone()));
        let browser = another(&provider, &world);
        let page = tried(&provider, &browser).await;
        assert_eq!((page.status, browser.cookie(SIGN_IN)), (403, None), "{groups}: {}", page.body);
    }
    let refused = world.log().wait_for("provider_refused", 5).await;
    assert!(refused.iter().all(|event| event["reason"] == "required_claim"), "{refused:?}");
    assert!(refused.iter().all(|event| event["detail"] == "newcomer"), "{refused:?}");
    assert!(world.log().events("agent_created").is_empty() && listed(&world).is_none());

    let (world, browser) = install_of(&provider, "good").await;
    provider.states("good", newcomer());
    assert_eq!(tried(&provider, &browser).await.status, 403);
    assert_eq!(world.log().only("provider_refused").await["reason"], "unknown_account");
}

#[tokio::test]
async fn whoever_is_given_an_agents_name_at_the_provider_does_not_become_that_agent() {
    let (provider, world, browser) = world().await;
    at_the_desktop(&provider, &world, &browser).await;
    provider.states("good", with(newcomer(), "sub", "4712".into()));
    let heir = another(&provider, &world);
    let page = tried(&provider, &heir).await;
    assert_eq!((page.status, heir.cookie(SIGN_IN)), (403, None), "{}", page.body);
    let refused = world.log().only("provider_refused").await;
    assert_eq!((&refused["reason"], &refused["agent"]), (&"other_subject".into(), &"newcomer".into()));
    assert_eq!(browser.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await.status, 200, "the agent goes on");
    assert_eq!(listed(&world).unwrap().subject.unwrap().sub, "4711");
}

#[tokio::test]
async fn what_an_operator_has_declared_stays_as_it_is() {
    let (provider, world, browser) = world().await;
    let before = world.directory.text(&format!("agent:{}:desk1", world.instance("acme").as_str()));
    provider.states("good", with(newcomer(), "preferred_username", "desk1".into()));
    at_the_desktop(&provider, &world, &browser).await;
    let claims = session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!((claims.agent.as_str(), claims.extension.unwrap().as_str()), ("desk1", "1001"));
    assert_eq!(world.directory.text(&format!("agent:{}:desk1", world.instance("acme").as_str())), before);
    assert!(world.log().events("agent_created").is_empty() && listed(&world).is_none());
}

#[tokio::test]
async fn an_extension_that_is_anothers_usual_one_or_unknown_is_not_taken() {
    let (provider, world, _) = world().await;
    let cases = [
        ("first", "1001", None),
        ("first", "9999", None),
        ("first", SPARE_EXTENSION, Some(SPARE_EXTENSION)),
        ("second", SPARE_EXTENSION, None),
        ("first", "1001", None),
        ("second", SPARE_EXTENSION, Some(SPARE_EXTENSION)),
    ];
    for (username, extension, wanted) in cases {
        let named = with(newcomer(), "preferred_username", username.into());
        provider.states("good", with(named, "extension", extension.into()));
        let browser = another(&provider, &world);
        at_the_desktop(&provider, &world, &browser).await;
        let claims = session_claims(&browser.cookie(SESSION).unwrap());
        let extension_of = claims.extension.as_ref().map(Extension::as_str);
        assert_eq!((claims.agent.as_str(), extension_of), (username, wanted), "{extension}");
    }
    let created = world.log().wait_for("agent_created", 2).await;
    assert!(created.iter().all(|event| event["reason"] == "extension_not_free"), "{created:?}");
}

#[tokio::test]
async fn nobody_waits_for_kv_to_show_who_has_just_been_created() {
    let (provider, world, browser) = world().await;
    world.sessions.fail(CreatedAgent::PREFIX, On::Writes, Fault::Status(503));
    at_the_desktop(&provider, &world, &browser).await;
    assert_eq!(world.log().only("agent_created").await["agent"], "newcomer");
    assert_eq!(listed(&world), None);
    assert_eq!(browser.get("/OneAgentWeb_Lisbon/desktop/parts/profile").await.status, 200);
}

#[tokio::test]
async fn no_password_is_good_for_them_and_disabling_them_holds() {
    let (provider, world, browser) = world().await;
    at_the_desktop(&provider, &world, &browser).await;
    let server = format!("http://{}", world.node().address());
    let operator = Operator::new(server, world.instance("acme"), |service| world.directory.declare(service));
    assert_eq!(operator.does("show", "newcomer").await["password"], "none");
    operator.does("disable", "newcomer").await;
    let page = tried(&provider, &another(&provider, &world)).await;
    assert_eq!(page.status, 403, "{}", page.body);
    assert_eq!(world.log().only("provider_refused").await["reason"], "disabled");
    operator.does("enable", "newcomer").await;
    operator.does("reset", "newcomer").await;

    // When the provider is removed, so are those whom nobody else has declared: an unknown account like any other.
    let key = Instance::key_of(&world.instance("acme"));
    let declared = Instance::read(&key, &world.directory.text(&key).unwrap()).unwrap();
    let mut world = world;
    world.directory.declare(&Instance { provider: None, ..declared });
    world.restart(|_| ()).await;
    let browser = another(&provider, &world);
    let form = followed(&browser, &browser.get(HOME).await).await.form();
    for password in [PASSWORD, "", "*"] {
        let page = browser.submit(&form.clone().with("username", "newcomer").with("password", password)).await;
        assert!(page.status == 403 || page.status == 422, "{}", page.body);
    }
    assert_eq!(world.log().wait_for("login_refused", 2).await[0]["reason"], "unknown_account");
}
