//! `EXTENSION_LEASE`: asking the lease of an extension, and the object that carries [`Lease`], one per extension.
//!
//! The object asks a holder's desk before it turns anyone else away. Neither can block the other: a desk answers such a
//! question at once, and a lease goes on answering meanwhile.

use std::cell::RefCell;

use kv_schema::names::{InstallName, Username};
use onecontact_domain::desk::{self, Found, Why};
use onecontact_domain::extension_lease::{Act, Answer, Ask, Keeps, Lease, Step, Told};
use onecontact_domain::problem::Problem;
use wasm_bindgen::prelude::*;
use worker::{Env, Result};

use crate::bell::within;
use crate::bindings::Bindings;
use crate::directory::Directory;
use crate::objects;
use crate::platform::{self, Context, Sql};

const BINDING: &str = "EXTENSION_LEASE";
/// Milliseconds that a lease waits for a holder's desk.
const DESK_LIMIT: f64 = 1_500.0;
/// How many holders are asked for one question: no more can have come in between.
const MOST_ASKED: usize = 3;

/// Looks an extension up and asks its lease.
///
/// # Errors
/// [`Problem`] where the directory or the lease does not answer.
pub(crate) async fn find(bindings: &Bindings, install: &InstallName, ask: &Ask) -> std::result::Result<Found, Problem> {
    let mut kind = None;
    if ask.act != Act::Free {
        let directory = Directory::new(bindings, crate::now()).in_a_hurry();
        let Some(declared) = directory.extension(&ask.instance, &ask.extension).await? else {
            let is_elsewhere = directory.has_extension(install, &ask.extension).await?;
            return Ok(Found::Refused(if is_elsewhere { Why::OtherInstance } else { Why::Unknown }));
        };
        if !declared.allows(&ask.agent) {
            return Ok(Found::Refused(Why::NotAllowed));
        }
        kind = Some(declared.kind);
    }
    let name = format!("{}/{}", ask.instance, ask.extension);
    let answer = objects::ask(&bindings.extension_lease, BINDING, &name, ask).await?;
    Ok(Found::Lease { kind, answer })
}

/// The problem of a lease that does not answer.
pub(crate) fn silent() -> Problem {
    crate::directory::outage(BINDING, &"it does not answer")
}

/// The lease of one extension.
#[wasm_bindgen]
pub struct ExtensionLease {
    context: Context,
    env: Env,
    /// What is stored, once it has been read: nothing else writes it.
    lease: RefCell<Option<Lease>>,
}

#[wasm_bindgen]
impl ExtensionLease {
    /// Creates the object, for the platform.
    #[wasm_bindgen(constructor)]
    pub fn new(context: Context, env: Env) -> Self {
        Self { context, env, lease: RefCell::default() }
    }

    /// Answers a question.
    ///
    /// # Errors
    /// If the question cannot be parsed, the storage fails, or the holder cannot be determined.
    pub async fn ask(&self, question: String) -> std::result::Result<String, JsValue> {
        Ok(self.answer(&question).await?)
    }
}

impl ExtensionLease {
    async fn answer(&self, question: &str) -> Result<String> {
        let ask: Ask = objects::asked(question)?;
        objects::answer(&self.found(&ask).await?)
    }

    async fn found(&self, ask: &Ask) -> Result<Answer> {
        let mut told = None;
        for _ in 0..MOST_ASKED {
            match self.step(ask, told.take())? {
                Step::Answer(answer) => return Ok(answer),
                Step::AskDesk(agent, claim) => {
                    let said = within(DESK_LIMIT, self.ask_desk(ask, &agent)).await.unwrap_or(Keeps::Unknown);
                    told = Some(Told { agent, claim, keeps: said });
                }
            }
        }
        // It changes hands faster than it can be asked about.
        Err(worker::Error::RustError("the holder could not be found out".to_owned()))
    }

    /// Reads, decides and stores in one go: `SQLite` is synchronous, so nothing can interrupt.
    fn step(&self, ask: &Ask, told: Option<Told>) -> Result<Step> {
        let sql = self.context.storage().sql();
        let mut lease = self.lease.take().map_or_else(|| load(&sql), Ok)?;
        let before = lease.clone();
        let step = lease.answer(crate::now(), ask, told);
        let waiting = lease.take_waiting();
        if lease != before {
            let json = serde_json::to_string(&lease)?;
            sql.exec_with_text("INSERT OR REPLACE INTO lease (id, json) VALUES (?, ?)", 1.0, &json)?;
        }
        // Only what is stored is remembered.
        self.lease.replace(Some(lease));
        self.tell(ask, waiting);
        Ok(step)
    }

    /// Tells the desks of those who have waited that the extension is free. One that misses this asks again by itself.
    fn tell(&self, ask: &Ask, waiting: Vec<Username>) {
        for agent in waiting {
            let (env, instance) = (self.env.clone(), ask.instance.clone());
            let free = desk::Ask::Free { extension: ask.extension.clone() };
            platform::beside(&self.context, async move {
                if let Ok(bindings) = Bindings::of(&env) {
                    crate::desk::ask(&bindings, &instance, &agent, &free).await.ok();
                }
            });
        }
    }

    async fn ask_desk(&self, ask: &Ask, holder: &Username) -> Keeps {
        let Ok(bindings) = Bindings::of(&self.env) else { return Keeps::Unknown };
        let keeps = desk::Ask::Keeps { extension: ask.extension.clone() };
        match crate::desk::ask(&bindings, &ask.instance, holder, &keeps).await {
            Ok(desk::Answer::Keeps { until: Some(at), is_silent }) => Keeps::Until { at, is_silent },
            Ok(desk::Answer::Keeps { until: None, .. }) => Keeps::No,
            _ => Keeps::Unknown,
        }
    }
}

fn load(sql: &Sql) -> Result<Lease> {
    sql.exec("CREATE TABLE IF NOT EXISTS lease (id INTEGER PRIMARY KEY, json TEXT NOT NULL)")?;
    let kept = sql.exec("SELECT json FROM lease")?.texts()?;
    kept.first().map_or_else(|| Ok(Lease::default()), |json| Ok(kv_schema::json::from_str(json)?))
}
