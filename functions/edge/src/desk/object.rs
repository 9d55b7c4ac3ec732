//! `AgentDesk`: one object per agent. What happens to it is handed to its [`Carrier`].

use std::rc::Rc;

use onecontact_domain::desk::{Ask, CONNECT, Command, Refusal, Said};
use wasm_bindgen::prelude::*;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

use super::carrier::{Carrier, OVER, say};
use super::platform::Socket;
use crate::objects;

/// Longest message of a page that is looked at, in bytes.
const LONGEST: usize = 1024;

/// The desk of one agent.
#[durable_object]
pub struct AgentDesk {
    carrier: Rc<Carrier>,
}

impl DurableObject for AgentDesk {
    fn new(state: State, env: Env) -> Self {
        Self { carrier: Carrier::new(state, env) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
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

    async fn alarm(&self) -> Result<Response> {
        self.carrier.wake()?;
        self.carrier.tell_kv().await?;
        Response::ok("")
    }

    async fn websocket_message(&self, socket: WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        let socket: &Socket = socket.as_ref().unchecked_ref();
        if !self.carrier.is_holders(socket)? {
            return Ok(socket.close(OVER, "over")?);
        }
        let said = match command(&message) {
            Some(command) => self.carrier.handle(|desk, now| desk.command(now, command))?,
            None => Said::Refused { id: 0, why: Refusal::NotUnderstood },
        };
        // The command itself may have ended the session, and this socket.
        say(socket, &said).ok();
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, _code: usize, _reason: String, _clean: bool) -> Result<()> {
        self.carrier.closed(socket.as_ref().unchecked_ref())
    }

    async fn websocket_error(&self, socket: WebSocket, _error: worker::Error) -> Result<()> {
        self.carrier.closed(socket.as_ref().unchecked_ref())
    }
}

fn command(message: &WebSocketIncomingMessage) -> Option<Command> {
    let WebSocketIncomingMessage::String(text) = message else { return None };
    if text.len() > LONGEST { None } else { kv_schema::json::from_str(text).ok() }
}
