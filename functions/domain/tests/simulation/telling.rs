//! What an object tells KV: one thing after another, again and again.

use std::collections::VecDeque;

use kv_schema::Record;
use kv_schema::names::SessionId;
use onecontact_domain::desk::Write;

use super::planted::Bug;
use super::world::{Event, Ms, SITES, World, short};

/// What an object is telling KV.
pub(crate) struct Telling {
    agent: usize,
    /// The life of the object in which it began.
    life: u64,
    writes: VecDeque<Write>,
    /// What came of the previous ones.
    told: Vec<(Write, bool)>,
}

impl World {
    /// Begins to tell KV what is due, unless that is already under way.
    pub(crate) fn tell_kv(&mut self, agent: usize) {
        let now = self.desk_time(agent);
        let host = &mut self.hosts[agent];
        let writes = VecDeque::from(host.desk().writes_due(now));
        if !writes.is_empty() && !host.is_telling {
            host.is_telling = true;
            let life = host.life;
            self.tell_next(Telling { agent, life, writes, told: Vec::new() });
        }
    }

    fn tell_next(&mut self, telling: Telling) {
        if telling.writes.is_empty() {
            self.hosts[telling.agent].is_telling = false;
            self.handle(telling.agent, |desk, now| desk.written(now, &telling.told));
        } else {
            let wait = self.delay();
            self.after(wait, Event::Put(telling));
        }
    }

    /// KV is told one thing; a session that is over is then taken off its list.
    pub(crate) fn put(&mut self, telling: Telling) {
        let agent = telling.agent;
        if self.hosts[agent].life != telling.life {
            return;
        }
        let Some(write) = telling.writes.front() else { return };
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
            return self.after(wait, Event::Deleted(telling));
        }
        self.written(telling, taken);
    }

    pub(crate) fn delete(&mut self, telling: Telling) {
        if self.hosts[telling.agent].life != telling.life {
            return;
        }
        let Some(Write::Tombstone(revoked)) = telling.writes.front() else { return };
        let taken = self.kv_write(&revoked.session_key(), None, 0);
        self.written(telling, taken);
    }

    fn written(&mut self, mut telling: Telling, taken: bool) {
        let taken = taken || self.bug == Some(Bug::ForgetsTombstones);
        telling.told.extend(telling.writes.pop_front().map(|write| (write, taken)));
        self.tell_next(telling);
    }

    pub(crate) fn kv_write(&mut self, key: &str, text: Option<String>, ttl: u64) -> bool {
        let latest = self.weather.lag;
        let lags: [Ms; SITES] = std::array::from_fn(|_| self.dice.between(0, latest));
        let taken = self.kv.write(key, text, ttl, self.now, lags).is_ok();
        // A write that was taken is now and then reported as failed.
        taken && !self.dice.percent(2)
    }
}

fn key_words(key: &str) -> String {
    let (kind, id) = (key.split(':').next().unwrap_or_default(), key.rsplit(':').next().unwrap_or_default());
    SessionId::parse(id).map_or_else(|_| key.to_owned(), |sid| format!("{kind} {}", short(&sid)))
}
