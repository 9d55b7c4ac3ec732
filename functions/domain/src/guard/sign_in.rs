//! Who is signed in at `OneContactLogin`, and what applications were given for it: codes, and the refresh tokens that
//! they lead to.
//!
//! A *family* is everything that comes from one code. It is one row here, holding the one text currently valid for it:
//! the code, then the latest refresh token. Anything else shown for a living family was used before or is somebody's
//! guess: either ends it (RFC 6749, section 4.1.2; RFC 9700, section 4.14.2). Each decision is one step of the guard,
//! so of many who show the same text at once, one wins.

use kv_schema::names::{Extension, InstanceId, SessionId, Username};
use kv_schema::{Language, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Answer, Guard};
use crate::token::{Amr, Hint};

/// The most sign-ins of one agent at a time; the oldest goes.
const MOST_SIGN_INS: usize = 16;
/// The most families of one agent at a time; the oldest goes.
const MOST_FAMILIES: usize = 64;
/// The most tokens that a client may sign within five minutes to show who it is.
const MOST_SHOWN: usize = 4096;
/// Seconds for which a code is valid.
pub const CODE_LIFE: u64 = 60;

/// A sign-in at `OneContactLogin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Its id.
    pub id: SessionId,
    /// When the agent proved who they are.
    pub auth_time: Timestamp,
    /// How they proved it.
    pub amr: Vec<Amr>,
    /// When it is over.
    pub until: Timestamp,
    /// When the password was declared; one declared later ends the sign-in.
    pub declared: Timestamp,
    /// The applications that have opened a session of their own with it, which each may do once: an agent whose session
    /// at a desk has ended, for whatever reason, has to prove anew who they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<String>,
    /// If the agent signed in at their instance's own provider: what that is shown when they sign out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
    /// The sign-in before it in the same browser, whose agent has now proved anew who they are. It stands for as long,
    /// or its applications would lose the agent; but signing out ends it, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<SessionId>,
}

/// A family: what one application was given for one sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The family's name: a hash of what all its texts name it by.
    pub family: String,
    /// The hash of the text currently valid for it; empty if none is.
    pub good: String,
    /// Until when that is valid.
    pub until: Timestamp,
    /// The sign-in that it rests on.
    pub sign_in: SessionId,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
    /// The application.
    pub client: String,
    /// Where the code was sent; empty once it has been used.
    pub redirect_uri: String,
    /// What the code's verifier has to hash to (RFC 7636); empty once it has been used.
    pub challenge: String,
    /// The scopes that were granted.
    pub scope: String,
    /// What the application recognises its request by; gone once the code has been used, as a refreshed ID token has
    /// none (`OpenID` Connect Core, section 12.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The extension that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// The language chosen in the browser, for an application of our own: another host has its own cookies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// A code or a refresh token that is shown, and everything that has to match it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The [`Grant::family`].
    pub family: String,
    /// The hash of the text shown.
    pub text: String,
    /// Who shows it.
    pub client: String,
    /// Where a code was sent, according to its client; empty with a refresh token.
    pub redirect_uri: String,
    /// What a code's verifier hashes to; empty with a refresh token.
    pub challenge: String,
    /// The hash of the refresh token that replaces it; empty if none does.
    pub next: String,
    /// Lifetime of the access token in seconds: the family is remembered at least as long, unless the sign-in ends
    /// before.
    pub access_life: u64,
    /// Whether it opens a session.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens: bool,
}

/// Why a code or a refresh token yields nothing. For the log only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denied {
    /// There is no such family: it never existed, or is over.
    Unknown,
    /// It came too late.
    Expired,
    /// It was used before.
    Reused,
    /// It belongs to another client.
    OtherClient,
    /// It was sent elsewhere.
    OtherRedirect,
    /// The verifier does not match the code's challenge.
    WrongVerifier,
    /// The sign-in is over.
    SignInOver,
}

impl Denied {
    /// Its name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown_grant",
            Self::Expired => "expired_code",
            Self::Reused => "reused_grant",
            Self::OtherClient => "other_client",
            Self::OtherRedirect => "other_redirect_uri",
            Self::WrongVerifier => "wrong_verifier",
            Self::SignInOver => "sign_in_over",
        }
    }
}

impl Guard {
    /// Adds a sign-in, unless an operator has disabled the account, which the directory may not show yet.
    pub(super) fn sign_in(&mut self, now: Timestamp, sign_in: SignIn) -> bool {
        if self.disabled {
            return false;
        }
        self.tidy(now);
        if self.sign_ins.len() >= MOST_SIGN_INS {
            let oldest = self.sign_ins.remove(0);
            self.grants.retain(|grant| grant.sign_in != oldest.id);
        }
        self.matters_until = self.matters_until.max(sign_in.until);
        self.sign_ins.push(sign_in);
        true
    }

    /// Ends a sign-in whose agent signs out. Returns what to show their instance's own provider, if they came from
    /// there.
    pub(super) fn leave(&mut self, id: &SessionId) -> Option<Hint> {
        let hint = self.sign_ins.iter_mut().find(|sign_in| sign_in.id == *id).and_then(|sign_in| sign_in.hint.take());
        self.end_sign_ins(Some(id), None);
        hint
    }

    /// Ends one sign-in with those that it follows and what came of them, or with `but` all others. Returns whether
    /// there was one to end.
    pub(super) fn end_sign_ins(&mut self, only: Option<&SessionId>, but: Option<&SessionId>) -> bool {
        let before = self.sign_ins.len();
        let [only, but] = [only, but].map(|id| id.map(|id| self.with_followed(id)));
        let ends = |id: &SessionId| {
            only.as_ref().is_none_or(|only| only.contains(id)) && but.as_ref().is_none_or(|but| !but.contains(id))
        };
        self.sign_ins.retain(|sign_in| !ends(&sign_in.id));
        self.grants.retain(|grant| !ends(&grant.sign_in));
        self.sign_ins.len() < before
    }

    /// A sign-in and those before it in the same browser.
    fn with_followed(&self, id: &SessionId) -> Vec<SessionId> {
        let mut ids = vec![id.clone()];
        // Each is older than the one that follows it.
        for sign_in in self.sign_ins.iter().rev().filter(|sign_in| sign_in.follows.is_some()) {
            if ids.last() == Some(&sign_in.id) {
                ids.extend(sign_in.follows.clone());
            }
        }
        ids
    }

    /// Keeps a code, if its sign-in still stands. `declared` is when the password was declared, `None` for an agent who
    /// no longer exists or may not sign in.
    pub(super) fn grant(&mut self, now: Timestamp, grant: Grant, declared: Option<Timestamp>) -> bool {
        self.tidy(now);
        let sign_in = self.standing(&grant.sign_in, declared);
        if sign_in.is_none_or(|sign_in| sign_in.opened.contains(&grant.client)) {
            return false;
        }
        if self.grants.len() >= MOST_FAMILIES {
            self.grants.remove(0);
        }
        self.grants.push(Grant { until: now.plus(CODE_LIFE), ..grant });
        true
    }

    /// Whose a code or a refresh token is, by its [`Grant::family`].
    pub(super) fn whose(&self, family: &str) -> Option<(InstanceId, Username)> {
        let grant = self.grants.iter().find(|grant| grant.family == family)?;
        Some((grant.instance.clone(), grant.agent.clone()))
    }

    /// Uses up a code or a refresh token, and returns what it stands for.
    pub(super) fn redeem(&mut self, now: Timestamp, shown: Shown) -> Result<(Grant, SignIn), Denied> {
        let at = self.grants.iter().position(|grant| grant.family == shown.family).ok_or(Denied::Unknown)?;
        let grant = self.grants.remove(at);
        if grant.client != shown.client {
            return Err(Denied::OtherClient);
        }
        if grant.good.is_empty() || grant.good != shown.text {
            return Err(Denied::Reused);
        }
        if now >= grant.until {
            return Err(Denied::Expired);
        }
        // Both are empty for a refresh token, so neither passes for the other kind.
        if grant.challenge != shown.challenge {
            return Err(Denied::WrongVerifier);
        }
        if grant.redirect_uri != shown.redirect_uri {
            return Err(Denied::OtherRedirect);
        }
        let stands = |sign_in: &&mut SignIn| sign_in.id == grant.sign_in && now < sign_in.until && !self.disabled;
        let sign_in = self.sign_ins.iter_mut().find(stands).ok_or(Denied::SignInOver)?;
        if shown.opens {
            if sign_in.opened.contains(&grant.client) {
                return Err(Denied::Reused);
            }
            sign_in.opened.push(grant.client.clone());
        }
        let sign_in = sign_in.clone();
        let remembered = if shown.next.is_empty() { now.plus(shown.access_life) } else { sign_in.until };
        let kept = Grant {
            good: shown.next,
            until: remembered.min(sign_in.until),
            redirect_uri: String::new(),
            challenge: String::new(),
            nonce: None,
            ..grant.clone()
        };
        self.grants.push(kept);
        Ok((grant, sign_in))
    }

    /// Makes what was used up good again, unless what replaced it has been shown since. Returns whether it is.
    pub(super) fn give_back(&mut self, used: Grant, replaced_by: &str) -> bool {
        let is_it = |grant: &&mut Grant| grant.family == used.family && grant.good == replaced_by;
        let Some(grant) = self.grants.iter_mut().find(is_it) else { return false };
        if let Some(sign_in) = self.sign_ins.iter_mut().find(|sign_in| sign_in.id == used.sign_in) {
            sign_in.opened.retain(|client| *client != used.client);
        }
        *grant = used;
        true
    }

    /// Whether a sign-in stands; with a family, whether that stands too, and with which extension.
    pub(super) fn grant_stands(
        &mut self,
        now: Timestamp,
        sign_in: &SessionId,
        family: Option<&str>,
        declared: Option<Timestamp>,
    ) -> Answer {
        self.tidy(now);
        let stands = self.standing(sign_in, declared).is_some();
        let Some(family) = family else { return Answer::of(stands) };
        let grant = self.grants.iter().find(|grant| stands && grant.family == family);
        grant.map_or(Answer::Superseded, |grant| Answer::Stands(grant.extension.clone()))
    }

    /// Whether this hash is shown for the first time. It is remembered until what it belongs to expires.
    pub(super) fn is_new(&mut self, now: Timestamp, hash: String, until: Timestamp) -> bool {
        self.shown.retain(|(_, until)| now < *until);
        if self.shown.len() >= MOST_SHOWN || self.shown.iter().any(|(shown, _)| *shown == hash) {
            return false;
        }
        self.matters_until = self.matters_until.max(until);
        self.shown.push((hash, until));
        true
    }

    /// The sign-in, if it stands. A password declared since ends it, and so does disabling the account.
    fn standing(&mut self, id: &SessionId, declared: Option<Timestamp>) -> Option<&SignIn> {
        let ends = |sign_in: &SignIn| declared.is_none_or(|declared| sign_in.declared < declared);
        if self.disabled || self.sign_ins.iter().any(|sign_in| sign_in.id == *id && ends(sign_in)) {
            self.end_sign_ins(Some(id), None);
        }
        self.sign_ins.iter().find(|sign_in| sign_in.id == *id)
    }

    fn tidy(&mut self, now: Timestamp) {
        self.sign_ins.retain(|sign_in| now < sign_in.until);
        self.grants.retain(|grant| now < grant.until);
    }
}

#[cfg(test)]
mod tests;
