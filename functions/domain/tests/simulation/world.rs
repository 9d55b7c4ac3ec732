//! The world of one schedule: its time, what is under way in it, and who receives it.

use std::collections::{BTreeMap, VecDeque};

use kv_schema::Timestamp;
use kv_schema::names::{Extension, InstallSpelling, InstanceId, SessionId, Username};
use onecontact_domain::desk::RoutingId;
use onecontact_domain::extension_lease::{Answer as LeaseAnswer, Lease, Told};

use super::dice::Dice;
use super::host::Host;
use super::keys::Keys;
use super::kv::Kv;
use super::leases::Claim;
use super::person::Browser;
use super::planted::Bug;
use super::request::{Call, Reply, Request, Verdict};
use super::site::Site;
use super::socket::Socket;
use super::telling::Telling;
use super::watch::{Known, Violation, Watch};
use super::weather::{Trouble, Weather};

/// Milliseconds since 1970, by the world's own clock.
pub(crate) type Ms = u64;
pub(crate) const SITES: usize = 3;
pub(crate) const BEGIN: Ms = 1_800_000_000_000;
/// After the schedule, nothing goes wrong any more and nobody does anything for this long.
const REST: Ms = 480_000;

pub(crate) const fn seconds(at: Ms) -> Timestamp {
    Timestamp(at / 1000)
}

/// What happens at some time.
pub(crate) enum Event {
    AtSite(Request),
    AtDesk(Call),
    Answered(Call, Verdict),
    AtBrowser(Request, Reply),
    ToDesk { socket: usize, text: String },
    ToPage { socket: usize, text: String },
    ClosedAtPage { socket: usize, code: u16 },
    ClosedAtDesk { socket: usize, clean: bool },
    PageWakes { browser: usize, load: u64 },
    PersonActs { browser: usize },
    Alarm { agent: usize, number: u64 },
    Put(Telling),
    Deleted(Telling),
    AtLease { claim: Claim, told: Option<Told> },
    LeaseAsks { claim: Claim, holder: Username, number: u64 },
    Called { claim: Claim, answer: Option<LeaseAnswer> },
    HearsOfFree { agent: usize, extension: Extension },
    HostIsBack { agent: usize },
    SiteIsBack { site: usize },
    IsolateLearnsKeys { site: usize, isolate: usize },
    BrowserIsBack { browser: usize },
    RoutingActs { agent: usize },
    RoutingFinishes { agent: usize, interaction: RoutingId },
    AgentAnswers { browser: usize, load: u64, wish: String },
    Trouble(Trouble),
}

/// An agent: a name and an instance.
pub(crate) struct Agent {
    pub(crate) username: Username,
    pub(crate) instance: InstanceId,
}

pub(crate) struct World {
    pub(crate) now: Ms,
    pub(crate) dice: Dice,
    pub(crate) weather: Weather,
    pub(crate) bug: Option<Bug>,
    queue: BTreeMap<(Ms, u64), Event>,
    queued: u64,
    pub(crate) steps: u64,
    pub(crate) install: InstallSpelling,
    pub(crate) agents: Vec<Agent>,
    pub(crate) sites: Vec<Site>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) sockets: Vec<Socket>,
    pub(crate) browsers: Vec<Browser>,
    pub(crate) kv: Kv,
    pub(crate) keys: Keys,
    pub(crate) watch: Watch,
    pub(crate) sessions: u64,
    /// The leases of extensions, which survive whatever happens.
    pub(crate) leases: BTreeMap<String, Lease>,
    pub(crate) claims: u64,
    pub(crate) offers: u64,
    /// The desk at which something happened in this step.
    pub(crate) touched: Option<usize>,
    /// Whether a session has taken or left that desk.
    pub(crate) has_changed_hands: bool,
    /// The last lines of what happened, and how many are kept.
    shown: usize,
    pub(crate) trace: Option<VecDeque<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, bug: Option<Bug>, shown: usize) -> Self {
        let mut dice = Dice::new(seed);
        let weather = Weather::draw(&mut dice);
        let keys = Keys::new(&mut dice, BEGIN, bug);
        let agents = (0..weather.agents).map(agent).collect();
        let sites = (0..SITES).map(|_| Site::new(&mut dice)).collect();
        let hosts = (0..weather.agents).map(|_| Host::new(&mut dice)).collect();
        let browsers = (0..weather.browsers).map(|number| Browser::new(number, weather.agents)).collect();
        let desks = (0..weather.agents).map(|_| Known::default()).collect();
        let mut world = Self {
            now: BEGIN,
            dice,
            bug,
            queue: BTreeMap::new(),
            queued: 0,
            steps: 0,
            install: InstallSpelling::parse("Lisbon").expect("it is a name"),
            agents,
            sites,
            hosts,
            sockets: Vec::new(),
            browsers,
            kv: Kv::default(),
            keys,
            watch: Watch { desks, ..Watch::default() },
            sessions: 0,
            leases: BTreeMap::new(),
            claims: 0,
            offers: 0,
            touched: None,
            has_changed_hands: false,
            shown,
            trace: (shown > 0).then(VecDeque::new),
            weather,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        self.say(|world| format!("{:?}", world.weather));
        for browser in 0..self.browsers.len() {
            let wait = self.dice.between(0, 60_000);
            self.after(wait, Event::PersonActs { browser });
        }
        for agent in 0..self.agents.len() {
            let wait = self.dice.between(10_000, 120_000);
            self.after(wait, Event::RoutingActs { agent });
        }
        self.await_trouble();
    }

    /// Runs the schedule to its end and checks what is left; returns what was broken, if anything was.
    pub(crate) fn run(&mut self) -> Option<Violation> {
        let rest = BEGIN + self.weather.length;
        let mut is_resting = false;
        while let Some(((at, number), event)) = self.queue.pop_first() {
            if at > rest && !is_resting {
                is_resting = true;
                self.queue.insert((at, number), event);
                self.make_peace(rest);
                continue;
            }
            // A session that has only just ended has yet to be reported.
            if at > (rest + REST).max(self.watch.last_end + 60_000) {
                break;
            }
            self.now = at;
            self.steps += 1;
            self.touched = None;
            self.happen(event);
            if let Some(agent) = self.touched {
                self.check_desk(agent);
            }
            if self.steps.is_multiple_of(16) {
                self.check_now_and_then();
            }
            if self.watch.violation.is_some() {
                return self.watch.violation.clone();
            }
        }
        self.check_rest();
        self.watch.violation.clone()
    }

    pub(crate) const fn is_resting(&self) -> bool {
        self.now >= BEGIN + self.weather.length
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::AtSite(request) => self.at_site(request),
            Event::AtDesk(call) => self.at_desk(call),
            Event::Answered(call, verdict) => self.answered(call, verdict),
            Event::AtBrowser(request, reply) => self.at_browser(&request, reply),
            Event::ToDesk { socket, text } => self.arrive_at_desk(socket, &text),
            Event::ToPage { socket, text } => self.arrive_at_page(socket, &text),
            Event::ClosedAtPage { socket, code } => self.closed_at_page(socket, code),
            Event::ClosedAtDesk { socket, clean } => self.closed_at_desk(socket, clean),
            Event::PageWakes { browser, load } => self.page_wakes(browser, load),
            Event::PersonActs { browser } => self.person_acts(browser),
            Event::Alarm { agent, number } => self.alarm(agent, number),
            Event::Put(telling) => self.put(telling),
            Event::Deleted(telling) => self.delete(telling),
            Event::AtLease { claim, told } => self.at_lease(claim, told),
            Event::LeaseAsks { claim, holder, number } => self.lease_asks(claim, holder, number),
            Event::Called { claim, answer } => self.called(&claim, answer),
            Event::HearsOfFree { agent, extension } => self.hears_of_free(agent, extension),
            Event::HostIsBack { agent } => self.host_is_back(agent),
            Event::SiteIsBack { site } => self.sites[site].is_up = true,
            Event::IsolateLearnsKeys { site, isolate } => {
                let newest = self.keys.newest();
                self.sites[site].isolates[isolate].keys = newest;
            }
            Event::BrowserIsBack { browser } => self.browser_is_back(browser),
            Event::RoutingActs { agent } => self.routing_acts(agent),
            Event::RoutingFinishes { agent, interaction } => self.routing_finishes(agent, &interaction),
            Event::AgentAnswers { browser, load, wish } => self.agent_answers(browser, load, &wish),
            Event::Trouble(trouble) => self.trouble(trouble),
        }
    }

    pub(crate) fn after(&mut self, wait: Ms, event: Event) {
        self.queued += 1;
        self.queue.insert((self.now + wait, self.queued), event);
    }

    /// How long something is under way: mostly little, sometimes seconds.
    pub(crate) fn delay(&mut self) -> Ms {
        if self.dice.percent(4) { self.dice.between(200, 3_000) } else { self.dice.between(2, 120) }
    }

    pub(crate) fn say(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.trace.is_none() {
            return;
        }
        let since = self.now - BEGIN;
        let line = format!("{:>4}:{:02}.{:03}  {}", since / 60_000, since / 1000 % 60, since % 1000, line(self));
        if let Some(trace) = &mut self.trace {
            if trace.len() == self.shown {
                trace.pop_front();
            }
            trace.push_back(line);
        }
    }

    pub(crate) fn new_sid(&mut self) -> SessionId {
        self.sessions += 1;
        SessionId::from_bits(self.sessions.into())
    }
}

/// The last digits of a session's id, which each schedule counts from 1.
pub(crate) fn short(sid: &SessionId) -> String {
    format!("s{}", sid.as_str().trim_start_matches('0'))
}

fn agent(number: usize) -> Agent {
    Agent {
        username: Username::parse(&format!("desk{}", number + 1)).expect("it is a name"),
        instance: InstanceId::parse("01KAS4V9T2XN8Q4M6W3Y5Z7B01").expect("it is an id"),
    }
}
