//! Signing keys rotate while agents work. Nodes start one after the other with the next key set, so one of them is
//! always a key ahead of the other: the one that signs or the one that verifies.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use hyper::Method;
use kv_schema::Timestamp;
use onecontact_tests::browser::Page;
use onecontact_tests::cluster::Edge;
use onecontact_tests::operator::onecontact;
use onecontact_tests::world::{HOME, now};
use onecontact_tests::{Browser, Cluster, Desktop, World, tokens};
use serde_json::Value;

use crate::{DESKTOP, SESSION, SESSION_PART, agent, alone, signed_in, sized, tell};

/// The path of an access token for another application.
const ACCESS_TOKEN: &str = "/OneAgentWeb_Lisbon/access-token?audience=routing";
/// The path of the keys that the application verifies it with.
const JWKS: &str = "/.well-known/jwks.json";
/// How many times the keys are rotated.
const ROTATIONS: usize = 3;
/// How long both nodes work after each change.
const MEANWHILE: Duration = Duration::from_millis(1_500);
/// The longest wait for what must happen.
const PATIENCE: Duration = Duration::from_secs(30);
/// Seconds after which a token is past half its life.
const DUE: u64 = 10 * 60;
/// One agent in so many keeps the token that they signed in with.
const KEEPS: usize = 4;

/// What agents use, and what they met.
#[derive(Debug)]
struct Load {
    /// Every key that there will ever be.
    all_keys: String,
    /// The public keys that another application cached before the current rotation.
    kept: Mutex<Value>,
    verified: AtomicUsize,
    renewed: AtomicUsize,
    issued: AtomicUsize,
    /// Answers cut off by a node's death.
    cut: AtomicUsize,
    is_over: AtomicBool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_is_refused_while_keys_rotate_under_load() {
    let _alone = alone().await;
    let count = sized(100, 24);
    let sets = key_sets();
    let world = World::builder().install_with("Lisbon", |install| install.audiences = vec!["routing".to_owned()]);
    let world = world.instance("acme", &["Lisbon"]).token_keys(&sets[0]);
    let mut cluster = (0..count).fold(world, |world, number| world.agent("acme", &agent(number))).start_cluster().await;
    let browsers = signed_in(&cluster, count).await;
    let desktops: Vec<Desktop> =
        (0..).zip(&browsers).map(|(number, browser)| Desktop::open(browser.copy(), HOME, number)).collect();
    let load = Load::new(&sets, published(&cluster).await);
    let work = join_all(browsers.iter().enumerate().map(|(number, browser)| load.work(number, browser)));
    tokio::join!(work, rotate(&mut cluster, &sets, &load));
    for desktop in &desktops {
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
        assert!(desktop.seen().faults.is_empty() && desktop.seen().ended.is_none(), "{:?}", desktop.seen());
    }
    let rejected = cluster.events("token_rejected");
    tell(&format!("{ROTATIONS} rotations under {count} agents: {}, {} rejected", load.told(), rejected.len()));
    assert!(rejected.is_empty(), "{rejected:?}");
}

/// A key set and the result of each rotation, made by the operators' own tool.
fn key_sets() -> Vec<String> {
    let mut sets = vec![settled(&onecontact(&["keys", "new"], ""))];
    for rotation in 0..ROTATIONS {
        sets.push(settled(&onecontact(&["keys", "rotate", "--yes"], &sets[rotation])));
    }
    sets
}

/// The set with ids that say its next keys were drawn long ago, since the tool rotates to no key that others cannot
/// know yet. No other set has these keys yet.
fn settled(set: &str) -> String {
    let mut set: Value = serde_json::from_str(set).unwrap();
    for key in set["keys"].as_array_mut().unwrap().iter_mut().filter(|key| key["status"] == "next") {
        key["kid"] = format!("01KAS5D3M0{}", &key["kid"].as_str().unwrap()[10..]).into();
    }
    set.to_string()
}

async fn rotate(cluster: &mut Cluster, sets: &[String], load: &Load) {
    for (rotation, keys) in sets.iter().enumerate().skip(1) {
        let keys = keys.clone();
        cluster.change(|setup| setup.token_keys = Some(keys));
        for edge in Edge::ALL {
            cluster.kill_node(edge);
            cluster.start_node(edge).await;
            tokio::time::sleep(MEANWHILE).await;
        }
        *load.kept.lock().unwrap_or_else(PoisonError::into_inner) = published(cluster).await;
        tell(&format!("rotation {rotation} of {ROTATIONS}: {} so far", load.told()));
    }
    load.is_over.store(true, Ordering::Relaxed);
}

async fn published(cluster: &Cluster) -> Value {
    let page = cluster.browser().get(JWKS).await;
    serde_json::from_str(&page.body).expect("a JWK Set")
}

impl Load {
    fn new(sets: &[String], published: Value) -> Self {
        let keys = |set: &String| serde_json::from_str::<Value>(set).unwrap()["keys"].as_array().unwrap().clone();
        let all_keys = serde_json::json!({ "keys": sets.iter().rev().flat_map(keys).collect::<Vec<_>>() }).to_string();
        let kept = Mutex::new(published);
        let [verified, renewed, issued, cut] = std::array::from_fn(|_| AtomicUsize::new(0));
        Self { all_keys, kept, verified, renewed, issued, cut, is_over: AtomicBool::new(false) }
    }

    fn told(&self) -> String {
        let [verified, renewed, issued, cut] =
            [&self.verified, &self.renewed, &self.issued, &self.cut].map(|count| count.load(Ordering::Relaxed));
        format!(
            "{verified} session tokens verified, {renewed} renewed, {issued} access tokens verified elsewhere; \
             {cut} answers cut by restarts"
        )
    }

    /// An agent whose token is used again and again and, except for some agents, renewed.
    async fn work(&self, number: usize, browser: &Browser) {
        while !self.is_over.load(Ordering::Relaxed) {
            if !number.is_multiple_of(KEEPS) {
                let token = browser.cookie(SESSION).unwrap();
                let aged = tokens::resealed_by_its_key(&token, &self.all_keys, Timestamp(now().0 - DUE));
                browser.plant(SESSION, &aged);
            }
            for path in [DESKTOP, SESSION_PART] {
                if let Some(page) = self.ask(browser, path).await {
                    self.renewed.fetch_add(page.set_cookie(SESSION).into_iter().count(), Ordering::Relaxed);
                }
            }
            if let Some(page) = self.ask(browser, ACCESS_TOKEN).await {
                self.verify(&page);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn ask(&self, browser: &Browser, path: &str) -> Option<Page> {
        let Ok(page) = browser.ask(Method::GET, path).try_send().await else {
            self.cut.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        self.verified.fetch_add(1, Ordering::Relaxed);
        Some(page)
    }

    /// Another application gets the access token, and has only the keys that it cached.
    fn verify(&self, page: &Page) {
        let issued: Value = serde_json::from_str(&page.body).unwrap();
        let token = issued["access_token"].as_str().unwrap();
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(tokens::verified(token, &kept).is_some(), "{:?} by {kept}", tokens::parts(token).0);
        self.issued.fetch_add(1, Ordering::Relaxed);
    }
}
