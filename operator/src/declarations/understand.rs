//! Makes declarations out of items, one by one. What one needs from another is looked at in [`super::cross`].

use std::collections::HashSet;

use kv_schema::Language;
use kv_schema::directory::{
    Gateway, GatewayUrl, Install, Instance, LockPolicy, LoginSite, NotReadyReason, Presence, Recorder, SecondStep,
};
use kv_schema::names::{
    EmailAddress, Extension, HostPattern, InstallSpelling, InstanceId, InstanceName, NameError, PhoneNumber,
    ReasonCode, SiteAddress, Username, canonical_text,
};
use onecontact_domain::password;
use ulid::Ulid;

use super::item::{Item, ItemKind};
use super::model::{DeclaredAgent, DeclaredHost, DeclaredInstall, DeclaredInstance, DeclaredLogin, DeclaredPassword};
use super::outline::{Name, Outline, Outlines, located};
use super::place::{Problems, Severity};
use super::provider::provider;
use super::reader::{Located, Reader};
use crate::secret::Secret;

/// Characters of the shortest password that may be declared, to be changed at the first login (NIST SP 800-63B-4,
/// section 3.1.1.2). One that is to stay should be longer, which is looked at in [`super::cross`].
const SHORTEST_PASSWORD: usize = 8;
/// Characters of the longest one.
const LONGEST_PASSWORD: usize = 256;
/// Seconds in a day.
const DAY: u32 = 24 * 60 * 60;
/// Reasons for being not ready that an instance may have.
const MOST_REASONS: usize = 50;
/// Characters of the longest name that people read.
const LONGEST_DISPLAY_NAME: usize = 100;

/// Reads an `[[install]]`.
pub(super) fn install(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredInstall> {
    let mut reader = Reader::new(item, Severity::Blocking, problems);
    let place = reader.place();
    let name = reader.required("name", InstallSpelling::parse);
    let instances = reader.list("instances", InstanceName::parse);
    let allow_extension_configuration = reader.flag("allow_extension_configuration").unwrap_or(true);
    let language = language(&mut reader);
    let shift_minutes = reader.number("shift_minutes", 15..=24 * 60).unwrap_or(Install::USUAL_SHIFT);
    let overtime_minutes = reader.number("overtime_minutes", 0..=24 * 60).unwrap_or(0);
    let presence = presence(&mut reader);
    let uses_onecontact_login = reader.flag("uses_onecontact_login").unwrap_or(false);
    let audiences = reader.list("audiences", audience).into_iter().map(|audience| audience.value).collect();
    let recorder = recorder(&mut reader);
    let is_sound = reader.finish() && presence.is_some();
    let instances = located(&instances);
    outlines.add(Outline {
        names: name.iter().map(|name| Name::Install(name.value.clone())).collect(),
        instances: instances.clone(),
        ..Outline::new(ItemKind::Install, &place, is_sound)
    });
    Some(DeclaredInstall {
        place,
        name: name?.value,
        instances,
        allow_extension_configuration,
        language,
        shift_minutes,
        overtime_minutes,
        presence: presence.unwrap_or_default(),
        uses_onecontact_login,
        audiences,
        recorder,
    })
}

/// Reads the `[login]`.
pub(super) fn login(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredLogin> {
    let mut reader = Reader::new(item, Severity::Blocking, problems);
    let place = reader.place();
    let address = reader.required("address", SiteAddress::parse);
    let language = language(&mut reader);
    let session_minutes = reader.number("session_minutes", 5..=7 * 24 * 60).unwrap_or(LoginSite::USUAL_SESSION);
    let is_sound = reader.finish();
    outlines.add(Outline { names: vec![Name::Login], ..Outline::new(ItemKind::Login, &place, is_sound) });
    let address = address?.value;
    is_sound.then_some(DeclaredLogin { address, language, session_minutes })
}

/// What a desktop's silence means; `None` where it is declared and wrong.
fn presence(reader: &mut Reader<'_>) -> Option<Presence> {
    let usual = Presence::default();
    let known = &["suspect_seconds", "not_ready_seconds", "logged_out_seconds"];
    let Some(mut table) = reader.table("presence", known) else { return Some(usual) };
    let suspect_seconds = table.number("suspect_seconds", 1..=3_600).unwrap_or(usual.suspect_seconds);
    let not_ready_seconds = table.number("not_ready_seconds", 2..=7_200).unwrap_or(usual.not_ready_seconds);
    let logged_out_seconds = table.number("logged_out_seconds", 3..=86_400).unwrap_or(usual.logged_out_seconds);
    if !(suspect_seconds < not_ready_seconds && not_ready_seconds < logged_out_seconds) {
        let what = format!(
            "a desktop would be suspect after {suspect_seconds} s, not ready after {not_ready_seconds} s and logged \
             out after {logged_out_seconds} s"
        );
        let place = table.place();
        table.refuse(&place, what, "make each figure larger than the one before");
    }
    table.finish().then_some(Presence { suspect_seconds, not_ready_seconds, logged_out_seconds })
}

/// Seconds within which a workstation is registered, where nothing else is said.
const DEFAULT_RECORDER_DEADLINE: u32 = 20;

/// The screen recorder, where one is declared.
fn recorder(reader: &mut Reader<'_>) -> Option<Recorder> {
    let mut table = reader.table("recorder", &["policy", "gateway", "deadline_seconds"])?;
    let policy = table.required("policy", |text| match text {
        "required" | "optional" | "off" => Ok(text.to_owned()),
        _ => Err(NameError { rule: "make it \"required\", \"optional\" or \"off\"" }),
    });
    let is_off = policy.as_ref().is_some_and(|policy| policy.value == "off");
    let gateway =
        if is_off { table.parsed("gateway", GatewayUrl::parse) } else { table.required("gateway", GatewayUrl::parse) };
    let deadline_seconds = table.number("deadline_seconds", 5..=300).unwrap_or(DEFAULT_RECORDER_DEADLINE);
    if !table.finish() {
        reader.spoil();
        return None;
    }
    if is_off {
        return Some(Recorder::Off);
    }
    let gateway = Gateway { gateway: gateway?.value, deadline_seconds };
    Some(if policy?.value == "required" { Recorder::Required(gateway) } else { Recorder::Optional(gateway) })
}

/// The name of an application that access tokens are for: what its `aud` is compared with.
pub(super) fn audience(text: &str) -> Result<String, NameError> {
    let is_visible = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_visible {
        return Err(NameError { rule: "an audience has 1 to 200 visible ASCII characters" });
    }
    if text.to_ascii_lowercase().starts_with("oneagent") {
        return Err(NameError { rule: "audiences that begin with \"oneagent\" are OneContact Agent's own" });
    }
    Ok(text.to_owned())
}

/// Reads an `[[instance]]`.
pub(super) fn instance(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredInstance> {
    let mut reader = Reader::new(item, Severity::Blocking, problems);
    let place = reader.place();
    let id = instance_id(&mut reader);
    let name = reader.required("name", InstanceName::parse).map(|name| name.value);
    let display_name = reader.parsed("display_name", display_name);
    let language = language(&mut reader);
    let address = reader.parsed("address", SiteAddress::parse).map(|address| address.value);
    let lock = lock(&mut reader);
    let recorder = recorder(&mut reader);
    let not_ready_reasons = not_ready_reasons(&mut reader);
    let wrap_up_seconds = reader.number("wrap_up_seconds", 1..=DAY);
    let requires_extension = reader.flag("requires_extension");
    let tells_extension_holder = reader.flag("tells_extension_holder").unwrap_or(false);
    let password_history = reader.number("password_history", 1..=24).unwrap_or(Instance::USUAL_HISTORY);
    let password_max_age_days = reader.number("password_max_age_days", 0..=3_650).unwrap_or(0);
    let second_step = reader.parsed("second_step", second_step).map(|policy| policy.value).unwrap_or_default();
    let remembers_devices = reader.flag("remembers_devices").unwrap_or(false);
    let provider = provider(&mut reader);
    let is_sound = reader.finish() && lock.is_some();
    let names = name.clone().map(Name::Instance).into_iter().chain(id.clone().map(Name::InstanceId));
    outlines.add(Outline { names: names.collect(), ..Outline::new(ItemKind::Instance, &place, is_sound) });
    let name = name?;
    Some(DeclaredInstance {
        place,
        id: id?,
        display_name: display_name.map_or_else(|| name.to_string(), |located| located.value),
        name,
        language,
        address,
        lock: lock.unwrap_or_default(),
        password_history,
        password_max_age_days,
        second_step,
        remembers_devices,
        provider,
        recorder,
        not_ready_reasons,
        wrap_up_seconds,
        requires_extension,
        tells_extension_holder,
    })
}

/// Whether agents have to prove more than a password.
fn second_step(text: &str) -> Result<SecondStep, NameError> {
    match text {
        "required" => Ok(SecondStep::Required),
        "optional" => Ok(SecondStep::Optional),
        "off" => Ok(SecondStep::Off),
        _ => Err(NameError { rule: "make it \"required\", \"optional\" or \"off\"" }),
    }
}

fn instance_id(reader: &mut Reader<'_>) -> Option<InstanceId> {
    let fresh = Ulid::generate();
    let Some(text) = reader.text("id") else {
        reader.missing("id", format!("add `id = \"{fresh}\"`, made just now, and never change it or use it again"));
        return None;
    };
    match InstanceId::parse(text.value.trim()) {
        Ok(id) if id != InstanceId::nobody() => Some(id),
        _ => {
            let what = format!("`id` cannot be {:?}: an id is a ULID", text.value.as_str());
            reader.refuse(&text.place, what, format!("for a new instance take \"{fresh}\", made just now"));
            None
        }
    }
}

/// The reasons for being not ready.
fn not_ready_reasons(reader: &mut Reader<'_>) -> Vec<NotReadyReason> {
    let reasons = reader.tables("not_ready_reasons", &["code", "name"], |mut reader| {
        let (code, name) = (reader.required("code", ReasonCode::parse), reader.required("name", display_name));
        let sound = reader.finish();
        sound.then_some(NotReadyReason { code: code?.value, name: name?.value })
    });
    let place = reader.place();
    let mut codes = HashSet::new();
    for reason in reasons.iter().filter(|reason| !codes.insert(&reason.code)) {
        let what = format!("the code \"{}\" stands twice in `not_ready_reasons`", reason.code);
        reader.refuse(&place, what, "give each reason a code of its own");
    }
    if reasons.len() > MOST_REASONS {
        let what = format!("there are {} reasons for being not ready", reasons.len());
        reader.refuse(&place, what, format!("keep {MOST_REASONS} at most: an agent has to find one among them"));
    }
    reasons
}

/// The lock policy; `None` where it is declared and wrong.
fn lock(reader: &mut Reader<'_>) -> Option<LockPolicy> {
    let usual = LockPolicy::default();
    let Some(mut table) = reader.table("lock", &["attempts", "window_seconds", "lock_seconds"]) else {
        return Some(usual);
    };
    let attempts = table.number("attempts", 1..=100).unwrap_or(usual.attempts);
    let window_seconds = table.number("window_seconds", 1..=DAY).unwrap_or(usual.window_seconds);
    let lock_seconds = table.number("lock_seconds", 1..=DAY).unwrap_or(usual.lock_seconds);
    table.finish().then_some(LockPolicy { attempts, window_seconds, lock_seconds })
}

/// Reads a `[[host]]`.
pub(super) fn host(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredHost> {
    let mut reader = Reader::new(item, Severity::Blocking, problems);
    let place = reader.place();
    let host = reader.required("host", HostPattern::parse);
    let instance = reader.required("instance", InstanceName::parse);
    let is_sound = reader.finish();
    outlines.add(Outline {
        names: host.iter().map(|host| Name::Host(host.value.clone())).collect(),
        instances: located(&instance),
        ..Outline::new(ItemKind::Host, &place, is_sound)
    });
    let (host, instance) = (host?.value, instance?);
    is_sound.then_some(DeclaredHost { place, host, instance: (instance.place, instance.value) })
}

/// Reads an `[[agent]]` or a row.
pub(super) fn agent(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredAgent> {
    let mut reader = Reader::new(item, Severity::LeavesOut, problems);
    let place = reader.place();
    let instance = reader.required("instance", InstanceName::parse);
    let username = username(&mut reader);
    let name = reader.required("name", display_name);
    let email = reader.parsed("email", EmailAddress::parse);
    let phone = reader.parsed("phone", PhoneNumber::parse);
    let extension = reader.parsed("extension", Extension::parse);
    let requires_extension = reader.flag("requires_extension");
    let requires_second_step = reader.flag("requires_second_step").unwrap_or(false);
    let language = language(&mut reader);
    let disabled = reader.flag("disabled").unwrap_or(false);
    let must_change = reader.flag("must_change").unwrap_or(false);
    let password = password(&mut reader);
    let is_sound = reader.finish();
    outlines.add(Outline {
        names: names_of_agent(instance.as_ref(), username.as_ref(), email.as_ref()),
        instances: located(&instance),
        ..Outline::new(ItemKind::Agent, &place, is_sound)
    });
    let instance = instance?;
    let agent = DeclaredAgent {
        place,
        instance: (instance.place, instance.value),
        username: username?.value,
        name: name?.value,
        email: email.map(|email| email.value),
        phone: phone.map(|phone| phone.value),
        extension: extension.map(|extension| extension.value),
        requires_extension,
        requires_second_step,
        language,
        disabled,
        must_change,
        password: password?,
    };
    is_sound.then_some(agent)
}

/// A username, with a word on blanks that it loses.
fn username(reader: &mut Reader<'_>) -> Option<Located<Username>> {
    let mut typed = String::new();
    let username = reader.required("username", |text| {
        text.clone_into(&mut typed);
        Username::parse(text)
    })?;
    if let Some((what, fix)) = username_problem(&typed, &username.value) {
        reader.warn(&username.place, what, fix);
    }
    Some(username)
}

/// What is to be known of a username with blanks in it, the invisible ones too, and what to do.
pub(crate) fn username_problem(typed: &str, username: &Username) -> Option<(String, String)> {
    let is_blank = |c: char| canonical_text(c.encode_utf8(&mut [0; 4])).is_empty();
    typed.trim().contains(is_blank).then(|| {
        let what = format!("the username {typed:?} has blanks in it, which do not count: it is \"{username}\"");
        (what, "nothing, if that is meant: agents may type it either way".to_owned())
    })
}

/// What of an agent stands once in an instance.
fn names_of_agent(
    instance: Option<&Located<InstanceName>>,
    username: Option<&Located<Username>>,
    email: Option<&Located<EmailAddress>>,
) -> Vec<Name> {
    let Some(instance) = instance.map(|instance| &instance.value) else { return Vec::new() };
    let username = username.map(|username| Name::Agent(instance.clone(), username.value.clone()));
    let email = email.map(|email| Name::Email(instance.clone(), email.value.clone()));
    username.into_iter().chain(email).collect()
}

fn password(reader: &mut Reader<'_>) -> Option<DeclaredPassword> {
    match (reader.text("password"), reader.text("password_hash")) {
        (Some(clear), None) => {
            let Located { place, value } = clear;
            if let Some((what, fix)) = clear_password_problem(&value) {
                reader.refuse(&place, what, fix);
                return None;
            }
            Some(DeclaredPassword::Clear(Secret::new(value)))
        }
        (None, Some(hash)) => {
            if password::is_strong_enough(hash.value.trim()) == Ok(true) {
                return Some(DeclaredPassword::Hash(hash.value.trim().to_owned()));
            }
            let fix = "it has to be a PHC string of Argon2id with m >= 19456, t >= 2 and p = 1";
            reader.refuse(&hash.place, "`password_hash` cannot be used, or is too weak", fix);
            None
        }
        (None, None) => {
            let fix = "add `password`, or let `onecontact agent add` make one: it writes only the hash";
            reader.missing("password", fix);
            None
        }
        (Some(clear), Some(_)) => {
            reader.refuse(&clear.place, "there are both `password` and `password_hash`", "keep the one that holds");
            None
        }
    }
}

/// What is wrong with a declared clear password, and what to do. Neither repeats it.
pub(crate) fn clear_password_problem(password: &str) -> Option<(String, String)> {
    let characters = password.chars().count();
    if characters < SHORTEST_PASSWORD {
        let what = format!("the password is short: {characters} characters");
        return Some((what, format!("give it at least {SHORTEST_PASSWORD}")));
    }
    if characters > LONGEST_PASSWORD {
        let what = format!("the password is long: {characters} characters");
        return Some((what, format!("give it at most {LONGEST_PASSWORD}")));
    }
    if password.trim() != password || password.chars().any(char::is_control) {
        let what = "the password begins or ends with a blank, or holds a control character";
        return Some((what.to_owned(), "nobody would know to type it: take it away".to_owned()));
    }
    None
}

fn language(reader: &mut Reader<'_>) -> Option<Language> {
    let shipped = || Language::ALL.map(Language::tag).join(", ");
    let parse = |text: &str| {
        let fits = |language: &Language| language.tag() == text.to_ascii_lowercase();
        Language::ALL.into_iter().find(fits).ok_or_else(|| format!("the languages are {}", shipped()))
    };
    reader.parsed("language", parse).map(|language| language.value)
}

/// A name as people read it: one line, not too long.
pub(super) fn display_name(text: &str) -> Result<String, NameError> {
    let fits = (1..=LONGEST_DISPLAY_NAME).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err(NameError { rule: "it needs 1 to 100 characters on one line" })
    }
}
