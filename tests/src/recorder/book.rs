//! What is registered, according to the contract.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a recorder does, step by step, while a workstation is registered.
const STEPS: [&str; 4] = ["workstation_found", "recorder_found", "recorder_starting", "recorder_ready"];

/// A registration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registration {
    /// Whose it is.
    pub sub: String,
    /// The session that it was registered for.
    pub sid: String,
    /// The workstation.
    pub workstation: String,
    /// When it was requested, in milliseconds since 1970.
    pub begun: u64,
    /// When it expires, in milliseconds since 1970.
    pub expires: u64,
    /// Why it failed.
    pub cause: Option<String>,
}

/// How registering goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Ways {
    /// Milliseconds until a workstation is registered.
    pub takes: u64,
    /// Seconds that a registration lives.
    pub lifetime: u64,
    /// Why a workstation is not registered, or is lost when it is next kept alive.
    pub cause: Option<String>,
}

impl Default for Ways {
    fn default() -> Self {
        Self { takes: 0, lifetime: 60, cause: None }
    }
}

/// All registrations, and the ids of those that are over.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Book {
    registrations: BTreeMap<String, Registration>,
    over: BTreeMap<String, String>,
    most_at_once: usize,
    /// How it goes from now on.
    #[serde(skip)]
    pub ways: Ways,
    #[serde(skip)]
    file: Option<PathBuf>,
}

/// Why something is refused.
pub type Refused = (u16, &'static str);

impl Book {
    /// The book stored in `file`.
    #[must_use]
    pub fn open(file: Option<PathBuf>) -> Self {
        let kept = file.as_ref().and_then(|file| std::fs::read(file).ok());
        let book: Self = kept.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        Self { file, ..book }
    }

    /// Saves it: what is answered has been saved.
    fn keep(&mut self) {
        self.expire();
        let mut count = BTreeMap::<&str, usize>::new();
        for registration in self.registrations.values().filter(|registration| registration.cause.is_none()) {
            *count.entry(&registration.sub).or_default() += 1;
        }
        self.most_at_once = count.into_values().max().unwrap_or_default().max(self.most_at_once);
        if let Some(file) = &self.file {
            std::fs::write(file, serde_json::to_vec(self).expect("a book becomes JSON")).expect("it is written");
        }
    }

    fn expire(&mut self) {
        let now = now();
        let expired: Vec<String> =
            self.registrations.iter().filter(|(_, r)| r.expires <= now).map(|(id, _)| id.clone()).collect();
        for id in expired {
            self.registrations.remove(&id);
            self.over.insert(id, "expired".to_owned());
        }
    }

    /// Registers a workstation.
    ///
    /// # Errors
    /// If the id is over, or another agent's.
    pub fn register(&mut self, id: &str, sub: &str, sid: &str, workstation: &str) -> Result<(), Refused> {
        self.expire();
        if self.over.contains_key(id) {
            return Err((410, "over"));
        }
        if let Some(standing) = self.registrations.get(id) {
            let is_same = standing.sub == sub && standing.workstation == workstation;
            return if is_same { Ok(()) } else { Err((403, "not_yours")) };
        }
        let former: Vec<String> =
            self.registrations.iter().filter(|(_, r)| r.workstation == workstation).map(|(id, _)| id.clone()).collect();
        for former in former {
            self.registrations.remove(&former);
            self.over.insert(former, "replaced".to_owned());
        }
        let (begun, cause) = (now(), self.ways.cause.clone());
        let registration = Registration {
            sub: sub.to_owned(),
            sid: sid.to_owned(),
            workstation: workstation.to_owned(),
            begun,
            expires: begun + self.ways.takes + self.ways.lifetime * 1000,
            cause,
        };
        self.registrations.insert(id.to_owned(), registration);
        self.keep();
        Ok(())
    }

    /// Keeps a workstation registered.
    ///
    /// # Errors
    /// If it is not registered.
    pub fn keep_alive(&mut self, id: &str, sub: &str) -> Result<(), Refused> {
        let lifetime = self.ways.lifetime * 1000;
        let cause = self.ways.cause.clone();
        let registration = self.standing_mut(id, sub)?;
        registration.expires = now() + lifetime;
        registration.cause = cause;
        self.keep();
        Ok(())
    }

    /// Unregisters a workstation. An unknown id is over afterwards, too.
    ///
    /// # Errors
    /// If it is another agent's.
    pub fn unregister(&mut self, id: &str, sub: &str) -> Result<(), Refused> {
        match self.standing_mut(id, sub) {
            Err(refused @ (403, _)) => return Err(refused),
            _ => self.registrations.remove(id),
        };
        self.over.insert(id.to_owned(), "unregistered".to_owned());
        self.keep();
        Ok(())
    }

    /// Forgets everything, as after a restart on an empty disk.
    pub fn forget(&mut self) {
        self.registrations.clear();
        self.over.clear();
        self.keep();
    }

    fn standing_mut(&mut self, id: &str, sub: &str) -> Result<&mut Registration, Refused> {
        self.expire();
        if self.over.contains_key(id) {
            return Err((410, "over"));
        }
        let registration = self.registrations.get_mut(id).ok_or((404, "unknown"))?;
        if registration.sub == sub { Ok(registration) } else { Err((403, "not_yours")) }
    }

    /// The state of a registration, with the steps after `after`, and whether any of that is news.
    ///
    /// # Errors
    /// If there is none.
    pub fn look(&mut self, id: &str, sub: &str, after: u64) -> Result<(Value, bool), Refused> {
        let takes = self.ways.takes;
        let registration = self.standing_mut(id, sub)?;
        let gone = now().saturating_sub(registration.begun);
        let steps = (gone * STEPS.len() as u64)
            .checked_div(takes)
            .map_or(STEPS.len(), |steps| STEPS.len().min(usize::try_from(steps).expect("a few steps")));
        let notifications: Vec<Value> = (1..=steps as u64)
            .filter(|number| *number > after)
            .map(|number| json!({ "number": number, "code": STEPS[usize::try_from(number - 1).expect("a few steps")] }))
            .collect();
        let mut told = json!({ "status": "registering", "notifications": notifications });
        if gone >= takes {
            if let Some(cause) = &registration.cause {
                told["status"] = "failed".into();
                told["cause"] = cause.clone().into();
            } else {
                let seconds = registration.expires.saturating_sub(now()) / 1000;
                told["status"] = "registered".into();
                told["expires_in"] = seconds.clamp(10, 600).into();
            }
        }
        let is_news = gone >= takes || !notifications.is_empty();
        Ok((told, is_news))
    }

    /// The registrations in force: those that have not failed.
    pub fn standing(&mut self) -> Vec<Value> {
        self.expire();
        let takes = self.ways.takes;
        let standing = self.registrations.iter().filter(|(_, registration)| registration.cause.is_none());
        let told = |(id, registration): (&String, &Registration)| {
            let mut told = json!(registration);
            told["id"] = id.as_str().into();
            told["registered"] = (now().saturating_sub(registration.begun) >= takes).into();
            told
        };
        standing.map(told).collect()
    }

    /// The most registrations that were in force at once for one agent.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.most_at_once
    }
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    u64::try_from(since.as_millis()).expect("milliseconds fit")
}
