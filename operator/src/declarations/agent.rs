//! Makes declarations of agents: who they are, and the password that they start with.

use kv_schema::names::{EmailAddress, Extension, InstanceName, PhoneNumber, Username, canonical_text};
use onecontact_domain::password;

use super::item::{FieldValue, Item, ItemKind};
use super::model::{DeclaredAgent, DeclaredPassword};
use super::outline::{Name, Outline, Outlines, located};
use super::owners::Owners;
use super::place::{Problem, Problems, Severity};
use super::reader::{Located, Reader};
use super::understand::{display_name, language};
use crate::secret::Secret;

/// Characters of the shortest password that may be declared, to be changed at the first login (NIST SP 800-63B-4,
/// section 3.1.1.2). One that stays should be longer, which [`super::cross`] checks.
const SHORTEST_PASSWORD: usize = 8;
/// Characters of the longest one.
const LONGEST_PASSWORD: usize = 256;

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

/// A username, with a warning about blanks in it that do not count.
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

/// The warning about a username with blanks in it, invisible ones included, and what to do.
fn username_problem(typed: &str, username: &Username) -> Option<(String, String)> {
    let is_blank = |c: char| canonical_text(c.encode_utf8(&mut [0; 4])).is_empty();
    typed.trim().contains(is_blank).then(|| {
        let what = format!("the username {typed:?} has spaces in it, which are ignored: it is \"{username}\"");
        (what, "nothing to do if that is intended: agents may type it either way".to_owned())
    })
}

/// The names of an agent that must be unique in an instance.
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
    if reader.lacks("password") && reader.lacks("password_hash") {
        let fix = "add `password`, or let `onecontact agent add` make one: it writes only the hash";
        reader.missing("password", fix);
    }
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
            let fix = "it must be a PHC string of Argon2id with m >= 19456, t >= 2 and p = 1";
            reader.refuse(&hash.place, "`password_hash` cannot be used, or is too weak", fix);
            None
        }
        (None, None) => None,
        (Some(clear), Some(_)) => {
            reader.refuse(&clear.place, "there are both `password` and `password_hash`", "keep the right one");
            None
        }
    }
}

/// The clear passwords that sealing has left among `items`: whose each is, and why it was left.
pub(crate) fn in_the_clear(items: &[Item]) -> Vec<Problem> {
    let owners = Owners::of(items);
    let agents = items.iter().filter(|item| item.kind == ItemKind::Agent);
    agents.filter_map(|agent| left_in_the_clear(agent, &owners)).collect()
}

fn left_in_the_clear(agent: &Item, owners: &Owners) -> Option<Problem> {
    let field = |name: &str| agent.fields.iter().find(|field| field.name == name);
    let password = field("password")?;
    let (what, fix) = match &password.value {
        FieldValue::Text(_) if field("password_hash").is_some() => {
            ("there are both `password` and `password_hash`".to_owned(), "keep the right one".to_owned())
        }
        FieldValue::Text(text) => clear_password_problem(text).unwrap_or_else(|| {
            let (what, fix) = if owners.know(agent) {
                ("the password is in a list of agents on one line", "write the agent as a table [[agent]]")
            } else {
                let what = "it is not clear whose password this is, and its hash needs the instance's id and the \
                    username";
                (what, "correct them: `onecontact check` says what is wrong")
            };
            (what.to_owned(), fix.to_owned())
        }),
        value => (format!("`password` is {}", value.type_name()), "make it text in quotes".to_owned()),
    };
    let what = match field("username").map(|field| &field.value) {
        Some(FieldValue::Text(username)) => format!("{:?}: {what}", username.as_str()),
        _ => what,
    };
    Some(Problem { severity: Severity::LeavesOut, place: password.place.clone(), what, fix })
}

/// What is wrong with a declared clear password, and what to do. Neither text repeats the password.
pub(crate) fn clear_password_problem(password: &str) -> Option<(String, String)> {
    let characters = password.chars().count();
    if characters < SHORTEST_PASSWORD {
        let what = format!("the password is too short: {characters} characters");
        return Some((what, format!("give it at least {SHORTEST_PASSWORD}")));
    }
    if characters > LONGEST_PASSWORD {
        let what = format!("the password is too long: {characters} characters");
        return Some((what, format!("give it at most {LONGEST_PASSWORD}")));
    }
    if password.trim() != password || password.chars().any(char::is_control) {
        let what = "the password begins or ends with a space, or contains a control character";
        return Some((what.to_owned(), "nobody would know to type it: remove it".to_owned()));
    }
    None
}
