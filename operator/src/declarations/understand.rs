//! Makes declarations of installs, hosts and the login, and reads what several kinds share. What one needs from another
//! is checked in [`super::cross`].

use kv_schema::Language;
use kv_schema::directory::{Gateway, GatewayUrl, Install, LoginSite, Presence, Recorder};
use kv_schema::names::{HostPattern, InstallSpelling, InstanceName, NameError, SiteAddress, is_unruly};

use super::item::{Item, ItemKind};
use super::model::{DeclaredHost, DeclaredInstall, DeclaredLogin};
use super::outline::{Name, Outline, Outlines, located};
use super::place::{Problems, Severity};
use super::reader::Reader;

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

/// What a desktop's silence means; `None` if it is declared and wrong.
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

/// Seconds within which a workstation must be registered, unless declared otherwise.
const DEFAULT_RECORDER_DEADLINE: u32 = 20;

/// The name of an application that access tokens are for, which their `aud` is compared with.
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

/// Reads a `[[host]]`.
pub(super) fn host(item: Item, problems: &mut Problems, outlines: &mut Outlines) -> Option<DeclaredHost> {
    let mut reader = Reader::new(item, Severity::Blocking, problems);
    let place = reader.place();
    let host = reader.required("host", host_pattern);
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

/// A host; the error says what is meant if more of an address was given.
fn host_pattern(text: &str) -> Result<HostPattern, String> {
    HostPattern::parse(text).map_err(|error| {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let alone = rest.split(['/', ':']).next().unwrap_or_default();
        match HostPattern::parse(alone) {
            Ok(host) => format!("write the hostname alone: \"{host}\""),
            Err(_) => error.to_string(),
        }
    })
}

/// The screen recorder, if one is declared.
pub(super) fn recorder(reader: &mut Reader<'_>) -> Option<Recorder> {
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

/// A shipped language.
pub(super) fn language(reader: &mut Reader<'_>) -> Option<Language> {
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
    if fits && !text.contains(is_unruly) {
        Ok(text.to_owned())
    } else {
        Err(NameError { rule: "it needs 1 to 100 characters on one line, without directional controls" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_people_read_is_one_line_that_shows_as_it_is_written() {
        assert_eq!(display_name("Ana Ångström 2").as_deref(), Ok("Ana Ångström 2"));
        for unruly in ["two\nlines", "two\u{2028}lines", "Ana\u{202e}tsoC", "\u{2066}Ana", ""] {
            assert!(display_name(unruly).is_err(), "{unruly:?}");
        }
    }
}
