//! How much happened: schedules in which nothing does prove nothing.

use std::collections::BTreeMap;

use onecontact_domain::desk::Verdict;

use super::world::World;

#[derive(Default)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub(crate) fn count(&mut self, world: &World) {
        let of = |many: usize| u64::try_from(many).expect("it is a count");
        self.add("steps", world.steps);
        self.add("sessions", of(world.watch.fates.len()));
        self.add("tokens", of(world.watch.tokens.len()));
        self.add("sockets", of(world.sockets.len()));
        self.add("rotations", of(world.keys.newest()));
        for (_, reason) in world.watch.fates.values().filter_map(|fate| fate.ended) {
            self.add(reason.name(), 1);
        }
        for fate in world.watch.desks.iter().flat_map(|desk| desk.offers.values()).flatten() {
            let name = match fate {
                Verdict::Accepted => "offers accepted",
                Verdict::Rejected => "offers rejected",
                Verdict::TimedOut => "offers timed out",
                Verdict::Cancelled => "offers cancelled",
            };
            self.add(name, 1);
        }
        for event in world.watch.desks.iter().flat_map(|desk| desk.log.values()) {
            self.add("interactions", u64::from(event.contains("in_interaction")));
            self.add("hard ends that waited", u64::from(event.contains(r#""waits":true"#)));
        }
    }

    pub(crate) fn add(&mut self, what: &'static str, more: u64) {
        *self.0.entry(what).or_default() += more;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(what, more)| self.add(what, *more));
    }
}

/// "steps: 5, sessions: 2".
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<String> = self.0.iter().map(|(what, count)| format!("{what}: {count}")).collect();
        f.write_str(&words.join(", "))
    }
}
