//! The second step of a login: whether one is required after the right password, and of which kind.
//!
//! What is typed in it is checked against what the account's guard keeps ([`crate::guard`]); the forms are in
//! [`crate::login`].

pub mod passkey;
mod recovery;
mod sms;
mod totp;

use kv_schema::Timestamp;
use kv_schema::directory::{self, Agent, Instance};
use kv_schema::names::PhoneNumber;
use serde::{Deserialize, Serialize};

pub use recovery::{RECOVERY_CODES, recovery_codes, recovery_hash};
pub use sms::{BETWEEN, CODE_LIFE, new_code, typed_code};
pub use totp::Secret;

/// Seconds from the right password to the end of its second step.
pub const LIFE: u64 = 10 * 60;
/// The most codes that may be typed in one login.
pub const MOST_TRIES: usize = 5;
/// Days for which a device is remembered.
pub const DEVICE_DAYS: u32 = 30;

/// A place in the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A code of the authenticator app, or a recovery code, is typed.
    App,
    /// A passkey signs; or a code is typed, as at [`Place::App`].
    Passkey,
    /// A code is sent by SMS, and typed.
    Sms,
    /// An authenticator app or a passkey is set up.
    SetUp,
    /// Not a second step, but what may follow it: another password is chosen.
    NewPassword,
}

impl Place {
    /// Its name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "authenticator",
            Self::Passkey => "passkey",
            Self::Sms => "sms",
            Self::SetUp => "set_up",
            Self::NewPassword => "new_password",
        }
    }
}

/// What an account's guard knows about its second step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is known by itself")]
pub struct Facts {
    /// Whether an authenticator app is set up.
    pub has_app: bool,
    /// Whether a passkey is set up.
    #[serde(default)]
    pub has_passkey: bool,
    /// Whether an operator requires the second step, whatever is declared.
    pub is_required: bool,
    /// Raised by every set-up and reset: a flow begun before that goes no further.
    pub generation: u64,
    /// Whether the step was taken on this device, not too long ago.
    pub knows_device: bool,
    /// How many recovery codes are left.
    #[serde(default = "unknown_codes")]
    pub codes_left: u8,
}

/// So many recovery codes that nobody is told of them: what is taken to be left if an earlier version did not say.
pub(crate) const fn unknown_codes() -> u8 {
    u8::MAX
}

/// Whether a second step follows the right password, and which.
///
/// `can_text` is whether an SMS can be sent at all. `sets_up` is whether the agent wants to set up an authenticator app
/// or a passkey: those who have a second step take it first, on whatever device.
#[must_use]
pub fn wanted(instance: &Instance, agent: &Agent, facts: Facts, can_text: bool, sets_up: bool) -> Option<Place> {
    let is_required = is_declared(instance, agent) || facts.is_required;
    let is_optional = instance.second_step == directory::SecondStep::Optional;
    let is_remembered = facts.knows_device && instance.remembers_devices && !sets_up;
    if (facts.has_passkey || facts.has_app) && (is_required || is_optional) {
        (!is_remembered).then_some(if facts.has_passkey { Place::Passkey } else { Place::App })
    } else if is_required {
        let texts = phone(agent, can_text).is_some();
        if texts { (!is_remembered).then_some(Place::Sms) } else { Some(Place::SetUp) }
    } else {
        (is_optional && sets_up).then_some(Place::SetUp)
    }
}

/// Whether the record of the instance or of the agent requires a second step.
fn is_declared(instance: &Instance, agent: &Agent) -> bool {
    instance.second_step == directory::SecondStep::Required || agent.requires_second_step
}

/// Whether a code by SMS may stand in for a passkey: if it would be asked for without one. An agent who has set one up
/// unasked does not get a weaker door beside it.
#[must_use]
pub fn texts_instead(instance: &Instance, agent: &Agent, has_app: bool, can_text: bool) -> bool {
    !has_app && is_declared(instance, agent) && phone(agent, can_text).is_some()
}

/// A new name by which the tries of a login are counted: when it began, and random bits.
#[must_use]
pub fn new_flow(now: Timestamp, bits: u128) -> String {
    format!("{:x}.{bits:032x}", now.0)
}

/// When the tokens of a flow expire, however often one follows another.
#[must_use]
pub fn flow_expiry(flow: &str) -> Timestamp {
    let begun = flow.split_once('.').and_then(|(begun, _)| u64::from_str_radix(begun, 16).ok());
    Timestamp(begun.unwrap_or_default()).plus(LIFE)
}

/// Until when the tries of a flow are counted: for longer than it has tokens, whatever the clocks of two nodes say.
#[must_use]
pub fn flow_end(flow: &str) -> Timestamp {
    flow_expiry(flow).plus(60)
}

/// Where an SMS with a code goes, if it can be sent.
#[must_use]
pub fn phone(agent: &Agent, can_text: bool) -> Option<&PhoneNumber> {
    agent.phone.as_ref().filter(|_| can_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use directory::SecondStep as Policy;

    const NONE: Facts = Facts {
        has_app: false,
        has_passkey: false,
        is_required: false,
        generation: 0,
        knows_device: false,
        codes_left: 0,
    };
    const APP: Facts = Facts { has_app: true, generation: 1, ..NONE };
    const PASSKEY: Facts = Facts { has_passkey: true, generation: 1, ..NONE };

    /// An instance with this policy that remembers devices, and an agent with or without a phone.
    fn of(policy: Policy, has_phone: bool) -> (Instance, Agent) {
        let instance = Instance { second_step: policy, remembers_devices: true, ..fixture::instance(1) };
        let phone = has_phone.then(|| PhoneNumber::parse("+351912345678").unwrap());
        (instance, Agent { phone, ..fixture::agent() })
    }

    fn place(policy: Policy, has_phone: bool, facts: Facts, sets_up: bool) -> Option<Place> {
        let (instance, agent) = of(policy, has_phone);
        wanted(&instance, &agent, facts, true, sets_up)
    }

    #[test]
    fn the_policy_says_who_takes_a_second_step_and_the_account_which() {
        for (policy, has_phone, facts, place_wanted) in [
            (Policy::Off, true, NONE, None),
            (Policy::Off, true, APP, None),
            (Policy::Optional, true, NONE, None),
            (Policy::Optional, true, APP, Some(Place::App)),
            (Policy::Required, true, APP, Some(Place::App)),
            (Policy::Off, true, PASSKEY, None),
            (Policy::Optional, true, PASSKEY, Some(Place::Passkey)),
            (Policy::Required, true, PASSKEY, Some(Place::Passkey)),
            (Policy::Required, true, Facts { has_passkey: true, ..APP }, Some(Place::Passkey)),
            (Policy::Required, true, NONE, Some(Place::Sms)),
            (Policy::Required, false, NONE, Some(Place::SetUp)),
        ] {
            assert_eq!(place(policy, has_phone, facts, false), place_wanted, "{policy:?} {has_phone} {facts:?}");
        }
    }

    #[test]
    fn one_agent_is_required_to_by_their_record_or_by_an_operator_whatever_the_instance_says() {
        for policy in [Policy::Off, Policy::Optional] {
            let (instance, agent) = of(policy, true);
            let declared = Agent { requires_second_step: true, ..agent.clone() };
            assert_eq!(wanted(&instance, &declared, NONE, true, false), Some(Place::Sms));
            assert_eq!(wanted(&instance, &declared, APP, true, false), Some(Place::App));
            let facts = Facts { is_required: true, ..NONE };
            assert_eq!(wanted(&instance, &agent, facts, true, false), Some(Place::Sms));
        }
    }

    #[test]
    fn an_sms_stands_in_for_a_passkey_where_it_would_be_asked_for_without_one() {
        for (policy, has_phone, has_app, can_text, stands_in) in [
            (Policy::Required, true, false, true, true),
            (Policy::Required, true, true, true, false),
            (Policy::Required, false, false, true, false),
            (Policy::Required, true, false, false, false),
            (Policy::Optional, true, false, true, false),
        ] {
            let (instance, agent) = of(policy, has_phone);
            let found = texts_instead(&instance, &agent, has_app, can_text);
            assert_eq!(found, stands_in, "{policy:?} {has_phone} {has_app} {can_text}");
        }
        let (instance, agent) = of(Policy::Optional, true);
        assert!(texts_instead(&instance, &Agent { requires_second_step: true, ..agent }, false, true));
    }

    #[test]
    fn without_a_gateway_a_phone_is_as_good_as_none() {
        let (instance, agent) = of(Policy::Required, true);
        assert_eq!(wanted(&instance, &agent, NONE, false, false), Some(Place::SetUp));
    }

    #[test]
    fn whoever_sets_an_app_up_takes_the_step_that_they_have_first_on_whatever_device() {
        assert_eq!(place(Policy::Optional, true, NONE, true), Some(Place::SetUp));
        assert_eq!(place(Policy::Optional, true, Facts { knows_device: true, ..APP }, true), Some(Place::App));
        assert_eq!(place(Policy::Required, true, Facts { knows_device: true, ..NONE }, true), Some(Place::Sms));
        assert_eq!(place(Policy::Off, true, NONE, true), None, "where there is none, there is none to set up");
    }

    #[test]
    fn a_device_is_remembered_where_the_instance_does_and_spares_nobody_the_setting_up() {
        let known = |facts| Facts { knows_device: true, ..facts };
        assert_eq!(place(Policy::Required, true, known(APP), false), None);
        assert_eq!(place(Policy::Required, true, known(PASSKEY), false), None);
        assert_eq!(place(Policy::Required, true, known(PASSKEY), true), Some(Place::Passkey));
        assert_eq!(place(Policy::Required, true, known(NONE), false), None);
        assert_eq!(place(Policy::Required, false, known(NONE), false), Some(Place::SetUp));
        let (instance, agent) = of(Policy::Required, true);
        let forgetful = Instance { remembers_devices: false, ..instance };
        assert_eq!(wanted(&forgetful, &agent, known(APP), true, false), Some(Place::App));
    }
}
