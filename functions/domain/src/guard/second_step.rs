//! What the second step is checked against, and how attempts are counted: the authenticator app's secret, the hashes of
//! recovery codes and of the code sent by SMS, passkeys, and the key by which remembered devices are known.
//!
//! None of it leaves the guard, except the public part of passkeys. Every code and every passkey is counted before it
//! is checked: for its login, which five end; for the account, like a wrong password; and in total, until one is right
//! (NIST SP 800-63B-4, section 3.2.2).

mod passkeys;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use kv_schema::Timestamp;
use kv_schema::directory::LockPolicy;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{Guard, Replaced};
use crate::keyed::is_among;
use crate::second_step::passkey::Passkey;
use crate::second_step::{BETWEEN, CODE_LIFE, DEVICE_DAYS, Facts, MOST_TRIES, Place, Secret, flow_end, recovery_hash};

/// The most codes sent to one account within [`HOUR`].
const MOST_SENT: usize = 5;
const HOUR: u64 = 60 * 60;
/// How many wrong codes, without a right one in between, lock the account until an operator unlocks it.
const MOST_MISSES: u32 = 100;
/// The most tries counted at a time. Each flow has cost a right password.
const MOST_COUNTED: usize = 250;

/// All of it in one struct: one for each part would weigh on the Worker.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SecondStep {
    /// What is shared with the authenticator app, if one is set up.
    secret: Option<Secret>,
    /// The time step of the app's last accepted code: no code of that step or an earlier one is accepted again.
    last: u64,
    /// The hashes of the remaining recovery codes.
    recovery: Vec<String>,
    /// The key of those hashes, if the codes came with a passkey; otherwise that is the app's secret.
    recovery_key: Option<Secret>,
    /// As [`Passkey::text`] writes them, the oldest first.
    passkeys: Vec<String>,
    /// Raised by every set-up and reset.
    generation: u64,
    /// Whether an operator requires the second step, whatever is declared.
    is_required: bool,
    /// The keyed hash of the last code sent.
    code: Option<String>,
    /// When codes were sent; the last one is valid for [`CODE_LIFE`].
    sent: Vec<Timestamp>,
    /// The flow in which each code was tried, for flows that are not over.
    tries: Vec<String>,
    /// Wrong codes since the last right one.
    misses: u32,
    /// What devices are remembered by: each shows a tag that this key made over its expiry.
    devices: Option<String>,
}

/// Reveals no secret or hash.
impl std::fmt::Debug for SecondStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondStep").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// A typed code, or a passkey shown, by somebody whose password was right.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// The instance's policy.
    pub policy: LockPolicy,
    /// The place in the flow, which says what kind of code to expect.
    pub at: Place,
    /// The login that it belongs to.
    pub flow: String,
    /// The [`Facts::generation`] when that login began.
    pub generation: u64,
    /// The password that was right.
    pub replaced: Replaced,
    /// The code, if it is an app's or may be a recovery code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// At [`Place::Sms`] the keyed hashes of the code; at [`Place::SetUp`] those of the recovery codes that come with
    /// the app, or with a passkey that is the first of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<String>,
    /// What the app being set up was given, which is also the key for the hashes of recovery codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
    /// At [`Place::SetUp`] the passkey being set up; otherwise the one shown, with the count that it claims: as
    /// [`Passkey::text`] writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey: Option<String>,
    /// Whether that passkey was counted before, and its signature was right.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_signed: bool,
    /// Random: the key to remember devices by, if this one is to be remembered and none was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember: Option<String>,
}

/// Reveals nothing that was typed.
impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt").field("at", &self.at).field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// What came of a typed code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checked {
    /// It was the authenticator app's, and is now used up.
    App,
    /// It was a recovery code, and is now used up.
    Recovery,
    /// It was the one sent by SMS, and is now used up.
    Sms,
    /// It was a passkey.
    Passkey,
    /// It is wrong; another one may be typed.
    Wrong,
    /// The passkey has signed, but claims a count no higher than its last: there are two of it.
    Copied,
    /// No more passkeys can be set up.
    Full,
    /// Signing in begins again: five were wrong.
    TooMany,
    /// Signing in begins again: the account is locked, by passwords or by codes.
    Locked,
    /// Signing in begins again: the password, the second step or the account is no longer what it was at the start.
    Superseded,
}

impl Checked {
    /// Its name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "authenticator",
            Self::Recovery => "recovery_code",
            Self::Sms => "sms",
            Self::Passkey => "passkey",
            Self::Wrong => "wrong_code",
            Self::Copied => "copied_passkey",
            Self::Full => "too_many_passkeys",
            Self::TooMany => "too_many_codes",
            Self::Locked => "locked",
            Self::Superseded => "superseded",
        }
    }

    /// Whether the second step has been passed.
    #[must_use]
    pub const fn is_right(self) -> bool {
        matches!(self, Self::App | Self::Recovery | Self::Sms | Self::Passkey)
    }
}

impl SecondStep {
    pub(super) fn is_blank(&self) -> bool {
        *self == Self::default()
    }

    /// Whether any part of it has no expiry.
    pub(super) const fn lasts(&self) -> bool {
        self.secret.is_some() || self.is_required || self.generation > 0 || self.misses > 0 || self.devices.is_some()
    }

    /// Whether so many were wrong that only an operator can help.
    pub(super) const fn is_spent(&self) -> bool {
        self.misses >= MOST_MISSES
    }

    /// Whether an operator requires it of the agent, whatever is declared.
    pub(super) const fn is_required(&self) -> bool {
        self.is_required
    }

    /// Whether an authenticator app is set up.
    pub(super) const fn has_app(&self) -> bool {
        self.secret.is_some()
    }

    /// Whether a passkey is set up.
    pub(super) const fn has_passkey(&self) -> bool {
        !self.passkeys.is_empty()
    }

    /// How many recovery codes are left.
    pub(super) fn recovery_codes(&self) -> u8 {
        u8::try_from(self.recovery.len()).unwrap_or(u8::MAX)
    }

    /// An operator requires it of the agent, or only where it is declared.
    pub(super) const fn require(&mut self, is_required: bool) {
        self.is_required = is_required;
    }

    /// An operator vouches for whoever typed the wrong codes.
    pub(super) const fn forgive(&mut self) {
        self.misses = 0;
    }

    /// Forgets everything except that an operator requires it, and when codes were sent.
    pub(super) fn reset(&mut self) {
        let Self { is_required, generation, sent, .. } = std::mem::take(self);
        *self = Self { is_required, generation: generation + 1, sent, ..Self::default() };
    }

    /// Counts a try in a flow. Returns how many it has had, including this one; `None` if there is no room to count.
    fn count(&mut self, now: Timestamp, flow: &str) -> Option<usize> {
        self.tries.retain(|tried| now < flow_end(tried));
        if self.tries.len() >= MOST_COUNTED {
            return None;
        }
        self.tries.push(flow.to_owned());
        Some(self.tries.iter().filter(|tried| *tried == flow).count())
    }

    /// Accepts no more codes in that flow.
    fn end(&mut self, flow: &str) {
        self.tries.extend(std::iter::repeat_n(flow.to_owned(), MOST_TRIES));
    }

    /// Checks the code, and uses it up if it is right; returns what it was.
    fn take(&mut self, now: Timestamp, attempt: Attempt) -> Option<Checked> {
        let Attempt { at, code, hashes, secret, passkey, .. } = attempt;
        match (at, secret) {
            (Place::App | Place::Passkey, _) => self.take_of_app(now, &code),
            (Place::Sms, _) => {
                let is_good = self.sent.last().is_some_and(|sent| now.since(*sent) < CODE_LIFE);
                self.code.take_if(|code| is_good && is_among(code, &hashes)).map(|_| Checked::Sms)
            }
            (Place::SetUp, Some(secret)) => {
                let checked = if let Some(passkey) = passkey {
                    self.take_new_passkey(&passkey, secret, hashes)?
                } else {
                    self.last = secret.step_of(&code, now, None)?;
                    (self.secret, self.recovery_key) = (Some(secret), None);
                    self.recovery = hashes;
                    Checked::App
                };
                self.generation += 1;
                // What was remembered was another second step, or none.
                self.devices = None;
                Some(checked)
            }
            _ => None,
        }
    }

    fn take_of_app(&mut self, now: Timestamp, code: &str) -> Option<Checked> {
        let step = self.secret.as_ref().and_then(|secret| secret.step_of(code, now, Some(self.last)));
        if let Some(step) = step {
            self.last = step;
            return Some(Checked::App);
        }
        let hashes = [recovery_hash(self.recovery_key.as_ref().or(self.secret.as_ref())?, code)];
        let found = self.recovery.iter().position(|kept| is_among(kept, &hashes))?;
        self.recovery.remove(found);
        Some(Checked::Recovery)
    }
}

impl Guard {
    /// What is known about the second step, with `password` in force and this shown by the device.
    pub(super) fn facts(&self, now: Timestamp, password: Replaced, device: Option<&str>) -> Facts {
        let SecondStep { secret, passkeys, is_required, generation, .. } = &self.second;
        let (has_app, has_passkey) = (secret.is_some(), !passkeys.is_empty());
        let knows_device = device.is_some_and(|shown| self.knows(now, password, shown));
        let codes_left = self.second.recovery_codes();
        Facts { has_app, has_passkey, is_required: *is_required, generation: *generation, knows_device, codes_left }
    }

    /// Counts a code, then checks it. Returns, if it is right, what the device shows from now on, should it be
    /// remembered.
    ///
    /// # Errors
    /// For a passkey that is shown: the key that has to verify its signature, and what the attempt comes to otherwise.
    pub(super) fn check(
        &mut self,
        now: Timestamp,
        mut attempt: Attempt,
    ) -> Result<(Checked, Option<String>), (String, Checked)> {
        if !self.is_current(&attempt) {
            return Ok((Checked::Superseded, None));
        }
        let makes = attempt.at == Place::SetUp && attempt.passkey.is_some();
        if makes && self.second.has_all_passkeys() {
            return Ok((Checked::Full, None));
        }
        let (replaced, remember, flow) = (attempt.replaced, attempt.remember.take(), attempt.flow.clone());
        let right = if attempt.has_signed {
            self.second.signed(&attempt)
        } else {
            let tries = match self.count(now, &attempt) {
                Ok(tries) => tries,
                Err(refused) => return Ok((refused, None)),
            };
            let shown = attempt.passkey.as_deref().filter(|_| !makes);
            if let Some(shown) = shown.map(Passkey::read) {
                // Counts as wrong until it turns out to be right.
                let otherwise = self.missed(tries);
                let key = self.second.shown(&shown).map(|(_, known)| known.key);
                return key.map_or(Ok((otherwise, None)), |key| Err((key, otherwise)));
            }
            self.second.take(now, attempt).ok_or_else(|| self.missed(tries))
        };
        match right {
            Ok(right) => Ok((right, self.passed(now, &flow, replaced, remember))),
            Err(wrong) => Ok((wrong, None)),
        }
    }

    /// Counts an attempt at the second step, if it may be checked. Returns how many its flow has had.
    fn count(&mut self, now: Timestamp, attempt: &Attempt) -> Result<usize, Checked> {
        if self.admit(now, attempt.policy).is_err() || self.second.is_spent() {
            return Err(Checked::Locked);
        }
        self.matters_until = self.matters_until.max(flow_end(&attempt.flow));
        self.second.count(now, &attempt.flow).filter(|tries| *tries <= MOST_TRIES).ok_or(Checked::TooMany)
    }

    /// Whether what the attempt's login began with still holds.
    fn is_current(&self, attempt: &Attempt) -> bool {
        let is_same = self.number_instead_of(attempt.replaced.declared) == attempt.replaced.own;
        !self.disabled && is_same && attempt.generation == self.second.generation
    }

    /// The second step is passed. Returns what the device shows from now on, if it is to be remembered by `remember`.
    fn passed(&mut self, now: Timestamp, flow: &str, replaced: Replaced, remember: Option<String>) -> Option<String> {
        self.second.end(flow);
        self.second.misses = 0;
        self.succeeded(None, false);
        remember.and_then(|key| self.remember(now, replaced, key))
    }

    /// The attempt, which was number `tries` in its flow, was wrong.
    fn missed(&mut self, tries: usize) -> Checked {
        self.second.misses += 1;
        if tries < MOST_TRIES {
            return Checked::Wrong;
        }
        self.second.code = None;
        Checked::TooMany
    }

    /// Whether a code with this keyed hash may be sent; the one before it is then void. The error is how many seconds
    /// have to pass first: half a minute if the one before it is still good, and so can be typed instead.
    pub(super) fn send_code(&mut self, now: Timestamp, hash: String) -> Result<(), u64> {
        let SecondStep { sent, code, .. } = &mut self.second;
        sent.retain(|at| now.since(*at) < HOUR);
        let last = sent.last().filter(|_| code.is_some());
        let since_last = last.map(|last| now.since(*last)).filter(|since| *since < BETWEEN);
        if let Some(since) = since_last {
            return Err(BETWEEN - since);
        }
        if let Some(first) = sent.first().filter(|_| sent.len() >= MOST_SENT) {
            return Err(HOUR - now.since(*first));
        }
        sent.push(now);
        *code = Some(hash);
        self.matters_until = self.matters_until.max(now.plus(HOUR));
        Ok(())
    }

    /// The code with that keyed hash could not be sent.
    pub(super) fn unsend_code(&mut self, hash: &str) {
        if self.second.code.take_if(|code| code == hash).is_some() {
            self.second.sent.pop();
        }
    }

    /// What a device that is remembered from now on shows.
    fn remember(&mut self, now: Timestamp, password: Replaced, key: String) -> Option<String> {
        let until = now.plus(u64::from(DEVICE_DAYS) * 24 * 60 * 60);
        let key = self.second.devices.get_or_insert(key);
        let tag = device_tag(key, until, password)?;
        Some([&*until.0.to_string(), ".", &*tag].concat())
    }

    /// Whether this was given to a device not too long ago, while this password was in force.
    fn knows(&self, now: Timestamp, password: Replaced, shown: &str) -> bool {
        let known = || {
            let (until, tag) = shown.split_once('.')?;
            let until = Timestamp(until.parse().ok()?);
            let wanted = device_tag(self.second.devices.as_deref()?, until, password)?;
            Some(now < until && bool::from(wanted.as_bytes().ct_eq(tag.as_bytes())))
        };
        known().unwrap_or(false)
    }
}

/// The account is covered by the key, which no other account has.
fn device_tag(key: &str, until: Timestamp, password: Replaced) -> Option<String> {
    let Replaced { declared, own } = password;
    let text = format!("device {} {} {}", until.0, declared.0, own.map_or(0, |own| own + 1));
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?.chain_update(text);
    Some(Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests;
