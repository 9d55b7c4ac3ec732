//! Any schedule of what can go wrong between a desk and a gateway: questions and replies late or lost, gateways down,
//! objects restarted, agents coming and going. Whatever happens, a try is over at its deadline, no id is registered
//! after it was unregistered, and once everybody has gone nothing is registered.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// How many seeds are run.
const SCHEDULES: u64 = 400;
/// Seconds of trouble in each.
const TROUBLE: u64 = 900;
/// Seconds of peace after it: longer than any registration lives.
const PEACE: u64 = 700;

/// The numbers that a seed draws (`splitmix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// A gateway that follows the contract.
#[derive(Default)]
struct Model {
    /// By id: the workstation, when it is registered, when its lifetime is over.
    standing: BTreeMap<String, (String, u64, u64)>,
    over: BTreeSet<String>,
    lifetime: u64,
}

impl Model {
    fn take(&mut self, now: u64, call: &GatewayCall, takes: u64) -> (u16, String) {
        let expired: Vec<String> =
            self.standing.iter().filter(|(_, (_, _, over))| *over <= now).map(|(id, _)| id.clone()).collect();
        for id in expired {
            self.end(&id);
        }
        let id = &call.registration;
        match call.verb {
            Verb::Unregister => {
                self.end(id);
                (204, String::new())
            }
            _ if self.over.contains(id) => (410, String::new()),
            Verb::Register => {
                let workstation = call.body().unwrap();
                if !self.standing.contains_key(id) {
                    let same: Vec<String> = self
                        .standing
                        .iter()
                        .filter(|(_, (at, ..))| *at == workstation)
                        .map(|(id, _)| id.clone())
                        .collect();
                    for former in same {
                        self.end(&former);
                    }
                    self.standing.insert(id.clone(), (workstation, now + takes, now + takes + self.lifetime));
                }
                self.look(now, id)
            }
            Verb::Follow => self.look(now, id),
            Verb::Keep => {
                if let Some((_, _, over)) = self.standing.get_mut(id) {
                    *over = now + self.lifetime;
                }
                self.look(now, id)
            }
        }
    }

    fn look(&self, now: u64, id: &str) -> (u16, String) {
        match self.standing.get(id) {
            None => (404, String::new()),
            Some((_, registered, _)) if now < *registered => (202, AT_IT.to_owned()),
            Some((_, _, over)) => {
                let left = (over - now).clamp(10, 600);
                (200, format!(r#"{{"status":"registered","expires_in":{left}}}"#))
            }
        }
    }

    fn end(&mut self, id: &str) {
        self.standing.remove(id);
        self.over.insert(id.to_owned());
    }
}

/// A desk, its gateway, and what is under way between them.
struct Schedule {
    dice: Dice,
    desk: Desk,
    model: Model,
    /// Questions on their way, by when they arrive.
    questions: Vec<(u64, GatewayCall)>,
    /// Replies on their way, by when they arrive.
    answers: Vec<(u64, GatewayCall, GatewayReply)>,
    sessions: u128,
    is_heard: bool,
    is_down_until: u64,
}

impl Schedule {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let model = Model { lifetime: 10 + dice.below(300), ..Model::default() };
        let (questions, answers) = (Vec::new(), Vec::new());
        Self { dice, desk: Desk::default(), model, questions, answers, sessions: 0, is_heard: true, is_down_until: 0 }
    }

    fn visitor(&self, lease: u64, workstation: u128) -> Visitor {
        let mut visitor = recorded(self.sessions, workstation, lease, &required());
        visitor.session.hard_end = at(10 * SHIFT);
        visitor
    }

    /// An agent, an operator or the platform does something.
    fn act(&mut self, now: u64) {
        let (time, lease) = (at(now), self.desk.view(at(now)).map_or(0, |view| view.lease));
        let workstation = u128::from(1 + self.dice.below(2));
        match self.dice.below(12) {
            0 => {
                self.sessions += 1;
                let over = self.desk.holder().map(|_| lease);
                let visitor = self.visitor(0, workstation);
                let taken = take_recorded(&mut self.desk, time, over, None, visitor);
                let Answer::Taken { lease, .. } = taken else { panic!("{taken:?}") };
                if self.dice.percent(90) {
                    let visitor = self.visitor(lease, workstation);
                    connect_recorded(&mut self.desk, time, visitor);
                    self.is_heard = true;
                }
            }
            1 if self.desk.holder().is_some() => {
                let visitor = self.visitor(lease, workstation);
                connect_recorded(&mut self.desk, time, visitor);
                self.is_heard = true;
            }
            2 => drop(ask(&mut self.desk, time, None, Ask::End(Ending::of(EndReason::Forced)))),
            3 => self.is_heard = false,
            4 if self.desk.holder().is_some() => drop(wish(&mut self.desk, time, Wish::Register)),
            5 => self.is_down_until = now + self.dice.below(120),
            // The object is restarted: nobody reports what came of what was under way.
            6 => self.answers.clear(),
            7 => self.model.standing.clear(),
            _ => {}
        }
    }

    fn second(&mut self, now: u64, is_troubled: bool) {
        let time = at(now);
        let heard = self.is_heard.then_some(time);
        self.desk.pass(time, heard);
        for call in calls(&mut self.desk, time) {
            let on_the_way = if is_troubled { self.dice.below(9) } else { 0 };
            self.questions.push((now + on_the_way, call));
        }
        let (arrived, later): (Vec<_>, Vec<_>) = self.questions.drain(..).partition(|(at, _)| *at <= now);
        self.questions = later;
        for (_, call) in arrived {
            let is_lost = is_troubled && (now < self.is_down_until || self.dice.percent(10));
            let takes = self.dice.below(30);
            let told = if is_lost { None } else { Some(self.model.take(now, &call, takes)) };
            let is_answer_lost = is_troubled && self.dice.percent(10);
            let reply = told
                .filter(|_| !is_answer_lost)
                .map_or(GatewayReply::None, |(status, body)| GatewayReply::Answer { status, retry_after: None, body });
            let on_the_way = if is_troubled { self.dice.below(6) } else { 0 };
            self.answers.push((now + on_the_way, call, reply));
        }
        let (arrived, later): (Vec<_>, Vec<_>) = self.answers.drain(..).partition(|(at, ..)| *at <= now);
        self.answers = later;
        for (_, call, answer) in arrived {
            reply(&mut self.desk, time, &call, &answer);
        }
        self.check(now);
    }

    fn check(&self, now: u64) {
        let Some(view) = self.desk.view(at(now)) else { return };
        let Some(recorder) = view.recorder else { return };
        assert!(recorder.deadline.is_none_or(|deadline| at(now) < deadline), "second {now}: past its deadline");
        let is_busy = view.state == State::Registering;
        assert!(!is_busy || recorder.status == Status::Registering, "second {now}: busy with nothing");
        assert!(view.state != State::Ready || recorder.status == Status::Registered, "second {now}: ready without");
    }

    fn run(&mut self) {
        for now in 0..TROUBLE {
            if self.dice.percent(8) {
                self.act(now);
            }
            self.second(now, true);
        }
        ask(&mut self.desk, at(TROUBLE), None, Ask::End(Ending::of(EndReason::SignedOut)));
        for now in TROUBLE..TROUBLE + PEACE {
            self.second(now, false);
        }
    }
}

#[test]
fn whatever_happens_nothing_stays_registered_and_no_try_outlasts_its_deadline() {
    let mut registered = 0;
    for seed in 0..SCHEDULES {
        let mut schedule = Schedule::new(seed);
        schedule.run();
        registered += schedule.model.over.len();
        let end = TROUBLE + PEACE;
        let standing: Vec<_> = schedule.model.standing.values().filter(|(_, _, over)| *over > end).collect();
        assert!(standing.is_empty() && schedule.desk.leaving.is_empty(), "seed {seed}: {standing:?}");
        assert!(schedule.questions.is_empty() && schedule.answers.is_empty(), "seed {seed}");
    }
    assert!(registered > 2_000, "{registered}: too little has happened");
}

#[test]
fn in_peace_what_a_session_has_registered_is_undone_within_a_moment_of_its_end() {
    for seed in 0..200 {
        let mut schedule = Schedule::new(seed);
        schedule.sessions = 1;
        let visitor = schedule.visitor(0, 1);
        take_recorded(&mut schedule.desk, at(0), None, None, visitor);
        let visitor = schedule.visitor(1, 1);
        connect_recorded(&mut schedule.desk, at(0), visitor);
        let ends = schedule.dice.below(400);
        for now in 0..ends {
            schedule.second(now, false);
        }
        ask(&mut schedule.desk, at(ends), None, Ask::Leave { sid: sid(1) });
        schedule.second(ends, false);
        assert!(schedule.model.standing.is_empty(), "seed {seed}: {:?}", schedule.model.standing);
    }
}
