//! Links for a forgotten password, used at two nodes at once while KV is late: of the passwords they would set, one is
//! set.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use onecontact_tests::Cluster;
use onecontact_tests::cluster::Edge;
use onecontact_tests::world::HOME;

use crate::{agent, agents, alone, sized, tell};

const FORGOT: &str = "/OneAgentWeb_Lisbon/forgot";
/// How many agents race at a time: each choice takes a few password hashes.
const AT_ONCE: usize = 4;

/// The link sent to this agent.
async fn link(cluster: &Cluster, name: &str) -> String {
    let browser = cluster.browser();
    let page = browser.submit(&browser.get(FORGOT).await.form().with("username", name)).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let address = format!("{name}@acme.example");
    loop {
        if let Some(mail) = cluster.gateway.sent().into_iter().find(|mail| mail.to == address) {
            return mail.link();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Uses the link at both nodes at once, each with its own password. Returns the passwords that were set.
async fn race(cluster: &Cluster, name: &str) -> Vec<String> {
    let link = link(cluster, name).await;
    let choices = Edge::ALL.map(async |edge| {
        let browser = cluster.browser_at(edge);
        let page = browser.get(&link).await;
        let page = browser.follow(&page).await;
        let password = format!("a phrase for {edge:?} alone");
        let form = page.form().with("password", &password).with("again", &password);
        (browser, form, password)
    });
    let [first, second] = choices;
    let (first, second) = tokio::join!(first, second);
    let chosen = [first, second].map(async |(browser, form, password)| {
        let page = browser.submit(&form).await;
        let is_set = page.status == 303 && page.location() == format!("{HOME}?password-set=1");
        assert!(is_set || page.status == 410, "{}: {}", page.status, page.body);
        is_set.then_some(password)
    });
    let [first, second] = chosen;
    let (first, second) = tokio::join!(first, second);
    first.into_iter().chain(second).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_use_one_link_at_two_nodes_at_once_one_sets_the_password() {
    let _alone = alone().await;
    let count = sized(1_000, 12);
    let cluster = agents(count).start_cluster().await;
    cluster.directory.be_late_by(Duration::from_mins(1));
    let race = async |number: usize| {
        let name = agent(number);
        let set = race(&cluster, &name).await;
        assert_eq!(set.len(), 1, "{name}: {set:?}");
        // And it is the winner's.
        let page = cluster.browser().sign_in(HOME, &name, &set[0]).await;
        assert_eq!(page.status, 303, "{name}: {}", page.body);
        if (number + 1).is_multiple_of(100) {
            tell(&format!("{} races for a link", number + 1));
        }
    };
    stream::iter(0..count).for_each_concurrent(AT_ONCE, race).await;
    tell(&format!("{count} races for a link between two nodes: {count} winners"));
    assert_eq!(cluster.events("password_changed").len(), count);
}
