//! What an object tells KV from its alarm: one thing after the other, again and again.

use std::collections::VecDeque;

use kv_schema::Record;
use kv_schema::names::SessionId;
use onecontact_domain::desk::Write;

use super::planted::Bug;
use super::world::{Event, Ms, SITES, World, short};

impl World {
    pub(crate) fn tell_next(&mut self, agent: usize, writes: VecDeque<Write>) {
        self.hosts[agent].is_telling = !writes.is_empty();
        if !writes.is_empty() {
            let (wait, life) = (self.delay(), self.hosts[agent].life);
            self.after(wait, Event::Put { agent, life, writes });
        }
    }

    /// KV is told one thing; a session that is over is then taken off its list.
    pub(crate) fn put(&mut self, agent: usize, life: u64, writes: VecDeque<Write>) {
        if self.hosts[agent].life != life {
            return;
        }
        let Some(write) = writes.front() else { return };
        let now = self.desk_time(agent);
        let (json, ttl) = match write {
            Write::Session { record, .. } => (record.json(), record.ttl(now)),
            Write::Tombstone(revoked) if self.bug == Some(Bug::BuriesForAMinute) => (revoked.json(), 60),
            Write::Tombstone(revoked) => (revoked.json(), revoked.ttl(now)),
        };
        let text = Some(json.expect("a record becomes JSON"));
        let taken = self.kv_write(&write.key(), text, ttl);
        self.say(|_| format!("desk{} tells KV {}: {taken}", agent + 1, key_words(&write.key())));
        if taken && matches!(write, Write::Tombstone(_)) {
            let wait = self.delay();
            return self.after(wait, Event::Deleted { agent, life, writes });
        }
        self.written(agent, writes, taken);
    }

    pub(crate) fn delete(&mut self, agent: usize, life: u64, writes: VecDeque<Write>) {
        if self.hosts[agent].life != life {
            return;
        }
        let Some(Write::Tombstone(revoked)) = writes.front() else { return };
        let taken = self.kv_write(&revoked.session_key(), None, 0);
        self.written(agent, writes, taken);
    }

    pub(crate) fn written(&mut self, agent: usize, mut writes: VecDeque<Write>, taken: bool) {
        let taken = taken || self.bug == Some(Bug::ForgetsTombstones);
        if let Some(write) = writes.pop_front() {
            self.handle(agent, |desk, now| desk.written(now, &write, taken));
        }
        self.tell_next(agent, writes);
    }

    pub(crate) fn kv_write(&mut self, key: &str, text: Option<String>, ttl: u64) -> bool {
        let latest = self.weather.lag;
        let lags: [Ms; SITES] = std::array::from_fn(|_| self.dice.between(0, latest));
        let taken = self.kv.write(key, text, ttl, self.now, lags).is_ok();
        // What was taken is now and then answered as if it had not been.
        taken && !self.dice.percent(2)
    }
}

fn key_words(key: &str) -> String {
    let (kind, id) = (key.split(':').next().unwrap_or_default(), key.rsplit(':').next().unwrap_or_default());
    SessionId::parse(id).map_or_else(|_| key.to_owned(), |sid| format!("{kind} {}", short(&sid)))
}
