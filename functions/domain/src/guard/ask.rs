//! Questions to a guard, and its answers.

use kv_schema::Timestamp;
use kv_schema::directory::{LockPolicy, Password};
use kv_schema::names::{Extension, InstanceId, SessionId, Username};
use kv_schema::sessions::CreatedAgent;
use serde::{Deserialize, Serialize};

use super::{Attempt, Change, Checked, Denied, Due, Grant, Operation, Rehashed, Shown, SignIn};
use crate::second_step::Facts;
use crate::token::Hint;

/// A question to a guard, as it travels to its object.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// May this attempt be checked, and against what?
    Begin {
        /// The instance's policy.
        policy: LockPolicy,
        /// The declared password; `None` for an account that does not exist or may not sign in.
        declared: Option<Password>,
        /// Days after which a password has to be replaced; 0 if never.
        max_age_days: u32,
        /// What the device shows, if it was remembered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<String>,
    },
    /// The attempt was right.
    Succeeded {
        /// The same password, rehashed because the parameters were raised.
        rehashed: Option<Rehashed>,
        /// Whether a second step follows: until that is right too, earlier failures still count.
        #[serde(default)]
        is_half: bool,
    },
    /// Somebody whose password was right has typed the code of the second step, or shows a passkey.
    Code(Attempt),
    /// Which passkeys does the agent have for this relying party?
    Passkeys {
        /// The relying party.
        rp: String,
    },
    /// May a code be sent?
    Text {
        /// Its keyed hash.
        hash: String,
    },
    /// A code could not be sent, and does not count.
    Unsent {
        /// Its keyed hash.
        hash: String,
    },
    /// Which passwords has the agent had?
    Past {
        /// How many of them are wanted, including the present one.
        count: u32,
    },
    /// The agent has chosen a password.
    Change(Change),
    /// An operator changes the account.
    Operate(Operation),
    /// An operator looks at the account.
    Account {
        /// When the password was declared.
        declared: Timestamp,
    },
    /// Somebody says that they have forgotten the password: may a link be sent?
    Forgot {
        /// The keyed hash of the link's secret.
        hash: String,
        /// When the password was declared; `None` if no link can be sent, which is counted all the same.
        declared: Option<Timestamp>,
    },
    /// Does a link still stand?
    Link {
        /// The keyed hashes of its secret.
        hashes: Vec<String>,
        /// When the password was declared.
        declared: Timestamp,
    },
    /// The agent has signed in at `OneContactLogin`.
    SignIn(SignIn),
    /// Sign-ins are over.
    EndSignIns {
        /// Only this one; otherwise all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<SessionId>,
        /// All but this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        but: Option<SessionId>,
    },
    /// The agent signs out: this sign-in is over.
    Leave(SessionId),
    /// An application is given a code, if the sign-in stands.
    Grant {
        /// The code.
        grant: Grant,
        /// When the password was declared; `None` for an agent who may not sign in.
        declared: Option<Timestamp>,
    },
    /// An application shows a code or a refresh token.
    Redeem(Shown),
    /// What [`Ask::Redeem`] used up has yielded nothing after all: it is good again.
    GiveBack {
        /// What was used up.
        grant: Grant,
        /// The hash of what replaced it.
        replaced_by: String,
    },
    /// Does a sign-in stand, or what came of it?
    Stands {
        /// The sign-in.
        sign_in: SessionId,
        /// What came of it: the [`Grant::family`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        family: Option<String>,
        /// When the password was declared; `None` for an agent who may not sign in.
        declared: Option<Timestamp>,
    },
    /// A provider vouches for an agent whom nobody has declared.
    Vouch(Box<CreatedAgent>),
    /// Is there an agent whom nobody has declared?
    Created,
    /// May an agent whom nobody has declared have this extension as their usual one?
    Usual {
        /// The agent.
        agent: Username,
        /// Whether they take it; otherwise they let it go.
        takes: bool,
    },
    /// Is this shown for the first time?
    Once {
        /// The hash of what is shown.
        hash: String,
        /// When that expires by itself.
        until: Timestamp,
    },
}

/// A guard's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// To [`Ask::Begin`].
    Admission(Admission),
    /// To [`Ask::Past`]: their hashes, the latest first.
    Past(Vec<String>),
    /// To [`Ask::Account`]: the account, as JSON.
    Account(String),
    /// To [`Ask::Code`]; with what the device shows from now on, if it is to be remembered.
    Code(Checked, Option<String>),
    /// To [`Ask::Code`] with a passkey: its public key as a JWK, and what the attempt comes to unless that key has
    /// signed.
    Key(String, Checked),
    /// To [`Ask::Passkeys`]: their ids, and whether there are as many as allowed.
    Passkeys(Vec<String>, bool),
    /// To [`Ask::Text`]: not until so many seconds have passed.
    Wait(u64),
    /// To [`Ask::Redeem`]: what was granted, and through which sign-in.
    Granted(Box<(Grant, SignIn)>),
    /// To [`Ask::Redeem`]: it yields nothing, and belongs to nobody.
    Denied(Denied),
    /// To [`Ask::Redeem`]: it yields nothing, and whose it was.
    Refused(Denied, Box<(InstanceId, Username)>),
    /// To [`Ask::Stands`] with a family: it stands, with the extension that was typed.
    Stands(Option<Extension>),
    /// To [`Ask::Leave`]: what to show the instance's own provider, if the sign-in came from there.
    Left(Option<Hint>),
    /// To [`Ask::Created`]: who that is. To [`Ask::Vouch`]: who they were before.
    Created(Option<Box<CreatedAgent>>),
    /// To the others: yes, or done.
    Done,
    /// To [`Ask::Begin`] and [`Ask::Code`]: the answer to an attempt that locks the account, unless it turns out to be
    /// right.
    Locks(Lock, Box<Self>),
    /// To the others: no. What was to be replaced already has been; no link may be sent; the link is over; the name is
    /// somebody else's.
    Superseded,
}

/// Until when an account is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Until then.
    Until(Timestamp),
    /// Until an operator unlocks it: no more codes are accepted.
    UntilUnlocked,
}

impl Lock {
    /// Its text in the log.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Until(Timestamp(until)) => ["until ", &until.to_string()].concat(),
            Self::UntilUnlocked => "until an operator unlocks it".to_owned(),
        }
    }
}

/// Whether an attempt may be checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// The attempt is counted and may be checked.
    Check {
        /// The hash of the password in force; `None` for an account that cannot sign in.
        phc: Option<String>,
        /// Why the agent has to replace it, if they do.
        due: Option<Due>,
        /// The number of the password in force, if the agent has chosen it.
        own: Option<u64>,
        /// What is known about the second step.
        #[serde(default)]
        second: Facts,
    },
    /// An operator has disabled the account; the attempt is counted, but not checked.
    Disabled,
    /// The account is locked; the attempt is neither counted nor checked.
    Locked {
        /// When the lock ends.
        until: Timestamp,
    },
}

impl Answer {
    /// The answer itself; and how the attempt locks the account, unless it turns out to be right.
    #[must_use]
    pub fn apart(self) -> (Self, Option<Lock>) {
        match self {
            Self::Locks(lock, answer) => (*answer, Some(lock)),
            answer => (answer, None),
        }
    }

    pub(super) const fn of(done: bool) -> Self {
        if done { Self::Done } else { Self::Superseded }
    }
}
