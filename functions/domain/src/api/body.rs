//! What bodies and queries say, each field with what it has to be.

use kv_schema::Timestamp;
use kv_schema::names::ServiceName;
use kv_schema::sessions::EndReason;
use serde::Deserialize;

use super::{AccountAction, Refusal};
use crate::address::query_value;
use crate::desk::{Ending, MOST_SECONDS, Next, Proposal};
use crate::guard::Operation;
use crate::password;

/// The largest body that is read, in bytes.
pub const LARGEST_BODY: usize = 4096;

/// The latest time that is accepted: the end of the year 9999.
const LATEST: Timestamp = Timestamp(253_402_300_799);

/// What the fields of a body have to be, by name.
type Rules = &'static [(&'static str, &'static str)];

/// Reads a body, by its rules.
fn read<'b, B: Deserialize<'b>>(body: &'b [u8], rules: Rules) -> Result<B, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| bad(rules, ""))?;
    kv_schema::json::read(text).map_err(|field| bad(rules, field))
}

/// The refusal of a missing or wrong field; of the body as a whole, if `field` is empty.
fn bad(rules: Rules, field: &'static str) -> Refusal {
    let rule = rules.iter().find(|(name, _)| *name == field).map(|(_, rule)| *rule);
    Refusal::BadBody { field, rule: rule.unwrap_or("It must be one JSON object.") }
}

pub(super) const OFFER: Rules = &[
    ("id", "1 to 64 letters, digits and ._~:@+=-, the first a letter or a digit"),
    ("interaction", "an object with id, kind, service, from and since"),
    ("kind", "call, email or chat"),
    ("service", "one line of 1 to 80 characters"),
    ("from", "one line of 1 to 80 characters, or null"),
    ("since", "a whole number of seconds since 1970"),
    ("seconds", "a whole number from 1 to 300"),
];

/// The offer that the body of `…/offers` makes.
pub fn proposal(body: &[u8]) -> Result<Proposal, Refusal> {
    let proposal: Proposal = read(body, OFFER)?;
    if !(1..=MOST_SECONDS).contains(&proposal.seconds) {
        Err(bad(OFFER, "seconds"))
    } else if proposal.interaction.since > LATEST {
        Err(bad(OFFER, "since"))
    } else {
        Ok(proposal)
    }
}

/// The most seconds that the caller waits for an outcome, according to the query; 0 if it does not say.
pub fn wait(query: &str) -> Result<u32, Refusal> {
    let Some(wait) = query_value(query, "wait") else { return Ok(0) };
    let rule = "`wait` must be a number of seconds from 0 to 300.";
    wait.parse().ok().filter(|wait| *wait <= MOST_SECONDS).ok_or(Refusal::BadQuery { rule })
}

#[derive(Deserialize)]
struct ChooseState {
    state: Next,
}

/// The state that the body of `…/state` chooses.
pub fn state(body: &[u8]) -> Result<Next, Refusal> {
    const STATE: Rules = &[
        ("state", "\"ready\", or {\"not_ready\": {\"reason\": …}}"),
        ("reason", "a code of the instance's reasons for being not ready, or null"),
    ];
    read(body, STATE).map(|ChooseState { state }| state)
}

#[derive(Deserialize)]
struct ResetAccount {
    password_hash: String,
}

/// What `…/account/<action>` does, called at `at` by the clock that declarations use.
pub fn operation(action: AccountAction, body: &[u8], at: Timestamp) -> Result<Operation, Refusal> {
    Ok(match action {
        AccountAction::Unlock => Operation::Unlock,
        AccountAction::Disable => Operation::Disable,
        AccountAction::Enable => Operation::Enable,
        AccountAction::RequireSecondStep => Operation::RequireSecondStep,
        AccountAction::WaiveSecondStep => Operation::WaiveSecondStep,
        AccountAction::ResetSecondStep => Operation::ResetSecondStep,
        AccountAction::Reset => {
            const RESET: Rules = &[("password_hash", "a PHC string of Argon2id with m >= 19456, t >= 2 and p = 1")];
            let ResetAccount { password_hash: phc } = read(body, RESET)?;
            if password::is_strong_enough(&phc) != Ok(true) {
                return Err(bad(RESET, "password_hash"));
            }
            Operation::Reset { phc, at }
        }
    })
}

#[derive(Deserialize)]
struct EndSession {
    reason: Reason,
}

/// The reasons that a service may have.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reason {
    Forced,
    Disabled,
}

/// How to end the session that the body of `…/end-session` asks to end, in the name of `by`.
pub fn ending(body: &[u8], by: &ServiceName) -> Result<Ending, Refusal> {
    let EndSession { reason } = read(body, &[("reason", "forced or disabled")])?;
    let reason = match reason {
        Reason::Forced => EndReason::Forced,
        Reason::Disabled => EndReason::Disabled,
    };
    Ok(Ending { reason, by: Some(by.as_str().to_owned()), browser: None })
}
