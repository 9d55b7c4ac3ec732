//! Makes a service from its declaration.

use std::collections::HashSet;

use kv_schema::directory::{Scope, ServiceKey};
use kv_schema::names::{InstanceName, ServiceId, ServiceName};
use ulid::Ulid;

use super::item::{Item, ItemKind};
use super::model::{DeclaredReach, DeclaredService};
use super::outline::{Name, Outline, Outlines};
use super::place::{Problems, Severity};
use super::reader::Reader;
use crate::signing;

/// How a declaration says "every instance".
pub(crate) const EVERY_INSTANCE: &str = "*";

/// Reads a `[[service]]`. Everything must be stated: what a service may do is never a default.
pub(super) fn service(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredService> {
    let mut reader = Reader::new(item, Severity::Blocking, problems);
    let place = reader.place();
    let name = reader.required("name", ServiceName::parse);
    let id = id(&mut reader);
    let keys = keys(&mut reader);
    if reader.lacks("scopes") {
        reader.missing("scopes", format!("say what it may do: {}", scope_names()));
    }
    let scopes: Vec<Scope> = reader.list("scopes", scope).into_iter().map(|scope| scope.value).collect();
    let reach = reach(&mut reader);
    let is_sound = reader.finish();
    let key = |key: &ServiceKey| Name::ServiceKey { x: key.x.clone(), kid: key.kid.clone() };
    let names = name.iter().map(|name| Name::Service(name.value.clone()));
    outlines.add(Outline {
        names: names.chain(id.clone().map(Name::ServiceId)).chain(keys.iter().map(key)).collect(),
        instances: match &reach {
            DeclaredReach::Only(instances) => instances.clone(),
            DeclaredReach::All => Vec::new(),
        },
        ..Outline::new(ItemKind::Service, &place, is_sound)
    });
    is_sound.then_some(DeclaredService { place, name: name?.value, id: id?, keys, scopes, reach })
}

fn id(reader: &mut Reader<'_>) -> Option<ServiceId> {
    let fresh = Ulid::generate();
    if reader.lacks("id") {
        reader.missing("id", format!("add `id = \"{fresh}\"`, just generated, and never change it or use it again"));
    }
    let text = reader.text("id")?;
    ServiceId::parse(text.value.trim()).ok().or_else(|| {
        let what = format!("`id` cannot be {:?}: an id is a ULID", text.value.as_str());
        reader.refuse(&text.place, what, format!("for a new service, use \"{fresh}\", just generated"));
        None
    })
}

fn keys(reader: &mut Reader<'_>) -> Vec<ServiceKey> {
    const MEMBERS: [&str; 6] = ["kty", "crv", "alg", "use", "kid", "x"];
    if reader.lacks("keys") {
        reader.missing("keys", "`onecontact service new` makes a key and prints its public half");
    }
    let keys = reader.tables("keys", &MEMBERS, key);
    let place = reader.place();
    let mut ids = HashSet::new();
    for key in keys.iter().filter(|key| !ids.insert(&key.kid)) {
        reader.refuse(&place, format!("the key id {:?} appears twice in `keys`", key.kid), "keep the right one");
    }
    keys
}

/// The public half of an Ed25519 key as a JWK (RFC 8037, section 2).
fn key(mut reader: Reader<'_>) -> Option<ServiceKey> {
    let place = reader.place();
    if reader.text("d").is_some() {
        let fix = "remove `d`, and make another key if anybody may have seen it: it must never leave the service";
        reader.refuse(&place, "this is the private half of a key", fix);
    }
    for (name, only) in [("kty", "OKP"), ("crv", "Ed25519"), ("alg", "EdDSA"), ("use", "sig")] {
        let is_it = |text: &str| if text == only { Ok(()) } else { Err(format!("it must be \"{only}\"")) };
        reader.parsed(name, is_it);
    }
    let kid = |text: &str| match text.len() {
        1..=100 => Ok(text.to_owned()),
        _ => Err("a key id has 1 to 100 characters"),
    };
    let x = |text: &str| {
        let is_sound = signing::is_public_half(text);
        is_sound.then(|| text.to_owned()).ok_or("it must be the 32 bytes of an Ed25519 public key as base64url")
    };
    let (kid, x) = (reader.required("kid", kid), reader.required("x", x));
    let sound = reader.finish();
    sound.then_some(ServiceKey { kid: kid?.value, x: x?.value })
}

/// The scope with this spelling.
pub(crate) fn scope(text: &str) -> Result<Scope, String> {
    let found = Scope::ALL.into_iter().find(|scope| scope.name() == text);
    found.ok_or_else(|| format!("the scopes are {}", scope_names()))
}

fn scope_names() -> String {
    Scope::ALL.map(Scope::name).join(", ")
}

fn reach(reader: &mut Reader<'_>) -> DeclaredReach {
    let one = |text: &str| match text {
        EVERY_INSTANCE => Ok(None),
        name => InstanceName::parse(name).map(Some),
    };
    if reader.lacks("instances") {
        reader.missing("instances", "name the instances whose agents it deals with, or all of them: [\"*\"]");
    }
    let entries = reader.list("instances", one);
    if entries.iter().any(|entry| entry.value.is_none()) {
        return DeclaredReach::All;
    }
    DeclaredReach::Only(entries.into_iter().filter_map(|entry| Some((entry.place, entry.value?))).collect())
}
