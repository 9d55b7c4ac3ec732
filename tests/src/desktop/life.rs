//! How a desktop page lives: connected, away, connected again, and finally ended.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Method;
use hyper::header::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use super::seen::Seen;
use crate::browser::Browser;
use crate::socket::{Frame, Refusal, Socket};

/// How long a silence makes a page consider its connection dead.
const SILENCE: Duration = Duration::from_secs(20);
/// The longest jitter, in seconds.
const LONGEST_JITTER: u32 = 30;
/// The close code of a socket that another one of the same session has replaced.
const REPLACED: u16 = 4000;
/// The close code of a socket whose session has ended.
const ENDED: u16 = 4001;

/// A page's life.
pub(super) struct Life {
    browser: Arc<Browser>,
    home: String,
    seen: watch::Sender<Seen>,
    commands: mpsc::UnboundedReceiver<(u64, Value)>,
    /// Commands without an answer so far.
    pending: VecDeque<(u64, Value)>,
    awake: watch::Receiver<bool>,
    jitter: fastrand::Rng,
    /// The interval between two pings.
    ping: Duration,
    /// Attempts since the last welcome.
    attempts: u32,
}

/// Why there is no longer a connection.
enum End {
    Lost,
    Final,
}

impl Life {
    pub(super) fn new(
        browser: Arc<Browser>,
        home: &str,
        seen: watch::Sender<Seen>,
        commands: mpsc::UnboundedReceiver<(u64, Value)>,
        awake: watch::Receiver<bool>,
        jitter: fastrand::Rng,
        ping: Duration,
    ) -> Self {
        let (home, pending) = (home.to_owned(), VecDeque::new());
        Self { browser, home, seen, commands, pending, awake, jitter, ping, attempts: 0 }
    }

    pub(super) async fn live(mut self) {
        loop {
            let after = self.seen.borrow().last();
            let opened = self.browser.socket(&format!("{}/desk?after={after}", self.home)).await;
            let end = match opened {
                Ok(socket) => self.converse(socket).await,
                Err(refusal) => self.refused(refusal).await,
            };
            if let End::Final = end {
                return;
            }
            let _ = self.awake.wait_for(|awake| *awake).await;
        }
    }

    /// Keeps up a connection until it ends.
    async fn converse(&mut self, mut socket: Socket) -> End {
        let mut ping = tokio::time::interval(self.ping);
        let mut heard = Instant::now();
        for (id, ask) in &self.pending {
            socket.send(&json!({ "id": id, "ask": ask }).to_string()).await;
        }
        let end = loop {
            tokio::select! {
                frame = socket.receive() => match frame {
                    Frame::Text(text) => {
                        heard = Instant::now();
                        self.take(&text);
                    }
                    Frame::Closed(code) => {
                        self.seen.send_modify(|seen| seen.closed.push(code));
                        break if code == REPLACED || code == ENDED { End::Final } else { End::Lost };
                    }
                    Frame::Broken => break End::Lost,
                },
                Some((id, ask)) = self.commands.recv() => {
                    socket.send(&json!({ "id": id, "ask": ask }).to_string()).await;
                    self.pending.push_back((id, ask));
                }
                _ = ping.tick() => socket.send("ping").await,
                () = tokio::time::sleep_until((heard + SILENCE).into()) => break End::Lost,
                _ = self.awake.changed() => {
                    let _ = self.awake.wait_for(|awake| *awake).await;
                }
            }
        };
        self.seen.send_modify(|seen| {
            seen.connected = false;
            seen.lost.push(Instant::now());
        });
        end
    }

    fn take(&mut self, text: &str) {
        if text == "pong" {
            return;
        }
        self.seen.send_modify(|seen| seen.take(text));
        let seen = self.seen.borrow();
        self.pending.retain(|(id, _)| !seen.answers.contains_key(id));
        if seen.connected {
            self.attempts = 0;
        }
    }

    /// After a failed attempt: asks why, as a page has to that cannot see the handshake's answer, and waits.
    async fn refused(&mut self, refusal: Refusal) -> End {
        let (status, mut wait) = match &refusal {
            Refusal::Answer(status, headers, _) => (*status, retry_after(headers)),
            Refusal::Broken(_) => (0, Duration::ZERO),
        };
        self.seen.send_modify(|seen| seen.refusals.push(status));
        let part = format!("{}/desktop/parts/session", self.home);
        if let Ok(answer) = self.browser.ask(Method::GET, &part).try_send().await {
            if answer.status == 401 {
                let told = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
                self.seen.send_modify(|seen| seen.ended = Some(told));
                return End::Final;
            }
            wait = wait.max(retry_after(&answer.headers));
        }
        self.attempts += 1;
        tokio::time::sleep(wait.max(self.jitter())).await;
        End::Lost
    }

    /// Up to 1, 2, 4, … 30 seconds, uniformly distributed.
    fn jitter(&mut self) -> Duration {
        let most = 2_u32.saturating_pow(self.attempts.saturating_sub(1)).min(LONGEST_JITTER);
        Duration::from_secs(most.into()).mul_f64(self.jitter.f64())
    }
}

fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds = headers.get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or_default())
}
