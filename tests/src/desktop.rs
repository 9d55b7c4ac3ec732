//! The desktop page's side of its socket, as the page behaves: it resumes from the last event that it has seen, pings,
//! reconnects at once and then with full jitter, numbers its commands and resends them until they are answered, and
//! stops when its session has ended.
//!
//! This has the page as tests see it. `desktop/life.rs` has how it lives, `desktop/seen.rs` what it has seen.

mod life;
mod seen;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub use seen::{Answer, Event, Seen};

use crate::browser::Browser;

/// How often a page pings.
const PING: Duration = Duration::from_secs(10);

/// An open desktop. Dropping it closes the page: its socket ends without notice.
#[derive(Debug)]
pub struct Desktop {
    browser: Arc<Browser>,
    seen: watch::Receiver<Seen>,
    commands: mpsc::UnboundedSender<(u64, Value)>,
    last_command: AtomicU64,
    awake: watch::Sender<bool>,
    life: JoinHandle<()>,
}

impl Desktop {
    /// Opens the desktop at `home` in a browser that has signed in. Its `number` seeds its jitter.
    #[must_use]
    pub fn open(browser: Browser, home: &str, number: u64) -> Self {
        Self::open_pinging(browser, home, number, PING)
    }

    /// The same with another interval between pings, for presence with shorter figures.
    #[must_use]
    pub fn open_pinging(browser: Browser, home: &str, number: u64, ping: Duration) -> Self {
        let browser = Arc::new(browser);
        let (seen, seeing) = watch::channel(Seen::default());
        let (commands, commanded) = mpsc::unbounded_channel();
        let (awake, waking) = watch::channel(true);
        let life = life::Life::new(
            Arc::clone(&browser),
            home,
            seen,
            commanded,
            waking,
            fastrand::Rng::with_seed(number),
            ping,
        );
        let life = tokio::spawn(life.live());
        Self { browser, seen: seeing, commands, last_command: AtomicU64::new(0), awake, life }
    }

    /// The browser that it is open in.
    #[must_use]
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// What it has seen so far.
    #[must_use]
    pub fn seen(&self) -> watch::Ref<'_, Seen> {
        self.seen.borrow()
    }

    /// Gives a command, now or once there is a connection. Returns its number.
    pub fn ask(&self, ask: impl Into<Value>) -> u64 {
        // A reloaded page continues counting where the previous one left off.
        let applied = self.seen().welcome["applied"].as_u64().unwrap_or_default();
        let command = self.last_command.fetch_max(applied, Ordering::Relaxed).max(applied) + 1;
        self.last_command.store(command, Ordering::Relaxed);
        let _ = self.commands.send((command, ask.into())); // a page whose session has ended takes no more
        command
    }

    /// Waits until what it has seen is as wanted. Returns whether that came in time.
    pub async fn sees(&self, patience: Duration, wanted: impl FnMut(&Seen) -> bool) -> bool {
        let mut seen = self.seen.clone();
        matches!(tokio::time::timeout(patience, seen.wait_for(wanted)).await, Ok(Ok(_)))
    }

    /// Waits for the answer to a command.
    pub async fn answer(&self, command: u64, patience: Duration) -> Option<Answer> {
        self.sees(patience, |seen| seen.answers.contains_key(&command)).await;
        self.seen().answers.get(&command).cloned()
    }

    /// Stops the page's process, like a sleeping laptop: its socket remains, and it neither pings nor reads.
    pub fn sleep(&self) {
        self.awake.send_replace(false);
    }

    /// Resumes it.
    pub fn wake(&self) {
        self.awake.send_replace(true);
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        self.life.abort();
    }
}
