//! Signing in: what it opens, and that a refusal does not tell why.

use argon2::password_hash::{PasswordHasher, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use kv_schema::names::Extension;
use kv_schema::sessions::Session;
use kv_schema::{Record, Timestamp};
use onecontact_domain::password::{self, Work};
use onecontact_tests::kv::Verb;
use onecontact_tests::world::{HOME, PASSWORD, now, username};
use onecontact_tests::{Browser, Page, World, tokens};
use rand_core::OsRng;

use crate::{DESKTOP, SESSION, WRONG, eventually};

#[tokio::test]
async fn the_right_password_opens_a_session_and_leads_to_the_desktop() {
    let world = World::standard().start().await;
    let browser = world.browser();
    let before = now();
    let page = browser.sign_in(HOME, "desk1", PASSWORD).await;
    assert_eq!((page.status, page.location()), (303, DESKTOP));
    let cookie = page.set_cookie(SESSION).expect("the session");
    assert_eq!(cookie.max_age, None, "it ends with the browser");
    let claims = tokens::session_claims(&cookie.value);
    assert_eq!((claims.agent.as_str(), claims.install.as_str(), claims.lease), ("desk1", "Lisbon", 1));
    assert_eq!(claims.instance, world.instance("acme"));
    assert!(claims.auth_time >= before && claims.auth_time <= now());
    assert_eq!(claims.hard_end, claims.auth_time.plus(12 * 3600));
    let (header, stated) = tokens::parts(&cookie.value);
    assert_eq!((&header["alg"], &header["typ"]), (&"HS256".into(), &"oneagent-session+jwt".into()));
    assert_eq!(stated["exp"].as_u64().unwrap() - stated["iat"].as_u64().unwrap(), 15 * 60);

    let key = Session::key_of(&claims.instance, &claims.agent, &claims.sid);
    let record = eventually("the record", || world.sessions.text(&key)).await;
    let record = Session::read(&key, &record).unwrap();
    assert_eq!(record.extension, Extension::parse("1001").ok());
    assert_eq!((record.browser.as_str(), record.hard_end), ("Chrome on Windows", claims.hard_end));
    let put = world.sessions.accesses().into_iter().find(|access| access.verb == Verb::Put).unwrap();
    // The desk writes to KV after it has answered, so a moment later.
    assert!(put.ttl.is_some_and(|ttl| (12 * 3600 - 5..=12 * 3600).contains(&ttl)), "{put:?}");

    let event = world.log().only("login").await;
    assert_eq!((&event["agent"], &event["request"]), (&"desk1".into(), &page.id.as_str().into()));
    // The data point is written after the event's line, and may arrive a moment later.
    for _ in 0..100 {
        if !world.log().data_points().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let point = world.log().data_points().pop().expect("the audit trail has it too");
    assert_eq!((&point["blobs"][0], &point["blobs"][2]), (&"login".into(), &"desk1".into()));
}

#[tokio::test]
async fn each_login_takes_a_higher_lease() {
    let world = World::standard().start().await;
    for lease in 1..=3 {
        let browser = world.browser_of("desk1").await;
        assert_eq!(tokens::session_claims(&browser.cookie(SESSION).unwrap()).lease, lease);
    }
}

#[tokio::test]
async fn no_two_logins_at_once_share_a_lease() {
    let world = World::standard().start().await;
    // Fewer than would lock the account: an attempt counts until it has proved right.
    let browsers: Vec<Browser> = (0..4).map(|_| world.browser()).collect();
    let logins = browsers.iter().map(|browser| browser.sign_in(HOME, "desk1", PASSWORD));
    let pages = futures_util::future::join_all(logins).await;
    let lease = |page: &Page| tokens::session_claims(&page.set_cookie(SESSION).expect("a session").value).lease;
    let mut leases: Vec<u64> = pages.iter().map(lease).collect();
    leases.sort_unstable();
    assert_eq!(leases, [1, 2, 3, 4]);
}

#[tokio::test]
async fn every_spelling_of_a_name_and_the_email_address_lead_to_the_account() {
    let world = World::standard().agent("acme", "régie.desks").start().await;
    for spelling in [
        "régie.desks",
        "RÉGIE.DESKS",
        "re\u{301}gie.desks",
        " régie.desks ",
        "ｒégie.desks",
        "RÉGIE.DESKS@Acme.EXAMPLE ",
    ] {
        let browser = world.browser();
        let page = browser.sign_in(HOME, spelling, PASSWORD).await;
        assert_eq!(page.status, 303, "{spelling:?}: {:?}", page.notice());
        assert_eq!(tokens::session_claims(&browser.cookie(SESSION).unwrap()).agent, username("régie.desks"));
    }
}

#[tokio::test]
async fn two_ways_to_type_a_letter_of_the_password_are_one() {
    let phc = password::hash("s\u{e9}same, ouvre-toi", &mut OsRng, &mut Work::default()).unwrap();
    let world = World::standard().agent_with("acme", "desk2", |agent| agent.password.phc = phc).start().await;
    assert_eq!(world.browser().sign_in(HOME, "desk2", "se\u{301}same, ouvre-toi").await.status, 303);
}

/// What an onlooker sees of an attempt, and what it makes the node do.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    page: String,
    cookies: usize,
    reads: usize,
    writes: usize,
    hashes: Option<u64>,
}

/// An attempt as `account`, from a browser that is the same each time.
async fn attempt(world: &World, browser: &Browser, account: &str, password: &str) -> Seen {
    let form = browser.get(HOME).await.form();
    world.directory.forget_accesses();
    world.sessions.forget_accesses();
    let page: Page = browser.submit(&form.with("username", account).with("password", password)).await;
    let of_this = |event: &serde_json::Value| event["request"] == page.id.as_str();
    let refused = loop {
        let refused = world.log().events("login_refused").into_iter().find(of_this);
        match refused {
            Some(refused) => break refused,
            None => tokio::task::yield_now().await,
        }
    };
    Seen {
        status: page.status,
        page: page.normalised().replace(&format!("value=\"{account}\""), "value=\"ACCOUNT\""),
        cookies: page.set_cookies().len(),
        reads: world.directory.accesses().len() + world.sessions.accesses().len(),
        writes: world.sessions.accesses().iter().filter(|access| access.verb != Verb::Get).count(),
        hashes: refused["hashes"].as_u64(),
    }
}

#[tokio::test]
async fn a_refusal_looks_and_costs_the_same_whatever_its_reason() {
    let world = World::standard()
        .agent("acme", "locked")
        .agent_with("acme", "disabled", |agent| agent.disabled = true)
        .start()
        .await;
    let browser = world.browser();
    for _ in 0..5 {
        attempt(&world, &browser, "locked", WRONG).await;
    }
    let wrong = attempt(&world, &browser, "desk1", WRONG).await;
    assert_eq!((wrong.status, wrong.hashes, wrong.reads, wrong.writes), (403, Some(1), 1, 0));
    for (account, password) in [
        ("nobody", WRONG),
        ("nobody", PASSWORD),
        ("locked", WRONG),
        ("locked", PASSWORD),
        ("disabled", WRONG),
        ("disabled", PASSWORD),
        ("no:name", PASSWORD),
        ("a name far longer than any that an agent could have been given, really", PASSWORD),
    ] {
        assert_eq!(attempt(&world, &browser, account, password).await, wrong, "{account} with {password}");
    }
    let page = browser.sign_in(HOME, "nobody", WRONG).await;
    assert!(page.says(&page.id), "by which the line in the log is found: {}", page.body);
    let by_email = attempt(&world, &browser, "desk1@acme.example", WRONG).await;
    assert_eq!((by_email.status, by_email.hashes, by_email.reads), (403, Some(1), 2));
    for account in ["nobody@acme.example", "locked@acme.example", "disabled@acme.example"] {
        assert_eq!(attempt(&world, &browser, account, PASSWORD).await, by_email, "{account}");
    }
    let reasons: Vec<_> = world.log().events("login_refused").iter().map(|event| event["reason"].clone()).collect();
    assert_eq!(
        reasons[5..13],
        [
            "wrong_password",
            "unknown_account",
            "unknown_account",
            "locked",
            "locked",
            "disabled",
            "disabled",
            "unknown_account"
        ]
    );
}

#[tokio::test]
async fn a_name_that_is_nobodys_is_not_written_down() {
    let world = World::standard().start().await;
    world.secrets().add("my-password-in-the-wrong-field");
    let page = world.browser().sign_in(HOME, "my-password-in-the-wrong-field", "desk1 and more").await;
    assert_eq!(page.status, 403);
    assert_eq!(world.log().only("login_refused").await["reason"], "unknown_account");
}

/// A hash with less memory and fewer passes than today's.
fn outdated_hash(password: &str) -> String {
    let params = Params::new(8 * 1024, 1, 1, None).unwrap();
    let salt = SaltString::generate(&mut OsRng);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password(password.as_bytes(), &salt).unwrap().to_string()
}

#[tokio::test]
async fn a_hash_of_yesterdays_parameters_is_replaced_at_the_next_login() {
    let mut declared = None;
    let world = World::standard()
        .agent_with("acme", "desk2", |agent| {
            agent.password.phc = outdated_hash(PASSWORD);
            declared = Some(agent.clone());
        })
        .start()
        .await;
    let declared = declared.unwrap();
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 303);
    assert_eq!(world.log().only("login").await["hashes"], 2, "checked, and hashed anew");

    // The declared hash no longer counts: replacing it by another password's, with the same date, changes nothing.
    let mut other = declared.clone();
    other.password.phc = password::hash("quite another one", &mut OsRng, &mut Work::default()).unwrap();
    world.directory.declare(&other);
    assert_eq!(world.browser().sign_in(HOME, "desk2", "quite another one").await.status, 403);
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 303);
    assert_eq!(world.log().wait_for("login", 2).await[1]["hashes"], 1, "only checked");

    // That lasts until an operator declares a new password.
    other.password.set_at = Timestamp(1_795_000_001);
    world.directory.declare(&other);
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 403);
    assert_eq!(world.browser().sign_in(HOME, "desk2", "quite another one").await.status, 303);
}

#[tokio::test]
async fn an_agent_who_was_disabled_a_moment_ago_does_not_sign_in() {
    let mut declared = None;
    let world = World::standard().agent_with("acme", "desk2", |agent| declared = Some(agent.clone())).start().await;
    let mut agent = declared.unwrap();
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 303);
    agent.disabled = true;
    world.directory.declare(&agent);
    assert_eq!(world.browser().sign_in(HOME, "desk2", PASSWORD).await.status, 403);
}
