//! The words in which a desk reports on a recorder: short, stable, and never the gateway's own text.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A cause, or a step on the way. The desktop page has a text for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code(&'static str);

macro_rules! codes {
    ($($name:ident = $text:literal, $doc:literal;)*) => {
        impl Code {
            $(#[doc = $doc] pub const $name: Self = Self($text);)*

            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

codes! {
    UNREACHABLE = "unreachable", "The gateway does not answer.";
    BUSY = "busy", "The gateway is too busy.";
    REFUSED = "refused", "The gateway refuses.";
    NOT_UNDERSTOOD = "not_understood", "The gateway's answer is not one of the contract.";
    MISCONFIGURED = "misconfigured", "This deployment has no key to show the gateway who asks.";
    TOO_SLOW = "too_slow", "The gateway was working on it, but did not finish in time.";
    UNKNOWN_WORKSTATION = "unknown_workstation", "The gateway does not know the workstation.";
    RECORDER_ABSENT = "recorder_absent", "No recorder runs on the workstation.";
    RECORDER_FAILED = "recorder_failed", "The recorder cannot record, for whatever reason.";
    NO_LICENCE = "no_licence", "All licences are in use.";
    ENDED = "ended", "The gateway has released the registration.";
    REPLACED = "replaced", "A later registration has taken the workstation.";
    CALLING = "calling", "The gateway is being asked.";
    RETRYING = "retrying", "It is being asked again.";
    TOLD_TO_WAIT = "told_to_wait", "It asks to be asked later.";
    ACCEPTED = "accepted", "It is working on it.";
    WORKSTATION_FOUND = "workstation_found", "It has found the workstation.";
    RECORDER_FOUND = "recorder_found", "It has found the recorder there.";
    RECORDER_STARTING = "recorder_starting", "The recorder is starting.";
    RECORDER_READY = "recorder_ready", "The recorder is ready.";
    OTHER = "other", "It has done something that is not known here.";
    REGISTERED = "registered", "The workstation is registered.";
    FAILED = "failed", "It could not be registered.";
    LOST = "lost", "It was registered and no longer is.";
}

/// Causes that a gateway may name.
const CAUSES: [Code; 4] = [Code::UNKNOWN_WORKSTATION, Code::RECORDER_ABSENT, Code::RECORDER_FAILED, Code::NO_LICENCE];
/// Steps that a gateway may name.
const STEPS: [Code; 4] = [Code::WORKSTATION_FOUND, Code::RECORDER_FOUND, Code::RECORDER_STARTING, Code::RECORDER_READY];

impl Code {
    /// The word itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The cause that a gateway names, if it is one of the contract.
    pub(super) fn cause(named: Option<&str>) -> Option<Self> {
        among(&CAUSES, named)
    }

    /// The step that a gateway names.
    pub(super) fn step(named: &str) -> Self {
        among(&STEPS, Some(named)).unwrap_or(Self::OTHER)
    }
}

fn among(codes: &[Code], named: Option<&str>) -> Option<Code> {
    codes.iter().find(|code| Some(code.0) == named).copied()
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // A later version may have written it.
        Ok(among(Self::ALL, Some(&text)).unwrap_or(Self::OTHER))
    }
}
