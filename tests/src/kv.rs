//! A simulated KV namespace: this process answers what workerd asks over HTTP. It can be down, slow, late or forgetful
//! on demand, and it counts.
//!
//! This has the namespace as tests see it. `kv/store.rs` has what it holds, `kv/server.rs` how it speaks.

mod server;
mod store;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kv_schema::Record;
use tokio::sync::watch;

use store::Store;
pub use store::{Access, Fault, On, Verb};

/// One namespace. It ends with the last handle to it.
#[derive(Debug, Clone)]
pub struct Kv {
    store: Arc<Mutex<Store>>,
    address: SocketAddr,
    /// Whether connections should be accepted.
    open: Arc<watch::Sender<bool>>,
    /// Whether connections are being accepted.
    listening: watch::Receiver<bool>,
}

impl Kv {
    /// Starts an empty namespace on a port of its own.
    pub async fn start() -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let (open, wanted) = watch::channel(true);
        let (address, listening) = server::start(Arc::clone(&store), wanted).await;
        Self { store, address, open: Arc::new(open), listening }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Declares a record, as the operators' tool would.
    pub fn declare(&self, record: &impl Record) {
        self.declare_text(&record.key(), &record.json().unwrap());
    }

    /// Puts any text under any key.
    pub fn declare_text(&self, key: &str, text: &str) {
        self.store().put(key, text.as_bytes().to_vec(), None);
    }

    /// Removes a key.
    pub fn remove(&self, key: &str) {
        self.store().delete(key);
    }

    /// The text under `key`, whoever can see it yet.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.store().newest(key).map(|value| String::from_utf8_lossy(&value).into_owned())
    }

    /// Every key that is there, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.store().keys()
    }

    /// From now on, requests for keys that begin with `prefix` meet `fault`. The last one that fits counts.
    pub fn fail(&self, prefix: &str, on: On, fault: Fault) {
        self.store().faults.push((prefix.to_owned(), on, fault));
    }

    /// Removes every fault.
    pub fn heal(&self) {
        self.store().faults.clear();
    }

    /// From now on, nobody sees what is written until `delay` has passed.
    pub fn be_late_by(&self, delay: Duration) {
        self.store().late_by = delay;
    }

    /// From now on, a key that was missing when somebody looked stays missing for `time`.
    pub fn remember_misses_for(&self, time: Duration) {
        self.store().misses_kept = time;
    }

    /// From now on, a write within `pause` of the previous write of the same key is refused with 429, as KV does within
    /// a second.
    pub fn limit_writes(&self, pause: Duration) {
        self.store().pause = pause;
    }

    /// Goes down: connections are broken, and new ones refused.
    pub async fn go_down(&self) {
        self.switch(false).await;
    }

    /// Comes back, with everything that it had.
    pub async fn come_back(&self) {
        self.switch(true).await;
    }

    async fn switch(&self, open: bool) {
        self.open.send_replace(open);
        self.listening.clone().wait_for(|listening| *listening == open).await.expect("the server runs");
    }

    /// What was requested over the wire since the start or the last [`Kv::forget_accesses`], in order.
    #[must_use]
    pub fn accesses(&self) -> Vec<Access> {
        self.store().accesses.clone()
    }

    /// How often keys that begin with `prefix` were read.
    #[must_use]
    pub fn reads_of(&self, prefix: &str) -> usize {
        let accesses = &self.store().accesses;
        accesses.iter().filter(|access| access.verb == Verb::Get && access.key.starts_with(prefix)).count()
    }

    /// Resets the counts.
    pub fn forget_accesses(&self) {
        self.store().accesses.clear();
    }
}
