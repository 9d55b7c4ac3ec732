//! Offers accepted at the desk, which no peer has: routing offers over HTTP and waits for the outcome, the agent
//! accepts over the desktop's socket, routing ends the interaction, and the agent is ready again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hyper::Method;
use kv_schema::names::InstanceId;
use onecontact_tests::desktop::Answer;
use onecontact_tests::routing::proposal;
use onecontact_tests::secrets::Secrets;
use onecontact_tests::service::{self, lasting_token};
use onecontact_tests::{Browser, Desktop, world};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::directory::{self, PASSWORD};
use crate::http::HOST;
use crate::load::{CONNECTIONS, Turn};
use crate::process::Process;
use crate::requests::{ALL_AGENTS, home};

/// Agents who are offered interactions: those after all others.
pub(crate) const AGENTS: usize = CONNECTIONS;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// The desktops of agents who are ready.
pub(crate) struct Desks {
    runtime: Runtime,
    desks: Vec<Arc<Desk>>,
}

/// A desktop, and routing's side of it.
struct Desk {
    desktop: Desktop,
    routing: Browser,
    token: String,
    /// The agent's path in the API.
    place: String,
    /// The number of the next offer.
    offers: AtomicU64,
}

impl Desks {
    /// Signs the agents in and makes them ready.
    pub(crate) fn open(process: &Process) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let instance = directory::instance(0)?;
        let desks = runtime.block_on(async {
            let mut desks = Vec::new();
            for number in ALL_AGENTS..ALL_AGENTS + AGENTS {
                desks.push(Arc::new(Desk::open(process.address, &instance, number).await?));
            }
            anyhow::Ok(desks)
        })?;
        Ok(Self { runtime, desks })
    }

    /// Makes each of them accept one offer after another for `time`.
    pub(crate) fn turn(&self, time: Duration) -> Result<Turn> {
        let started = Instant::now();
        let latencies = self.runtime.block_on(async {
            let mut working = JoinSet::new();
            for desk in self.desks.iter().map(Arc::clone) {
                working.spawn(async move { desk.work(started, time).await });
            }
            let mut latencies = Vec::new();
            while let Some(done) = working.join_next().await {
                latencies.extend(done.context("a desk's task panicked")??);
            }
            anyhow::Ok(latencies)
        })?;
        Ok(Turn { latencies, elapsed: started.elapsed() })
    }
}

impl Desk {
    async fn open(address: SocketAddr, instance: &InstanceId, number: usize) -> Result<Self> {
        let browser = || Browser::new(address, HOST, Secrets::default());
        let (agent, username) = (browser(), directory::username(number)?);
        let page = agent.sign_in(&home(), username.as_str(), PASSWORD).await;
        let page = agent.take_over(page).await;
        if !page.lets_in() {
            bail!("{username} does not come in: {}", page.status);
        }
        let desktop = Desktop::open(agent, &home(), number as u64);
        if !desktop.sees(PATIENCE, |seen| seen.connected).await {
            bail!("the desktop of {username} is not connected");
        }
        let place = service::path(instance, username.as_str());
        let offers = AtomicU64::new(world::now().0 * 1_000_000);
        let desk = Self { desktop, routing: browser(), token: lasting_token(), place, offers };
        desk.does(json!("ready")).await?;
        Ok(desk)
    }

    async fn work(&self, started: Instant, time: Duration) -> Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        while started.elapsed() < time || latencies.is_empty() {
            let asked = Instant::now();
            // A desk remembers offers, so each has an id of its own.
            self.carry(&self.offers.fetch_add(1, Ordering::Relaxed).to_string()).await?;
            latencies.push(asked.elapsed());
        }
        Ok(latencies)
    }

    async fn carry(&self, name: &str) -> Result<()> {
        let offer = proposal(name, 20);
        let accepting = async {
            if !self.desktop.sees(PATIENCE, |seen| seen.state["offered"]["offer"] == offer["id"]).await {
                bail!("the offer does not come");
            }
            self.does(json!({ "accept": { "offer": offer["id"] } })).await
        };
        let (outcome, accepted) = tokio::join!(self.post("/offers?wait=20", &offer), accepting);
        accepted?;
        if outcome?["outcome"] != "accepted" {
            bail!("routing is not told that its offer was accepted");
        }
        self.post(&format!("/interactions/c-{name}/end"), &json!({})).await?;
        self.does(json!("ready")).await
    }

    async fn does(&self, ask: Value) -> Result<()> {
        let command = self.desktop.ask(ask);
        match self.desktop.answer(command, PATIENCE).await {
            Some(Answer::Done) => Ok(()),
            answer => bail!("the desk has answered {answer:?}"),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let ask = self.routing.ask(Method::POST, &format!("{}{path}", self.place));
        let ask = ask.header("authorization", &format!("Bearer {}", self.token));
        let page = ask.header("content-type", "application/json").body(body.to_string()).send().await;
        if page.status != 200 {
            bail!("{path} was answered with {}: {}", page.status, page.body);
        }
        Ok(serde_json::from_str(&page.body)?)
    }
}
