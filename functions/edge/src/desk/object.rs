//! `AgentDesk`: one object per agent. What happens to it is handed to its [`Carrier`].

use std::rc::Rc;

use onecontact_domain::desk::{Ask, CONNECT, Command, Refusal, Said};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};
use worker::{Env, Result};

use super::carrier::{Carrier, OVER, say};
use crate::objects;
use crate::platform::{Context, Socket};

/// Longest message of a page that is looked at, in bytes.
const LONGEST: usize = 1024;

/// The desk of one agent.
#[wasm_bindgen]
pub struct AgentDesk {
    carrier: Rc<Carrier>,
}

#[wasm_bindgen]
impl AgentDesk {
    /// The object, as the platform makes it.
    #[wasm_bindgen(constructor)]
    pub fn new(context: Context, env: Env) -> Self {
        Self { carrier: Carrier::new(context, env) }
    }

    /// Answers what it is asked.
    ///
    /// # Errors
    /// Where what is asked is not understood, or the storage fails.
    pub async fn fetch(&self, request: Request) -> std::result::Result<Response, JsValue> {
        Ok(self.answer(&request).await?)
    }

    /// Does what is due.
    ///
    /// # Errors
    /// Where the storage fails: the platform tries again.
    pub fn alarm(&self) -> std::result::Result<(), JsValue> {
        Ok(self.carrier.wake()?)
    }

    /// Hears of a message of a page.
    ///
    /// # Errors
    /// Where the storage fails.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn websocket_message(&self, socket: &Socket, message: &JsValue) -> std::result::Result<(), JsValue> {
        Ok(self.hear(socket, message)?)
    }

    /// Hears that a socket is closed.
    ///
    /// # Errors
    /// Where the storage fails.
    #[wasm_bindgen(js_name = webSocketClose)]
    pub fn websocket_close(&self, socket: &Socket) -> std::result::Result<(), JsValue> {
        Ok(self.carrier.closed(socket)?)
    }

    /// Hears that a socket is broken.
    ///
    /// # Errors
    /// Where the storage fails.
    #[wasm_bindgen(js_name = webSocketError)]
    pub fn websocket_error(&self, socket: &Socket) -> std::result::Result<(), JsValue> {
        Ok(self.carrier.closed(socket)?)
    }
}

impl AgentDesk {
    async fn answer(&self, request: &Request) -> Result<Response> {
        let desk = &self.carrier;
        if let Some(connect) = request.headers().get(CONNECT)? {
            return desk.link(kv_schema::json::from_str(&connect)?);
        }
        let ask: Ask = objects::asked(request).await?;
        if let Ask::Find { offer, wait } = &ask {
            desk.wait_for(offer, *wait).await?;
        }
        objects::answer(&desk.answer(ask)?)
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

fn command(message: &JsValue) -> Option<Command> {
    let text = message.as_string()?;
    if text.len() > LONGEST { None } else { kv_schema::json::from_str(&text).ok() }
}
