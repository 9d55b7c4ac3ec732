//! What declarations say of themselves and of each other, noted while they are read: names that must be unique, and
//! references to instances and agents. It is noted even for declarations with other faults, so that no fault in a
//! directory stays hidden until another is mended.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use kv_schema::names::{
    ClientId, EmailAddress, HostPattern, InstallSpelling, InstanceId, InstanceName, ServiceId, ServiceName, Username,
};

use super::item::ItemKind;
use super::place::{Place, Problems, Severity};
use super::reader::Located;

/// What one declaration says of itself and of others.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) kind: ItemKind,
    pub(super) place: Place,
    /// Nothing is wrong with it by itself.
    pub(super) is_sound: bool,
    /// Its names that must be unique.
    pub(super) names: Vec<Name>,
    /// The instances that it refers to.
    pub(super) instances: Vec<(Place, InstanceName)>,
    /// The agents that it refers to, in the first of these instances.
    pub(super) agents: Vec<(Place, Username)>,
}

/// A name that is unique in a directory, or in an instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Name {
    Install(InstallSpelling),
    Instance(InstanceName),
    InstanceId(InstanceId),
    Host(HostPattern),
    Login,
    Service(ServiceName),
    ServiceId(ServiceId),
    /// A public key, which must be unique by itself, and what it is called.
    ServiceKey {
        x: String,
        kid: String,
    },
    Client(ClientId),
    Agent(InstanceName, Username),
    Email(InstanceName, EmailAddress),
}

impl Name {
    /// What it is compared by: only a part of some names.
    fn key(&self) -> Self {
        match self {
            Self::Install(name) => InstallSpelling::parse(name.name().as_str()).map_or(self.clone(), Self::Install),
            Self::ServiceKey { x, .. } => Self::ServiceKey { x: x.clone(), kid: String::new() },
            name => name.clone(),
        }
    }

    /// What it is, and what to do if it occurs twice.
    fn told(&self) -> (String, String) {
        let fresh = |whose: &str| format!("each {whose} has its own id; a new one is \"{}\"", ulid::Ulid::generate());
        let (what, fix) = match self {
            Self::Install(name) => (
                format!("the install \"{name}\" (letter case does not matter)"),
                "give it another name, or merge the two",
            ),
            Self::Instance(name) => (format!("the instance \"{name}\""), "give it another name, or remove it"),
            Self::InstanceId(id) => return (format!("the id {id}"), fresh("instance")),
            Self::Host(host) => (format!("the host \"{host}\""), "a host leads to one instance"),
            Self::Login => ("[login]".to_owned(), "a deployment has one OneContactLogin: keep one"),
            Self::Service(name) => (format!("the service \"{name}\""), "give it another name"),
            Self::ServiceId(id) => return (format!("the id {id}"), fresh("service")),
            Self::ServiceKey { kid, .. } => {
                (format!("the key {kid}"), "each service has its own keys: `onecontact service new` makes one")
            }
            Self::Client(id) => (format!("the client \"{id}\""), "give it another id"),
            Self::Agent(instance, name) => {
                (format!("the agent \"{name}\" of \"{instance}\""), "give it another username, or remove it")
            }
            Self::Email(_, email) => (
                format!("the e-mail address {email}"),
                "an address leads to one account: give each agent their own, or none",
            ),
        };
        (what, fix.to_owned())
    }
}

impl Outline {
    /// An outline that has no names and refers to nothing yet.
    pub(super) fn new(kind: ItemKind, place: &Place, is_sound: bool) -> Self {
        let place = place.clone();
        Self { kind, place, is_sound, names: Vec::new(), instances: Vec::new(), agents: Vec::new() }
    }

    /// What its problems keep from being applied.
    const fn severity(&self) -> Severity {
        match self.kind {
            ItemKind::Agent | ItemKind::Extension => Severity::LeavesOut,
            _ => Severity::Blocking,
        }
    }
}

/// The values with their places, as an [`Outline`] holds them.
pub(super) fn located<'a, T: Clone + 'a>(values: impl IntoIterator<Item = &'a Located<T>>) -> Vec<(Place, T)> {
    values.into_iter().map(|located| (located.place.clone(), located.value.clone())).collect()
}

/// Where each unique thing was first found.
struct Once<T>(HashMap<T, Place>);

impl<T: Eq + Hash> Once<T> {
    /// Where `value` was found before, if it was.
    fn before(&mut self, value: T, place: &Place) -> Option<Place> {
        if let Some(first) = self.0.get(&value) {
            return Some(first.clone());
        }
        self.0.insert(value, place.clone());
        None
    }
}

/// The outlines of all declarations.
#[derive(Debug, Default)]
pub(super) struct Outlines(Vec<Outline>);

impl Outlines {
    pub(super) fn add(&mut self, outline: Outline) {
        self.0.push(outline);
    }

    fn names(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().flat_map(|outline| &outline.names)
    }

    /// Whether a `[login]` is declared anywhere.
    pub(super) fn has_login(&self) -> bool {
        self.names().any(|name| *name == Name::Login)
    }

    /// The instances that an install serves.
    pub(super) fn served(&self) -> HashSet<&InstanceName> {
        let installs = self.0.iter().filter(|outline| outline.kind == ItemKind::Install);
        installs.flat_map(|install| &install.instances).map(|(_, served)| served).collect()
    }

    /// Reports what occurs twice and what refers to nothing. Returns the places of declarations that are left out, for
    /// that or because they have faults of their own.
    pub(super) fn check(&self, problems: &mut Problems) -> HashSet<Place> {
        let mut faulty: HashSet<Place> =
            self.0.iter().filter(|outline| !outline.is_sound).map(|outline| outline.place.clone()).collect();
        let names = self.twice(problems, &mut faulty);
        self.emails(&names, problems, &mut faulty);
        self.references(problems, &mut faulty);
        faulty
    }

    /// Reports what occurs twice; the first one stands. Returns where each name occurs first.
    fn twice(&self, problems: &mut Problems, faulty: &mut HashSet<Place>) -> Once<Name> {
        let mut once = Once(HashMap::new());
        for outline in &self.0 {
            for name in &outline.names {
                let Some(first) = once.before(name.key(), &outline.place) else { continue };
                let (what, fix) = name.told();
                let what = match name {
                    Name::Email(..) => format!("{what} is already another agent's, at {first}"),
                    _ => format!("{what} is already declared, at {first}"),
                };
                problems.add(outline.severity(), &outline.place, what, fix);
                faulty.insert(outline.place.clone());
            }
        }
        once
    }

    /// Reports e-mail addresses that are another agent's username: typed at the login, they would mean that account.
    fn emails(&self, once: &Once<Name>, problems: &mut Problems, faulty: &mut HashSet<Place>) {
        for outline in &self.0 {
            for name in &outline.names {
                let Name::Email(instance, email) = name else { continue };
                let Ok(username) = Username::parse(email.as_str()) else { continue };
                let meant = Name::Agent(instance.clone(), username);
                let Some(first) = once.0.get(&meant).filter(|_| !outline.names.contains(&meant)) else { continue };
                let what = format!("the e-mail address {email} is the username of another agent, at {first}");
                problems.add(
                    outline.severity(),
                    &outline.place,
                    what,
                    "it would lead to two accounts: change one of them",
                );
                faulty.insert(outline.place.clone());
            }
        }
    }

    /// Reports references to instances and agents that do not exist.
    fn references(&self, problems: &mut Problems, faulty: &mut HashSet<Place>) {
        let names: HashSet<&Name> = self.names().collect();
        let mut told = HashSet::new();
        for outline in &self.0 {
            let is_there = |instance: &InstanceName| names.contains(&Name::Instance(instance.clone()));
            for (place, instance) in outline.instances.iter().filter(|(_, instance)| !is_there(instance)) {
                faulty.insert(outline.place.clone());
                // All rows of a CSV have their instance from one place: it is reported once.
                if told.insert((place, instance)) {
                    let fix = "correct the name, or declare the instance in an [[instance]]";
                    problems.add(outline.severity(), place, format!("no instance is called \"{instance}\""), fix);
                }
            }
            let Some((_, instance)) = outline.instances.first().filter(|(_, instance)| is_there(instance)) else {
                continue;
            };
            for (place, agent) in &outline.agents {
                if names.contains(&Name::Agent(instance.clone(), agent.clone())) {
                    continue;
                }
                faulty.insert(outline.place.clone());
                let what = format!("no agent of \"{instance}\" is called \"{agent}\"");
                problems.add(outline.severity(), place, what, "correct the username, or declare the agent");
            }
        }
    }
}
