//! `EXTENSION_LEASE`: asking the lease of an extension, and the object that carries [`Lease`], one for each extension.
//!
//! The object asks the desk of a holder before it sends anybody else away. Neither waits for the other with anything in
//! hand: a desk that is asked answers at once, and a lease goes on answering meanwhile.

use std::cell::RefCell;

use kv_schema::names::InstallName;
use onecontact_domain::desk::{self, Found, Why};
use onecontact_domain::extension_lease::{Act, Answer, Ask, Claim, Lease, Step, Told};
use onecontact_domain::problem::Problem;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use crate::bindings::Bindings;
use crate::directory::Directory;
use crate::kv::within;
use crate::objects;

const BINDING: &str = "EXTENSION_LEASE";
/// Milliseconds that a lease waits for a holder's desk.
const DESK_LIMIT: f64 = 1_500.0;
/// Holders that are asked for one question: more have not come in between.
const MOST_ASKED: usize = 3;

/// Looks an extension up and asks its lease.
///
/// # Errors
/// [`Problem`] where the directory or the lease does not answer.
pub(crate) async fn find(bindings: &Bindings, install: &InstallName, ask: &Ask) -> std::result::Result<Found, Problem> {
    let name = format!("{}/{}", ask.instance, ask.extension);
    let mut kind = None;
    if ask.act != Act::Free {
        let directory = Directory::new(&bindings.directory, crate::now()).in_a_hurry();
        let Some(declared) = directory.extension(&ask.instance, &ask.extension).await? else {
            let is_elsewhere = directory.install_extension(install, &ask.extension).await?.is_some();
            return Ok(Found::Refused(if is_elsewhere { Why::OtherInstance } else { Why::Unknown }));
        };
        if !declared.allows(&ask.claim.agent) {
            return Ok(Found::Refused(Why::NotAllowed));
        }
        kind = Some(declared.kind);
    }
    let answer = objects::ask(&bindings.extension_lease, BINDING, &name, ask).await?;
    Ok(Found::Lease { kind, answer })
}

/// The lease of one extension.
#[durable_object(fetch)]
pub struct ExtensionLease {
    state: State,
    env: Env,
    /// What is stored, once it has been read: nobody else writes it.
    lease: RefCell<Option<Lease>>,
}

impl DurableObject for ExtensionLease {
    fn new(state: State, env: Env) -> Self {
        Self { state, env, lease: RefCell::default() }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let ask: Ask = objects::asked(request).await?;
        objects::answer(&self.answer(&ask).await?)
    }
}

impl ExtensionLease {
    async fn answer(&self, ask: &Ask) -> Result<Answer> {
        let mut told = None;
        for _ in 0..=MOST_ASKED {
            match self.step(ask, told).await? {
                Step::Answer(answer) => return Ok(answer),
                Step::AskDesk(holder) => {
                    let said = within(DESK_LIMIT, self.ask_desk(ask, &holder)).await.unwrap_or(Told::Nothing);
                    told = Some((holder, said));
                }
            }
        }
        let by = told.map_or_else(|| ask.claim.agent.clone(), |(holder, _)| holder.agent);
        Ok(Answer::Held { by, keeps: None })
    }

    /// Reading, deciding and keeping are one step: between looking at the lease in memory and keeping it there nothing is
    /// waited for.
    async fn step(&self, ask: &Ask, told: Option<(Claim, Told)>) -> Result<Step> {
        let before = self.lease().await?;
        let mut lease = before.clone();
        let step = lease.answer(crate::now(), ask, told);
        if lease != before {
            self.lease.replace(Some(lease.clone()));
            let stored = objects::store(&self.state, &lease).await;
            // What could not be stored does not hold.
            stored.inspect_err(|_| drop(self.lease.take()))?;
        }
        Ok(step)
    }

    async fn lease(&self) -> Result<Lease> {
        if let Some(lease) = self.lease.borrow().as_ref() {
            return Ok(lease.clone());
        }
        let stored = objects::load(&self.state).await?;
        // Another event may have read, and changed, it meanwhile.
        Ok(self.lease.borrow_mut().get_or_insert(stored).clone())
    }

    async fn ask_desk(&self, ask: &Ask, holder: &Claim) -> Told {
        let Ok(bindings) = Bindings::of(&self.env) else { return Told::Nothing };
        let keeps = desk::Ask::Keeps { extension: ask.extension.clone() };
        match crate::desk::ask(&bindings, &ask.instance, &holder.agent, &keeps).await {
            Ok(desk::Answer::Keeps(keeps)) => keeps.map_or(Told::Free, Told::Keeps),
            _ => Told::Nothing,
        }
    }
}
