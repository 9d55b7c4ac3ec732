//! What declarations need from each other: names that stand once, references that lead somewhere.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use kv_schema::directory::SecondStep;
use kv_schema::names::{EmailAddress, InstanceName, Username};
use onecontact_domain::login::NewPassword;

use super::extension;
use super::model::{Declared, DeclaredAgent, DeclaredInstall, DeclaredPassword, DeclaredReach};
use super::place::{Place, Problems, Severity};

/// Seconds of silence that befall a desktop which is well: one sign of it lost, and the next one a little late.
const SHORTEST_SUSPICION: u32 = 15;

/// Checks `declared` as a whole. An agent with a problem is taken out of it; every other problem blocks anyway.
/// `known` are the instances whose names could be read, even where the rest of them could not.
pub(super) fn check(declared: &mut Declared, known: &HashSet<InstanceName>, problems: &mut Problems) {
    installs(declared, known, problems);
    logins(declared, problems);
    recorders(declared, problems);
    providers(declared, problems);
    instances(declared, problems);
    hosts(declared, known, problems);
    services(declared, known, problems);
    clients(declared, known, problems);
    let agents = std::mem::take(&mut declared.agents);
    declared.agents = Agents::default().sound(agents, known, problems);
    extension::check(declared, known, problems);
    without_extension(declared, problems);
    clear_passwords(declared, problems);
    weak_passwords(declared, problems);
}

/// Places of what stands once, by what it is.
struct Once<T>(HashMap<T, Place>);

impl<T: Eq + Hash> Once<T> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    /// Where `value` stood before, if it did.
    fn before(&mut self, value: T, place: &Place) -> Option<Place> {
        match self.0.entry(value) {
            Entry::Occupied(first) => Some(first.get().clone()),
            Entry::Vacant(free) => {
                free.insert(place.clone());
                None
            }
        }
    }
}

/// Notes that something stands twice that may stand once.
fn twice(problems: &mut Problems, place: &Place, what: impl Display, first: &Place, fix: &str) {
    problems.add(Severity::Blocking, place, format!("{what} is declared already, at {first}"), fix);
}

pub(super) fn unknown_instance(problems: &mut Problems, severity: Severity, place: &Place, name: &InstanceName) {
    let fix = "correct the name, or declare the instance in an [[instance]]";
    problems.add(severity, place, format!("no instance is called \"{name}\""), fix);
}

fn installs(declared: &Declared, known: &HashSet<InstanceName>, problems: &mut Problems) {
    let mut names = Once::new();
    for install in &declared.installs {
        if let Some(first) = names.before(install.name.name(), &install.place) {
            let what = format!("the install \"{}\" (letter case does not matter)", install.name);
            twice(problems, &install.place, what, &first, "give it another name, or put the two together");
        }
        if install.instances.is_empty() {
            let what = format!("the install \"{}\" serves no instance: nobody can sign in there", install.name);
            problems.add(Severity::Warning, &install.place, what, "name its instances: instances = [\"…\"]");
        }
        let suspect_seconds = install.presence.suspect_seconds;
        if suspect_seconds < SHORTEST_SUSPICION && !declared.demo {
            let what = format!("the install \"{}\" suspects a desktop after {suspect_seconds} s", install.name);
            let fix = format!("desktops are heard from every 10 s: give them at least {SHORTEST_SUSPICION}");
            problems.add(Severity::Warning, &install.place, what, fix);
        }
        let mut served = Once::new();
        for (place, name) in &install.instances {
            if !known.contains(name) {
                unknown_instance(problems, Severity::Blocking, place, name);
            }
            if let Some(first) = served.before(name, place) {
                twice(problems, place, format!("\"{name}\" in this install"), &first, "name it once");
            }
        }
    }
}

fn logins(declared: &Declared, problems: &mut Problems) {
    if let [first, others @ ..] = declared.logins.as_slice() {
        for login in others {
            twice(problems, &login.place, "[login]", &first.place, "a deployment has one OneContactLogin: keep one");
        }
        return;
    }
    for install in declared.installs.iter().filter(|install| install.uses_onecontact_login) {
        let what = format!("the install \"{}\" uses OneContactLogin, and there is none", install.name);
        problems.add(Severity::Blocking, &install.place, what, "declare it: [login] with its `address`");
    }
}

/// Agents who sign in at a provider of their own come to it by way of `OneContactLogin`, which asks them nothing itself.
fn providers(declared: &Declared, problems: &mut Problems) {
    for instance in declared.instances.iter().filter(|instance| instance.provider.is_some()) {
        let name = &instance.name;
        let serves = |install: &&DeclaredInstall| install.instances.iter().any(|(_, served)| served == name);
        for install in declared.installs.iter().filter(serves).filter(|install| !install.uses_onecontact_login) {
            let what = format!("agents of \"{name}\" sign in at their provider, and cannot at \"{}\"", install.name);
            let fix = "let the install use OneContactLogin: uses_onecontact_login = true";
            problems.add(Severity::Blocking, &install.place, what, fix);
        }
        let wants_more = |agent: &&DeclaredAgent| agent.instance.1 == *name && agent.requires_second_step;
        if instance.second_step != SecondStep::Off || declared.agents.iter().any(|agent| wants_more(&agent)) {
            let what = format!("a second step is declared for agents of \"{name}\", who sign in at their provider");
            let fix = "have the provider ask for it, and take `second_step` and `requires_second_step` away";
            problems.add(Severity::Blocking, &instance.place, what, fix);
        }
    }
}

/// A desktop that could have a token for a recorder's gateway could unregister its own workstation there.
fn recorders(declared: &Declared, problems: &mut Problems) {
    let of_installs = declared.installs.iter().filter_map(|install| install.recorder.as_ref());
    let of_instances = declared.instances.iter().filter_map(|instance| instance.recorder.as_ref());
    let gateways: HashSet<&str> =
        of_installs.chain(of_instances).filter_map(|recorder| Some(recorder.gateway()?.gateway.as_str())).collect();
    for install in &declared.installs {
        for audience in install.audiences.iter().filter(|audience| gateways.contains(audience.as_str())) {
            let what = format!("the desktops of \"{}\" could unregister themselves at {audience}", install.name);
            let fix = "take the recorder's gateway out of `audiences`: OneContact Agent asks it by itself";
            problems.add(Severity::Blocking, &install.place, what, fix);
        }
    }
}

fn instances(declared: &Declared, problems: &mut Problems) {
    let served: HashSet<_> = declared.installs.iter().flat_map(|install| &install.instances).map(|(_, n)| n).collect();
    let (mut names, mut ids) = (Once::new(), Once::new());
    for instance in &declared.instances {
        if let Some(first) = names.before(&instance.name, &instance.place) {
            let what = format!("the instance \"{}\"", instance.name);
            twice(problems, &instance.place, what, &first, "give it another name, or remove it");
        }
        if let Some(first) = ids.before(&instance.id, &instance.place) {
            let fix = format!("each instance has an id of its own; a fresh one is \"{}\"", ulid::Ulid::generate());
            twice(problems, &instance.place, format!("the id {}", instance.id), &first, &fix);
        }
        if !served.contains(&instance.name) {
            let what = format!("no install serves the instance \"{}\": its agents cannot sign in", instance.name);
            let fix = "name it in the `instances` of an [[install]]";
            problems.add(Severity::Blocking, &instance.place, what, fix);
        }
    }
}

fn hosts(declared: &Declared, known: &HashSet<InstanceName>, problems: &mut Problems) {
    let mut hosts = Once::new();
    for host in &declared.hosts {
        if let Some(first) = hosts.before(&host.host, &host.place) {
            twice(problems, &host.place, format!("the host \"{}\"", host.host), &first, "a host leads to one instance");
        }
        let (place, name) = &host.instance;
        if !known.contains(name) {
            unknown_instance(problems, Severity::Blocking, place, name);
        }
    }
}

fn services(declared: &Declared, known: &HashSet<InstanceName>, problems: &mut Problems) {
    let (mut names, mut ids, mut keys) = (Once::new(), Once::new(), Once::new());
    for service in &declared.services {
        let place = &service.place;
        if let Some(first) = names.before(&service.name, place) {
            twice(problems, place, format!("the service \"{}\"", service.name), &first, "give it another name");
        }
        if let Some(first) = ids.before(&service.id, place) {
            let fix = format!("each service has an id of its own; a fresh one is \"{}\"", ulid::Ulid::generate());
            twice(problems, place, format!("the id {}", service.id), &first, &fix);
        }
        for key in &service.keys {
            if let Some(first) = keys.before(&key.x, place) {
                let fix = "each service has keys of its own: `onecontact service new` makes one";
                twice(problems, place, format!("the key {}", key.kid), &first, fix);
            }
        }
        let DeclaredReach::Only(instances) = &service.reach else { continue };
        for (place, name) in instances {
            if !known.contains(name) {
                unknown_instance(problems, Severity::Blocking, place, name);
            }
        }
    }
}

fn clients(declared: &Declared, known: &HashSet<InstanceName>, problems: &mut Problems) {
    let mut ids = Once::new();
    for client in &declared.clients {
        let place = &client.place;
        if let Some(first) = ids.before(&client.id, place) {
            twice(problems, place, format!("the client \"{}\"", client.id), &first, "give it another id");
        }
        for (place, name) in client.instances.iter().filter(|(_, name)| !known.contains(name)) {
            unknown_instance(problems, Severity::Blocking, place, name);
        }
    }
    if let (Some(client), true) = (declared.clients.first(), declared.logins.is_empty()) {
        let what = format!("the client \"{}\" has no provider to sign agents in", client.id);
        problems.add(Severity::Blocking, &client.place, what, "declare OneContactLogin: [login] with its `address`");
    }
}

/// What is known of the agents so far, by instance. The first of two stands, the later one is left out.
#[derive(Default)]
struct Agents {
    usernames: HashMap<(InstanceName, Username), Place>,
    emails: HashMap<(InstanceName, EmailAddress), Place>,
    unknown: HashSet<(Place, InstanceName)>,
}

impl Agents {
    fn sound(
        mut self,
        agents: Vec<DeclaredAgent>,
        known: &HashSet<InstanceName>,
        problems: &mut Problems,
    ) -> Vec<DeclaredAgent> {
        let unique: Vec<DeclaredAgent> =
            agents.into_iter().filter(|agent| self.admit(agent, known, problems)).collect();
        unique.into_iter().filter(|agent| self.email_is_nobodys_username(agent, problems)).collect()
    }

    fn admit(&mut self, agent: &DeclaredAgent, known: &HashSet<InstanceName>, problems: &mut Problems) -> bool {
        let (place, instance) = &agent.instance;
        if !known.contains(instance) {
            // All rows of a CSV have their instance from one place: it is reported once.
            if self.unknown.insert((place.clone(), instance.clone())) {
                unknown_instance(problems, Severity::LeavesOut, place, instance);
            }
            return false;
        }
        let mut refuse = |what: String, fix: &str| {
            problems.add(Severity::LeavesOut, &agent.place, what, fix);
            false
        };
        let username = (instance.clone(), agent.username.clone());
        if let Some(first) = self.usernames.get(&username) {
            let what = format!("the agent \"{}\" of \"{instance}\" is declared already, at {first}", agent.username);
            return refuse(what, "give it another username, or remove it");
        }
        if let Some(email) = &agent.email {
            let email = (instance.clone(), email.clone());
            if let Some(first) = self.emails.get(&email) {
                let what = format!("the e-mail address {} is another agent's already, at {first}", email.1);
                return refuse(what, "an address leads to one account: give each agent their own, or none");
            }
            self.emails.insert(email, agent.place.clone());
        }
        self.usernames.insert(username, agent.place.clone());
        true
    }

    /// Typed at the login, the address would mean the other account.
    fn email_is_nobodys_username(&self, agent: &DeclaredAgent, problems: &mut Problems) -> bool {
        let as_username = agent.email.as_ref().and_then(|email| Username::parse(email.as_str()).ok());
        let Some(as_username) = as_username.filter(|username| *username != agent.username) else { return true };
        let Some(first) = self.usernames.get(&(agent.instance.1.clone(), as_username)) else { return true };
        let what = format!("the e-mail address of \"{}\" is the username of another agent, at {first}", agent.username);
        let fix = "it would lead to two accounts: change one of them";
        problems.add(Severity::LeavesOut, &agent.place, what, fix);
        false
    }
}

/// Agents who have no extension, and cannot type one either: one warning for each instance.
fn without_extension(declared: &Declared, problems: &mut Problems) {
    for instance in &declared.instances {
        let serves = |install: &&DeclaredInstall| install.instances.iter().any(|(_, name)| *name == instance.name);
        if declared.installs.iter().filter(serves).any(|install| install.allow_extension_configuration) {
            continue;
        }
        let needs = |agent: &DeclaredAgent| agent.requires_extension.or(instance.requires_extension).unwrap_or(true);
        let lacks =
            |agent: &&DeclaredAgent| agent.extension.is_none() && agent.instance.1 == instance.name && needs(agent);
        let mut lacking = declared.agents.iter().filter(lacks);
        let Some(first) = lacking.next() else { continue };
        let what = format!(
            "agents of \"{}\" have no extension, and no install lets them type one: {}",
            instance.name,
            1 + lacking.count()
        );
        let fix = "give them an `extension`, set `allow_extension_configuration = true` on an install, or say that they \
                   need none: `requires_extension = false`";
        problems.add(Severity::Warning, &first.place, what, fix);
    }
}

/// Clear passwords that agents may keep although they could not choose them: one warning for the directory.
fn weak_passwords(declared: &Declared, problems: &mut Problems) {
    let weak = |agent: &&DeclaredAgent| match &agent.password {
        DeclaredPassword::Clear(secret) => {
            !agent.must_change && secret.reveal().chars().count() < NewPassword::SHORTEST
        }
        DeclaredPassword::Hash(_) => false,
    };
    let mut weak = declared.agents.iter().filter(weak);
    let Some(first) = weak.next().filter(|_| !declared.demo) else { return };
    let shortest = NewPassword::SHORTEST;
    let what = format!("passwords have fewer than {shortest} characters and need not be changed: {}", 1 + weak.count());
    problems.add(Severity::Warning, &first.place, what, "set `must_change`, or give longer ones");
}

/// One warning for the directory, not one for each agent.
fn clear_passwords(declared: &Declared, problems: &mut Problems) {
    let mut clear = declared.agents.iter().filter(|agent| matches!(agent.password, DeclaredPassword::Clear(_)));
    let Some(first) = clear.next().filter(|_| !declared.demo) else { return };
    let what = format!("passwords stand here in the clear: {}", 1 + clear.count());
    let fix = "`onecontact agent seal` puts their hashes in their place; applying gets faster, too";
    problems.add(Severity::Warning, &first.place, what, fix);
}
