//! The objects that hold extensions, as `functions/edge/src/extension_lease.rs` does, and what is under way between
//! them and the desks: late, lost, or answered to an object that has been restarted. Agents want the same extension, or
//! each has their own, and sometimes they change.

use kv_schema::Timestamp;
use kv_schema::names::{Extension, Username};
use onecontact_domain::desk::{Answer, Ask, Call as DeskCall, Found, Missing, Reply, Why};
use onecontact_domain::extension_lease::{Act, Answer as LeaseAnswer, Ask as LeaseAsk, Keeps, Step, Told};

use super::planted::Bug;
use super::watch::Invariant;
use super::world::{Event, Ms, World};

/// How long an object waits for the desk that it asks.
const DESK_LIMIT: Ms = 1_500;

/// A desk's question to a lease, on its way.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) agent: usize,
    /// The life of the desk's object: only the one that asked hears the answer.
    life: u64,
    number: u64,
    call: DeskCall,
}

pub(crate) fn extension(number: usize) -> Extension {
    Extension::parse(&(1000 + number).to_string()).expect("it is a number")
}

impl World {
    /// The extension that an agent usually has.
    pub(crate) fn usual_extension(&self, agent: usize) -> Extension {
        extension(if self.weather.shares_extension { 1 } else { agent + 1 })
    }

    /// A desk's object asks what is due. What does not come back in time does not come back at all.
    pub(crate) fn call(&mut self, agent: usize, calls: Vec<DeskCall>) {
        for call in calls {
            self.claims += 1;
            let claim = Claim { agent, life: self.hosts[agent].life, number: self.claims, call };
            self.hosts[agent].under_way.insert(claim.number);
            self.after(Ms::from(claim.call.seconds()) * 1000, Event::Called { claim: claim.clone(), answer: None });
            if self.is_resting() || !self.dice.percent(2) {
                let wait = self.delay();
                self.after(wait, Event::AtLease { claim, told: None });
            }
        }
    }

    pub(crate) fn at_lease(&mut self, claim: Claim, told: Option<Told>) {
        let DeskCall::Lease { ask, .. } = &claim.call else { panic!("there is no recorder in these schedules") };
        let ask = self.bugged_claim(ask.clone());
        let told = self.bugged_word(told);
        if ask.act == Act::Free && !self.is_resting() && self.dice.percent(5) {
            // As good as given back by a desk that has lost its storage since: the lease is told nothing.
            let wait = self.delay();
            return self.after(wait, Event::Called { claim, answer: Some(LeaseAnswer::Free) });
        }
        let now = Timestamp(self.now / 1000);
        let lease = self.leases.entry(ask.extension.to_string()).or_default();
        let step = lease.answer(now, &ask, told);
        let waiting = lease.take_waiting();
        self.say(|_| format!("lease {}: {:?} {} of {} → {step:?}", ask.extension, ask.act, ask.claim, ask.agent));
        for agent in waiting {
            let (wait, agent) = (self.delay(), self.number_of(&agent));
            self.after(wait, Event::HearsOfFree { agent, extension: ask.extension.clone() });
        }
        match step {
            Step::Answer(answer) => {
                let wait = self.delay();
                if self.is_resting() || !self.dice.percent(2) {
                    self.after(wait, Event::Called { claim, answer: Some(answer) });
                }
            }
            Step::AskDesk(holder, number) => {
                let wait = self.delay();
                self.after(wait, Event::LeaseAsks { claim, holder, number });
            }
        }
    }

    /// The lease asks a holder's desk whether it still has the extension.
    pub(crate) fn lease_asks(&mut self, claim: Claim, holder: Username, number: u64) {
        let DeskCall::Lease { ask, .. } = &claim.call else { panic!("there is no recorder in these schedules") };
        let agent = self.number_of(&holder);
        let (keeps, wait) = if !self.hosts[agent].is_up || (!self.is_resting() && self.dice.percent(2)) {
            (Keeps::Unknown, DESK_LIMIT)
        } else {
            self.sleep_perhaps(agent);
            let keeps = match self.answer(agent, &Ask::Keeps { extension: ask.extension.clone() }) {
                Answer::Keeps { until: Some(at), is_silent } => Keeps::Until { at, is_silent },
                _ => Keeps::No,
            };
            (keeps, self.delay())
        };
        let told = Some(Told { agent: holder, claim: number, keeps });
        self.after(wait, Event::AtLease { claim, told });
    }

    pub(crate) fn called(&mut self, claim: &Claim, answer: Option<LeaseAnswer>) {
        let host = &mut self.hosts[claim.agent];
        if host.life != claim.life || !host.under_way.remove(&claim.number) {
            return;
        }
        let reply = answer.map(|answer| Reply::Lease(Found::Lease { kind: None, answer }));
        self.handle(claim.agent, |desk, now| desk.called(now, &claim.call, reply));
    }

    pub(crate) fn hears_of_free(&mut self, agent: usize, extension: Extension) {
        if self.hosts[agent].is_up {
            self.answer(agent, &Ask::Free { extension });
        }
    }

    fn number_of(&self, agent: &Username) -> usize {
        self.agents.iter().position(|other| other.username == *agent).expect("leases know no other agents")
    }

    fn bugged_claim(&self, mut ask: LeaseAsk) -> LeaseAsk {
        if self.bug == Some(Bug::FreesAnyClaim) && ask.act == Act::Free {
            ask.claim = 1 << 40;
        }
        ask
    }

    fn bugged_word(&self, told: Option<Told>) -> Option<Told> {
        let keeps = |keeps| move |told| Told { keeps, ..told };
        match self.bug {
            Some(Bug::TakesSilenceForFree) => {
                told.map(|told| if told.keeps == Keeps::Unknown { keeps(Keeps::No)(told) } else { told })
            }
            Some(Bug::BelievesLeasesStand) => told.map(keeps(Keeps::Unknown)),
            _ => told,
        }
    }

    /// Called after anything that happened at a desk: no other desk holds the same extension.
    pub(crate) fn check_extension(&mut self, agent: usize) {
        let Some(held) = self.held(agent) else { return };
        for other in (0..self.agents.len()).filter(|other| *other != agent) {
            if self.held(other).as_ref() == Some(&held) {
                let how = || format!("{held} is held by desk{} and desk{}", agent + 1, other + 1);
                self.watch.broken(Invariant::OneHolder, self.now, how);
            }
        }
    }

    fn held(&mut self, agent: usize) -> Option<Extension> {
        let now = self.desk_time(agent);
        let line = self.hosts[agent].desk().view(now)?.extension?;
        line.held.then_some(line.number)
    }

    /// Once nothing has gone wrong for a while: an agent without their extension lacks it because another agent has it.
    pub(crate) fn check_nobody_is_locked_out(&mut self) {
        for agent in 0..self.agents.len() {
            let now = self.desk_time(agent);
            let Some(view) = self.hosts[agent].desk().view(now) else { continue };
            let Some(line) = view.extension.filter(|line| !line.held) else { continue };
            let why = view.missing.iter().find_map(|missing| match missing {
                Missing::Extension(lack) => Some(lack.why),
                _ => None,
            });
            let others: Vec<_> = (0..self.agents.len()).filter(|other| *other != agent).collect();
            let is_elsewhere = others.into_iter().any(|other| self.held(other).as_ref() == Some(&line.number));
            // An agent whose desktop never came may have let it go.
            if !(is_elsewhere && why == Some(Why::Held)) && why != Some(Why::None) {
                let how = || format!("desk{} is without {}: {why:?}", agent + 1, line.number);
                self.watch.broken(Invariant::NobodyLockedOut, self.now, how);
            }
        }
    }
}
