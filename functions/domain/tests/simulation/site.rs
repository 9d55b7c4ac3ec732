//! A site: isolates that handle the tokens as `functions/edge/src/session` does. Each believes for a while that a
//! session has no tombstone, and each has its own copy of `TOKEN_KEYS`.

use std::collections::BTreeMap;
use std::rc::Rc;

use kv_schema::names::{Extension, SessionId};
use kv_schema::record::Version;
use kv_schema::sessions::{EndReason, Revoked};
use kv_schema::{Record, Timestamp};
use onecontact_domain::browser::Browser;
use onecontact_domain::desk::{Answer, Arrival, Ask, Connect, Consent, Ended, Policy, Visitor};
use onecontact_domain::token::{
    self, Amr, FormClaims, KeySet, Kind, Opened, Proved, Rejection, SessionClaims, TakeOverClaims, recall_session,
};

use super::dice::Dice;
use super::planted::Bug;
use super::request::{Asked, Body, Call, Reply, Request, Then, Verdict, body};
use super::weather::Weather;
use super::world::{Event, Ms, World, short};

pub(crate) const ISOLATES: usize = 2;
/// Seconds for which an isolate believes that a session has no tombstone.
pub(crate) const BELIEVED_SECONDS: u64 = 5;

#[derive(Clone, Copy)]
enum Known {
    Over,
    AliveUntil(Timestamp),
}

#[derive(Default)]
pub(crate) struct Isolate {
    known: BTreeMap<SessionId, Known>,
    /// The number of its key set.
    pub(crate) keys: usize,
}

pub(crate) struct Site {
    pub(crate) is_up: bool,
    skew: Ms,
    pub(crate) isolates: [Isolate; ISOLATES],
}

impl Site {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        Self { is_up: true, skew: dice.between(0, 3_000), isolates: Default::default() }
    }

    /// It is restarted, and knows nothing but the keys.
    pub(crate) fn forget(&mut self) {
        for isolate in &mut self.isolates {
            isolate.known.clear();
        }
    }
}

impl World {
    fn site_time(&self, site: usize) -> Timestamp {
        Timestamp((self.now + self.sites[site].skew - 1_500) / 1000)
    }

    fn keys_of(&self, request: &Request) -> Rc<KeySet> {
        let number = self.sites[request.site].isolates[request.isolate].keys;
        Rc::clone(&self.keys.sets[number])
    }

    pub(crate) fn reply(&mut self, request: Request, reply: Reply) {
        let wait = self.delay();
        self.after(wait, Event::AtBrowser(request, reply));
    }

    fn ask(&mut self, request: Request, agent: usize, ask: &Ask, then: Then) {
        let wait = self.delay();
        self.after(wait, Event::AtDesk(Call { agent, body: body(ask), request: Some(request), then }));
    }

    pub(crate) fn at_site(&mut self, request: Request) {
        if !self.sites[request.site].is_up || !self.browsers[request.browser].is_online() {
            return self.after(1_000, Event::AtBrowser(request, Reply::Unreachable));
        }
        match request.asked.clone() {
            Asked::FormToken => {
                let browser = self.browsers[request.browser].mark.clone();
                let form = self.seal(&request, &FormClaims { install: self.install.name(), browser, tenant: None });
                self.reply(request, Reply::FormToken(form));
            }
            Asked::SignIn { agent, form, resumes } => match self.open::<FormClaims>(&request, &form) {
                Ok(opened) if opened.claims.browser == self.browsers[request.browser].mark => {
                    self.sign_in(request, agent, None, resumes);
                }
                _ => self.reply(request, Reply::Stale),
            },
            Asked::TakeOver { step, resumes } => match self.open::<TakeOverClaims>(&request, &step) {
                Ok(opened) if opened.claims.browser == self.browsers[request.browser].mark => {
                    let agent = self.agents.iter().position(|agent| agent.username == opened.claims.agent);
                    let TakeOverClaims { over, in_interaction, came_at, .. } = opened.claims;
                    let consent = Consent { over, in_interaction, proved_at: came_at };
                    self.sign_in(request, agent.expect("it is one of them"), Some(consent), resumes);
                }
                _ => self.reply(request, Reply::Stale),
            },
            Asked::SignOut => self.sign_out(request),
            Asked::Desktop => self.desktop(request),
            Asked::SessionPart => self.session_part(request),
            Asked::Socket { after } => self.socket(request, after),
        }
    }

    /// The browser's token, opened; `Err(None)` if it showed none.
    fn token(&mut self, request: &Request) -> Result<Opened<SessionClaims>, Option<Rejection>> {
        let Some(token) = request.cookie.clone() else { return Err(None) };
        let now = self.site_time(request.site);
        let opened = self.open::<SessionClaims>(request, &token).map_err(Some)?;
        opened.held_against(&self.install.name(), None, now).map_err(Some)
    }

    fn open<T: Kind>(&mut self, request: &Request, token: &str) -> Result<Opened<T>, Rejection> {
        let now = self.site_time(request.site);
        let opened = token::open::<T>(&self.keys_of(request), token, now);
        self.watch_opened(request.site, token, opened.as_ref().err().copied());
        opened
    }

    fn seal<T: Kind>(&mut self, request: &Request, claims: &T) -> String {
        let now = self.site_time(request.site);
        let token = token::seal(&self.keys_of(request), claims, now).expect("claims become JSON");
        self.watch_sealed(&token, claims.expires_at(now));
        token
    }

    fn agent_of(&self, claims: &SessionClaims) -> usize {
        self.agents.iter().position(|agent| agent.username == claims.agent).expect("it is one of them")
    }

    fn visitor(&self, claims: &SessionClaims) -> Visitor {
        let Weather { presence, overtime_minutes, wrap_up_seconds, .. } = self.weather;
        let policy = Policy { presence, overtime_minutes, wrap_up_seconds, allow_extension: true, ..Policy::default() };
        Visitor::of(claims, Browser::from_user_agent("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0"), policy)
    }

    /// Looks for a tombstone. While KV is down nobody knows, and the session goes on.
    fn has_tombstone(&mut self, request: &Request, sid: &SessionId) -> bool {
        let now = self.site_time(request.site);
        match self.sites[request.site].isolates[request.isolate].known.get(sid) {
            Some(Known::Over) => return true,
            Some(Known::AliveUntil(until)) if now < *until => return false,
            _ => {}
        }
        let Ok(found) = self.kv.read(&Revoked::key_of(sid), request.site, self.now) else { return false };
        let believed = if self.bug == Some(Bug::BelievesForever) { 100_000 } else { BELIEVED_SECONDS };
        let what = if found.is_some() { Known::Over } else { Known::AliveUntil(now.plus(believed)) };
        self.sites[request.site].isolates[request.isolate].known.insert(sid.clone(), what);
        found.is_some()
    }

    fn remember_over(&mut self, request: &Request, sid: &SessionId) {
        self.sites[request.site].isolates[request.isolate].known.insert(sid.clone(), Known::Over);
    }

    fn desktop(&mut self, request: Request) {
        let opened = match self.token(&request) {
            Ok(opened) => opened,
            Err(why) => return self.send_to_login(request, why.is_some()),
        };
        if opened.is_due_for_renewal(self.site_time(request.site)) {
            if self.bug == Some(Bug::RenewsWithoutAsking) {
                let hard_end = opened.claims.hard_end;
                let cookie = self.renewed(&request, &opened, hard_end, opened.claims.extension.clone());
                return self.reply(request, Reply::Page { cookie });
            }
            let ask = Ask::Stand(self.visitor(&opened.claims));
            let agent = self.agent_of(&opened.claims);
            return self.ask(request, agent, &ask, Then::Page(Box::new(opened)));
        }
        self.page_as_it_is(request, &opened);
    }

    fn page_as_it_is(&mut self, request: Request, opened: &Opened<SessionClaims>) {
        if self.has_tombstone(&request, &opened.claims.sid) {
            return self.send_to_login(request, true);
        }
        self.watch_page(request.site, opened);
        self.reply(request, Reply::Page { cookie: None });
    }

    fn send_to_login(&mut self, request: Request, clear: bool) {
        self.watch_refused(&request);
        self.reply(request, Reply::ToLogin { clear });
    }

    fn session_part(&mut self, request: Request) {
        match self.token(&request) {
            Ok(opened) => {
                let agent = self.agent_of(&opened.claims);
                if self.bug == Some(Bug::BelievesKv) && !self.has_tombstone(&request, &opened.claims.sid) {
                    let cookie =
                        self.renewed(&request, &opened, opened.claims.hard_end, opened.claims.extension.clone());
                    return self.reply(request, Reply::Session { cookie });
                }
                let ask = Ask::Stand(self.visitor(&opened.claims));
                self.ask(request, agent, &ask, Then::Session(Box::new(opened)));
            }
            Err(Some(Rejection::Expired | Rejection::PastHardEnd)) => match self.past_session(&request) {
                Some(claims) => {
                    let agent = self.agent_of(&claims);
                    self.ask(request, agent, &Ask::Recall { sid: claims.sid }, Then::Recall);
                }
                None => self.no_session(request, None),
            },
            Err(_) => self.no_session(request, None),
        }
    }

    fn no_session(&mut self, request: Request, ended: Option<Ended>) {
        self.watch_refused(&request);
        self.reply(request, Reply::NoSession { ended });
    }

    fn past_session(&self, request: &Request) -> Option<SessionClaims> {
        recall_session(&self.keys_of(request), request.cookie.as_deref()?, self.site_time(request.site))
    }

    fn socket(&mut self, request: Request, after: u64) {
        let claims = match self.token(&request) {
            Ok(opened) => opened.claims,
            Err(_) => return self.no_session(request, None),
        };
        let agent = self.agent_of(&claims);
        let then = Then::Link(claims.sid.clone());
        let connect = Connect { visitor: self.visitor(&claims), after };
        let body = Body::Connect(serde_json::to_string(&connect).expect("a question becomes JSON"));
        let wait = self.delay();
        self.after(wait, Event::AtDesk(Call { agent, body, request: Some(request), then }));
    }

    fn sign_in(&mut self, request: Request, agent: usize, consent: Option<Consent>, resumes: Option<SessionId>) {
        let before = self.past_session(&request);
        let (own, others) = match before {
            Some(before) if before.agent == self.agents[agent].username => (Some(before), None),
            before => (None, before.map(Box::new)),
        };
        let claims = self.new_claims(agent, self.site_time(request.site));
        let here = own.map(|own| own.sid).or(resumes);
        let ask = Ask::Take(Arrival { visitor: self.visitor(&claims), consent, here, is_typed: false });
        self.ask(request, agent, &ask, Then::SignIn { claims: Box::new(claims), others });
    }

    pub(crate) fn new_claims(&mut self, agent: usize, now: Timestamp) -> SessionClaims {
        SessionClaims {
            agent: self.agents[agent].username.clone(),
            instance: self.agents[agent].instance.clone(),
            install: self.install.clone(),
            sid: self.new_sid(),
            lease: 0,
            extension: Some(self.usual_extension(agent)),
            extension_typed: false,
            language: None,
            auth_time: now,
            amr: vec![Amr::Pwd],
            sign_in: None,
            hard_end: now.plus(self.weather.shift_minutes * 60),
        }
    }

    /// A sign-in whose browser is never heard of again.
    pub(crate) fn sign_in_and_vanish(&mut self, agent: usize, wait: Ms) {
        let claims = self.new_claims(agent, Timestamp((self.now + wait) / 1000));
        let ask = Ask::Take(Arrival { visitor: self.visitor(&claims), consent: None, here: None, is_typed: false });
        self.after(wait, Event::AtDesk(Call::of_nobody(agent, &ask)));
    }

    fn sign_out(&mut self, request: Request) {
        match self.token(&request) {
            Ok(opened) => {
                let agent = self.agent_of(&opened.claims);
                let ask = Ask::Leave { sid: opened.claims.sid.clone() };
                self.ask(request, agent, &ask, Then::SignOut(Box::new(opened.claims)));
            }
            Err(_) => self.reply(request, Reply::SignedOut),
        }
    }

    /// The reply of a desk's host has reached the site.
    pub(crate) fn answered(&mut self, call: Call, verdict: Verdict) {
        let Call { request: Some(request), then, .. } = call else { return };
        if !self.sites[request.site].is_up {
            if let Verdict::Linked(socket) = verdict {
                self.cut(socket, false);
            }
            return self.after(500, Event::AtBrowser(request, Reply::Unreachable));
        }
        let answer = match verdict {
            Verdict::Linked(socket) => {
                let wait = self.sockets[socket].linked_at.saturating_sub(self.now);
                return self.after(wait, Event::AtBrowser(request, Reply::Socket(socket)));
            }
            Verdict::Answer(json) => Some(serde_json::from_str::<Answer>(&json).expect("an answer can be read")),
            Verdict::Unreachable => None,
        };
        self.go_on(request, then, answer);
    }

    fn go_on(&mut self, request: Request, then: Then, answer: Option<Answer>) {
        match (then, answer) {
            (Then::Page(opened), Some(Answer::Stands(standing))) => {
                let cookie = self.renewed(&request, &opened, standing.hard_end, standing.extension);
                self.reply(request, Reply::Page { cookie });
            }
            (Then::Page(opened), Some(Answer::Over(_))) => {
                self.remember_over(&request, &opened.claims.sid);
                self.send_to_login(request, true);
            }
            // It goes on, unrenewed, unless KV knows better: half of the token's life is left to ask again.
            (Then::Page(opened), None) if self.bug == Some(Bug::GoesOnUnasked) => {
                self.watch_page(request.site, &opened);
                self.reply(request, Reply::Page { cookie: None });
            }
            (Then::Page(opened), None) => self.page_as_it_is(request, &opened),
            (Then::Session(opened), Some(Answer::Stands(standing))) => {
                let cookie = self.renewed(&request, &opened, standing.hard_end, standing.extension);
                self.reply(request, Reply::Session { cookie });
            }
            (Then::Session(opened), Some(Answer::Over(ended))) => {
                self.remember_over(&request, &opened.claims.sid);
                self.no_session(request, ended);
            }
            (Then::Recall, Some(Answer::Over(ended))) => self.no_session(request, ended),
            (Then::Recall, None) => self.no_session(request, None),
            (Then::Link(sid), Some(Answer::Over(ended))) => {
                self.remember_over(&request, &sid);
                self.no_session(request, ended);
            }
            (Then::SignIn { claims, others }, Some(Answer::Taken { lease, extension })) => {
                if let Some(other) = others {
                    let agent = self.agent_of(&other);
                    let wait = self.delay();
                    self.after(wait, Event::AtDesk(Call::of_nobody(agent, &Ask::Leave { sid: other.sid })));
                }
                let claims = SessionClaims { lease, extension, ..*claims };
                let cookie = self.seal_session(&request, &claims);
                self.reply(request, Reply::SignedIn { cookie });
            }
            (Then::SignIn { claims, .. }, Some(Answer::Occupied(occupant))) => {
                let step = TakeOverClaims {
                    agent: claims.agent.clone(),
                    instance: claims.instance.clone(),
                    install: self.install.name(),
                    browser: self.browsers[request.browser].mark.clone(),
                    extension: None,
                    over: occupant.lease,
                    in_interaction: occupant.state.is_in_interaction(),
                    next: String::new(),
                    came_at: claims.auth_time,
                    proof: Proved { auth_time: claims.auth_time, amr: claims.amr.clone(), sign_in: None },
                };
                let step = self.seal(&request, &step);
                self.reply(request, Reply::Occupied { step });
            }
            // What the agent agreed to take over is no longer there.
            (Then::SignIn { .. }, Some(_)) => self.reply(request, Reply::Stale),
            (Then::SignOut(claims), Some(Answer::Ended(_))) => {
                self.remember_over(&request, &claims.sid);
                self.reply(request, Reply::SignedOut);
            }
            (Then::SignOut(claims), None) => self.sign_out_without_desk(request, &claims),
            (Then::Nothing, _) => {}
            (_, None) => self.reply(request, Reply::Outage),
            (_, Some(answer)) => panic!("the desk answers something else: {answer:?}"),
        }
    }

    /// Nobody who wants to go stays signed in: KV is told from here.
    fn sign_out_without_desk(&mut self, request: Request, claims: &SessionClaims) {
        let now = self.site_time(request.site);
        let tombstone = Revoked {
            v: Version,
            sid: claims.sid.clone(),
            instance: claims.instance.clone(),
            agent: claims.agent.clone(),
            reason: EndReason::SignedOut,
            by: None,
            at: now,
            hard_end: claims.hard_end,
        };
        if let Some(fate) = self.watch.fates.get_mut(&claims.sid) {
            fate.told_by_site = true;
        }
        let json = tombstone.json().expect("a record becomes JSON");
        if self.kv_write(&tombstone.key(), Some(json), tombstone.ttl(now)) {
            self.remember_over(&request, &claims.sid);
            self.reply(request, Reply::SignedOut);
        } else {
            self.reply(request, Reply::Outage);
        }
    }

    fn renewed(
        &mut self,
        request: &Request,
        opened: &Opened<SessionClaims>,
        hard_end: Timestamp,
        extension: Option<Extension>,
    ) -> Option<String> {
        let claims = opened.renewed(hard_end, extension, self.site_time(request.site))?;
        Some(self.seal_session(request, &claims))
    }

    fn seal_session(&mut self, request: &Request, claims: &SessionClaims) -> String {
        self.watch_renewed(claims, request.at);
        self.say(|_| format!("site {} makes a token of {}", request.site, short(&claims.sid)));
        self.seal(request, claims)
    }
}
