//! `TOKEN_KEYS` over time, rotated as `onecontact keys rotate` does: next, active, retired until a date, gone. Isolates
//! have the newest set or, for a while, the one before.

use std::fmt::Write as _;
use std::rc::Rc;

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::Timestamp;
use kv_schema::names::InstallName;
use onecontact_domain::token::{self, FormClaims, KeySet, Kind, SessionClaims};

use super::dice::Dice;
use super::planted::Bug;
use super::world::{Ms, seconds};

/// How long it takes until every isolate has a rotated set.
pub(crate) const SPREAD: Ms = 4 * 60_000;
/// How long a retired key verifies: the lifetime of a session token, and time to spread.
const RETIRES_AFTER: u64 = SessionClaims::LIFETIME + 10 * 60;

#[derive(Clone)]
struct Key {
    id: String,
    secret: String,
    status: &'static str,
    until: Option<Timestamp>,
}

/// A token that would outlive the key it was made with.
pub(crate) struct Probe {
    key: String,
    pub(crate) token: String,
    pub(crate) until: Option<Timestamp>,
}

pub(crate) struct Keys {
    known: Vec<Key>,
    pub(crate) sets: Vec<Rc<KeySet>>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) rotated_at: Ms,
    bug: Option<Bug>,
}

impl Keys {
    pub(crate) fn new(dice: &mut Dice, now: Ms, bug: Option<Bug>) -> Self {
        let keys = vec![draw(dice, 0, "active"), draw(dice, 1, "next")];
        let mut all = Self { known: keys, sets: Vec::new(), probes: Vec::new(), rotated_at: now, bug };
        all.publish(now);
        all
    }

    /// The number of the newest set.
    pub(crate) const fn newest(&self) -> usize {
        self.sets.len() - 1
    }

    pub(crate) fn rotate(&mut self, dice: &mut Dice, now: Ms) {
        self.rotated_at = now;
        let at = seconds(now);
        if self.bug != Some(Bug::KeepsRetiredKeys) {
            self.known.retain(|key| key.until.is_none_or(|until| at < until));
        }
        for key in &mut self.known {
            match key.status {
                "next" => key.status = "active",
                "active" => {
                    key.status = "retired";
                    key.until = Some(at.plus(RETIRES_AFTER));
                    let probe = self.probes.iter_mut().find(|probe| probe.key == key.id);
                    probe.expect("each key was active once").until = key.until;
                }
                _ => {}
            }
        }
        match self.bug {
            Some(Bug::DropsTheActiveKey) => self.known.retain(|key| key.status != "retired"),
            Some(Bug::SignsWithANewKey) => self.known.retain(|key| key.status != "active"),
            _ => {}
        }
        let number = self.sets.len() + 1;
        if self.bug == Some(Bug::SignsWithANewKey) {
            self.known.push(draw(dice, number + 100, "active"));
        }
        self.known.push(draw(dice, number, "next"));
        self.publish(now);
    }

    fn publish(&mut self, now: Ms) {
        let mut json = String::from(r#"{"keys":["#);
        for (index, key) in self.known.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let Key { id, secret, status, until } = key;
            let late = if self.bug == Some(Bug::KeepsRetiredKeys) { 1_000_000 } else { 0 };
            let date = until.map_or_else(String::new, |until| format!(r#","exp":{}"#, until.0 + late));
            write!(json, r#"{comma}{{"kid":"{id}","alg":"HS256","k":"{secret}","status":"{status}"{date}}}"#)
                .expect("a String takes it");
        }
        json.push_str("]}");
        let set = KeySet::parse(&json).expect("a set is sound");
        let install = InstallName::parse("lisbon").expect("it is a name");
        let claims = FormClaims { install, browser: "probe".to_owned(), tenant: None };
        let token = token::seal(&set, &claims, seconds(now)).expect("claims become JSON");
        let active = self.known.iter().find(|key| key.status == "active").expect("one is active");
        self.probes.push(Probe { key: active.id.clone(), token, until: None });
        self.sets.push(Rc::new(set));
    }
}

fn draw(dice: &mut Dice, number: usize, status: &'static str) -> Key {
    let secret: Vec<u8> = (0..4).flat_map(|_| dice.bits().to_le_bytes()).collect();
    Key { id: format!("key-{number}"), secret: Base64UrlUnpadded::encode_string(&secret), status, until: None }
}
