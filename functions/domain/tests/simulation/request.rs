//! Requests from browsers to sites and from sites to desks, while they are under way.

use kv_schema::names::SessionId;
use onecontact_domain::desk::{Ask, Ended};
use onecontact_domain::token::{Opened, SessionClaims};

use super::site::ISOLATES;
use super::world::{Ms, World};

/// What a browser asks of a site.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    FormToken,
    SignIn { agent: usize, form: String, resumes: Option<SessionId> },
    TakeOver { step: String, resumes: Option<SessionId> },
    SignOut,
    Desktop,
    SessionPart,
    Socket { after: u64 },
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) browser: usize,
    /// The page of that browser that asks.
    pub(crate) load: u64,
    /// The attempt to connect of that page.
    pub(crate) attempt: u64,
    pub(crate) site: usize,
    pub(crate) isolate: usize,
    pub(crate) cookie: Option<String>,
    pub(crate) asked: Asked,
    pub(crate) at: Ms,
}

/// What comes back; `cookie` is what the browser is to keep from now on.
#[derive(Debug)]
pub(crate) enum Reply {
    FormToken(String),
    SignedIn { cookie: String },
    Occupied { step: String },
    Stale,
    SignedOut,
    Page { cookie: Option<String> },
    ToLogin { clear: bool },
    Session { cookie: Option<String> },
    NoSession { ended: Option<Ended> },
    Socket(usize),
    Outage,
    Unreachable,
}

/// A question on its way to a desk, and what follows its answer.
pub(crate) struct Call {
    pub(crate) agent: usize,
    pub(crate) body: Body,
    pub(crate) request: Option<Request>,
    pub(crate) then: Then,
}

pub(crate) enum Body {
    Ask(String),
    Connect(String),
}

/// What a desk's host replied.
pub(crate) enum Verdict {
    Answer(String),
    Linked(usize),
    Unreachable,
}

pub(crate) enum Then {
    Page(Box<Opened<SessionClaims>>),
    Session(Box<Opened<SessionClaims>>),
    Recall,
    Link(SessionId),
    SignIn { claims: Box<SessionClaims>, others: Option<Box<SessionClaims>> },
    SignOut(Box<SessionClaims>),
    Nothing,
}

impl Call {
    /// A question that no browser has asked.
    pub(crate) fn of_nobody(agent: usize, ask: &Ask) -> Self {
        Self { agent, body: body(ask), request: None, then: Then::Nothing }
    }
}

pub(crate) fn body(ask: &Ask) -> Body {
    Body::Ask(serde_json::to_string(ask).expect("a question becomes JSON"))
}

impl Request {
    /// Draws the route that it takes; the cookie goes along.
    pub(crate) fn new(world: &mut World, browser: usize, asked: Asked) -> Self {
        let sits_at = &world.browsers[browser];
        let (load, attempt, cookie) = (sits_at.load, sits_at.attempt, sits_at.cookie.clone());
        let near = sits_at.near;
        let site = if world.dice.percent(70) { near } else { world.dice.below(super::world::SITES) };
        let isolate = world.dice.below(ISOLATES);
        Self { browser, load, attempt, site, isolate, cookie, asked, at: world.now }
    }
}
