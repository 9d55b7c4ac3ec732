//! `AgentDesk`: carries [`Desk`], one object per agent.
//!
//! Each event is handled in one go: the desk is in memory, `SQLite` is asked without waiting, and so no other event comes
//! in between. What has to be told to KV is told from the alarm, again and again until KV has taken it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use kv_schema::sessions::{EndReason, Revoked};
use kv_schema::{Record, Timestamp};
use onecontact_domain::desk::{
    Answer, Ask, CONNECT, Command, Connect, Departed, Desk, Ending, Event, Outcome, Refusal, Said, Write, welcome,
};
use onecontact_domain::problem::Problem;
use wasm_bindgen::prelude::*;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use super::platform::{AutoResponse, Context, Init, Pair, Socket};
use super::storage;
use crate::bindings::Bindings;
use crate::kv::{Kv, Patience};
use crate::log;
use crate::objects;

/// Another connection of the same session has taken the socket's place.
const TAKEN: u16 = 4000;
/// The session is over.
const OVER: u16 = 4001;
/// The failed attempt to tell KV something that an operator is told of.
const WORTH_TELLING: u32 = 2;
/// Longest message of a page that is looked at, in bytes.
const LONGEST: usize = 1024;

/// The desk of one agent.
#[durable_object]
pub struct AgentDesk {
    state: State,
    env: Env,
    desk: RefCell<Option<Desk>>,
    /// When the object is to be woken, as far as this instance of it has said.
    alarm: Cell<Option<Timestamp>>,
}

impl DurableObject for AgentDesk {
    fn new(state: State, env: Env) -> Self {
        let object = Self { state, env, desk: RefCell::default(), alarm: Cell::default() };
        // Without it pings would wake the object: a desk too busy, but right.
        object.context().set_auto_response(&AutoResponse::new("ping", "pong")).ok();
        object
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        if let Some(connect) = request.headers().get(CONNECT)? {
            return self.link(kv_schema::json::from_str(&connect)?);
        }
        let ask: Ask = objects::asked(request).await?;
        let heard = self.heard()?;
        objects::answer(&self.handle(|desk, now| desk.answer(now, heard, ask))?)
    }

    async fn alarm(&self) -> Result<Response> {
        // Whatever is due is due at this second: the platform may wake an object a moment early.
        self.alarm.set(None);
        let heard = self.heard()?;
        self.handle(|desk, now| desk.pass(now, heard))?;
        self.tell_kv().await?;
        Response::ok("")
    }

    async fn websocket_message(&self, socket: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        let socket: &Socket = socket.as_ref().unchecked_ref();
        if !self.is_holders(socket)? {
            return Ok(socket.close(OVER, "over")?);
        }
        let said = match command(&message) {
            Some(command) => self.handle(|desk, now| desk.command(now, command))?,
            None => Said::Refused { id: 0, why: Refusal::NotUnderstood },
        };
        // The command itself may have ended the session, and this socket.
        say(socket, &said).ok();
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, _code: usize, _reason: String, _clean: bool) -> Result<()> {
        self.closed(socket.as_ref().unchecked_ref())
    }

    async fn websocket_error(&self, socket: WebSocket, _error: worker::Error) -> Result<()> {
        self.closed(socket.as_ref().unchecked_ref())
    }
}

impl AgentDesk {
    fn context(&self) -> &Context {
        self.state.as_raw().unchecked_ref()
    }

    /// Hands the desk an event and does what comes of it: keeps, tells, closes, and plans when to wake.
    fn handle<A>(&self, event: impl FnOnce(&mut Desk, Timestamp) -> Outcome<A>) -> Result<A> {
        let mut desk = self.take()?;
        let before = desk.clone();
        let Outcome { answer, events, departed } = event(&mut desk, crate::now());
        self.settle(desk, &before, events, departed)?;
        Ok(answer)
    }

    /// The desk, out of memory or storage.
    fn take(&self) -> Result<Desk> {
        self.desk.take().map_or_else(|| storage::load(&self.context().storage().sql()), Ok)
    }

    /// Does what an event has led to.
    fn settle(&self, desk: Desk, before: &Desk, events: Vec<Event>, departed: Vec<Departed>) -> Result<()> {
        if desk != *before {
            let sql = self.context().storage().sql();
            storage::save(&sql, &desk)?;
            storage::add(&sql, &desk, &events)?;
        }
        for departed in departed {
            self.end(departed);
        }
        if let Some(holder) = desk.holder() {
            for event in events {
                self.tell(holder.as_str(), &Said::Event(event));
            }
        }
        self.plan(desk.wake_at())?;
        // Only what is kept is remembered: had anything failed, the next event would read the desk anew.
        self.desk.replace(Some(desk));
        Ok(())
    }

    /// Sets the alarm, where it is not set so already.
    fn plan(&self, wake_at: Option<Timestamp>) -> Result<()> {
        let Some(at) = wake_at.filter(|at| self.alarm.get() != Some(*at)) else { return Ok(()) };
        // The platform keeps the order of what is written: nobody has to wait for it.
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
        let _written = self.context().storage().set_alarm((at.0 * 1000) as f64)?;
        self.alarm.set(Some(at));
        Ok(())
    }

    /// When the holder's page was last heard from, where it has a socket: pings are answered while the object sleeps, and
    /// the platform remembers when.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds since 1970 fit")]
    fn heard(&self) -> Result<Option<Timestamp>> {
        let Some(holder) = self.holder()? else { return Ok(None) };
        let context = self.context();
        let mut heard = None;
        for socket in context.sockets(&holder)? {
            let at = context.auto_responded_at(socket.unchecked_ref())?;
            // Rounded up: nobody is taken for silent before they are.
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

    fn is_holders(&self, socket: &Socket) -> Result<bool> {
        let tag = self.context().tags(socket)?.get(0).as_string();
        Ok(tag.is_some() && tag == self.holder()?)
    }

    /// Answers a page that wants a socket: with one, and with what it has missed; or with why not.
    fn link(&self, connect: Connect) -> Result<Response> {
        let after = connect.after;
        let heard = self.heard()?;
        self.handle(|desk, now| desk.pass(now, heard))?;
        if let Err(ended) = self.handle(|desk, now| desk.connect(now, connect))? {
            return objects::answer(&Answer::Over(ended));
        }
        let kept = self.desk.borrow();
        let Some((desk, holder)) = kept.as_ref().and_then(|desk| Some((desk, desk.holder()?))) else {
            return objects::answer(&Answer::Over(None));
        };
        let context = self.context();
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
        Ok(web_sys::Response::new_with_opt_str_and_init(None, &init)?.into())
    }

    /// A socket has closed. Only where it was the holder's last one does that say anything of the page.
    fn closed(&self, socket: &Socket) -> Result<()> {
        if !self.is_holders(socket)? {
            return Ok(());
        }
        let others = self.context().sockets(&self.holder()?.unwrap_or_default())?;
        if others.iter().all(|other| js_sys::Object::is(&other, socket.as_ref())) {
            self.handle(Desk::disconnect)?;
        }
        Ok(())
    }

    fn tell(&self, tag: &str, said: &Said) {
        for socket in self.context().sockets(tag).unwrap_or_default() {
            // One that is closing learns the same from the welcome of the next.
            say(socket.unchecked_ref(), said).ok();
        }
    }

    /// Tells the page of a session that is over, and closes its sockets.
    fn end(&self, departed: Departed) {
        let Departed { session, ended } = departed;
        let event = log::Event {
            install: Some(session.install.as_str()),
            instance: Some(session.instance.as_str()),
            agent: Some(session.agent.as_str()),
            reason: Some(ended.reason.name()),
            detail: ended.by.as_deref(),
            ..log::Event::new("session_ended")
        };
        log::write_of_object(&self.env, "desk", &event);
        self.tell(session.sid.as_str(), &Said::Ended(ended));
        for socket in self.context().sockets(session.sid.as_str()).unwrap_or_default() {
            socket.unchecked_ref::<Socket>().close(OVER, "over").ok();
        }
    }

    /// Tells KV what it has yet to be told.
    async fn tell_kv(&self) -> Result<()> {
        let due = self.desk.borrow().as_ref().map(|desk| desk.writes_due(crate::now())).unwrap_or_default();
        if due.is_empty() {
            return Ok(());
        }
        let bindings = bindings(&self.env)?;
        let store = &bindings.sessions;
        for write in due {
            let taken = self.tell_of(store, &write).await;
            let failures = self.handle(|desk, now| desk.written(now, &write, taken.is_ok()))?;
            // Once is everyday: KV takes one write a second for each key.
            if let (Err(problem), WORTH_TELLING) = (&taken, failures) {
                let detail = problem.detail();
                let event = log::Event {
                    reason: Some(problem.code()),
                    detail: detail.as_deref(),
                    is_for_the_operator: true,
                    ..log::Event::new("problem")
                };
                log::write_of_object(&self.env, "desk", &event);
            }
        }
        Ok(())
    }

    /// Tells KV one thing; or learns from it that a session, which the desk took on its token's word, is over.
    async fn tell_of(&self, store: &Kv, write: &Write) -> std::result::Result<(), Problem> {
        if let Write::Session { record, unless_over: true } = write
            && let Some(tombstone) = store.read(&Revoked::key_of(&record.sid), Patience::Short).await?
        {
            let revoked = Revoked::read(&Revoked::key_of(&record.sid), &tombstone).ok();
            let ending = revoked.map_or(Ending::of(EndReason::SignedOut), |revoked| Ending {
                by: revoked.by,
                ..Ending::of(revoked.reason)
            });
            let heed = Ask::Heed { sid: record.sid.clone(), ending };
            let heard = self.heard().unwrap_or_default();
            let heeded = self.handle(|desk, now| desk.answer(now, heard, heed));
            return heeded.map(|_| ()).map_err(|error| Problem::defect(&error));
        }
        put(store, write).await
    }
}

/// Tells KV one thing. A session that is over is not listed any more.
async fn put(store: &Kv, write: &Write) -> std::result::Result<(), Problem> {
    let now = crate::now();
    let (json, ttl) = match write {
        Write::Session { record, .. } => (record.json(), record.ttl(now)),
        Write::Tombstone(revoked) => (revoked.json(), revoked.ttl(now)),
    };
    let json = json.map_err(|error| Problem::defect(&error))?;
    store.write(&write.key(), &json, ttl).await?;
    match write {
        Write::Session { .. } => Ok(()),
        Write::Tombstone(revoked) => store.remove(&revoked.session_key()).await,
    }
}

fn bindings(env: &Env) -> Result<Rc<Bindings>> {
    Bindings::of(env).map_err(|problem| worker::Error::RustError(problem.detail().unwrap_or_default()))
}

fn command(message: &WebSocketIncomingMessage) -> Option<Command> {
    let WebSocketIncomingMessage::String(text) = message else { return None };
    if text.len() > LONGEST { None } else { kv_schema::json::from_str(text).ok() }
}

fn say(socket: &Socket, said: &Said) -> Result<()> {
    Ok(socket.send(&serde_json::to_string(said)?)?)
}
