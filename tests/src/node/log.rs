//! What a node writes: the Worker's events, its data points, and workerd's own complaints.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest wait for a line that has to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A node's lines so far.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Reads lines from `source` until it ends.
    pub(super) fn read(&self, source: impl Read + Send + 'static) -> JoinHandle<()> {
        let lines = Arc::clone(&self.0);
        thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        })
    }

    /// Every line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every event of the Worker's of this name.
    #[must_use]
    pub fn events(&self, name: &str) -> Vec<Value> {
        self.values().into_iter().filter(|value| value["event"] == name).collect()
    }

    /// Every event of the Worker's. Workerd has events too, which belong to no request.
    pub(super) fn every_event(&self) -> Vec<Value> {
        let is_ours = |value: &Value| value.get("event").is_some() && value.get("request").is_some();
        self.values().into_iter().filter(is_ours).collect()
    }

    /// Every data point of the audit trail.
    #[must_use]
    pub fn data_points(&self) -> Vec<Value> {
        self.values().into_iter().filter_map(|value| value.get("data_point").cloned()).collect()
    }

    fn values(&self) -> Vec<Value> {
        self.lines().iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits until there are `count` events of this name, and returns them.
    pub async fn wait_for(&self, name: &str, count: usize) -> Vec<Value> {
        let started = Instant::now();
        loop {
            let events = self.events(name);
            if events.len() >= count {
                return events;
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{count} events {name} were expected and {} came. The log:\n{}",
                events.len(),
                self.lines().join("\n")
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The event of this name, of which there must be exactly one.
    pub async fn only(&self, name: &str) -> Value {
        let mut events = self.wait_for(name, 1).await;
        assert_eq!(events.len(), 1, "events {name}: {events:?}");
        events.remove(0)
    }
}
