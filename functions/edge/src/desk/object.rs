//! `AgentDesk`: one object per agent. It passes every event to its [`Carrier`].

use std::rc::Rc;

use onecontact_domain::desk::{Ask, CONNECT, Command, Refusal, Said};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Request, Response};
use worker::{Env, Result};

use super::carrier::{Carrier, OVER, say};
use crate::objects;
use crate::platform::{Context, Socket};

/// Length of the longest message from a page that is looked at, in bytes.
const LONGEST: usize = 1024;

/// The desk of one agent.
#[wasm_bindgen]
pub struct AgentDesk {
    carrier: Rc<Carrier>,
}

#[wasm_bindgen]
impl AgentDesk {
    /// Creates the object, for the platform.
    #[wasm_bindgen(constructor)]
    pub fn new(context: Context, env: Env) -> Self {
        Self { carrier: Carrier::new(context, env) }
    }

    /// Answers a question: at once, unless the question is to wait for the outcome of an offer.
    ///
    /// # Errors
    /// If the question cannot be parsed, or the storage fails.
    pub fn ask(&self, question: &str) -> std::result::Result<JsValue, JsValue> {
        let ask: Ask = objects::asked(question)?;
        let Ask::Find { offer, wait } = &ask else { return Ok(answer(&self.carrier, ask)?.into()) };
        let (desk, offer, wait) = (Rc::clone(&self.carrier), offer.clone(), *wait);
        let waited = async move {
            desk.wait_for(&offer, wait).await?;
            Ok(answer(&desk, ask)?.into())
        };
        Ok(future_to_promise(waited).into())
    }

    /// Answers a page that wants a socket.
    ///
    /// # Errors
    /// If the request cannot be parsed, or the storage fails.
    pub fn fetch(&self, request: &Request) -> std::result::Result<Response, JsValue> {
        Ok(self.link(request)?)
    }

    /// Does what is due.
    ///
    /// # Errors
    /// If the storage fails: the platform tries again.
    pub fn alarm(&self) -> std::result::Result<(), JsValue> {
        Ok(self.carrier.wake()?)
    }

    /// Handles a message from a page.
    ///
    /// # Errors
    /// If the storage fails.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn websocket_message(&self, socket: &Socket, message: &JsValue) -> std::result::Result<(), JsValue> {
        Ok(self.hear(socket, message)?)
    }

    /// Handles the closing of a socket.
    ///
    /// # Errors
    /// If the storage fails.
    #[wasm_bindgen(js_name = webSocketClose)]
    pub fn websocket_close(&self, socket: &Socket) -> std::result::Result<(), JsValue> {
        Ok(self.carrier.closed(socket)?)
    }

    /// Handles the failure of a socket.
    ///
    /// # Errors
    /// If the storage fails.
    #[wasm_bindgen(js_name = webSocketError)]
    pub fn websocket_error(&self, socket: &Socket) -> std::result::Result<(), JsValue> {
        Ok(self.carrier.closed(socket)?)
    }
}

impl AgentDesk {
    fn link(&self, request: &Request) -> Result<Response> {
        let connect = request.headers().get(CONNECT)?.unwrap_or_default();
        self.carrier.link(objects::asked(&connect)?)
    }

    fn hear(&self, socket: &Socket, message: &JsValue) -> Result<()> {
        if !self.carrier.is_holders(socket)? {
            return Ok(socket.close(OVER, "over")?);
        }
        let said = match command(message) {
            Some(command) => self.carrier.handle(|desk, now| desk.command(now, command))?,
            None => Said::Refused { id: 0, why: Refusal::NotUnderstood },
        };
        // The command itself may have ended the session, and this socket.
        say(socket, &said).ok();
        Ok(())
    }
}

fn answer(desk: &Rc<Carrier>, ask: Ask) -> Result<String> {
    objects::answer(&desk.answer(ask)?)
}

fn command(message: &JsValue) -> Option<Command> {
    let text = message.as_string()?;
    if text.len() > LONGEST { None } else { kv_schema::json::from_str(&text).ok() }
}
