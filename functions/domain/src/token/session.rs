//! The session token: all that any node needs to continue an agent's session without asking anybody.

use kv_schema::directory::Agent;
use kv_schema::names::{Extension, InstallName, InstallSpelling, InstanceId, SessionId, Username};
use kv_schema::{Language, Timestamp};
use serde::{Deserialize, Serialize};

use super::{KeySet, Kind, Opened, Rejection};

/// What a session token states, besides its times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionClaims {
    /// The agent.
    #[serde(rename = "sub")]
    pub agent: Username,
    /// The agent's instance.
    pub instance: InstanceId,
    /// The install that the agent signed in through, as its address spells it: enough to continue with while the
    /// directory cannot be read.
    pub install: InstallSpelling,
    /// The session.
    pub sid: SessionId,
    /// The number of the desk's lease: of two sessions of one agent, the higher is the newer.
    pub lease: u64,
    /// The extension of this session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// Whether that extension was typed; otherwise it was the agent's default when the session began.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub extension_typed: bool,
    /// The agent's language, so that two agents at one desk each have their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// When the agent proved who they are; renewals keep it (`OpenID` Connect Core, section 2).
    pub auth_time: Timestamp,
    /// How they proved it.
    pub amr: Vec<Amr>,
    /// The sign-in at `OneContactLogin` that this session came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SessionId>,
    /// The time beyond which no renewal reaches.
    pub hard_end: Timestamp,
}

impl SessionClaims {
    /// Whether this agent signs in again through pages: at `OneContactLogin`, or with a second step. For anybody else
    /// the password is enough, right where they are.
    #[must_use]
    pub fn returns_by_pages(&self) -> bool {
        self.sign_in.is_some() || self.amr.contains(&Amr::Mfa)
    }

    /// Whether the agent may no longer be signed in, given `record`, the directory's record of them at `now`: it says
    /// that they are disabled, or it has been removed. It existed when they signed in. Its absence is only believed
    /// five minutes later, as KV may show it late, and every place remembers for a minute what it did not find.
    #[must_use]
    pub fn is_dismissed(&self, record: Option<&Agent>, now: Timestamp) -> bool {
        record.map_or_else(|| now.since(self.auth_time) >= SHOWN, |agent| agent.disabled)
    }
}

/// Seconds after which KV shows a record everywhere: five times what that usually takes.
pub(super) const SHOWN: u64 = 300;

/// How an agent proved who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    /// When.
    pub auth_time: Timestamp,
    /// By what means.
    pub amr: Vec<Amr>,
    /// The sign-in at `OneContactLogin`, if it happened there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SessionId>,
}

impl Proved {
    /// By a password at an install's own login, and by `second` besides.
    #[must_use]
    pub fn here(now: Timestamp, second: Option<Amr>) -> Self {
        Self { auth_time: now, amr: Amr::of(second), sign_in: None }
    }
}

/// A way of proving who one is (RFC 8176, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amr {
    /// A password.
    Pwd,
    /// A single-use code: from an authenticator app, or a recovery code.
    Otp,
    /// A code sent by SMS.
    Sms,
    /// A signing key: a passkey.
    Pop,
    /// More than one of them.
    Mfa,
}

impl Amr {
    /// The registered value.
    #[must_use]
    pub const fn value(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Sms => "sms",
            Self::Pop => "pop",
            Self::Mfa => "mfa",
        }
    }

    /// The means that this value stands for, if it is one of ours; others have means that nothing here relies on.
    #[must_use]
    pub fn named(value: &str) -> Option<Self> {
        [Self::Pwd, Self::Otp, Self::Sms, Self::Pop, Self::Mfa].into_iter().find(|amr| amr.value() == value)
    }

    /// What a session begun with a password states, with `second` as the second step.
    #[must_use]
    pub fn of(second: Option<Self>) -> Vec<Self> {
        let more = second.into_iter().flat_map(|second| [second, Self::Mfa]);
        std::iter::once(Self::Pwd).chain(more).collect()
    }
}

impl Kind for SessionClaims {
    const TYPE: &'static str = "oneagent-session+jwt";
    const AUDIENCE: &'static str = "oneagent-session";
    const LIFETIME: u64 = 15 * 60;

    /// After its lifetime, but never past the hard end.
    fn expires_at(&self, now: Timestamp) -> Timestamp {
        now.plus(Self::LIFETIME).min(self.hard_end)
    }
}

impl Opened<SessionClaims> {
    /// Checks the token against where it is shown: its install, the instance that the address stands for (`None` if the
    /// address does not tell), and the time.
    pub fn held_against(
        self,
        install: &InstallName,
        instance: Option<&InstanceId>,
        now: Timestamp,
    ) -> Result<Self, Rejection> {
        if self.claims.install.name() != *install {
            Err(Rejection::OtherInstall)
        } else if instance.is_some_and(|instance| self.claims.instance != *instance) {
            Err(Rejection::OtherInstance)
        } else if now >= self.claims.hard_end {
            Err(Rejection::PastHardEnd)
        } else {
            Ok(self)
        }
    }

    /// Whether the token is past half its life, when the desk is asked whether the session goes on.
    #[must_use]
    pub fn is_due_for_renewal(&self, now: Timestamp) -> bool {
        let life = self.expires_at.since(self.issued_at);
        now.since(self.issued_at) * 2 >= life
    }

    /// The claims of the token that replaces this one, now that the desk says when the session is over at the latest
    /// and which extension it has; `None` if this one is as good.
    #[must_use]
    pub fn renewed(&self, hard_end: Timestamp, extension: Option<Extension>, now: Timestamp) -> Option<SessionClaims> {
        let is_other = extension != self.claims.extension;
        let extension_typed = self.claims.extension_typed || is_other;
        let claims = SessionClaims { extension, extension_typed, hard_end, ..self.claims.clone() };
        let is_moved = hard_end != self.claims.hard_end || is_other;
        let is_longer = self.is_due_for_renewal(now) && claims.expires_at(now) > self.expires_at;
        (is_moved || is_longer).then_some(claims)
    }
}

/// The claims of a session token that may have expired, as long as nothing else is wrong with it. Only for telling an
/// agent what became of their session: it opens no door.
#[must_use]
pub fn recall_session(keys: &KeySet, token: &str, now: Timestamp) -> Option<SessionClaims> {
    match super::open::<SessionClaims>(keys, token, now) {
        Ok(opened) => Some(opened.claims),
        // Key, signature, kind and issuer were in order; otherwise it would have been refused for them.
        Err(Rejection::Expired) => super::claims_of(token),
        Err(_) => None,
    }
}
