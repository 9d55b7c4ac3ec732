//! `onecontact agent add`

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use kv_schema::names::{EmailAddress, Extension, PhoneNumber, Username};
use serde_json::json;
use toml_edit::{ArrayOfTables, DocumentMut, Item as TomlItem, Table, TomlError, value};

use crate::declarations::item::{Field, FieldValue, Item, ItemKind};
use crate::declarations::place::{Place, Problem, Severity};
use crate::declarations::{self, Checked};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{lock, passwords, rewrite};

/// The file that new agents are declared in.
const FILE: &str = "agents.toml";

/// The fields of the new agent, by name.
type Fields = Vec<(&'static str, String)>;

/// The new agent.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The directory with the declarations; the agent is added to its agents.toml
    dir: PathBuf,
    /// The instance the account belongs to, by name
    #[arg(long)]
    instance: String,
    /// What the agent types to sign in
    #[arg(long)]
    username: String,
    /// The agent's name as people read it
    #[arg(long)]
    name: String,
    /// An e-mail address that may be typed instead of the username
    #[arg(long)]
    email: Option<String>,
    /// The phone that codes are sent to, with its country code
    #[arg(long)]
    phone: Option<String>,
    /// The agent's usual extension, used when none is typed
    #[arg(long)]
    extension: Option<String>,
    /// The agent's language: en, pt, es, fr or de
    #[arg(long)]
    language: Option<String>,
}

impl AddArgs {
    /// The given fields as they were typed, in the order in which they are written.
    fn typed(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let optional = [
            ("email", &self.email),
            ("phone", &self.phone),
            ("extension", &self.extension),
            ("language", &self.language),
        ];
        let optional = optional.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)));
        [("instance", &*self.instance), ("username", &self.username), ("name", &self.name)].into_iter().chain(optional)
    }
}

/// A field of the new agent as it will count. What cannot be read stays as it is, and is reported with the other
/// problems.
fn as_it_counts(name: &str, typed: &str) -> String {
    let counts = match name {
        "username" => Username::parse(typed).ok().map(|username| username.to_string()),
        "email" => EmailAddress::parse(typed).ok().map(|email| email.to_string()),
        "phone" => PhoneNumber::parse(typed).ok().map(|phone| phone.to_string()),
        "extension" => Extension::parse(typed).ok().map(|extension| extension.to_string()),
        _ => None,
    };
    counts.unwrap_or_else(|| typed.to_owned())
}

/// Declares an agent with an initial password, of which only the hash is written.
pub(super) fn run(args: &AddArgs, output: &Output) -> Result<Exit, Failure> {
    let password = passwords::initial();
    let phc = &*passwords::hash(&password)?;
    let fields: Fields = args.typed().map(|(name, typed)| (name, as_it_counts(name, typed))).collect();
    let _alone = lock::folder(&args.dir);
    let (warnings, errors): (Vec<_>, Vec<_>) =
        problems_with(&args.dir, &fields, phc)?.into_iter().partition(|problem| problem.severity == Severity::Warning);
    let line = |problem: &Problem| format!("{}; {}", problem.what, problem.fix);
    if !errors.is_empty() {
        let text: Vec<String> = errors.iter().map(line).collect();
        return Err(Failure::Problems(format!("nothing was written: {}", text.join("\n")), errors));
    }
    for warning in &warnings {
        output.note(format!("warning: {}", line(warning)));
    }
    for ((name, typed), (_, written)) in args.typed().zip(&fields).filter(|((_, typed), (_, written))| typed != written)
    {
        output.note(format!("The {name} {typed:?} is written in its standard form: {written}"));
    }
    let file = args.dir.join(FILE);
    append(&file, &fields, phc)?;
    let username = as_it_counts("username", &args.username);
    let text = format!(
        "Declared {} in {}. The initial password is shown only now, and must be changed at the first login:\n{}",
        username,
        file.display(),
        password.reveal(),
    );
    let value = json!({
        "instance": args.instance,
        "username": username,
        "password": password.reveal(),
        "file": file,
    });
    output.result(text, &value)?;
    Ok(Exit::Done)
}

/// What would be wrong with the new agent among those already declared.
fn problems_with(dir: &Path, fields: &Fields, phc: &str) -> Result<Vec<Problem>, Failure> {
    let mut stated = declarations::load(dir)?;
    // No file has this name, so the new agent's problems can be told from all others.
    let place = Place::new(&Arc::from("the new agent"), 1);
    let field =
        |name: &str, text: &str| Field { name: name.to_owned(), place: place.clone(), value: FieldValue::text(text) };
    let mut fields: Vec<Field> = fields.iter().map(|(name, text)| field(name, text)).collect();
    fields.push(field("password_hash", phc));
    stated.items.push(Item { kind: ItemKind::Agent, place: place.clone(), fields, broken: false });
    let Checked { problems, is_unclear, .. } = declarations::check(stated);
    if is_unclear {
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(Failure::Problems(format!("nothing was written: {}", text.join("\n")), problems));
    }
    Ok(problems.into_iter().filter(|problem| problem.place == place).collect())
}

fn append(file: &Path, fields: &Fields, phc: &str) -> Result<(), Failure> {
    let before = if file.exists() { fs::read_to_string(file) } else { Ok(String::new()) };
    let before = before.map_err(|error| Failure::files(file, &error))?;
    let unclear = |why: String| Failure::failed(format!("{}: {why}", file.display()));
    let mut document: DocumentMut = before.parse().map_err(|error: TomlError| unclear(error.message().to_owned()))?;
    let mut table = Table::new();
    for (name, text) in fields {
        table.insert(name, value(text));
    }
    table.insert("must_change", value(true));
    table.insert("password_hash", value(phc));
    table.decor_mut().set_prefix(if before.is_empty() { "" } else { "\n" });
    let agents = document.entry("agent").or_insert(TomlItem::ArrayOfTables(ArrayOfTables::new()));
    agents
        .as_array_of_tables_mut()
        .ok_or_else(|| unclear("`agent` is not written as [[agent]]".to_owned()))?
        .push(table);
    rewrite::replace(file, document.to_string().as_bytes())
}
