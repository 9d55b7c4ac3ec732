//! What an application may ask for when it sends an agent, and who is told what is wrong with it.

use hyper::Method;
use kv_schema::directory::SecondStep;
use onecontact_tests::World;
use onecontact_tests::openid::{
    AUTHORIZE, CALLBACK, ISSUER, Pairs, SIGN_IN, code_in, crm, handed, json, post, request, sign_in,
};
use onecontact_tests::tokens::forged;
use onecontact_tests::world::PASSWORD;
use serde_json::{Value, json};

use super::{code, logged, reason, started, tokens, world};

#[tokio::test]
async fn nobody_is_sent_where_an_application_was_not_declared_to_be_and_the_log_names_a_known_one() {
    let world = world().await;
    let browser = world.browser();
    code(&browser).await;
    let bad = [
        (request().with("client_id", "nobody"), "unknown_client"),
        (request().without("client_id"), "missing_client_id"),
        (request().and("client_id", "crm"), "repeated_client_id"),
        (request().without("redirect_uri"), "crm: missing_redirect_uri"),
        (request().and("redirect_uri", "https://evil.test"), "crm: repeated_redirect_uri"),
        (request().with("redirect_uri", "https://crm.test/signed-in/"), "crm: unknown_redirect_uri"),
        (request().with("redirect_uri", "https://crm.test/signed-iN"), "crm: unknown_redirect_uri"),
        (request().with("redirect_uri", "https://crm.test/signed-i"), "crm: unknown_redirect_uri"),
        (request().with("redirect_uri", "https://crm.test@evil.test/signed-in"), "crm: unknown_redirect_uri"),
        (request().with("redirect_uri", "//crm.test/signed-in"), "crm: unknown_redirect_uri"),
        (request().with("redirect_uri", "javascript:alert(1)"), "crm: unknown_redirect_uri"),
        (request().with("state", &"s".repeat(5000)), "request_too_long"),
    ];
    let mut pages = Vec::new();
    for (request, why) in bad {
        let page = browser.get(&request.address()).await;
        assert_eq!((page.status, page.header("location")), (400, None), "{why}");
        let reason = why.trim_start_matches("crm: ");
        assert!(!page.body.contains(reason) && !page.body.contains("evil"), "{}", page.body);
        let events = world.log().wait_for("problem", pages.len() + 1).await;
        assert_eq!(events.last().unwrap()["detail"], why);
        pages.push(page.normalised());
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "one page tells of all");
}

#[tokio::test]
async fn each_other_fault_of_a_request_is_told_to_the_application_alone() {
    let world = world().await;
    let browser = world.browser();
    code(&browser).await;
    for (request, error, why) in [
        (request().with("response_type", "token"), "unsupported_response_type", "unsupported_response_type"),
        (request().with("response_type", "code id_token"), "unsupported_response_type", "unsupported_response_type"),
        (request().without("response_type"), "invalid_request", "missing_response_type"),
        (request().with("response_mode", "fragment"), "invalid_request", "unsupported_response_mode"),
        (request().with("scope", "profile"), "invalid_scope", "scope_without_openid"),
        (request().without("code_challenge"), "invalid_request", "missing_code_challenge"),
        (request().without("code_challenge_method"), "invalid_request", "code_challenge_method_not_s256"),
        (request().with("code_challenge_method", "plain"), "invalid_request", "code_challenge_method_not_s256"),
        (request().with("code_challenge", "short"), "invalid_request", "bad_code_challenge"),
        (request().with("request", "e30.e30."), "request_not_supported", "request_not_supported"),
        (
            request().with("request_uri", "https://evil.test/r"),
            "request_uri_not_supported",
            "request_uri_not_supported",
        ),
        (request().with("registration", "{}"), "registration_not_supported", "registration_not_supported"),
        (request().with("prompt", "none login"), "invalid_request", "bad_prompt"),
        (request().with("max_age", "soon"), "invalid_request", "bad_max_age"),
        (request().and("nonce", "another"), "invalid_request", "repeated_parameter"),
        (request().and("scope", "openid"), "invalid_request", "repeated_parameter"),
    ] {
        let page = browser.get(&request.address()).await;
        assert!(page.status == 303 && page.location().starts_with(CALLBACK), "{why}: {}", page.body);
        assert_eq!(handed(&page, "error").as_deref(), Some(error), "{why}");
        assert!(handed(&page, "error_description").is_some_and(|text| text.contains(&page.id)), "{}", page.location());
        assert_eq!((handed(&page, "state").as_deref(), handed(&page, "code")), (Some("a state"), None));
        assert_eq!(handed(&page, "iss").as_deref(), Some(ISSUER), "a mix-up is seen in errors, too");
        assert!(page.location().split('&').count() <= 4, "and nothing more is told: {}", page.location());
        assert_eq!(reason(&world, "authorization_refused", &page).await, why);
    }
    for request in [request().without("state"), request().and("state", "other")] {
        let page = browser.get(&request.address()).await;
        assert_eq!((handed(&page, "error").as_deref(), handed(&page, "state")), (Some("invalid_request"), None));
    }
}

#[tokio::test]
async fn a_request_may_come_by_a_form_and_is_asked_again_with_the_cookies_of_this_site() {
    let world = world().await;
    let browser = world.browser();
    let page = post(&browser, AUTHORIZE, &request()).await;
    assert_eq!(page.status, 303);
    assert_eq!(page.location(), request().address());
    assert_eq!(post(&browser, AUTHORIZE, &request().with("client_id", "a b")).await.status, 400);
}

#[tokio::test]
async fn whoever_is_signed_in_is_not_asked_again_unless_the_application_wants_it() {
    let world = world().await;
    let mut other = crm();
    other.id = kv_schema::names::ClientId::parse("board").unwrap();
    world.directory.declare(&other);
    let browser = world.browser();
    let none = request().with("prompt", "none");
    let page = browser.get(&none.address()).await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"));
    code(&browser).await;
    let page = browser.get(&none.address()).await;
    code_in(&browser, &page);
    let page = browser.get(&request().with("client_id", "board").address()).await;
    code_in(&browser, &page);
    for asks in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0"), ("tenant", "nobodys")] {
        let request = request().with(asks.0, asks.1);
        let page = browser.get(&request.address()).await;
        if asks.0 == "tenant" {
            // A tenant that does not exist is treated like none.
            code_in(&browser, &page);
            continue;
        }
        assert_eq!(page.status, 200, "{asks:?}");
        let form = page.form().with("username", "desk1").with("password", PASSWORD);
        let page = browser.submit(&form).await;
        code_in(&browser, &page);
        let page = browser.get(&request.with("prompt", "none").without("max_age").address()).await;
        code_in(&browser, &page);
    }
    let page = browser.get(&none.with("max_age", "0").address()).await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn an_application_that_shows_an_id_token_gets_no_code_for_anybody_else() {
    let world = started(World::standard().agent("acme", "desk2")).await;
    let (theirs, browser) = (world.browser(), world.browser());
    let tokens = tokens(&theirs).await;
    let asking = || request().with("id_token_hint", tokens["id_token"].as_str().unwrap());
    let none = || asking().with("prompt", "none");
    code_in(&theirs, &theirs.get(&none().address()).await);

    sign_in(&browser, &request(), "desk2").await;
    code_in(&browser, &browser.get(&request().with("prompt", "none").address()).await);
    let page = browser.get(&none().address()).await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"), "on a shared desk");
    let refused = logged(&world, "authorization_refused", &page).await;
    assert_eq!((&refused["agent"], &refused["detail"]), (&"desk2".into(), &"crm".into()), "{refused}");
    let forged = forged(tokens["id_token"].as_str().unwrap(), |_, claims| {
        claims["sub"] = claims["sub"].as_str().unwrap().replace("desk1", "desk2").into();
    });
    let forged = none().with("id_token_hint", &forged);
    let page = browser.get(&forged.address()).await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"));
    let page = sign_in(&browser, &asking(), "desk2").await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"), "nor after a login");
    let page = sign_in(&browser, &asking(), "desk1").await;
    code_in(&browser, &page);
}

#[tokio::test]
async fn a_second_step_that_an_application_wants_is_never_left_out() {
    let world = started(
        World::builder()
            .install("Lisbon")
            .instance_with("acme", &["Lisbon"], |instance| {
                instance.second_step = SecondStep::Off;
            })
            .agent("acme", "desk1"),
    )
    .await;
    let browser = world.browser();
    let wants = request().with("acr_values", "urn:onecontact:acr:two-steps");
    let page = sign_in(&browser, &wants, "desk1").await;
    assert_ne!(handed_code(&page), Some(true), "one step is not two: {}", page.body);
    let page = browser.get(&wants.with("prompt", "none").address()).await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"));
}

fn handed_code(page: &onecontact_tests::Page) -> Option<bool> {
    (page.status == 303 && page.location().contains('?')).then(|| handed(page, "code").is_some())
}

#[tokio::test]
async fn an_application_that_is_for_one_instance_gets_no_agent_of_another_one() {
    let world = World::standard().instance("beta", &["Lisbon"]).agent("beta", "desk9");
    let world = started(world).await;
    let mut client = crm();
    client.instances = vec![world.instance("beta")];
    world.directory.declare(&client);
    let browser = world.browser();
    // Nobody has to type the tenant.
    let page = sign_in(&browser, &request().without("tenant"), "desk9").await;
    code_in(&browser, &page);
    let page = sign_in(&world.browser(), &request(), "desk1").await;
    assert_eq!(page.status, 403, "as if there were no such agent");
}

#[tokio::test]
async fn a_sign_in_is_of_its_browser_and_a_forged_one_is_none() {
    let world = world().await;
    let browser = world.browser();
    code(&browser).await;
    let token = browser.cookie(SIGN_IN).unwrap();
    let none = request().with("prompt", "none").address();
    for forged in [format!("{}A", &token[..token.len() - 1]), token.replace('.', ""), String::new()] {
        let other = world.browser();
        other.plant(SIGN_IN, &forged);
        let page = other.get(&none).await;
        assert!(forged == token || handed(&page, "error").as_deref() == Some("login_required"), "{}", page.location());
    }
    let claims = onecontact_tests::tokens::resigned(&token, |_, claims| claims["sid"] = json!("0".repeat(32)));
    let other = world.browser();
    other.plant(SIGN_IN, &claims);
    let page = other.get(&none).await;
    assert_eq!(handed(&page, "error").as_deref(), Some("login_required"), "the guard knows of no such sign-in");
}

#[tokio::test]
async fn another_agent_in_the_same_browser_ends_the_sign_in_of_the_one_before() {
    let world = started(World::standard().agent("acme", "desk2")).await;
    let browser = world.browser();
    let tokens = tokens(&browser).await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let page = sign_in(&browser, &request().with("prompt", "login"), "desk2").await;
    code_in(&browser, &page);
    assert_eq!(onecontact_tests::openid::userinfo(&browser, access_token).await.status, 401);
}

#[tokio::test]
async fn the_provider_says_what_it_can_and_each_address_of_that_is_its_own() {
    let world = world().await;
    let browser = world.browser();
    let path = "/OneContactLogin/.well-known/openid-configuration";
    let page = browser.get(path).await;
    let told = json(&page);
    assert_eq!(told["issuer"], ISSUER);
    assert_eq!(told["jwks_uri"], "https://login.test/.well-known/jwks.json");
    assert_eq!(told["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(told["id_token_signing_alg_values_supported"], json!(["EdDSA"]));
    assert_eq!(told["authorization_response_iss_parameter_supported"], true);
    for end in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "end_session_endpoint"] {
        let address = told[end].as_str().unwrap();
        let path = address.strip_prefix("https://login.test").expect("it is the declared site's");
        let page = browser.get(path).await;
        assert!([303, 400, 401, 405].contains(&page.status), "{end}: {}", page.status);
    }
    assert_eq!(page.header("access-control-allow-origin"), Some("*"));
    let asked =
        browser.ask(Method::OPTIONS, "/OneContactLogin/token").header("origin", "https://crm.test").send().await;
    assert_eq!(
        (asked.status, asked.header("access-control-allow-headers")),
        (204, Some("authorization, content-type"))
    );
    assert_eq!(asked.header("access-control-allow-credentials"), None);
    let page = browser.get(&Pairs::of(&[("client_id", "crm")]).address()).await;
    assert_eq!(page.header("access-control-allow-origin"), None, "pages are nobody else's to read");
    let page = browser.get("/.well-known/jwks.json").await;
    assert_eq!(page.header("access-control-allow-origin"), Some("*"), "an application in a browser verifies, too");
    assert_eq!(page.header("cross-origin-resource-policy"), Some("cross-origin"));
    let published: Value = json(&page);
    assert_eq!(published["keys"][0]["alg"], "EdDSA");
}
