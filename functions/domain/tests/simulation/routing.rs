//! Routing: offers interactions, again if an answer may have been lost, takes some back, and ends them. And the agents'
//! answers, if they give any. What comes of each offer is checked against what was known of it.

use kv_schema::Timestamp;
use onecontact_domain::desk::{Answer, Ask, Known, Label, Medium, Offer, Proposal, RoutingId, State, Subject, Verdict};

use super::planted::Bug;
use super::request::Call;
use super::watch::Invariant;
use super::world::{Event, Ms, World, seconds};

/// What came of an offer, as it was decided; `None` while it waits for an answer.
pub(crate) type Fate = Option<Verdict>;

fn id(text: String) -> RoutingId {
    RoutingId::try_from(text).expect("it is an id")
}

fn proposal(number: u64, since: Timestamp, seconds: u32) -> Proposal {
    let service = Label::try_from("Support".to_owned()).expect("it is a text");
    let interaction = Subject { id: id(format!("call-{number}")), kind: Medium::Call, service, from: None, since };
    Proposal { id: id(format!("o-{number}")), interaction, seconds }
}

impl World {
    /// Routing offers an interaction, mostly once; now and then it has to ask again, or believes so.
    pub(crate) fn routing_acts(&mut self, agent: usize) {
        if self.is_resting() {
            return;
        }
        let again = self.dice.between(5_000, 120_000);
        self.after(again, Event::RoutingActs { agent });
        self.offers += 1;
        let limit = self.dice.pick(&[5, 20, 60]);
        let proposal = proposal(self.offers, seconds(self.now), limit);
        let offer = proposal.id.clone();
        let ask = Ask::Offer { proposal, by: "routing".to_owned(), is_declared: true };
        for _ in 0..self.dice.pick(&[1, 1, 2, 3]) {
            let wait = self.dice.pick(&[0, 1_000, 40_000]);
            let wait = self.delay() + self.dice.between(0, wait);
            self.after(wait, Event::AtDesk(Call::of_nobody(agent, &ask)));
        }
        if self.dice.percent(20) {
            let wait = self.dice.between(0, 25_000);
            let cancel = Ask::Cancel { offer: offer.clone(), by: "routing".to_owned() };
            self.after(wait, Event::AtDesk(Call::of_nobody(agent, &cancel)));
        }
        let wait = self.dice.between(100, 90_000);
        self.after(wait, Event::AtDesk(Call::of_nobody(agent, &Ask::Find { offer, wait: 0 })));
    }

    pub(crate) fn routing_finishes(&mut self, agent: usize, interaction: &RoutingId) {
        if !self.hosts[agent].is_up {
            return self.after(1_000, Event::RoutingFinishes { agent, interaction: interaction.clone() });
        }
        self.answer(agent, &Ask::Finish { interaction: interaction.clone(), by: "routing".to_owned() });
    }

    /// An agent sees an offer, and answers or does not.
    pub(crate) fn agent_sees_offer(&mut self, browser: usize, offer: &str) {
        let patience: Ms = self.dice.pick(&[3_000, 15_000, 30_000]);
        let (wait, wish) = (self.dice.between(300, patience), self.dice.between(0, 99));
        let wish = match wish {
            0..65 => "accept",
            65..85 => "reject",
            _ => return,
        };
        let wish = format!(r#"{{"{wish}":{{"offer":"{offer}"}}}}"#);
        self.after(wait, Event::AgentAnswers { browser, load: self.browsers[browser].load, wish });
    }

    /// What is stored about the offer in question.
    pub(crate) fn known(&self, agent: usize, ask: &Ask) -> Known {
        if self.bug == Some(Bug::ForgetsOffers) {
            return Known::default();
        }
        let kept = ask.offer().and_then(|offer| self.hosts[agent].offers.get(offer.as_str()));
        Known { offer: kept.map(|json| serde_json::from_str(json).expect("an offer can be read")), is_full: false }
    }

    /// Stores offers as they now stand, and checks them against what was known.
    pub(crate) fn keep_offers(&mut self, agent: usize, offers: &[Offer], is_alarm: bool) {
        for offer in offers {
            self.watch_offer(agent, offer);
            if offer.outcome == Some(Verdict::Accepted) {
                let length = self.dice.pick(&[20_000, 120_000, 900_000]);
                let wait = self.dice.between(2_000, length);
                self.after(wait, Event::RoutingFinishes { agent, interaction: offer.interaction.id.clone() });
            }
            if is_alarm && self.bug == Some(Bug::LosesOutcomes) {
                continue;
            }
            let json = serde_json::to_string(offer).expect("an offer becomes JSON");
            self.hosts[agent].offers.insert(offer.id.as_str().to_owned(), json);
        }
    }

    fn watch_offer(&mut self, agent: usize, offer: &Offer) {
        let before = self.watch.desks[agent].offers.insert(offer.id.clone(), offer.outcome);
        if let Some(Some(before)) = before {
            let how = || format!("{} came to {before:?}, and then to {:?}", offer.id.as_str(), offer.outcome);
            self.watch.broken(Invariant::OneOutcome, self.now, how);
        }
    }

    /// Routing is told how an offer stands: as it was decided.
    pub(crate) fn watch_told_offer(&mut self, agent: usize, ask: &Ask, answer: &Answer) {
        let Some(id) = ask.offer() else { return };
        let known = self.watch.desks[agent].offers.get(id);
        let is_right = match answer {
            Answer::Offer(offer) => known == Some(&offer.outcome),
            Answer::Unknown => known.is_none(),
            _ => false,
        };
        if !is_right {
            let how = format!("{}: {known:?}, and routing was told {answer:?}", id.as_str());
            self.watch.broken(Invariant::OneOutcome, self.now, || how);
        }
    }

    /// The offer that the agent sees is the only one without an outcome.
    pub(crate) fn check_offers(&mut self, agent: usize) {
        let now = self.desk_time(agent);
        let seen = match self.hosts[agent].desk().view(now).map(|view| view.state) {
            Some(State::Offered { offer, .. }) => Some(offer),
            _ => None,
        };
        let known = &self.watch.desks[agent].offers;
        let open: Vec<&RoutingId> = known.iter().filter(|(_, fate)| fate.is_none()).map(|(id, _)| id).collect();
        if open != seen.iter().collect::<Vec<_>>() {
            let how = format!("desk{} shows {seen:?}, and without an outcome are {open:?}", agent + 1);
            self.watch.broken(Invariant::EveryOfferHasAnOutcome, self.now, || how);
        }
    }
}
