//! What a seed draws: how rough a schedule is, what goes wrong in it, and when. And those who are neither agents nor
//! machines: routing, services, operators.

use kv_schema::directory::Presence;
use kv_schema::sessions::EndReason;
use onecontact_domain::desk::{Ask, Ending};

use super::dice::Dice;
use super::keys::SPREAD;
use super::request::Call;
use super::site::ISOLATES;
use super::world::{Event, Ms, SITES, World};

#[derive(Debug, Clone)]
pub(crate) struct Weather {
    pub(crate) agents: usize,
    pub(crate) browsers: usize,
    pub(crate) presence: Presence,
    pub(crate) shift_minutes: u64,
    pub(crate) overtime_minutes: u32,
    pub(crate) wrap_up_seconds: Option<u32>,
    /// Whether all agents usually have the same extension; otherwise each has their own.
    pub(crate) shares_extension: bool,
    /// The most that KV is late.
    pub(crate) lag: Ms,
    pub(crate) length: Ms,
    /// The longest that a person does nothing.
    pub(crate) leisure: Ms,
    /// The longest that nothing goes wrong.
    calm: Ms,
}

const fn presence(suspect_seconds: u32, not_ready_seconds: u32, logged_out_seconds: u32) -> Presence {
    Presence { suspect_seconds, not_ready_seconds, logged_out_seconds }
}

impl Weather {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let agents = dice.pick(&[1, 1, 1, 2, 3]);
        let usual = presence(20, 30, 300);
        Self {
            agents,
            browsers: agents + dice.pick(&[0, 1, 1, 2]),
            presence: dice.pick(&[usual, usual, presence(20, 30, 60), presence(25, 45, 120)]),
            shift_minutes: dice.pick(&[4, 8, 20, 25, 720, 720]),
            overtime_minutes: dice.pick(&[0, 0, 5, 30]),
            wrap_up_seconds: dice.pick(&[None, Some(10), Some(60)]),
            shares_extension: dice.percent(50),
            lag: dice.pick(&[0, 2_000, 60_000, 120_000, 120_000]),
            length: dice.between(8, 50) * 60_000,
            leisure: dice.pick(&[10_000, 60_000, 180_000, 500_000]),
            calm: dice.pick(&[20_000, 90_000, 400_000, 1_000_000]),
        }
    }
}

/// What goes wrong, or happens to everybody.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    SiteDown,
    HostDown,
    HostMoved,
    KvDown,
    NoNetwork,
    Sleep,
    SocketsDropped,
    Rotation,
    ForcedEnd,
    Storm,
}

const TROUBLES: [Trouble; 14] = [
    Trouble::SiteDown,
    Trouble::HostDown,
    Trouble::HostDown,
    Trouble::HostMoved,
    Trouble::KvDown,
    Trouble::KvDown,
    Trouble::NoNetwork,
    Trouble::NoNetwork,
    Trouble::NoNetwork,
    Trouble::Sleep,
    Trouble::SocketsDropped,
    Trouble::Rotation,
    Trouble::Rotation,
    Trouble::ForcedEnd,
];

impl World {
    pub(crate) fn await_trouble(&mut self) {
        let wait = self.dice.between(1_000, self.weather.calm);
        // A storm is long, and much the same each time.
        let trouble = if self.dice.below(400) == 0 { Trouble::Storm } else { self.dice.pick(&TROUBLES) };
        self.after(wait, Event::Trouble(trouble));
    }

    pub(crate) fn trouble(&mut self, trouble: Trouble) {
        if self.is_resting() {
            return;
        }
        self.say(|_| format!("trouble: {trouble:?}"));
        let agent = self.dice.below(self.agents.len());
        let browser = self.dice.below(self.browsers.len());
        match trouble {
            Trouble::SiteDown => self.site_goes_down(),
            Trouble::HostDown => {
                let length = self.dice.pick(&[8_000, 40_000, 400_000]);
                let length = self.dice.between(500, length);
                self.host_goes_down(agent, length);
            }
            Trouble::HostMoved => {
                let length = self.dice.between(0, 3_000);
                self.host_goes_down(agent, length);
            }
            Trouble::KvDown => self.kv.down_until = self.now + self.dice.between(5_000, 300_000),
            Trouble::NoNetwork | Trouble::Sleep => {
                let length = self.dice.pick(&[15_000, 60_000, 500_000]);
                let length = self.dice.between(1_000, length);
                self.browser_goes_away(browser, matches!(trouble, Trouble::Sleep), length);
            }
            Trouble::SocketsDropped => self.drop_sockets(browser),
            Trouble::Rotation => self.rotate(),
            Trouble::ForcedEnd => {
                let ending = Ending { reason: EndReason::Forced, by: Some("workforce".to_owned()), browser: None };
                let wait = self.delay();
                self.after(wait, Event::AtDesk(Call::of_nobody(agent, &Ask::End(ending))));
            }
            Trouble::Storm => {
                self.kv.down_until = self.now + 90_000;
                for number in 0..40 {
                    self.sign_in_and_vanish(agent, number * 1_500);
                }
            }
        }
        self.await_trouble();
    }

    fn site_goes_down(&mut self) {
        let site = self.dice.below(SITES);
        self.sites[site].is_up = false;
        self.sites[site].forget();
        for socket in self.open_sockets() {
            if self.sockets[socket].site == site {
                let page_is_told = self.dice.percent(80);
                self.cut(socket, page_is_told);
            }
        }
        let length = self.dice.between(1_000, 60_000);
        self.after(length, Event::SiteIsBack { site });
    }

    fn drop_sockets(&mut self, browser: usize) {
        for socket in self.open_sockets() {
            if self.sockets[socket].browser == browser {
                self.cut(socket, true);
            }
        }
    }

    /// Rotates the keys, once everybody has the previous ones, and spreads them bit by bit.
    fn rotate(&mut self) {
        if self.now < self.keys.rotated_at + SPREAD + 60_000 {
            return;
        }
        self.keys.rotate(&mut self.dice, self.now);
        for site in 0..SITES {
            for isolate in 0..ISOLATES {
                let wait = self.dice.between(0, SPREAD);
                self.after(wait, Event::IsolateLearnsKeys { site, isolate });
            }
        }
    }

    /// From here on, nothing goes wrong any more.
    pub(crate) fn make_peace(&mut self, at: Ms) {
        self.now = at;
        self.say(|_| "peace".to_owned());
        self.kv.down_until = 0;
        for site in &mut self.sites {
            site.is_up = true;
        }
        for agent in 0..self.agents.len() {
            self.host_is_back(agent);
        }
        for browser in 0..self.browsers.len() {
            self.browser_is_back(browser);
        }
    }
}
