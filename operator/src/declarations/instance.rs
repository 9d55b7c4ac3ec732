//! Makes declarations of instances: how their agents sign in, and what they do there.

use std::collections::HashSet;

use kv_schema::directory::{Instance, LockPolicy, NotReadyReason, SecondStep};
use kv_schema::names::{InstanceId, InstanceName, NameError, ReasonCode, SiteAddress};
use ulid::Ulid;

use super::item::{Item, ItemKind};
use super::model::DeclaredInstance;
use super::outline::{Name, Outline, Outlines};
use super::place::{Problems, Severity};
use super::provider::provider;
use super::reader::Reader;
use super::understand::{display_name, language, recorder};

/// Seconds in a day.
const DAY: u32 = 24 * 60 * 60;
/// How many reasons for being not ready an instance may have.
const MOST_REASONS: usize = 50;

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

/// Whether agents must prove more than a password.
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
    if reader.lacks("id") {
        reader.missing("id", format!("add `id = \"{fresh}\"`, just generated, and never change it or use it again"));
    }
    let text = reader.text("id")?;
    match InstanceId::parse(text.value.trim()) {
        Ok(id) if id != InstanceId::nobody() => Some(id),
        _ => {
            let what = format!("`id` cannot be {:?}: an id is a ULID", text.value.as_str());
            reader.refuse(&text.place, what, format!("for a new instance, use \"{fresh}\", just generated"));
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
        let what = format!("the code \"{}\" appears twice in `not_ready_reasons`", reason.code);
        reader.refuse(&place, what, "give each reason its own code");
    }
    if reasons.len() > MOST_REASONS {
        let what = format!("there are {} reasons for being not ready", reasons.len());
        reader.refuse(&place, what, format!("keep at most {MOST_REASONS}: an agent has to find one among them"));
    }
    reasons
}

/// The lock policy; `None` if it is declared and wrong.
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
