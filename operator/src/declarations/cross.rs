//! What declarations need from each other, except unique names and references that must lead somewhere, which are in
//! [`super::outline`].

use std::collections::HashSet;

use kv_schema::directory::SecondStep;
use onecontact_domain::login::NewPassword;

use super::model::{Declared, DeclaredAgent, DeclaredInstall, DeclaredPassword};
use super::outline::Outlines;
use super::place::{Place, Problems, Severity};
use super::{address, common_passwords, extension, unextended};

/// Seconds of silence that a healthy desktop may have: one sign of life lost, and the next a little late.
const SHORTEST_SUSPICION: u32 = 15;

/// Checks `declared` as a whole, and removes from it what has a problem.
pub(super) fn check(declared: &mut Declared, outlines: &Outlines, problems: &mut Problems) {
    let faulty = outlines.check(problems);
    installs(declared, problems);
    logins(declared, outlines, problems);
    recorders(declared, problems);
    providers(declared, problems);
    instances(declared, outlines, problems);
    clients(declared, outlines, problems);
    let is_sound = |place: &Place| !faulty.contains(place);
    declared.agents.retain(|agent| is_sound(&agent.place));
    extension::check(declared, &faulty, problems);
    unextended::check(declared, problems);
    clear_passwords(declared, problems);
    weak_passwords(declared, problems);
    declared.installs.retain(|install| is_sound(&install.place));
    declared.instances.retain(|instance| is_sound(&instance.place));
    declared.hosts.retain(|host| is_sound(&host.place));
    declared.services.retain(|service| is_sound(&service.place));
    declared.clients.retain(|client| is_sound(&client.place));
    address::check(declared, problems);
}

fn installs(declared: &Declared, problems: &mut Problems) {
    for install in &declared.installs {
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
        let mut served = HashSet::new();
        for (place, name) in install.instances.iter().filter(|(_, name)| !served.insert(name)) {
            let what = format!("the install \"{}\" names \"{name}\" twice", install.name);
            problems.add(Severity::Blocking, place, what, "name it once");
        }
    }
}

fn logins(declared: &Declared, outlines: &Outlines, problems: &mut Problems) {
    if outlines.has_login() {
        return;
    }
    for install in declared.installs.iter().filter(|install| install.uses_onecontact_login) {
        let what = format!("the install \"{}\" uses OneContactLogin, but there is none", install.name);
        problems.add(Severity::Blocking, &install.place, what, "declare it: [login] with its `address`");
    }
}

/// Agents who sign in at their own provider reach it through `OneContactLogin`, which asks them nothing itself.
fn providers(declared: &Declared, problems: &mut Problems) {
    for instance in declared.instances.iter().filter(|instance| instance.provider.is_some()) {
        let name = &instance.name;
        let serves = |install: &&DeclaredInstall| install.instances.iter().any(|(_, served)| served == name);
        for install in declared.installs.iter().filter(serves).filter(|install| !install.uses_onecontact_login) {
            let what =
                format!("agents of \"{name}\" sign in at their provider, and cannot do so at \"{}\"", install.name);
            let fix = "let the install use OneContactLogin: uses_onecontact_login = true";
            problems.add(Severity::Blocking, &install.place, what, fix);
        }
        let wants_more = |agent: &&DeclaredAgent| agent.instance.1 == *name && agent.requires_second_step;
        if instance.second_step != SecondStep::Off || declared.agents.iter().any(|agent| wants_more(&agent)) {
            let what = format!("a second step is declared for agents of \"{name}\", who sign in at their provider");
            let fix = "have the provider ask for it, and remove `second_step` and `requires_second_step`";
            problems.add(Severity::Blocking, &instance.place, what, fix);
        }
    }
}

/// A desktop that could get a token for a recorder's gateway could unregister its own workstation there.
fn recorders(declared: &Declared, problems: &mut Problems) {
    let of_installs = declared.installs.iter().filter_map(|install| install.recorder.as_ref());
    let of_instances = declared.instances.iter().filter_map(|instance| instance.recorder.as_ref());
    let gateways: HashSet<&str> =
        of_installs.chain(of_instances).filter_map(|recorder| Some(recorder.gateway()?.gateway.as_str())).collect();
    for install in &declared.installs {
        for audience in install.audiences.iter().filter(|audience| gateways.contains(audience.as_str())) {
            let what = format!("the desktops of \"{}\" could unregister themselves at {audience}", install.name);
            let fix = "remove the recorder's gateway from `audiences`: OneContact Agent calls it by itself";
            problems.add(Severity::Blocking, &install.place, what, fix);
        }
    }
}

fn instances(declared: &Declared, outlines: &Outlines, problems: &mut Problems) {
    let served = outlines.served();
    for instance in declared.instances.iter().filter(|instance| !served.contains(&instance.name)) {
        let what = format!("no install serves the instance \"{}\": its agents cannot sign in", instance.name);
        problems.add(Severity::Blocking, &instance.place, what, "name it in the `instances` of an [[install]]");
    }
}

fn clients(declared: &Declared, outlines: &Outlines, problems: &mut Problems) {
    if let (Some(client), false) = (declared.clients.first(), outlines.has_login()) {
        let what = format!("the client \"{}\" has no provider to sign agents in", client.id);
        problems.add(Severity::Blocking, &client.place, what, "declare OneContactLogin: [login] with its `address`");
    }
}

/// Warns of clear passwords that agents may keep although they could not choose them: one warning of each kind for the
/// directory.
fn weak_passwords(declared: &Declared, problems: &mut Problems) {
    if declared.demo {
        return;
    }
    let shortest = NewPassword::SHORTEST;
    let short = |password: &str| password.chars().count() < shortest;
    let what = format!("passwords have fewer than {shortest} characters and need not be changed");
    stay(declared, short, &what, "set `must_change`, or give longer ones", problems);
    let what = "passwords are among the most common, which no agent may choose, and need not be changed";
    stay(declared, common_passwords::hold, what, "set `must_change`, or give others", problems);
}

/// Warns of the clear passwords that are `weak` and may be kept.
fn stay(declared: &Declared, weak: impl Fn(&str) -> bool, what: &str, fix: &str, problems: &mut Problems) {
    let is_weak = |agent: &&DeclaredAgent| match &agent.password {
        DeclaredPassword::Clear(secret) => !agent.must_change && weak(secret.reveal()),
        DeclaredPassword::Hash(_) => false,
    };
    let mut weak = declared.agents.iter().filter(is_weak);
    let Some(first) = weak.next() else { return };
    problems.add(Severity::Warning, &first.place, format!("{what}: {}", 1 + weak.count()), fix);
}

/// Gives one warning for the directory, not one for each agent.
fn clear_passwords(declared: &Declared, problems: &mut Problems) {
    let mut clear = declared.agents.iter().filter(|agent| matches!(agent.password, DeclaredPassword::Clear(_)));
    let Some(first) = clear.next().filter(|_| !declared.demo) else { return };
    let what = format!("there are clear passwords here: {}", 1 + clear.count());
    let fix = "`onecontact agent seal` replaces them with the hashes that applying makes, and applying gets faster. If \
               an older version of this tool applied them, `onecontact diff` then shows whose password that changes";
    problems.add(Severity::Warning, &first.place, what, fix);
}
