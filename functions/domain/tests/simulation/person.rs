//! Browsers and the people before them: signing in, taking over or not, working, reloading, closing the lid, going
//! home.

use kv_schema::names::SessionId;
use onecontact_domain::token::recall_session;

use super::page::{Do, FromDesk, Learned, Memory, Page, Phase};
use super::request::{Asked, Reply, Request};
use super::world::{Event, Ms, World, seconds, short};

pub(crate) struct Browser {
    /// Whose turn it is at this computer.
    agent: usize,
    pub(crate) cookie: Option<String>,
    pub(crate) mark: String,
    /// The site that the network mostly leads to.
    pub(crate) near: usize,
    has_network: bool,
    pub(crate) is_awake: bool,
    /// Grows with each page that is loaded.
    pub(crate) load: u64,
    pub(crate) attempt: u64,
    pub(crate) page: Option<Page>,
    socket: Option<usize>,
    memory: Option<Memory>,
    /// The number of the last event that this page has seen, checked against what the desk has stored.
    pub(crate) seen: Option<(SessionId, u64)>,
    is_signing_in: bool,
}

impl Browser {
    pub(crate) fn new(number: usize, agents: usize) -> Self {
        Self {
            agent: number % agents,
            cookie: None,
            mark: format!("mark-{number}"),
            near: number % super::world::SITES,
            has_network: true,
            is_awake: true,
            load: 0,
            attempt: 0,
            page: None,
            socket: None,
            memory: None,
            seen: None,
            is_signing_in: false,
        }
    }

    pub(crate) const fn is_online(&self) -> bool {
        self.has_network && self.is_awake
    }
}

impl World {
    /// Something in this browser makes a request to a site.
    fn fetch(&mut self, browser: usize, asked: Asked) {
        let request = Request::new(self, browser, asked);
        let wait = self.delay();
        self.after(wait, Event::AtSite(request));
    }

    pub(crate) fn at_browser(&mut self, request: &Request, reply: Reply) {
        let browser = request.browser;
        let reply = if self.browsers[browser].is_online() { reply } else { Reply::Unreachable };
        self.keep_cookie(browser, &reply);
        let is_of_this_page = self.browsers[browser].load == request.load;
        match (&request.asked, reply) {
            (Asked::Socket { .. }, Reply::Socket(socket)) => {
                let is_awaited = is_of_this_page && self.browsers[browser].attempt == request.attempt;
                if is_awaited && self.page_is(browser, Phase::Connecting) {
                    self.browsers[browser].socket = Some(socket);
                } else {
                    self.hang_up(socket);
                }
            }
            (Asked::Socket { .. }, _) if is_of_this_page && self.browsers[browser].attempt == request.attempt => {
                self.with_page(browser, |page, dice, now| page.closed(1006, dice, now));
            }
            (Asked::SessionPart, reply) if is_of_this_page => {
                let learned = match reply {
                    Reply::Session { .. } => Learned::Session,
                    Reply::NoSession { ended, .. } => Learned::Over(ended),
                    _ => Learned::Unreachable,
                };
                self.with_page(browser, |page, dice, now| page.learned(learned, dice, now));
            }
            (Asked::Desktop, Reply::Page { .. }) if is_of_this_page => self.load_page(browser),
            (Asked::Desktop, Reply::ToLogin { .. }) if is_of_this_page => self.leave_page(browser),
            (Asked::SignOut, Reply::SignedOut) if is_of_this_page => {
                self.leave_page(browser);
                self.browsers[browser].memory = None;
            }
            (Asked::FormToken | Asked::SignIn { .. } | Asked::TakeOver { .. }, reply) => {
                self.go_on_signing_in(browser, reply);
            }
            _ => {}
        }
    }

    fn keep_cookie(&mut self, browser: usize, reply: &Reply) {
        let kept = &mut self.browsers[browser].cookie;
        match reply {
            Reply::SignedIn { cookie }
            | Reply::Page { cookie: Some(cookie) }
            | Reply::Session { cookie: Some(cookie) } => *kept = Some(cookie.clone()),
            Reply::SignedOut | Reply::ToLogin { clear: true } => *kept = None,
            _ => {}
        }
    }

    fn go_on_signing_in(&mut self, browser: usize, reply: Reply) {
        let resumes = self.resumes(browser);
        match reply {
            Reply::FormToken(form) => {
                let agent = self.browsers[browser].agent;
                self.fetch(browser, Asked::SignIn { agent, form, resumes });
            }
            // Most take over; some go away.
            Reply::Occupied { step } if self.dice.percent(75) => {
                let (think, request) =
                    (self.dice.between(1_000, 20_000), Request::new(self, browser, Asked::TakeOver { step, resumes }));
                self.after(think, Event::AtSite(request));
            }
            Reply::SignedIn { .. } => {
                self.browsers[browser].is_signing_in = false;
                if self.browsers[browser].page.is_some() {
                    self.start_page(browser, Memory::default());
                } else {
                    self.fetch(browser, Asked::Desktop);
                }
            }
            _ => self.browsers[browser].is_signing_in = false,
        }
    }

    /// The session that a page continues, if it signs in again in place.
    fn resumes(&self, browser: usize) -> Option<SessionId> {
        self.browsers[browser].page.as_ref().and_then(|page| page.sid.clone())
    }

    fn load_page(&mut self, browser: usize) {
        let memory = self.browsers[browser].memory.take().filter(|_| !self.dice.percent(10)).unwrap_or_default();
        let newest = &self.keys.sets[self.keys.newest()];
        let cookie = self.browsers[browser].cookie.as_deref();
        let claims = cookie.and_then(|token| recall_session(newest, token, seconds(self.now)));
        self.start_page(browser, memory.for_session(claims.map(|claims| claims.sid).as_ref()));
    }

    fn start_page(&mut self, browser: usize, memory: Memory) {
        self.drop_socket(browser);
        self.say(|_| format!("browser {browser} loads the desktop"));
        let now = self.now;
        let sits_at = &mut self.browsers[browser];
        sits_at.load += 1;
        sits_at.seen = None;
        sits_at.page = Some(Page::start(memory, now));
        self.obey(browser);
    }

    /// The page is gone; what it remembered stays.
    fn leave_page(&mut self, browser: usize) {
        self.drop_socket(browser);
        let sits_at = &mut self.browsers[browser];
        sits_at.memory = sits_at.page.take().and_then(|page| page.memory());
        sits_at.load += 1;
        sits_at.seen = None;
    }

    fn drop_socket(&mut self, browser: usize) {
        if let Some(socket) = self.browsers[browser].socket.take() {
            self.hang_up(socket);
        }
    }

    fn page_is(&self, browser: usize, phase: Phase) -> bool {
        self.browsers[browser].page.as_ref().is_some_and(|page| page.phase == phase)
    }

    fn with_page(&mut self, browser: usize, event: impl FnOnce(&mut Page, &mut super::dice::Dice, Ms)) {
        let now = self.now;
        let Some(page) = &mut self.browsers[browser].page else { return };
        event(page, &mut self.dice, now);
        self.obey(browser);
    }

    /// Does what the page wants done.
    fn obey(&mut self, browser: usize) {
        let Some(page) = &mut self.browsers[browser].page else { return };
        let (wants, wake, load) = (std::mem::take(&mut page.wants), page.wake, self.browsers[browser].load);
        for want in wants {
            match want {
                Do::Open { after } => {
                    self.drop_socket(browser);
                    self.browsers[browser].attempt += 1;
                    self.fetch(browser, Asked::Socket { after });
                }
                Do::Send(text) => {
                    if let Some(socket) = self.browsers[browser].socket {
                        self.send_to_desk(socket, text);
                    }
                }
                Do::Close => self.drop_socket(browser),
                Do::Learn => self.fetch(browser, Asked::SessionPart),
            }
        }
        if let Some(at) = wake {
            self.after(at.saturating_sub(self.now), Event::PageWakes { browser, load });
        }
    }

    pub(crate) fn page_wakes(&mut self, browser: usize, load: u64) {
        let now = self.now;
        let sits_at = &self.browsers[browser];
        let is_due = sits_at.page.as_ref().is_some_and(|page| page.wake.is_some_and(|wake| wake <= now));
        if sits_at.is_awake && sits_at.load == load && is_due {
            self.with_page(browser, Page::woken);
        }
    }

    pub(crate) fn arrive_at_page(&mut self, socket: usize, text: &str) {
        let browser = self.sockets[socket].browser;
        let sits_at = &self.browsers[browser];
        let is_its = sits_at.socket == Some(socket) && sits_at.load == self.sockets[socket].load;
        if self.sockets[socket].is_cut || !is_its || !sits_at.is_awake {
            return;
        }
        let message: Option<FromDesk> =
            (text != "pong").then(|| serde_json::from_str(text).expect("a desk says what can be read"));
        if let Some(message) = &message {
            self.watch_told(browser, socket, message);
        }
        let offer = message.as_ref().and_then(FromDesk::offer);
        self.with_page(browser, |page, _, now| page.heard(message, now));
        if let Some(offer) = offer {
            self.agent_sees_offer(browser, &offer);
        }
    }

    pub(crate) fn agent_answers(&mut self, browser: usize, load: u64, wish: &str) {
        if self.browsers[browser].is_awake && self.browsers[browser].load == load {
            self.with_page(browser, |page, _, now| page.ask(wish, now));
        }
    }

    pub(crate) fn closed_at_page(&mut self, socket: usize, code: u16) {
        let browser = self.sockets[socket].browser;
        let is_told = code == 1006 || !self.sockets[socket].is_cut;
        if self.browsers[browser].socket == Some(socket) && self.browsers[browser].is_awake && is_told {
            self.browsers[browser].socket = None;
            self.with_page(browser, |page, dice, now| page.closed(code, dice, now));
        }
    }

    /// Whoever sits before the browser does the next thing.
    pub(crate) fn person_acts(&mut self, browser: usize) {
        if self.is_resting() {
            return;
        }
        let wait = self.dice.between(2_000, self.weather.leisure);
        self.after(wait, Event::PersonActs { browser });
        if !self.browsers[browser].is_awake {
            return;
        }
        let over = self.page_is(browser, Phase::Over);
        match &self.browsers[browser].page {
            None => self.come_in(browser),
            Some(_) if over => self.sign_in_again(browser),
            Some(_) => self.work(browser),
        }
    }

    fn come_in(&mut self, browser: usize) {
        if self.dice.percent(60) {
            return;
        }
        if self.dice.percent(15) {
            // A shared desk: somebody else sits down.
            self.browsers[browser].agent = self.dice.below(self.agents.len());
        }
        if self.browsers[browser].cookie.is_some() && self.dice.percent(50) {
            return self.fetch(browser, Asked::Desktop);
        }
        self.begin_signing_in(browser);
    }

    fn begin_signing_in(&mut self, browser: usize) {
        if self.browsers[browser].is_signing_in && self.dice.percent(80) {
            return;
        }
        self.browsers[browser].is_signing_in = true;
        self.fetch(browser, Asked::FormToken);
    }

    fn sign_in_again(&mut self, browser: usize) {
        if self.dice.percent(60) {
            self.begin_signing_in(browser);
        } else {
            self.leave_page(browser);
        }
    }

    fn work(&mut self, browser: usize) {
        match self.dice.between(0, 99) {
            0..40 => {
                let wish = self.dice.pick(&[
                    r#""ready""#,
                    r#""ready""#,
                    r#""ready""#,
                    r#"{"not_ready":{}}"#,
                    r#""stay""#,
                    r#"{"extension":{"number":"1001"}}"#,
                    r#"{"extension":{"number":"1002"}}"#,
                ]);
                self.with_page(browser, |page, _, now| page.ask(wish, now));
            }
            40..50 => self.fetch(browser, Asked::Desktop),
            50..58 => {
                // A reload: the page is gone before the new one is there.
                self.leave_page(browser);
                self.fetch(browser, Asked::Desktop);
            }
            58..62 => self.leave_page(browser),
            62..66 => self.fetch(browser, Asked::SignOut),
            66..70 => self.with_page(browser, |page, _, now| page.hurry(now)),
            70..72 => self.begin_signing_in(browser),
            _ => {}
        }
    }

    /// The network or the computer is gone: nobody is told.
    pub(crate) fn browser_goes_away(&mut self, browser: usize, sleeps: bool, length: Ms) {
        if !self.browsers[browser].is_online() {
            return;
        }
        let what = if sleeps { "sleeps" } else { "has no network" };
        let sid = self.browsers[browser].page.as_ref().and_then(|page| page.sid.as_ref().map(short));
        self.say(|_| format!("browser {browser}, {sid:?}, {what} for {length} ms"));
        for socket in self.open_sockets() {
            if self.sockets[socket].browser == browser {
                self.cut(socket, false);
            }
        }
        self.browsers[browser].has_network = sleeps;
        self.browsers[browser].is_awake = !sleeps;
        self.after(length, Event::BrowserIsBack { browser });
    }

    pub(crate) fn browser_is_back(&mut self, browser: usize) {
        let sits_at = &mut self.browsers[browser];
        if sits_at.is_online() {
            return;
        }
        (sits_at.has_network, sits_at.is_awake) = (true, true);
        let load = sits_at.load;
        // What has timed out meanwhile is handled first; only then is the network noticed.
        self.after(0, Event::PageWakes { browser, load });
        self.with_page(browser, |page, _, now| page.hurry(now));
    }
}
