//! Where agents reach an instance: what links in messages begin with, and what a passkey is bound to.

use std::net::IpAddr;

use kv_schema::names::SiteAddress;

use super::model::{Declared, DeclaredInstall, DeclaredInstance};
use super::place::{Problem, Problems, Severity};

/// Whether a host leads to the machine that it is opened on.
pub(crate) fn is_of_this_machine(host: &str) -> bool {
    let is_loopback = || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    host == "localhost" || host.ends_with(".localhost") || is_loopback()
}

/// The hosts that stand for `instance`: those of this machine, or the others.
fn hosts<'a>(
    declared: &'a Declared,
    instance: &'a DeclaredInstance,
    of_this_machine: bool,
) -> impl Iterator<Item = &'a str> {
    let hosts = declared.hosts.iter().filter(|host| host.instance.1 == instance.name).map(|host| host.host.as_str());
    hosts.filter(move |host| is_of_this_machine(host) == of_this_machine)
}

/// The address in a deployment: the declared one, or the only hostname that stands for the instance. An address of this
/// machine never counts there.
pub(crate) fn deployed(declared: &Declared, instance: &DeclaredInstance) -> Option<SiteAddress> {
    if let Some(address) = instance.address.as_ref().filter(|address| !is_of_this_machine(address.host())) {
        return Some(address.clone());
    }
    let mut hosts = hosts(declared, instance, false);
    match (hosts.next(), hosts.next()) {
        (Some(only), None) => SiteAddress::parse(&format!("https://{only}")).ok(),
        _ => None,
    }
}

/// The address on this machine, where `wrangler dev` serves at `port`.
pub(crate) fn local(declared: &Declared, instance: &DeclaredInstance, port: u16) -> Option<SiteAddress> {
    if let Some(address) = instance.address.as_ref().filter(|address| is_of_this_machine(address.host())) {
        return Some(address.clone());
    }
    let parse = |host: &str| SiteAddress::parse(&format!("http://{host}:{port}")).ok();
    hosts(declared, instance, true).find_map(parse).or_else(|| parse("localhost"))
}

/// Warns of instances with several hosts, or a pattern, where nothing says which host is the address.
pub(super) fn check(declared: &Declared, problems: &mut Problems) {
    for instance in instances_without(declared) {
        let hosts: Vec<&str> = hosts(declared, instance, false).collect();
        let Some(first) = hosts.iter().find(|host| !host.starts_with('*')).or(hosts.first()) else { continue };
        let what = format!(
            "it is not declared which host is the address of \"{}\" ({}): without one, its agents {}",
            instance.name,
            hosts.join(", "),
            lacks(declared, instance)
        );
        let fix = format!(
            "add the one they open to its [[instance]]: address = \"https://{}\"",
            first.replace('*', "agents")
        );
        problems.add(Severity::Warning, &instance.place, what, fix);
    }
}

/// Warns before the instances go to a deployment: lists those for which only this machine is declared.
pub(crate) fn of_this_machine_alone(declared: &Declared) -> Vec<Problem> {
    let mut problems = Problems::default();
    for instance in instances_without(declared).filter(|instance| hosts(declared, instance, false).next().is_none()) {
        let here = hosts(declared, instance, true).chain(instance.address.as_ref().map(SiteAddress::as_str));
        let here: Vec<&str> = here.collect();
        if here.is_empty() {
            continue;
        }
        let what = format!(
            "\"{}\" is only declared for this machine ({}): elsewhere its agents {}",
            instance.name,
            here.join(", "),
            lacks(declared, instance)
        );
        let fix = format!(
            "declare the name they open: [[host]] with host = \"agents.example.com\" and instance = \"{}\"",
            instance.name
        );
        problems.add(Severity::Warning, &instance.place, what, fix);
    }
    problems.into_sorted()
}

/// What agents of an instance without an address cannot do. At `OneContactLogin`, passkeys are bound to its own
/// address.
fn lacks(declared: &Declared, instance: &DeclaredInstance) -> &'static str {
    let serves = |install: &&DeclaredInstall| install.instances.iter().any(|(_, name)| *name == instance.name);
    if declared.installs.iter().filter(serves).all(|install| install.uses_onecontact_login) {
        "get no link for a forgotten password"
    } else {
        "get no link for a forgotten password and cannot set up a passkey"
    }
}

/// Instances without an address in a deployment, except those whose agents have no password here.
fn instances_without(declared: &Declared) -> impl Iterator<Item = &DeclaredInstance> {
    let instances = declared.instances.iter().filter(|instance| instance.provider.is_none());
    instances.filter(|instance| deployed(declared, instance).is_none())
}
