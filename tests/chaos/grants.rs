//! Authorization codes and refresh tokens shown at two nodes at once while KV is late: one request gets tokens, and
//! because the same was shown twice, those tokens are ended.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use onecontact_domain::guard::{Ask, SignIn};
use onecontact_domain::token::{Amr, SignInClaims};
use onecontact_tests::cluster::Edge;
use onecontact_tests::node::Object;
use onecontact_tests::openid::{
    self, Pairs, SIGN_IN, ask_for_tokens, code_in, redeeming, refreshing, request, text, userinfo,
};
use onecontact_tests::world::{now, username};
use onecontact_tests::{Browser, Cluster, World, tokens};
use rand_core::{OsRng, RngCore};

use crate::{alone, sized, tell};

/// How many agents race at a time.
const AT_ONCE: usize = 8;

/// A browser in which this agent is signed in at the provider.
async fn signed_in(cluster: &Cluster, name: &str) -> Browser {
    let (agent, instance) = (username(name), cluster.instance("acme"));
    let id = SessionId::from_bits((u128::from(OsRng.next_u64()) << 64) | u128::from(OsRng.next_u64()));
    let (auth_time, until, amr) = (now(), now().plus(3600), vec![Amr::Pwd]);
    let sign_in = SignIn {
        id: id.clone(),
        auth_time,
        amr: amr.clone(),
        until,
        declared: Timestamp(1_795_000_000),
        opened: Vec::new(),
        hint: None,
        follows: None,
    };
    let ask = serde_json::to_value(Ask::SignIn(sign_in)).unwrap();
    cluster.door().ask(Object::AccountGuard, &format!("{instance}/{agent}"), &ask).await.unwrap();
    let claims = SignInClaims { agent, instance, sid: id, auth_time, auth_time_missing: false, amr, until };
    let browser = cluster.browser_at(Edge::ALL[0]);
    browser.plant(SIGN_IN, &tokens::sealed(&claims, now()));
    browser
}

async fn code(browser: &Browser) -> String {
    let page = browser.get(&request().address()).await;
    code_in(browser, &page)
}

/// Shows the same form twice at each node, all at once. Returns the access tokens that were issued.
async fn race(cluster: &Cluster, form: &Pairs) -> Vec<String> {
    let browsers = [0, 1, 0, 1].map(|at| cluster.browser_at(Edge::ALL[at]));
    let shown = browsers.each_ref().map(|browser| ask_for_tokens(browser, form));
    let pages = futures_util::future::join_all(shown).await;
    let mut given = Vec::new();
    for page in pages {
        match page.status {
            200 => given.push(text(&page, "access_token")),
            status => assert_eq!((status, text(&page, "error")), (400, "invalid_grant".to_owned()), "{}", page.body),
        }
    }
    given
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_show_one_code_or_one_refresh_token_at_two_nodes_one_is_given_tokens() {
    let _alone = alone().await;
    let count = sized(1_000, 24);
    let mut world = World::builder().install("Lisbon").instance("acme", &["Lisbon"]).with_access_tokens();
    for number in 0..AT_ONCE {
        world = world.agent("acme", &format!("racer{number}"));
    }
    let cluster = world.start_cluster().await;
    openid::declare(&cluster.directory);
    cluster.directory.be_late_by(Duration::from_mins(1));
    let run = async |number: usize| {
        let browser = signed_in(&cluster, &format!("racer{}", number % AT_ONCE)).await;
        let by_code = race(&cluster, &redeeming(&code(&browser).await)).await;
        let page = ask_for_tokens(&browser, &redeeming(&code(&browser).await)).await;
        let by_refresh = race(&cluster, &refreshing(&text(&page, "refresh_token"))).await;
        for token in by_code.iter().chain(&by_refresh) {
            assert_eq!(userinfo(&browser, token).await.status, 401, "and it is over, for it was shown twice");
        }
        [by_code.len(), by_refresh.len()]
    };
    let won: Vec<[usize; 2]> = stream::iter(0..count).map(run).buffer_unordered(AT_ONCE).collect().await;
    for (at, kind) in ["an authorization code", "a refresh token"].into_iter().enumerate() {
        let winners: Vec<usize> = won.iter().map(|won| won[at]).collect();
        tell(&format!("{count} races for {kind} between two nodes: {} winners", winners.iter().sum::<usize>()));
        assert!(winners.iter().all(|winners| *winners == 1), "{kind}: {winners:?}");
    }
}
