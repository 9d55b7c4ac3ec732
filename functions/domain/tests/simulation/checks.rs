//! Watches what happens and reports what it breaks.

use kv_schema::Timestamp;
use kv_schema::names::SessionId;
use kv_schema::sessions::{EndReason, Revoked, Session};
use onecontact_domain::desk::{
    Answer, Ask, Command, Connection, Departed, Desk, Event as DeskEvent, Known, Policy, Said, View, Visitor,
};
use onecontact_domain::token::{self, FormClaims, Kind, Opened, Rejection, SessionClaims};

use super::kv::CACHED;
use super::page::{FromDesk, Phase};
use super::request::Request;
use super::site::BELIEVED_SECONDS;
use super::watch::{Fate, Invariant};
use super::world::{Ms, World, seconds, short};

/// How long an answer may have been under way when it takes effect.
const FLIGHT: Ms = 15_000;
/// The most that clocks, alarms and rounding add up to.
const SLACK: Ms = 15_000;
/// The most seconds by which clocks and leeway differ.
const LEEWAY: u64 = 10;
/// The longest absence of the desk's host that the desk cannot have noticed.
const UNNOTICED: Ms = 45_000;

impl World {
    pub(crate) fn watch_outcome(
        &mut self,
        agent: usize,
        before: &Desk,
        now: Timestamp,
        events: &[DeskEvent],
        departed: &[Departed],
    ) {
        for Departed { session, ended } in departed {
            self.watch_departed(agent, before.view(now).as_ref(), &session.sid, ended.reason);
            if let Some(fate) = self.watch.fates.get_mut(&session.sid) {
                // None of its tokens is valid any more, and nobody needs a tombstone.
                fate.matters_until = session.hard_end.max(now.plus(SessionClaims::LIFETIME));
            }
        }
        let at = self.now;
        let known = &mut self.watch.desks[agent];
        let mut last = known.log.last_key_value().map_or(0, |(seq, _)| *seq);
        for event in events {
            if event.seq != last + 1 {
                let seq = event.seq;
                self.watch.broken(Invariant::EventsOnceInOrder, at, || format!("event {seq} after event {last}"));
                return;
            }
            last = event.seq;
            known.log.insert(event.seq, serde_json::to_string(event).expect("an event becomes JSON"));
        }
    }

    fn watch_departed(&mut self, agent: usize, before: Option<&View>, sid: &SessionId, reason: EndReason) {
        let at = self.now;
        if self.watch.desks[agent].owner.as_ref() != Some(sid) {
            let how = || format!("{} ended, and did not hold desk{}", short(sid), agent + 1);
            self.watch.broken(Invariant::TakenMeansOwner, at, how);
        }
        if reason == EndReason::HardEnd && before.is_some_and(|view| view.state.is_engaged()) {
            self.watch.broken(Invariant::NoHardEndInAnInteraction, at, || short(sid));
        }
        let silence = self.watch.desks[agent].silence(at, UNNOTICED).unwrap_or_default();
        let presence = self.weather.presence;
        // The host forgets when pings were answered; the desk only records it when it is woken.
        let allowed = Ms::from(presence.logged_out_seconds - presence.suspect_seconds) * 1000;
        if reason == EndReason::ConnectionLost && silence + SLACK < allowed {
            let how = || format!("{} was silent for {silence} ms of {allowed}", short(sid));
            self.watch.broken(Invariant::HeardStays, at, how);
        }
        if let Some(fate) = self.watch.fates.get_mut(sid) {
            fate.ended = Some((at, reason));
        }
        self.watch.last_end = at;
        self.watch.desks[agent].owner = None;
        self.watch.desks[agent].heard = None;
    }

    pub(crate) fn watch_answer(&mut self, agent: usize, before: Option<View>, ask: &Ask, answer: &Answer) {
        match (ask, answer) {
            (Ask::Take(arrival), Answer::Taken { lease, .. }) => {
                let sid = arrival.visitor.session.sid.clone();
                let was_asked = |view: &View| {
                    arrival.here.as_ref() == Some(&view.sid)
                        || arrival.consent.as_ref().map(|consent| consent.over) == Some(view.lease)
                };
                let replaced = before
                    .filter(|view| self.watch.ended(&view.sid).is_some_and(is_replaced))
                    .filter(|view| view.connection != Connection::Awaited && !was_asked(view));
                if let Some(view) = replaced {
                    let how = || format!("{} by {}", short(&view.sid), short(&sid));
                    self.watch.broken(Invariant::AskedBeforeReplaced, self.now, how);
                }
                self.watch_taken(agent, &sid, *lease);
            }
            (Ask::Stand(visitor), Answer::Stands(_)) => {
                let sid = &visitor.session.sid;
                if let Some((at, reason)) = self.watch.ended(sid) {
                    let how = || format!("{} stands, ended {} ms ago: {}", short(sid), self.now - at, reason.name());
                    self.watch.broken(Invariant::NoResurrection, self.now, how);
                }
            }
            (Ask::Offer { .. }, Answer::Offer(offer))
                if offer.outcome.is_none() && offer.at == self.desk_time(agent) =>
            {
                let presence = self.weather.presence;
                let most = Ms::from(presence.not_ready_seconds + presence.suspect_seconds) * 1000 + SLACK;
                let silence = self.watch.desks[agent].silence(self.now, 0).unwrap_or_default();
                if silence > most {
                    let how = || format!("an offer after {silence} ms of silence");
                    self.watch.broken(Invariant::SilentIsNotReady, self.now, how);
                }
            }
            _ => {}
        }
        self.watch_told_offer(agent, ask, answer);
    }

    fn watch_taken(&mut self, agent: usize, sid: &SessionId, lease: u64) {
        let at = self.now;
        let desk = self.hosts[agent].desk();
        let first_event = desk.first_event();
        let known = &mut self.watch.desks[agent];
        if lease <= known.lease {
            let highest = known.lease;
            self.watch.broken(Invariant::LeasesGrow, at, || format!("lease {lease} after {highest}"));
            return;
        }
        known.lease = lease;
        known.owner = Some(sid.clone());
        // Whoever has signed in is there, and is listened for from then on.
        known.heard = Some(at);
        let fate = Fate { agent, lease, ended: None, matters_until: Timestamp(0), told_by_site: false, first_event };
        self.watch.fates.insert(sid.clone(), fate);
    }

    pub(crate) fn watch_connected(&mut self, agent: usize, sid: &SessionId) {
        if let Some((at, reason)) = self.watch.ended(sid) {
            let how = || format!("a socket for {}, ended {} ms ago: {}", short(sid), self.now - at, reason.name());
            self.watch.broken(Invariant::NoResurrection, self.now, how);
        }
        self.watch.desks[agent].heard = Some(self.now);
    }

    pub(crate) fn watch_heard(&mut self, agent: usize, sid: &SessionId) {
        let at = self.now;
        let known = &mut self.watch.desks[agent];
        if known.owner.as_ref() == Some(sid) {
            known.heard = known.heard.map(|_| at);
        }
    }

    pub(crate) fn watch_command(
        &mut self,
        agent: usize,
        sid: &SessionId,
        before: Option<View>,
        command: &Command,
        answer: &Said,
    ) {
        let at = self.now;
        if let Some((ended, reason)) = self.watch.ended(sid).filter(|(ended, _)| *ended < at)
            && matches!(answer, Said::Done { .. })
        {
            let how = || format!("a command of {}, ended {} ms ago: {}", short(sid), at - ended, reason.name());
            self.watch.broken(Invariant::NoResurrection, at, how);
        }
        let now = self.desk_time(agent);
        let after = self.hosts[agent].desk().view(now);
        let of_it = |view: Option<View>| view.filter(|view| view.sid == *sid);
        let (Some(before), Some(after)) = (of_it(before), of_it(after)) else { return };
        let (former, latter) = (before.applied, after.applied);
        let is_new = command.id > former;
        let is_right = match answer {
            Said::Done { .. } if is_new => latter == command.id,
            // Counted or not, it changes nothing.
            _ => latter == former || is_new && latter == command.id,
        };
        if !is_right {
            let how = || format!("{command:?} of {} after {former} led to {latter}", short(sid));
            self.watch.broken(Invariant::CommandsOnceInOrder, at, how);
        }
        if !is_new && self.agent_acted_since(agent, before.seq) {
            let how = || format!("{command:?} of {} came again and was applied again", short(sid));
            self.watch.broken(Invariant::CommandsOnceInOrder, at, how);
        }
    }

    fn agent_acted_since(&self, agent: usize, seq: u64) -> bool {
        self.watch.desks[agent].log.range(seq + 1..).any(|(_, json)| json.contains(r#""cause":"agent""#))
    }

    /// A page is sent a message: everything there is to tell, once, in order.
    pub(crate) fn watch_told(&mut self, browser: usize, socket: usize, message: &FromDesk) {
        let (sid, agent) = (self.sockets[socket].sid.clone(), self.sockets[socket].agent);
        let first = self.watch.fates.get(&sid).map_or(1, |fate| fate.first_event);
        let seen = &self.browsers[browser].seen;
        let last = seen.as_ref().filter(|(of, _)| *of == sid).map_or(first - 1, |(_, last)| *last);
        let told: Vec<u64> = match message {
            FromDesk::Welcome(welcome) => welcome.events.iter().map(|event| event.seq).collect(),
            FromDesk::Event(event) => vec![event.seq],
            _ => return,
        };
        let upto = told.last().copied().unwrap_or(last);
        let is_whole = told.iter().copied().eq(last + 1..=upto);
        let is_current = !matches!(message, FromDesk::Welcome(welcome) if welcome.seq != upto);
        let is_known = told.iter().all(|seq| self.watch.desks[agent].log.contains_key(seq));
        if !(is_whole && is_current && is_known) {
            let how = || format!("browser {browser}, {}: told {told:?} after {last}", short(&sid));
            self.watch.broken(Invariant::EventsOnceInOrder, self.now, how);
        }
        self.browsers[browser].seen = Some((sid, upto));
    }

    pub(crate) fn watch_sealed(&mut self, token: &str, until: Timestamp) {
        self.watch.tokens.insert(token.to_owned(), until);
    }

    pub(crate) fn watch_opened(&mut self, site: usize, token: &str, rejection: Option<Rejection>) {
        let (now, until) = (seconds(self.now), self.watch.tokens.get(token).copied().unwrap_or_default());
        match rejection {
            None if now > until.plus(LEEWAY) => {
                self.watch.broken(Invariant::NoPagePastTheToken, self.now, || format!("at site {site}"));
            }
            Some(why) if now.plus(LEEWAY) < until => {
                self.watch.broken(Invariant::TokensVerifyEverywhere, self.now, || format!("site {site} says {why}"));
            }
            _ => {}
        }
    }

    pub(crate) fn watch_renewed(&mut self, claims: &SessionClaims, asked_at: Ms) {
        let ended = self.watch.ended(&claims.sid);
        if let Some((at, reason)) = ended.filter(|(at, _)| at + FLIGHT < self.now && at + FLIGHT < asked_at + FLIGHT) {
            let how = || format!("{}, ended {} ms ago: {}", short(&claims.sid), self.now - at, reason.name());
            self.watch.broken(Invariant::NoRenewalOfTheEnded, self.now, how);
        }
    }

    /// A site admits a page by its token alone.
    pub(crate) fn watch_page(&mut self, site: usize, opened: &Opened<SessionClaims>) {
        let sid = &opened.claims.sid;
        let Some((at, reason)) = self.watch.ended(sid) else { return };
        let Some(seen) = self.kv.could_be_seen_since(&Revoked::key_of(sid), site) else { return };
        // A miss cached just before, and an isolate that believes it.
        let latest = seen + CACHED + BELIEVED_SECONDS * 1000 + 2_000;
        if self.now > latest && !self.kv.is_down(self.now) {
            let late = self.now - seen;
            let how = || {
                let (sid, reason) = (short(sid), reason.name());
                format!("{sid} ended at {at} ({reason}); its tombstone could be seen at site {site} for {late} ms")
            };
            self.watch.broken(Invariant::PagesUntilTheTombstone, self.now, how);
        }
    }

    /// A site sends somebody to the login.
    pub(crate) fn watch_refused(&mut self, request: &Request) {
        let Some(token) = &request.cookie else { return };
        let (keys, now) = (&self.keys.sets[self.keys.newest()], seconds(self.now));
        let opened = token::open::<SessionClaims>(keys, token, now.plus(LEEWAY))
            .and_then(|opened| opened.held_against(&self.install.name(), None, now.plus(LEEWAY)));
        let Ok(opened) = opened else { return };
        let sid = &opened.claims.sid;
        let told_by_site = self.watch.fates.get(sid).is_some_and(|fate| fate.told_by_site);
        if self.watch.stands(sid) && !told_by_site {
            self.watch.broken(Invariant::NoFalseLogin, self.now, || format!("{} stands", short(sid)));
        }
    }

    /// Called after anything that happened at a desk.
    pub(crate) fn check_desk(&mut self, agent: usize) {
        let at = self.now;
        let owner = self.watch.desks[agent].owner.clone();
        let desk = self.hosts[agent].desk();
        if desk.holder() != owner.as_ref() {
            let (holder, owner) = (desk.holder().map(short), owner.as_ref().map(short));
            let how = || format!("desk{} is held by {holder:?} and was given to {owner:?}", agent + 1);
            self.watch.broken(Invariant::TakenMeansOwner, at, how);
        }
        let mut sockets = self.hosts[agent].sockets.iter().map(|socket| &self.sockets[*socket].sid);
        if let Some(sid) = sockets.find(|sid| Some(*sid) != owner.as_ref()) {
            let (of, owner) = (short(sid), owner.as_ref().map(short));
            let how = || format!("desk{} has a socket of {of}, held by {owner:?}", agent + 1);
            self.watch.broken(Invariant::OneSocket, at, how);
        }
        if std::mem::take(&mut self.has_changed_hands) {
            let desk = self.hosts[agent].desk().clone();
            self.check_who_stands(agent, desk, owner.as_ref());
        }
        self.check_silence(agent);
        self.check_offers(agent);
        self.check_extension(agent);
    }

    /// Asks a copy of the desk, for each recent session, whether it may go on.
    fn check_who_stands(&mut self, agent: usize, mut desk: Desk, owner: Option<&SessionId>) {
        let now = self.desk_time(agent);
        let of_late = self.watch.fates.iter().rev().filter(|(_, fate)| fate.agent == agent).take(4);
        for (sid, fate) in of_late {
            let visitor = self.probe(sid, fate.lease);
            let stands =
                matches!(desk.answer(now, None, Ask::Stand(visitor), Known::default()).answer, Answer::Stands(_));
            if stands && Some(sid) != owner {
                let (sid, owner) = (short(sid), owner.map(short));
                let how = || format!("{sid} stands at desk{}, held by {owner:?}", agent + 1);
                self.watch.broken(Invariant::OneOwner, self.now, how);
                return;
            }
        }
    }

    fn probe(&self, sid: &SessionId, lease: u64) -> Visitor {
        let claims = SessionClaims {
            agent: self.agents[0].username.clone(),
            instance: self.agents[0].instance.clone(),
            install: self.install.clone(),
            sid: sid.clone(),
            lease,
            extension: None,
            extension_typed: false,
            language: None,
            auth_time: seconds(self.now),
            amr: Vec::new(),
            sign_in: None,
            hard_end: seconds(self.now),
        };
        Visitor::of(&claims, onecontact_domain::browser::Browser::from_user_agent(""), Policy::default())
    }

    fn check_silence(&mut self, agent: usize) {
        let presence = self.weather.presence;
        let most = Ms::from(presence.logged_out_seconds + presence.suspect_seconds) * 1000 + 2 * SLACK;
        let Some(silence) = self.watch.desks[agent].silence(self.now, 0).filter(|_| self.hosts[agent].is_up) else {
            return;
        };
        if silence > most {
            let how = || format!("desk{}'s page was silent for {silence} ms", agent + 1);
            self.watch.broken(Invariant::SilentIsLoggedOut, self.now, how);
        }
    }

    /// A retired key past its date opens nothing anywhere, not even a token that would be valid for hours.
    fn check_retired_keys(&mut self) {
        let now = seconds(self.now);
        for probe in &self.keys.probes {
            if probe.until.is_none_or(|until| now < until.plus(LEEWAY)) {
                continue;
            }
            for (number, site) in self.sites.iter().enumerate() {
                for isolate in &site.isolates {
                    let opened = token::open::<FormClaims>(&self.keys.sets[isolate.keys], &probe.token, now);
                    if opened.err() != Some(Rejection::UnknownKey) {
                        self.watch.broken(Invariant::RetiredKeysVerifyNothing, self.now, || format!("site {number}"));
                        return;
                    }
                }
            }
        }
    }

    /// What remains once nothing has gone wrong for a while.
    pub(crate) fn check_rest(&mut self) {
        for agent in 0..self.agents.len() {
            self.check_desk(agent);
        }
        self.check_retired_keys();
        self.check_kv();
        self.check_nobody_is_locked_out();
        for browser in 0..self.browsers.len() {
            self.check_page(browser);
        }
    }

    fn check_kv(&mut self) {
        let at = self.now;
        let fates = self.watch.fates.clone();
        for (sid, fate) in &fates {
            let key = Revoked::key_of(sid);
            let agent = &self.agents[fate.agent];
            let record = Session::key_of(&agent.instance, &agent.username, sid);
            let is_known = self.kv.was_told(&key) || seconds(at) > fate.matters_until;
            if fate.ended.is_some() && (!is_known || self.kv.stands(&record, at)) {
                self.watch.broken(Invariant::EndsAreTold, at, || format!("{} of desk{}", short(sid), fate.agent + 1));
            }
            if fate.ended.is_none() && !fate.told_by_site && self.kv.was_told(&key) {
                self.watch.broken(Invariant::NoTombstoneForTheLiving, at, || short(sid));
            }
            if fate.ended.is_none() && !self.kv.was_told(&record) {
                self.watch.broken(Invariant::ComesToRest, at, || format!("{} is not listed", short(sid)));
            }
        }
    }

    fn check_page(&mut self, browser: usize) {
        let Some(page) = &self.browsers[browser].page else { return };
        let stands = page.sid.as_ref().is_some_and(|sid| self.watch.stands(sid));
        let is_at_rest = match page.phase {
            Phase::Open => stands,
            Phase::Over | Phase::Aside => true,
            // Nobody waits for ever: by now each has an open socket, or has learned that its session is over.
            Phase::Waiting | Phase::Connecting => false,
        };
        if !is_at_rest {
            let (phase, sid) = (page.phase, page.sid.as_ref().map(short));
            let how = || format!("browser {browser}, {sid:?}: {phase:?}, its session stands: {stands}");
            self.watch.broken(Invariant::ComesToRest, self.now, how);
        }
    }

    /// What has to be checked even if nothing happens.
    pub(crate) fn check_now_and_then(&mut self) {
        for agent in 0..self.agents.len() {
            self.check_silence(agent);
        }
        self.check_retired_keys();
    }
}

const fn is_replaced((_, reason): (Ms, EndReason)) -> bool {
    matches!(reason, EndReason::TakenOver | EndReason::Replaced)
}
