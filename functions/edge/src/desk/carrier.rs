//! Carries [`Desk`] in its object.
//!
//! Each event is handled in one go: the desk is in memory and `SQLite` is synchronous, so no other event can interrupt.
//! Telling KV ([`super::telling`]) and calling others ([`super::calls`]) run alongside.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use kv_schema::Timestamp;
use onecontact_domain::desk::{Answer, Ask, Code, Connect, Departed, Desk, Event, Known, Outcome, Said, What, welcome};
use wasm_bindgen::prelude::*;
use web_sys::Response;
use worker::{Env, Result};

use super::storage;
use super::waiting::Waiting;
use crate::log;
use crate::objects;
use crate::platform::{AutoResponse, Context, Init, Pair, Socket};

/// Another connection of the same session has taken the socket's place.
const TAKEN: u16 = 4000;
/// The session is over.
pub(super) const OVER: u16 = 4001;

/// A desk, and what its object was given.
pub(super) struct Carrier {
    pub(super) context: Context,
    pub(super) env: Env,
    pub(super) desk: RefCell<Option<Desk>>,
    /// When the object is to be woken, as far as this incarnation has set it.
    alarm: Cell<Option<Timestamp>>,
    /// The calls that wait for the outcome of an offer.
    pub(super) waiting: Waiting,
    /// Whether KV is being told something.
    pub(super) is_telling: Cell<bool>,
}

impl Carrier {
    pub(super) fn new(context: Context, env: Env) -> Rc<Self> {
        let (desk, alarm, waiting) = (RefCell::default(), Cell::default(), Waiting::default());
        let carrier = Self { context, env, desk, alarm, waiting, is_telling: Cell::default() };
        // Without it, pings would wake the object: a busier desk, but a correct one.
        carrier.context.set_auto_response(&AutoResponse::new("ping", "pong")).ok();
        Rc::new(carrier)
    }

    /// Passes an event to the desk and acts on the outcome: stores, tells, closes, and plans when to wake.
    pub(super) fn handle<A>(self: &Rc<Self>, event: impl FnOnce(&mut Desk, Timestamp) -> Outcome<A>) -> Result<A> {
        let mut desk = self.take()?;
        let before = desk.clone();
        let now = crate::now();
        let Outcome { answer, events, departed, offers } = event(&mut desk, now);
        let calls = desk.calls_due(now);
        storage::keep(&self.context.storage().sql(), now, &offers)?;
        self.settle(desk, &before, events, departed)?;
        // Only what is stored is acted on.
        self.tell_kv();
        self.plan(now)?;
        self.call(calls);
        self.waiting.tell(&offers);
        Ok(answer)
    }

    /// Asks the desk, adding what is stored of an offer if the question is about one.
    pub(super) fn answer(self: &Rc<Self>, ask: Ask) -> Result<Answer> {
        let heard = self.heard()?;
        let known = match ask.offer() {
            Some(offer) => storage::known(&self.context.storage().sql(), offer)?,
            None => Known::default(),
        };
        self.handle(|desk, now| desk.answer(now, heard, ask, known))
    }

    /// Does whatever is due in this second: the platform may wake an object a moment early.
    pub(super) fn wake(self: &Rc<Self>) -> Result<()> {
        self.alarm.set(None);
        let heard = self.heard()?;
        self.handle(|desk, now| desk.pass(now, heard))
    }

    /// The desk, from memory or storage.
    fn take(&self) -> Result<Desk> {
        self.desk.take().map_or_else(|| storage::load(&self.context.storage().sql()), Ok)
    }

    /// Stores and announces what an event has led to.
    fn settle(&self, desk: Desk, before: &Desk, events: Vec<Event>, departed: Vec<Departed>) -> Result<()> {
        if desk != *before {
            let sql = self.context.storage().sql();
            storage::save(&sql, &desk, before)?;
            storage::add(&sql, &desk, before, &events)?;
        }
        for departed in departed {
            self.end(departed);
        }
        if let Some(holder) = desk.holder() {
            for event in events {
                self.note(&desk, &event);
                self.tell(holder.as_str(), &Said::Event(event));
            }
        }
        // Only what is stored is remembered: after a failure the next event reads the desk afresh.
        self.desk.replace(Some(desk));
        Ok(())
    }

    /// Sets the alarm, unless it is already set for then.
    fn plan(&self, now: Timestamp) -> Result<()> {
        let wake_at = self
            .desk
            .borrow()
            .as_ref()
            .and_then(|desk| if self.is_telling.get() { desk.wake_at_while_telling(now) } else { desk.wake_at() });
        let Some(at) = wake_at.filter(|at| self.alarm.get() != Some(*at)) else { return Ok(()) };
        // The platform keeps writes in order: there is no need to wait for this one.
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
        let _written = self.context.storage().set_alarm((at.0 * 1000) as f64)?;
        self.alarm.set(Some(at));
        Ok(())
    }

    /// When the holder's page was last heard from, if it has a socket: the platform answers pings while the object
    /// sleeps, and remembers when.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds since 1970 fit")]
    pub(super) fn heard(&self) -> Result<Option<Timestamp>> {
        let Some(holder) = self.holder()? else { return Ok(None) };
        let context = &self.context;
        let mut heard = None;
        for socket in context.sockets(&holder)? {
            let at = context.auto_responded_at(socket.unchecked_ref())?;
            // Rounded up: nobody is taken to be silent too early.
            heard = heard.max(at.map(|at| Timestamp((at.get_time() / 1000.0).ceil() as u64)));
        }
        Ok(heard)
    }

    /// The session that holds the desk.
    fn holder(&self) -> Result<Option<String>> {
        let desk = self.take()?;
        let holder = desk.holder().map(|sid| sid.as_str().to_owned());
        self.desk.replace(Some(desk));
        Ok(holder)
    }

    pub(super) fn is_holders(&self, socket: &Socket) -> Result<bool> {
        let tag = self.context.tags(socket)?.get(0).as_string();
        Ok(tag.is_some() && tag == self.holder()?)
    }

    /// Answers a page that wants a socket: with one, and what the page has missed; or with the reason why not.
    pub(super) fn link(self: &Rc<Self>, connect: Connect) -> Result<Response> {
        let after = connect.after;
        let heard = self.heard()?;
        self.handle(|desk, now| desk.pass(now, heard))?;
        if let Err(ended) = self.handle(|desk, now| desk.connect(now, connect))? {
            return instead(&Answer::Over(ended));
        }
        let kept = self.desk.borrow();
        let Some((desk, holder)) = kept.as_ref().and_then(|desk| Some((desk, desk.holder()?))) else {
            return instead(&Answer::Over(None));
        };
        let context = &self.context;
        for former in context.sockets(holder.as_str())? {
            former.unchecked_ref::<Socket>().close(TAKEN, "another connection").ok();
        }
        let pair = Pair::new();
        let server = pair.server();
        context.accept(&server, &js_sys::Array::of1(&holder.as_str().into()))?;
        let seen = after.max(desk.first_event().saturating_sub(1));
        let missed = storage::events_after(&context.storage().sql(), seen)?;
        if let Some(welcome) = desk.view(crate::now()).and_then(|view| welcome(&view, &missed)) {
            server.send(&welcome)?;
        }
        let init = web_sys::ResponseInit::new();
        init.set_status(101);
        init.unchecked_ref::<Init>().set_socket(&pair.client());
        Ok(Response::new_with_opt_str_and_init(None, &init)?)
    }

    /// A socket has closed. That says something about the page only if it was the holder's last one.
    pub(super) fn closed(self: &Rc<Self>, socket: &Socket) -> Result<()> {
        if !self.is_holders(socket)? {
            return Ok(());
        }
        let others = self.context.sockets(&self.holder()?.unwrap_or_default())?;
        if others.iter().all(|other| js_sys::Object::is(&other, socket.as_ref())) {
            self.handle(Desk::disconnect)?;
        }
        Ok(())
    }

    fn tell(&self, tag: &str, said: &Said) {
        for socket in self.context.sockets(tag).unwrap_or_default() {
            // A socket that is closing: the page learns the same from the welcome on its next one.
            say(socket.unchecked_ref(), said).ok();
        }
    }

    /// Logs what an operator may want to know of.
    fn note(&self, desk: &Desk, event: &Event) {
        let What::Recorder(recorder) = &event.what else { return };
        let (Some(name), Some(session)) = (recorder.worth_noting(event.at), desk.session()) else { return };
        let event = log::Event {
            install: Some(session.install.clone()),
            instance: Some(session.instance.as_str()),
            agent: Some(session.agent.as_str()),
            reason: recorder.cause.map(Code::name),
            ..log::Event::new(name)
        };
        log::write_of_object(&self.env, "desk", &event);
    }

    /// Tells the page of a session that is over, and closes its sockets.
    fn end(&self, departed: Departed) {
        let Departed { session, ended } = departed;
        let event = log::Event {
            install: Some(session.install.clone()),
            instance: Some(session.instance.as_str()),
            agent: Some(session.agent.as_str()),
            reason: Some(ended.reason.name()),
            detail: ended.by.as_deref(),
            ..log::Event::new("session_ended")
        };
        log::write_of_object(&self.env, "desk", &event);
        self.tell(session.sid.as_str(), &Said::Ended(ended));
        for socket in self.context.sockets(session.sid.as_str()).unwrap_or_default() {
            socket.unchecked_ref::<Socket>().close(OVER, "over").ok();
        }
    }
}

/// An answer instead of a socket.
fn instead(answer: &Answer) -> Result<Response> {
    Ok(Response::new_with_opt_str(Some(&objects::answer(answer)?))?)
}

pub(super) fn say(socket: &Socket, said: &Said) -> Result<()> {
    Ok(socket.send(&serde_json::to_string(said)?)?)
}
