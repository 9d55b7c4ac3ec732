//! `AgentDesk`: carries [`Desk`], one object per agent.

use onecontact_domain::desk::{Ask, Desk};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use crate::objects;

/// The desk of one agent.
#[durable_object(fetch)]
pub struct AgentDesk {
    state: State,
}

impl DurableObject for AgentDesk {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let ask: Ask = objects::asked(request).await?;
        let mut desk: Desk = objects::load(&self.state).await?;
        let answer = desk.apply(ask);
        objects::store(&self.state, &desk).await?;
        objects::answer(&answer)
    }
}
