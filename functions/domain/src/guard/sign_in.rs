//! Who is signed in at `OneContactLogin`, and what applications were given for it: codes, and the refresh tokens that come
//! of them.
//!
//! A *family* is all that comes of one code. It is a row here, with the one text that is good for it at the moment: the
//! code, then the latest refresh token. Whatever else is shown for a living family was used before, or is somebody's guess:
//! either ends it (RFC 6749, section 4.1.2; RFC 9700, section 4.14.2). Each decision is one step of the guard, so that of
//! many who show one text at once one wins.

use kv_schema::names::{Extension, InstanceId, SessionId, Username};
use kv_schema::{Language, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Answer, Guard};
use crate::token::{Amr, Hint};

/// Sign-ins of one agent at a time; the oldest goes.
const MOST_SIGN_INS: usize = 16;
/// Families of one agent at a time; the oldest goes.
const MOST_FAMILIES: usize = 64;
/// Tokens that a client may have signed within five minutes, to show who it is.
const MOST_SHOWN: usize = 4096;
/// Seconds that a code is good for.
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
    /// When the password was declared: one that is declared later ends it.
    pub declared: Timestamp,
    /// The applications that have opened a session of their own with it, which they may once: whoever's session at a desk has
    /// ended, for whatever reason, proves anew who they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opened: Vec<String>,
    /// Where the agent signed in at their instance's own provider, what that is shown when they sign out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
}

/// A family: what one application was given for one sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What the family is known by: a hash of what all its texts name it by.
    pub family: String,
    /// The hash of the text that is good for it at the moment; empty where none is.
    pub good: String,
    /// Until when it is.
    pub until: Timestamp,
    /// The sign-in that it stands on.
    pub sign_in: SessionId,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The agent.
    pub agent: Username,
    /// The application.
    pub client: String,
    /// Where the code was sent; empty once it was used.
    pub redirect_uri: String,
    /// What the code's verifier has to hash to (RFC 7636); empty once it was used.
    pub challenge: String,
    /// The scopes that were granted.
    pub scope: String,
    /// What the application recognises its request by; gone once the code was used, for a refreshed ID token has none
    /// (`OpenID` Connect Core, section 12.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The extension that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// The language that was chosen in the browser, for an application of our own: another host has its own cookies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// A code or a refresh token that is shown, and all that has to fit it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// [`Grant::family`]
    pub family: String,
    /// The hash of what is shown.
    pub text: String,
    /// Who shows it.
    pub client: String,
    /// Where a code was sent, as its client says; empty with a refresh token.
    pub redirect_uri: String,
    /// What a code's verifier hashes to; empty with a refresh token.
    pub challenge: String,
    /// The hash of the refresh token that takes its place; empty where there is none.
    pub next: String,
    /// Seconds for which an access token is given: the family is remembered for as long at least.
    pub access_life: u64,
    /// Whether a session is opened with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens: bool,
}

/// Why a code or a refresh token gives nothing. For the log alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denied {
    /// No such family: it never was, or is over.
    Unknown,
    /// It came too late.
    Expired,
    /// It was used before.
    Reused,
    /// It was another client's.
    OtherClient,
    /// It was sent somewhere else.
    OtherRedirect,
    /// The verifier is not the one that it was asked for with.
    WrongVerifier,
    /// The sign-in is over.
    SignInOver,
}

impl Denied {
    /// Its name, as the log has it.
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
    /// Takes a sign-in in, unless an operator has disabled the account, which the directory may not show yet.
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

    /// Ends a sign-in whose agent signs out. What is shown to their instance's own provider, where they came from there.
    pub(super) fn leave(&mut self, id: &SessionId) -> Option<Hint> {
        let hint = self.sign_ins.iter_mut().find(|sign_in| sign_in.id == *id).and_then(|sign_in| sign_in.hint.take());
        self.end_sign_ins(Some(id), None);
        hint
    }

    /// Ends one sign-in and what came of it, or with `but` all others. Whether there was one to end.
    pub(super) fn end_sign_ins(&mut self, only: Option<&SessionId>, but: Option<&SessionId>) -> bool {
        let before = self.sign_ins.len();
        let ends = |id: &SessionId| only.is_none_or(|only| id == only) && but != Some(id);
        self.sign_ins.retain(|sign_in| !ends(&sign_in.id));
        self.grants.retain(|grant| !ends(&grant.sign_in));
        self.sign_ins.len() < before
    }

    /// Keeps a code, where its sign-in still stands. `declared` is when the password was declared, `None` for an agent who
    /// is there no more or may not sign in.
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

    /// Uses a code or a refresh token up, and says what it stands for.
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
        // Both are empty for a refresh token: so neither passes for the other kind.
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

    /// Whether a sign-in stands; with a family whether that does as well, and with which extension.
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

    /// Whether what has this hash is shown for the first time. It is remembered until it is over by itself.
    pub(super) fn is_new(&mut self, now: Timestamp, hash: String, until: Timestamp) -> bool {
        self.shown.retain(|(_, until)| now < *until);
        if self.shown.len() >= MOST_SHOWN || self.shown.iter().any(|(shown, _)| *shown == hash) {
            return false;
        }
        self.matters_until = self.matters_until.max(until);
        self.shown.push((hash, until));
        true
    }

    /// A password that was declared since ends a sign-in, and so does being disabled.
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
