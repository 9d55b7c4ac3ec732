//! Declarations that have been interpreted: every name is parsed, but references are not yet checked.

use std::collections::HashSet;

use kv_schema::Language;
use kv_schema::directory::{
    ClientAuth, ExtensionKind, LockPolicy, NotReadyReason, Presence, Provider, Recorder, Scope, SecondStep, ServiceKey,
    SigningAlg,
};
use kv_schema::names::{
    ClientId, EmailAddress, Extension, HostPattern, InstallSpelling, InstanceId, InstanceName, PhoneNumber,
    RedirectUri, ServiceId, ServiceName, SiteAddress, Username,
};

use super::place::Place;
use crate::secret::Secret;

/// Everything that a directory declares.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// A demonstration: its passwords are published, so it never goes to production.
    pub(crate) demo: bool,
    pub(crate) installs: Vec<DeclaredInstall>,
    pub(crate) instances: Vec<DeclaredInstance>,
    pub(crate) hosts: Vec<DeclaredHost>,
    pub(crate) agents: Vec<DeclaredAgent>,
    pub(crate) extensions: Vec<DeclaredExtension>,
    pub(crate) services: Vec<DeclaredService>,
    pub(crate) logins: Vec<DeclaredLogin>,
    pub(crate) clients: Vec<DeclaredClient>,
}

impl Declared {
    /// How many numbers its extensions comprise, each counted once.
    pub(crate) fn extension_numbers(&self) -> usize {
        let numbers = self.extensions.iter().flat_map(|extension| {
            let instance = &extension.instance.1;
            extension.numbers.keys().map(move |number| (instance, number))
        });
        numbers.collect::<HashSet<_>>().len()
    }
}

/// `[[install]]`
#[derive(Debug)]
pub(crate) struct DeclaredInstall {
    pub(crate) place: Place,
    pub(crate) name: InstallSpelling,
    /// The instances that it serves, by name.
    pub(crate) instances: Vec<(Place, InstanceName)>,
    pub(crate) allow_extension_configuration: bool,
    pub(crate) language: Option<Language>,
    pub(crate) shift_minutes: u32,
    pub(crate) overtime_minutes: u32,
    pub(crate) presence: Presence,
    pub(crate) uses_onecontact_login: bool,
    pub(crate) audiences: Vec<String>,
    pub(crate) recorder: Option<Recorder>,
}

/// `[login]`
#[derive(Debug)]
pub(crate) struct DeclaredLogin {
    pub(crate) address: SiteAddress,
    pub(crate) language: Option<Language>,
    pub(crate) session_minutes: u32,
}

/// `[[instance]]`
#[derive(Debug)]
pub(crate) struct DeclaredInstance {
    pub(crate) place: Place,
    pub(crate) id: InstanceId,
    pub(crate) name: InstanceName,
    pub(crate) display_name: String,
    pub(crate) language: Option<Language>,
    pub(crate) address: Option<SiteAddress>,
    pub(crate) lock: LockPolicy,
    pub(crate) password_history: u32,
    pub(crate) password_max_age_days: u32,
    pub(crate) second_step: SecondStep,
    pub(crate) remembers_devices: bool,
    pub(crate) provider: Option<Provider>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) not_ready_reasons: Vec<NotReadyReason>,
    pub(crate) wrap_up_seconds: Option<u32>,
    /// If not given, its agents need an extension if the instance has any.
    pub(crate) requires_extension: Option<bool>,
    pub(crate) tells_extension_holder: bool,
}

/// `[[host]]`
#[derive(Debug)]
pub(crate) struct DeclaredHost {
    pub(crate) place: Place,
    pub(crate) host: HostPattern,
    /// The instance that it stands for, by name.
    pub(crate) instance: (Place, InstanceName),
}

/// `[[agent]]`, or a row of a CSV.
#[derive(Debug)]
pub(crate) struct DeclaredAgent {
    pub(crate) place: Place,
    /// The instance that the account belongs to, by name.
    pub(crate) instance: (Place, InstanceName),
    pub(crate) username: Username,
    pub(crate) name: String,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) extension: Option<Extension>,
    pub(crate) requires_extension: Option<bool>,
    pub(crate) requires_second_step: bool,
    pub(crate) language: Option<Language>,
    pub(crate) disabled: bool,
    pub(crate) must_change: bool,
    pub(crate) password: DeclaredPassword,
}

/// `[[extension]]`, or a row of a CSV.
#[derive(Debug)]
pub(crate) struct DeclaredExtension {
    pub(crate) place: Place,
    /// The instance that it belongs to, by name.
    pub(crate) instance: (Place, InstanceName),
    pub(crate) numbers: Numbers,
    pub(crate) kind: ExtensionKind,
    /// The agents that may use it; `None` where all may.
    pub(crate) agents: Option<Vec<(Place, Username)>>,
}

/// One number, or every number of a range, all with the same number of digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbers {
    width: u8,
    first: u64,
    last: u64,
}

impl Numbers {
    /// This number alone.
    pub(crate) fn one(number: &Extension) -> Self {
        let (width, value) = parts(number);
        Self { width, first: value, last: value }
    }

    /// From `first` to `last`; `None` if their numbers of digits differ, or they are in the wrong order.
    pub(crate) fn range(first: &Extension, last: &Extension) -> Option<Self> {
        let ((width, first), (other, last)) = (parts(first), parts(last));
        (width == other && first <= last).then_some(Self { width, first, last })
    }

    pub(crate) const fn count(&self) -> u64 {
        self.last - self.first + 1
    }

    /// Whether all of `others` are among them.
    pub(crate) const fn cover(&self, others: &Self) -> bool {
        self.width == others.width && self.first <= others.first && others.last <= self.last
    }

    /// The number of digits and the value of each: 0100 is not 100.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (u8, u64)> + use<> {
        let width = self.width;
        (self.first..=self.last).map(move |number| (width, number))
    }

    pub(crate) fn contains(&self, number: &Extension) -> bool {
        let (width, value) = parts(number);
        width == self.width && (self.first..=self.last).contains(&value)
    }

    /// Each number.
    pub(crate) fn each(&self) -> impl Iterator<Item = Extension> {
        let width = usize::from(self.width);
        (self.first..=self.last).filter_map(move |number| Extension::parse(&format!("{number:0width$}")).ok())
    }
}

impl std::fmt::Display for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = usize::from(self.width);
        write!(f, "{:0width$}", self.first)?;
        if self.last > self.first { write!(f, "–{:0width$}", self.last) } else { Ok(()) }
    }
}

/// How many digits a number has, fifteen at most, and their value.
fn parts(number: &Extension) -> (u8, u64) {
    let digits = number.as_str();
    (u8::try_from(digits.len()).unwrap_or(u8::MAX), digits.parse().unwrap_or(u64::MAX))
}

/// `[[client]]`
#[derive(Debug)]
pub(crate) struct DeclaredClient {
    pub(crate) place: Place,
    pub(crate) id: ClientId,
    pub(crate) display_name: String,
    pub(crate) redirect_uris: Vec<RedirectUri>,
    pub(crate) post_logout_redirect_uris: Vec<RedirectUri>,
    pub(crate) auth: ClientAuth,
    pub(crate) id_token_alg: SigningAlg,
    pub(crate) audience: Option<String>,
    /// The instances whose agents it is for, by name; all if empty.
    pub(crate) instances: Vec<(Place, InstanceName)>,
    pub(crate) refreshes: bool,
    pub(crate) wants_second_step: bool,
}

/// `[[service]]`
#[derive(Debug)]
pub(crate) struct DeclaredService {
    pub(crate) place: Place,
    pub(crate) name: ServiceName,
    pub(crate) id: ServiceId,
    pub(crate) keys: Vec<ServiceKey>,
    pub(crate) scopes: Vec<Scope>,
    pub(crate) reach: DeclaredReach,
}

/// Whose agents a service deals with.
#[derive(Debug)]
pub(crate) enum DeclaredReach {
    /// Those of every instance.
    All,
    /// Those of the instances with these names.
    Only(Vec<(Place, InstanceName)>),
}

/// The password of a declared agent.
#[derive(Clone)]
pub(crate) enum DeclaredPassword {
    /// As it was typed.
    Clear(Secret),
    /// As a PHC string, checked to be usable.
    Hash(String),
}

impl std::fmt::Debug for DeclaredPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Clear(_) => "Clear",
            Self::Hash(_) => "Hash",
        })
    }
}
