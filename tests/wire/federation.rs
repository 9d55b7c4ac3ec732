//! An instance's own provider: its agents sign in there (L6), and no faulty answer signs anybody in.

use onecontact_tests::browser::{Browser, Page};
use onecontact_tests::provider::{self, Provider, Sent};
use onecontact_tests::world::{self, Builder, PASSWORD};
use onecontact_tests::{World, openid};
use serde_json::{Value, json};

use kv_schema::directory::{AccountClaim, Issuer, LoginSite, Provider as Declared, Word};
use kv_schema::names::SiteAddress;

use crate::SESSION;
use crate::account::Operator;

/// The cookie of whoever is signed in at `OneContactLogin`.
const SIGN_IN: &str = "__Host-onecontact-login";
const LOGIN: &str = "/OneContactLogin";
const CALLBACK: &str = "/OneContactLogin/callback";
const REFUSED: &str = "We could not sign you in";
const DOWN: &str = "Your organisation’s login is not responding";

/// Each fault that somebody is signed in with at most, and the reason in the log.
const FAULTS: [(&str, &str); 37] = [
    ("iss", "id_token_issuer"),
    ("aud", "id_token_audience"),
    ("azp", "id_token_authorized_party"),
    ("nonce", "id_token_nonce"),
    ("at_hash", "id_token_access_token_hash"),
    ("none", "id_token_algorithm"),
    ("hs256", "id_token_algorithm"),
    ("at_jwt", "id_token_malformed"),
    ("rs256_other_key", "id_token_signature"),
    ("rs256_as_ps256", "id_token_algorithm"),
    ("rs256_as_hs256", "id_token_algorithm"),
    ("rs256_as_es256", "id_token_algorithm"),
    ("es256_other_key", "id_token_signature"),
    ("es256_as_hs256", "id_token_algorithm"),
    ("es256_as_rs256", "id_token_algorithm"),
    ("es256_as_eddsa", "id_token_algorithm"),
    ("expired", "id_token_expired"),
    ("future", "id_token_from_the_future"),
    ("key_unknown", "id_token_key_unknown"),
    ("signature", "id_token_signature"),
    ("unnamed", "account_claim"),
    ("unknown", "unknown_account"),
    ("disabled", "disabled"),
    ("token_html", "tokens_malformed"),
    ("token_huge", "answer_too_long"),
    ("token_redirect", "provider_redirects"),
    ("keys_html", "keys_malformed"),
    ("keys_huge", "answer_too_long"),
    ("keys_redirect", "provider_redirects"),
    ("keys_weak", "keys_malformed"),
    ("discovery_issuer", "discovery_of_another_issuer"),
    ("discovery_plain", "provider_unsuited"),
    ("discovery_algorithms", "provider_unsuited"),
    ("discovery_end_point", "discovery_end_point"),
    ("discovery_html", "discovery_malformed"),
    ("discovery_huge", "answer_too_long"),
    ("discovery_redirect", "provider_redirects"),
];

/// The name of the instance whose provider has this fault.
fn tenant(fault: &str) -> String {
    fault.replace('_', "-")
}

/// Instances whose providers have these faults, each with the agents `desk1` and `desk2`; `desk2` is disabled.
fn instances(provider: &Provider, faults: &[&str]) -> Builder {
    faults.iter().fold(World::builder().install("Lisbon"), |builder, fault| {
        let name = tenant(fault);
        builder
            .instance_with(&name, &["Lisbon"], |instance| instance.provider = Some(provider.declared(fault)))
            .agent(&name, "desk1")
            .agent_with(&name, "desk2", |agent| agent.disabled = true)
    })
}

async fn begun(builder: Builder) -> World {
    let world = builder.provider_secret(provider::SECRET_NAME, provider::SECRET).start().await;
    world.directory.declare(&LoginSite::new(SiteAddress::parse("https://login.wire.test").unwrap()));
    world.secrets().add(provider::SECRET);
    world
}

async fn world_of(provider: &Provider, faults: &[&str]) -> World {
    begun(instances(provider, faults)).await
}

/// Types the tenant, and goes on to where that leads.
async fn leave(world: &World, provider: &Provider, name: &str) -> (Browser, Page) {
    let browser = world.browser().leading_to(&provider.origin());
    let page = browser.get(LOGIN).await;
    let page = browser.submit(&page.form().with("instance", name)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.header("refresh"), Some("0; url=/OneContactLogin/callback?go=1"));
    let away = browser.get("/OneContactLogin/callback?go=1").await;
    (browser, away)
}

/// Goes to the provider of `fault`.
async fn sent(world: &World, provider: &Provider, fault: &str) -> (Browser, Sent) {
    let (browser, away) = leave(world, provider, &tenant(fault)).await;
    assert_eq!(away.status, 303, "{}", away.body);
    let sent = provider.read(away.location());
    (browser, sent)
}

/// Returns the page that reports the failure, with the id of the request that failed. It has an address of its own, as
/// what the provider sent is used up by then.
pub(crate) async fn told(browser: &Browser, answer: Page) -> Page {
    if answer.header("location") != Some(CALLBACK) {
        return answer;
    }
    let page = browser.follow(&answer).await;
    assert!(page.says(&answer.id), "{}", page.body);
    Page { id: answer.id, ..page }
}

/// The reason in the log for what became of this request.
async fn reason(world: &World, page: &Page) -> Value {
    world.log().wait_for("provider_refused", 1).await;
    let refused = crate::eventually("a line in the log", || {
        world.log().events("provider_refused").into_iter().find(|event| event["request"] == page.id.as_str())
    });
    refused.await["reason"].clone()
}

/// Asserts that nobody is signed in, and that the page shows nothing but what every such page shows.
async fn refused(world: &World, browser: &Browser, page: &Page, wanted: &str) {
    let page = &told(browser, page.clone()).await;
    assert_eq!((page.status, page.heading()), (403, REFUSED.to_owned()), "{wanted}: {}", page.body);
    assert!(page.says(&page.id) && !page.says(wanted), "{}", page.body);
    assert_eq!(reason(world, page).await, wanted);
    assert_eq!((browser.cookie(SIGN_IN), browser.cookie(SESSION)), (None, None), "{wanted}");
    assert!(world.log().events("signed_in").is_empty(), "{wanted}");
}

#[tokio::test]
async fn an_agent_is_sent_to_the_provider_of_their_instance_and_comes_back_signed_in() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["good"]).await;
    let (browser, sent) = sent(&world, &provider, "good").await;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", provider::CLIENT),
        ("redirect_uri", "https://login.wire.test/OneContactLogin/callback"),
        ("scope", "openid profile"),
        ("code_challenge_method", "S256"),
        ("ui_locales", "en"),
    ] {
        assert_eq!(sent.value(name), value, "{name}");
    }
    for secret in ["state", "nonce"] {
        world.secrets().add(sent.value(secret));
    }
    world.secrets().add(&sent.code());
    let back = browser.get(&sent.back()).await;
    assert_eq!((back.status, back.location()), (303, LOGIN), "{}", back.body);
    assert!(back.set_cookie(SIGN_IN).is_some_and(|cookie| !cookie.is_removal()));
    let event = world.log().only("signed_in").await;
    assert_eq!(event["agent"], "desk1");
    let claims = onecontact_tests::tokens::parts(&browser.cookie(SIGN_IN).unwrap()).1;
    assert_eq!(claims["amr"], json!(["pwd", "mfa"]), "as the provider says");
}

#[tokio::test]
async fn each_fault_of_a_provider_ends_on_the_same_page_with_its_reason_in_the_log() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &FAULTS.map(|(fault, _)| fault)).await;
    for (fault, wanted) in FAULTS {
        let (browser, away) = leave(&world, &provider, &tenant(fault)).await;
        let page = match away.status {
            303 => browser.get(&provider.read(away.location()).back()).await,
            _ => away,
        };
        refused(&world, &browser, &page, wanted).await;
    }
}

#[tokio::test]
async fn what_comes_back_has_to_be_this_browsers_this_providers_and_new() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["good", "other"]).await;
    for (changed, wanted) in [
        (("state", None), "state_missing"),
        (("state", Some("")), "state_missing"),
        (("state", Some("0AAAA")), "state_foreign"),
        (("state", Some("9AAAA")), "flow_missing"),
        (("state", Some("\u{e9}")), "flow_missing"),
        (("code", None), "answer_malformed"),
        (("code", Some("made-up")), "code_refused"),
        (("iss", None), "answer_without_issuer"),
        (("iss", Some("https://evil.example")), "answer_of_another_issuer"),
        (("error", Some("access_denied")), "answer_malformed"),
    ] {
        let (browser, sent) = sent(&world, &provider, "good").await;
        let page = browser.get(&sent.back_with(&[changed])).await;
        refused(&world, &browser, &page, wanted).await;
    }
    let (browser, first) = sent(&world, &provider, "good").await;
    let page = browser.get(&first.back_with(&[("code", None), ("error", Some("access_denied"))])).await;
    refused(&world, &browser, &page, "provider_error").await;
    // The state of a refused answer is no longer valid.
    refused(&world, &browser, &browser.get(&first.back()).await, "flow_missing").await;

    let (browser, first) = sent(&world, &provider, "good").await;
    let (stranger, theirs) = sent(&world, &provider, "good").await;
    refused(&world, &browser, &browser.get(&theirs.back()).await, "state_foreign").await;
    let cookie = stranger.cookie("__Host-onecontact-provider-0").unwrap();
    browser.plant("__Host-onecontact-provider-0", &cookie);
    refused(&world, &browser, &browser.get(&theirs.back()).await, "flow_of_other_browser").await;
    drop(first);

    let (browser, good) = sent(&world, &provider, "good").await;
    let (_, elsewhere) = sent(&world, &provider, "other").await;
    // A mix-up: the code of another provider, with the state of this one.
    let page = browser.get(&good.back_with(&[("code", Some(&elsewhere.code()))])).await;
    refused(&world, &browser, &page, "code_refused").await;
}

#[tokio::test]
async fn a_code_is_good_once_and_a_second_tab_does_not_disturb_the_first() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["good"]).await;
    let (browser, first) = sent(&world, &provider, "good").await;
    let second = browser.get("/OneContactLogin/callback?go=1").await;
    let second = provider.read(second.location());
    let before = browser.copy();
    assert_eq!(browser.get(&first.back()).await.status, 303);
    assert_eq!(browser.get(&second.back()).await.status, 303);
    let again = told(&before, before.get(&first.back()).await).await;
    assert_eq!((again.status, reason(&world, &again).await), (403, "code_refused".into()));
    let reloaded = browser.get(&first.back()).await;
    assert_eq!((reloaded.status, reason(&world, &reloaded).await), (403, "flow_missing".into()));
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_so_and_nobody_goes_back_there_but_by_a_click() {
    let provider = Provider::start().await;
    let faults = ["discovery_down", "token_down", "keys_down", "discovery_slow", "token_slow", "keys_slow"];
    let world = world_of(&provider, &faults).await;
    for fault in faults {
        let (browser, away) = leave(&world, &provider, &tenant(fault)).await;
        let page = match away.status {
            303 => told(&browser, browser.get(&provider.read(away.location()).back()).await).await,
            _ => away,
        };
        assert_eq!((page.status, page.heading()), (503, DOWN.to_owned()), "{fault}");
        assert_eq!(reason(&world, &page).await, "provider_unreachable");
        assert_eq!(page.header("refresh"), None);
        assert!(page.links().contains(&format!("{CALLBACK}?again=1")), "{}", page.body);
        // Neither the same page in another language nor reloading it makes a request.
        let count = provider.count(fault, ".well-known/openid-configuration");
        let german = browser.get(&format!("{CALLBACK}?lang=de")).await;
        assert_eq!(browser.follow(&german).await.heading(), "Die Anmeldung Ihrer Organisation antwortet nicht");
        assert_eq!(provider.count(fault, ".well-known/openid-configuration"), count);
    }
}

#[tokio::test]
async fn loading_the_page_of_a_failure_again_shows_the_same() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["unknown", "token_down"]).await;
    for (fault, status, heading) in [("unknown", 403, REFUSED), ("token_down", 503, DOWN)] {
        let (browser, sent) = sent(&world, &provider, fault).await;
        let answer = browser.get(&sent.back()).await;
        assert_eq!((answer.status, answer.location()), (303, CALLBACK), "nothing of it stands in the address");
        for _ in 0..2 {
            let page = browser.follow(&answer).await;
            assert_eq!((page.status, page.heading().as_str()), (status, heading));
            assert!(page.says("Acme ID") && page.says(&answer.id), "{}", page.body);
        }
    }
    assert_eq!(world.log().events("provider_refused").len(), 2, "it is told once each");
}

#[tokio::test]
async fn each_algorithm_that_is_taken_signs_an_agent_in() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["rs256", "es256", "good"]).await;
    for fault in ["rs256", "es256", "good"] {
        let (browser, sent) = sent(&world, &provider, fault).await;
        let back = browser.get(&sent.back()).await;
        assert_eq!((back.status, back.location()), (303, LOGIN), "{fault}: {}", back.body);
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_said_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let provider = Provider::start().await;
    let builder = World::builder().install("Lisbon").instance_with("gone", &["Lisbon"], |instance| {
        let issuer = Issuer::parse(&nowhere).unwrap();
        instance.provider = Some(Declared { issuer, ..provider.declared("good") });
    });
    let world = begun(builder).await;
    let (_, page) = leave(&world, &provider, "gone").await;
    assert_eq!((page.status, page.heading()), (503, DOWN.to_owned()), "{}", page.body);
    assert_eq!(reason(&world, &page).await, "provider_unreachable");
}

#[tokio::test]
async fn whoever_was_refused_can_be_somebody_else_when_they_try_again() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["unknown"]).await;
    let (browser, first) = sent(&world, &provider, "unknown").await;
    refused(&world, &browser, &browser.get(&first.back()).await, "unknown_account").await;
    let again = browser.get(&format!("{CALLBACK}?again=1")).await;
    assert_eq!(provider.read(again.location()).value("prompt"), "select_account");
    // Somebody else's browser has nothing to start again with.
    let bare = world.browser().get(&format!("{CALLBACK}?again=1")).await;
    assert_eq!((bare.status, bare.location()), (303, LOGIN));
}

#[tokio::test]
async fn a_password_opens_nothing_where_the_provider_does() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["good"]).await;
    let page = world.browser().sign_in(world::HOME, "desk1", PASSWORD).await;
    assert_eq!(page.status, 403);
    assert_eq!(world.log().only("login_refused").await["reason"], "signs_in_at_provider");
}

#[tokio::test]
async fn an_unverified_email_address_is_nobodys() {
    let provider = Provider::start().await;
    let by_email = AccountClaim::Email(Word::parse("email").unwrap());
    let builder = World::builder().install("Lisbon").instance_with("unverified", &["Lisbon"], |instance| {
        let mut declared = provider.declared("unverified");
        declared.account_claim = by_email;
        instance.provider = Some(declared);
    });
    let world = begun(builder.agent("unverified", "desk1")).await;
    let (browser, first) = sent(&world, &provider, "unverified").await;
    refused(&world, &browser, &browser.get(&first.back()).await, "email_unverified").await;
}

#[tokio::test]
async fn a_provider_whose_secret_is_missing_is_the_operators_to_mend() {
    let provider = Provider::start().await;
    let world = instances(&provider, &["good"]).start().await;
    world.directory.declare(&LoginSite::new(SiteAddress::parse("https://login.wire.test").unwrap()));
    let (browser, first) = sent(&world, &provider, "good").await;
    let page = browser.get(&first.back()).await;
    refused(&world, &browser, &page, "no_client_proof").await;
    assert_eq!(world.log().only("provider_refused").await["detail"], provider::SECRET_NAME);
}

#[tokio::test]
async fn an_operator_who_disables_an_account_is_heeded_at_once_and_leads_to_no_loop() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["good"]).await;
    let (browser, first) = sent(&world, &provider, "good").await;
    let server = format!("http://{}", world.node().address());
    let operator = Operator::new(server, world.instance("good"), |service| world.directory.declare(service));
    operator.does("disable", "desk1").await;
    let page = told(&browser, browser.get(&first.back()).await).await;
    assert_eq!((page.status, page.heading()), (403, REFUSED.to_owned()));
    assert_eq!(reason(&world, &page).await, "disabled");
    assert_eq!(world.log().events("provider_refused").last().unwrap()["agent"], "desk1", "they are looked for by it");
    assert!(world.log().events("signed_in").is_empty(), "nobody was");
}

#[tokio::test]
async fn a_browser_without_cookies_is_told_so() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["good"]).await;
    let (_, first) = sent(&world, &provider, "good").await;
    let page = world.browser().without_cookies().get(&first.back()).await;
    assert_eq!(page.status, 400, "{}", page.body);
}

#[tokio::test]
async fn the_keys_of_a_provider_are_asked_for_once_and_for_an_unknown_one_once_a_minute() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["key_unknown", "good"]).await;
    for (fault, status, asked) in [("good", 303, 1), ("key_unknown", 403, 2)] {
        for _ in 0..4 {
            let (browser, sent) = sent(&world, &provider, fault).await;
            assert_eq!(told(&browser, browser.get(&sent.back()).await).await.status, status);
        }
        assert_eq!(provider.count(fault, "keys"), asked, "{fault}");
        assert_eq!(provider.count(fault, ".well-known/openid-configuration"), 1, "{fault}");
    }
}

#[tokio::test]
async fn a_provider_that_puts_another_key_in_the_place_of_one_is_asked_for_it_at_once() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["good"]).await;
    provider.states("rekeyed", json!({ "iss": provider.issuer("good") }));
    for (fault, status, asked) in [("good", 303, 1), ("rekeyed", 303, 2), ("signature", 403, 2)] {
        provider.falls("good", fault);
        let (browser, sent) = sent(&world, &provider, "good").await;
        assert_eq!(told(&browser, browser.get(&sent.back()).await).await.status, status, "{fault}");
        assert_eq!(provider.count("good", "keys"), asked, "{fault}");
    }
}

#[tokio::test]
async fn the_log_tells_who_it_was_that_is_no_agent_and_which_claim_was_not_there() {
    let provider = Provider::start().await;
    let world = world_of(&provider, &["unknown", "unnamed"]).await;
    for (fault, detail) in [("unknown", "nobody"), ("unnamed", "preferred_username")] {
        let (browser, sent) = sent(&world, &provider, fault).await;
        let page = browser.get(&sent.back()).await;
        let refused = world.log().wait_for("provider_refused", 1).await;
        let line = refused.iter().find(|event| event["request"] == page.id.as_str()).expect("a line");
        assert_eq!(line["detail"], detail, "{fault}");
    }
}

/// An install that uses `OneContactLogin`, with one instance that has a provider, and a browser at the login's own
/// address.
pub(crate) async fn install_of(provider: &Provider, fault: &str) -> (World, Browser) {
    install_with(provider, fault, |_| ()).await
}

/// The same, where the install lets agents type an extension.
async fn typing_install_of(provider: &Provider, fault: &str) -> (World, Browser) {
    install(provider, fault, |_| (), true).await
}

/// The same, with more declared about the provider.
pub(crate) async fn install_with(
    provider: &Provider,
    fault: &str,
    change: impl FnOnce(&mut Declared),
) -> (World, Browser) {
    install(provider, fault, change, false).await
}

async fn install(
    provider: &Provider,
    fault: &str,
    change: impl FnOnce(&mut Declared),
    types: bool,
) -> (World, Browser) {
    let builder = World::builder().install_with("Lisbon", |install| {
        (install.uses_onecontact_login, install.allow_extension_configuration) = (true, types);
    });
    let instance = |instance: &mut kv_schema::directory::Instance| {
        instance.address = None;
        let mut declared = provider.declared(fault);
        change(&mut declared);
        instance.provider = Some(declared);
    };
    let builder = builder.instance_with("acme", &["Lisbon"], instance).agent("acme", "desk1");
    let world = builder.with_access_tokens().provider_secret(provider::SECRET_NAME, provider::SECRET).start().await;
    openid::declare(&world.directory);
    let browser = world.browser().at("login.test").leading_to(&provider.origin());
    (world, browser)
}

/// Where a page leads, at the one host that serves everything here.
pub(crate) async fn followed(browser: &Browser, page: &Page) -> Page {
    assert_eq!(page.status, 303, "{}", page.body);
    browser.get(page.location().strip_prefix(openid::SITE).unwrap_or(page.location())).await
}

#[tokio::test]
async fn an_agent_of_such_an_instance_comes_to_the_desktop_and_never_sees_a_page_of_ours() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "good").await;
    let to_login = browser.get(world::HOME).await;
    let away = followed(&browser, &to_login).await;
    let sent = provider.read(away.location());
    assert_eq!(sent.value("redirect_uri"), "https://login.test/OneContactLogin/callback");
    let back = browser.get(&sent.back()).await;
    browser.secrets().add(&openid::handed(&back, "code").expect("a code for the install"));
    let desktop = followed(&browser, &back).await;
    assert_eq!((desktop.status, desktop.location()), (303, crate::DESKTOP), "{}", desktop.body);
    let claims = onecontact_tests::tokens::session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!((claims.agent.as_str(), claims.instance), ("desk1", world.instance("acme")));
    assert_eq!(json!(claims.amr), serde_json::json!(["pwd", "mfa"]));
    assert!(world.log().events("login_refused").is_empty());
}

#[tokio::test]
async fn what_an_application_wants_of_a_sign_in_is_wanted_of_the_provider() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "stale").await;
    world.directory.declare(&kv_schema::directory::Client { instances: vec![world.instance("acme")], ..openid::crm() });
    let asked = |more: &str| format!("{}{more}", openid::request().address());
    let away = browser.get(&asked("&prompt=login&login_hint=desk1&max_age=600")).await;
    let sent = provider.read(away.location());
    for (name, value) in [("prompt", "login"), ("login_hint", "desk1"), ("max_age", "600")] {
        assert_eq!(sent.value(name), value, "{name}");
    }
    // The provider says that the agent signed in there an hour ago.
    refused(&world, &browser, &browser.get(&sent.back()).await, "signed_in_too_long_ago").await;
    let away = browser.get(&asked("&max_age=7200")).await;
    let back = browser.get(&provider.read(away.location()).back()).await;
    assert!(back.location().starts_with(openid::CALLBACK), "{}", back.body);
    browser.secrets().add(&openid::handed(&back, "code").expect("a code"));
}

#[tokio::test]
async fn a_provider_that_does_not_say_when_lets_agents_in_and_no_application_that_wants_to_know() {
    let provider = Provider::start().await;
    let (world, browser) = install_of(&provider, "timeless").await;
    world.directory.declare(&kv_schema::directory::Client { instances: vec![world.instance("acme")], ..openid::crm() });
    let away = browser.get(&format!("{}&max_age=7200", openid::request().address())).await;
    let back = browser.get(&provider.read(away.location()).back()).await;
    refused(&world, &browser, &back, "auth_time_missing").await;

    let away = followed(&browser, &browser.get(world::HOME).await).await;
    let sent = provider.read(away.location());
    assert_eq!(sent.value("max_age"), "43200", "a provider that heeds it is asked");
    let back = browser.get(&sent.back()).await;
    browser.secrets().add(&openid::handed(&back, "code").expect("a code for the install"));
    assert_eq!(followed(&browser, &back).await.location(), crate::DESKTOP);
    let claims = onecontact_tests::tokens::session_claims(&browser.cookie(SESSION).unwrap());
    assert!(world::now().since(claims.auth_time) < 60, "the shift begins when the token was issued");

    // The sign-in stands by now, and is enough for an application that does not ask when it was.
    let away = browser.get(&format!("{}&max_age=7200", openid::request().address())).await;
    assert!(!away.location().starts_with(openid::CALLBACK), "the provider is asked again");
    let back = told(&browser, browser.get(&provider.read(away.location()).back()).await).await;
    assert_eq!(reason(&world, &back).await, "auth_time_missing");
    let back = browser.get(&openid::request().address()).await;
    browser.secrets().add(&openid::handed(&back, "code").expect("a code"));
}

#[tokio::test]
async fn an_extension_is_asked_for_on_the_way_where_the_install_lets_agents_type_one() {
    let provider = Provider::start().await;
    let (world, browser) = typing_install_of(&provider, "good").await;
    let page = followed(&browser, &browser.get(world::HOME).await).await;
    let typed = |page: &Page| page.form().values("extension").map(str::to_owned).collect::<Vec<_>>();
    assert_eq!((page.status, page.heading()), (200, "Sign in at Acme ID".to_owned()), "{}", page.body);
    assert!(page.has_field("extension") && !page.has_field("password") && page.header("refresh").is_none());
    page.form().values("errand").for_each(|errand| world.secrets().add(errand));
    let wrong = browser.submit(&page.form().with("extension", "abc")).await;
    assert!(wrong.status == 422 && wrong.body.contains("value=\"abc\""), "{}", wrong.body);
    let page = browser.submit(&page.form().with("extension", "20-02").and("remember", "1")).await;
    assert_eq!(page.header("refresh"), Some("0; url=/OneContactLogin/callback?go=1"), "{}", page.body);
    let sent = provider.read(browser.get("/OneContactLogin/callback?go=1").await.location());
    let back = browser.get(&sent.back()).await;
    browser.secrets().add(&openid::handed(&back, "code").expect("a code for the install"));
    let desktop = followed(&browser, &back).await;
    assert_eq!(desktop.location(), crate::DESKTOP, "{}", desktop.body);
    let claims = onecontact_tests::tokens::session_claims(&browser.cookie(SESSION).unwrap());
    assert_eq!(claims.extension.unwrap().as_str(), world::SPARE_EXTENSION);

    // It is filled in the next time, as the agent agreed.
    browser.drop_cookie(SESSION);
    let page = followed(&browser, &browser.get(world::HOME).await).await;
    assert_eq!(typed(&page), ["20-02"], "as it was typed");
    // Left blank, the agent's usual one counts. And whoever does not want it remembered is not asked twice.
    let page = browser.submit(&page.form().with("extension", "").without("remember")).await;
    assert!(page.set_cookie("__Host-onecontact-remembered-onecontactlogin").is_some_and(|cookie| cookie.is_removal()));
}

#[tokio::test]
async fn the_form_on_the_way_is_this_browsers_alone() {
    let provider = Provider::start().await;
    let (world, browser) = typing_install_of(&provider, "good").await;
    let form = followed(&browser, &browser.get(world::HOME).await).await.form();
    let stranger = world.browser().at("login.test").leading_to(&provider.origin());
    followed(&stranger, &stranger.get(world::HOME).await).await;
    for (browser, form) in [(&stranger, form.clone()), (&browser, form.with("errand", "a.b.c"))] {
        let page = browser.submit(&form.with("extension", "1001")).await;
        assert_eq!((page.status, page.location()), (303, LOGIN), "{}", page.body);
    }
}
