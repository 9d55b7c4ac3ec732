//! The key set `TOKEN_KEYS`, as operators make and rotate it. Pure, except that new keys are drawn; files are handled
//! in [`crate::commands::keys`], and what the Worker does with the set is in `onecontact-domain`.
//!
//! A key is `next` before it is `active`, and `retired` after that. So nodes that have the previous or the following
//! set verify what is signed meanwhile, and others find a key in `/.well-known/jwks.json` before anything is signed
//! with it.

use std::collections::BTreeSet;

use base64ct::{Base64UrlUnpadded, Encoding};
use kv_schema::Timestamp;
use onecontact_domain::token::{self, FormClaims, Kind, SessionClaims, StepClaims};
use rand_core::{OsRng, RngCore};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ulid::Ulid;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::time;
use crate::signing;

/// The lifetime of the longest-lived token, in seconds.
const LONGEST_LIFE: u64 = longest(&[FormClaims::LIFETIME, SessionClaims::LIFETIME, StepClaims::LIFETIME]);

/// Seconds after a rotation by when every node uses the rotated set, at the latest.
pub(crate) const MARGIN: u64 = 60 * 60;

/// The size in bytes of the largest set that a secret can hold (Workers, "Limits": 5 KB for each environment variable).
const LARGEST: usize = 5_000;

const fn longest(lives: &[u64]) -> u64 {
    let (mut longest, mut index) = (0, 0);
    while index < lives.len() {
        if lives[index] > longest {
            longest = lives[index];
        }
        index += 1;
    }
    longest
}

/// Whom an algorithm's keys are for, and how one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    /// Our own nodes (RFC 7518, section 3.2).
    Hs256,
    /// Others, who verify with the public half (RFC 8037).
    EdDsa,
    /// Applications that know no Ed25519 (RFC 7518, section 3.4).
    Es256,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Hs256, Self::EdDsa, Self::Es256];

    const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    /// A new key, whose id says when it was drawn.
    fn draw(self, status: Status, now: Timestamp) -> Result<Key, Failure> {
        let material = match self {
            Self::Hs256 => {
                let mut bytes = Zeroizing::new([0; 32]);
                OsRng.try_fill_bytes(&mut *bytes).map_err(Failure::failed)?;
                vec![("kty", "oct".to_owned()), ("k", Base64UrlUnpadded::encode_string(&*bytes))]
            }
            Self::EdDsa => {
                let [x, d] = signing::halves(&signing::draw());
                vec![("kty", "OKP".to_owned()), ("crv", "Ed25519".to_owned()), ("x", x), ("d", d)]
            }
            Self::Es256 => {
                let [x, y, d] = signing::draw_p256();
                vec![("kty", "EC".to_owned()), ("crv", "P-256".to_owned()), ("x", x), ("y", y), ("d", d)]
            }
        };
        let more = material.into_iter().chain([("use", "sig".to_owned())]);
        let more = more.map(|(name, text)| (name.to_owned(), text.into())).collect();
        let mut random = [0; 16];
        OsRng.try_fill_bytes(&mut random).map_err(Failure::failed)?;
        let kid = Ulid::from_parts(now.0 * 1_000, u128::from_le_bytes(random)).to_string();
        Ok(Key { kid, alg: self.name().to_owned(), status, exp: None, more })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Next,
    Retired,
}

/// A JWK Set (RFC 7517, section 5); `status` and `exp` are our own.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Key {
    kid: String,
    alg: String,
    status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<Timestamp>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Key {
    /// Whether its private half, if it has one, belongs to its public half.
    fn is_of_one_piece(&self) -> bool {
        let [x, y, d] = ["x", "y", "d"].map(|name| self.more.get(name).and_then(Value::as_str));
        let Some(d) = d else { return true };
        if self.alg == Algorithm::EdDsa.name() {
            signing::public_half(d).as_deref() == x
        } else if self.alg == Algorithm::Es256.name() {
            signing::public_p256(d).is_some_and(|public| [x, y] == public.each_ref().map(|text| Some(text.as_str())))
        } else {
            true
        }
    }
}

/// What a rotation did, by the ids of keys: nothing secret.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Rotation {
    /// The keys that sign from now on.
    pub(crate) active: Vec<String>,
    /// The keys that no longer sign, and verify until [`Rotation::until`].
    pub(crate) retired: Vec<String>,
    /// The keys that will sign after the next rotation.
    pub(crate) next: Vec<String>,
    /// The keys that were removed because their date had passed.
    pub(crate) dropped: Vec<String>,
    /// When the retired keys stop verifying, in seconds since 1970.
    pub(crate) until: Timestamp,
}

impl KeySet {
    /// A fresh set.
    pub(crate) fn new(now: Timestamp) -> Result<Self, Failure> {
        let mut keys = Vec::new();
        for status in [Status::Active, Status::Next] {
            for algorithm in Algorithm::ALL {
                keys.push(algorithm.draw(status, now)?);
            }
        }
        Ok(Self { keys })
    }

    /// Reads a set that the Worker would accept. No message repeats any of it.
    pub(crate) fn parse(json: &str) -> Result<Self, Failure> {
        token::KeySet::parse(json).map_err(|error| Failure::Refused(error.to_string()))?;
        let set: Self = serde_json::from_str(json).map_err(|_| {
            Failure::Refused("the set holds a key that this version of onecontact does not understand".to_owned())
        })?;
        match set.keys.iter().find(|key| !key.is_of_one_piece()) {
            None => Ok(set),
            Some(key) => Err(Failure::Refused(format!("the two halves of the key {} do not match", key.kid))),
        }
    }

    /// The set as it is stored.
    #[expect(clippy::expect_used, reason = "text keys only and nothing that fails, so it becomes JSON")]
    pub(crate) fn json(&self) -> Zeroizing<String> {
        Zeroizing::new(serde_json::to_string(self).expect("a key set becomes JSON"))
    }

    /// When the youngest of its next keys was drawn, as far as their ids tell: one that is not a ULID says nothing.
    pub(crate) fn drawn_at(&self) -> Option<Timestamp> {
        let next = self.keys.iter().filter(|key| key.status == Status::Next);
        let drawn = next.filter_map(|key| Ulid::from_string(&key.kid).ok());
        drawn.map(|kid| Timestamp(kid.timestamp_ms() / 1_000)).max()
    }

    /// The ids of the keys that sign.
    pub(crate) fn signing(&self) -> Vec<&str> {
        self.keys.iter().filter(|key| key.status == Status::Active).map(|key| &*key.kid).collect()
    }

    /// Checks that a deployment with this set publishes exactly the keys with these ids at `now`.
    ///
    /// # Errors
    /// [`Failure::Refused`] with what the comparison says about the two sets.
    pub(crate) fn is_published_as(&self, published: &BTreeSet<String>, now: Timestamp) -> Result<(), Failure> {
        let is_for_others = |key: &Key| [Algorithm::EdDsa, Algorithm::Es256].iter().any(|alg| alg.name() == key.alg);
        let is_public = |key: &&Key| is_for_others(key) && key.exp.is_none_or(|until| now < until);
        let ours: BTreeSet<String> = self.keys.iter().filter(is_public).map(|key| key.kid.clone()).collect();
        let list = |ids: &mut dyn Iterator<Item = &String>| ids.map(String::as_str).collect::<Vec<_>>().join(", ");
        let (missing, early) = (list(&mut published.difference(&ours)), list(&mut ours.difference(published)));
        Err(Failure::Refused(if !missing.is_empty() {
            format!(
                "another set is in force there, with keys this one lacks: {missing}. Use the newer copy instead of \
                 this one"
            )
        } else if !early.is_empty() {
            format!("the set is not in force there yet: {early} are unknown. Put it in force first")
        } else if ours.is_empty() {
            "the set has no key that a deployment publishes, so there is nothing to compare: check that it is the one \
             in force, and add --yes"
                .to_owned()
        } else {
            return Ok(());
        }))
    }

    fn of(&self, algorithm: Algorithm, status: Status) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.alg == algorithm.name() && key.status == status)
    }

    /// Moves every key on: `next` becomes `active`, `active` becomes `retired`, retired keys past their date are
    /// removed, and new `next` keys are added. Keys of unknown algorithms stay as they are.
    ///
    /// # Errors
    /// [`Failure::Refused`] unless each algorithm has exactly one `next` key, because a key that no node and no reader
    /// knows yet must not sign; or if so many keys have retired lately that the set would become too large for a
    /// secret.
    pub(crate) fn rotate(&mut self, now: Timestamp) -> Result<Rotation, Failure> {
        for algorithm in Algorithm::ALL {
            let count = self.of(algorithm, Status::Next).count();
            if count != 1 {
                return Err(Failure::Refused(format!(
                    "the set has {count} next keys for {} and needs one: only a key that every node already knows may \
                     sign. `onecontact keys complete` adds what is missing; put that set in force, and rotate ten \
                     minutes later",
                    algorithm.name()
                )));
            }
        }
        let mut rotation = Rotation { until: now.plus(LONGEST_LIFE + MARGIN), ..Rotation::default() };
        let is_known = |key: &Key| Algorithm::ALL.iter().any(|algorithm| algorithm.name() == key.alg);
        self.keys.retain(|key| {
            let is_over = key.status == Status::Retired && key.exp.is_none_or(|exp| exp <= now);
            let is_kept = !(is_known(key) && is_over);
            if !is_kept {
                rotation.dropped.push(key.kid.clone());
            }
            is_kept
        });
        for key in self.keys.iter_mut().filter(|key| is_known(key)) {
            match key.status {
                Status::Next => {
                    key.status = Status::Active;
                    rotation.active.push(key.kid.clone());
                }
                Status::Active => {
                    key.status = Status::Retired;
                    key.exp = Some(rotation.until);
                    // It no longer signs, and verifying takes only the public half.
                    key.more.remove("d");
                    rotation.retired.push(key.kid.clone());
                }
                Status::Retired => {}
            }
        }
        rotation.next = self.complete(now)?;
        if self.json().len() > LARGEST {
            // This rotation's own keys are among them.
            let rotations =
                Algorithm::ALL.map(|algorithm| self.of(algorithm, Status::Retired).count().saturating_sub(1));
            let first = self.keys.iter().filter(|key| key.status == Status::Retired).filter_map(|key| key.exp).min();
            return Err(Failure::Refused(format!(
                "the set is full: a secret holds 5 kB, and the keys of {} rotations within {} hours are in it, which \
                 verify until their tokens expire. The first of them are dropped at {}: rotate after that",
                rotations.into_iter().max().unwrap_or_default(),
                (LONGEST_LIFE + MARGIN) / 3600,
                time(first.unwrap_or_default())
            )));
        }
        Ok(rotation)
    }

    /// Adds the missing `next` keys, and returns their ids. Nothing signs with them yet.
    pub(crate) fn complete(&mut self, now: Timestamp) -> Result<Vec<String>, Failure> {
        let mut added = Vec::new();
        for algorithm in Algorithm::ALL {
            if self.of(algorithm, Status::Next).next().is_none() {
                let key = algorithm.draw(Status::Next, now)?;
                added.push(key.kid.clone());
                self.keys.push(key);
            }
        }
        self.keys.sort_by_key(|key| key.status);
        Ok(added)
    }
}

#[cfg(test)]
mod tests;
