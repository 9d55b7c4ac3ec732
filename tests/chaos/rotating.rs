//! Signing keys rotate while agents work: nodes start one after the other with the next key set, so that one of them is
//! always ahead of the other by a key.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use hyper::Method;
use onecontact_tests::cluster::Edge;
use onecontact_tests::world::{HOME, now};
use onecontact_tests::{Browser, Cluster, Desktop, tokens};

use crate::{DESKTOP, SESSION, SESSION_PART, agents, alone, signed_in, sized, tell};

/// Rotations.
const ROTATIONS: u8 = 3;
/// How long both nodes work after each change.
const MEANWHILE: Duration = Duration::from_millis(1_500);
/// Longest wait for what must come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Seconds after which a token is past half its life.
const DUE: u64 = 10 * 60;
/// Every so many agents, one keeps the token that they signed in with.
const KEEPS: usize = 4;

/// What agents have met.
#[derive(Debug, Default)]
struct Met {
    verified: AtomicUsize,
    renewed: AtomicUsize,
    /// Answers that a node's death cut off.
    cut: AtomicUsize,
    is_over: AtomicBool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_is_refused_while_keys_rotate_under_load() {
    let _alone = alone().await;
    let count = sized(100, 24);
    let mut cluster = agents(count).token_keys(&tokens::key_set_after(0, now())).start_cluster().await;
    let browsers = signed_in(&cluster, count).await;
    let desktops: Vec<Desktop> =
        (0..).zip(&browsers).map(|(number, browser)| Desktop::open(browser.copy(), HOME, number)).collect();
    let met = Met::default();
    let load = join_all(browsers.iter().enumerate().map(|(number, browser)| work(number, browser, &met)));
    tokio::join!(load, rotate(&mut cluster, &met));
    for desktop in &desktops {
        assert!(desktop.sees(PATIENCE, |seen| seen.connected).await, "{:?}", desktop.seen());
        assert!(desktop.seen().faults.is_empty() && desktop.seen().ended.is_none(), "{:?}", desktop.seen());
    }
    let rejected = cluster.events("token_rejected");
    tell(&format!(
        "{ROTATIONS} rotations under {count} agents: {} tokens verified, {} renewed, {} rejected; {} answers cut by restarts",
        met.verified.load(Ordering::Relaxed),
        met.renewed.load(Ordering::Relaxed),
        rejected.len(),
        met.cut.load(Ordering::Relaxed),
    ));
    assert!(rejected.is_empty(), "{rejected:?}");
}

async fn rotate(cluster: &mut Cluster, met: &Met) {
    for rotations in 1..=ROTATIONS {
        let keys = tokens::key_set_after(rotations, now());
        cluster.change(|setup| setup.token_keys = Some(keys));
        for edge in Edge::ALL {
            cluster.kill_node(edge);
            cluster.start_node(edge).await;
            tokio::time::sleep(MEANWHILE).await;
        }
        tell(&format!("rotation {rotations} of {ROTATIONS}: {} verified so far", met.verified.load(Ordering::Relaxed)));
    }
    met.is_over.store(true, Ordering::Relaxed);
}

/// An agent whose token is used, and but for some renewed, again and again.
async fn work(number: usize, browser: &Browser, met: &Met) {
    while !met.is_over.load(Ordering::Relaxed) {
        if !number.is_multiple_of(KEEPS) {
            let token = browser.cookie(SESSION).unwrap();
            let aged = tokens::resealed_by_its_key(&token, kv_schema::Timestamp(now().0 - DUE));
            browser.plant(SESSION, &aged);
        }
        for path in [DESKTOP, SESSION_PART] {
            match browser.ask(Method::GET, path).try_send().await {
                Ok(page) => {
                    assert_eq!(page.status, 200, "{path}: {}", page.body);
                    met.verified.fetch_add(1, Ordering::Relaxed);
                    met.renewed.fetch_add(page.set_cookie(SESSION).into_iter().count(), Ordering::Relaxed);
                }
                Err(_) => {
                    met.cut.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
